import { afterAll, beforeAll } from 'vitest';
import { toPromise } from '../../src/base/op.ts';
import { KNOWN_GAPS } from '../../src/blob/conformance/known-gaps.ts';
import { S3Blob } from '../../src/blob/s3.ts';
import { s3Place } from '../../src/blob/s3-properties.ts';
import { BUCKET, type S3Server, startS3Server } from '../support/s3-server.ts';
import { type BlobUnderTest, describeBlob } from './blob.ts';

let server: S3Server;
let cases = 0;

beforeAll(async () => {
  server = await startS3Server();
});
afterAll(async () => {
  await server.stop();
});

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

describeBlob('S3, embedded server', make, KNOWN_GAPS['s3rver']);
