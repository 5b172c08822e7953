import { afterAll, beforeAll } from 'vitest';
import { toPromise } from '../../src/base/op.ts';
import { S3Blob } from '../../src/blob/s3.ts';
import { s3Place } from '../../src/blob/s3-properties.ts';
import { BUCKET, type S3Server, startS3Server } from '../support/s3-server.ts';
import { type BlobGap, type BlobUnderTest, describeBlob } from './blob.ts';

let server: S3Server;
let cases = 0;

beforeAll(async () => {
  server = await startS3Server();
});
afterAll(async () => {
  await server.stop();
});

/** Of this server; real ones are held to all promises by the tests of real systems. */
const GAPS: readonly BlobGap[] = [
  {
    promise: 'a list holds what lies directly below, sorted, with sizes',
    why: 'the server leaves out a prefix below which nothing lies directly',
  },
  {
    promise: 'characters of a key are data, never a pattern',
    why: "the server escapes & and ' of a listed prefix twice",
  },
];

const make = async (): Promise<BlobUnderTest> => {
  const { properties } = server;
  const location = `s3a://${BUCKET}`;
  const place = s3Place({ location, brokerName: '', properties }, `//${BUCKET}`);
  const storage = new S3Blob(place);
  cases += 1;
  return {
    storage,
    base: `/case${cases}`,
    run: toPromise,
    close: () => toPromise(storage.close()),
  };
};

describeBlob('S3, embedded server', make, GAPS);
