/** Repositories in MinIO: the promises of every blob storage, and rows there and back. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Minio, startMinio } from '../../scripts/real/minio.ts';
import { toPromise } from '../../src/base/op.ts';
import { S3Blob } from '../../src/blob/s3.ts';
import { s3Place } from '../../src/blob/s3-properties.ts';
import { describeBlob } from '../conformance/blob.ts';
import { startServer } from '../e2e/server.ts';
import { expectLargeFiles, expectRoundTrip, refusal, type Store } from './round-trip.ts';

const BUCKET = 'backups';

let minio: Minio;
let cases = 0;

beforeAll(async () => {
  minio = await startMinio(BUCKET);
});
afterAll(async () => {
  await minio.stop();
});

type Properties = Readonly<Record<string, string>>;

/** The same server in both spellings of its properties (repository.md 5). */
const FAMILIES: readonly (readonly [string, () => Properties])[] = [
  [
    'aws.s3.*',
    () => ({
      'aws.s3.endpoint': minio.endpoint,
      'aws.s3.access_key': minio.accessKey,
      'aws.s3.secret_key': minio.secretKey,
      'aws.s3.enable_path_style_access': 'true',
    }),
  ],
  [
    'fs.s3a.*',
    () => ({
      'fs.s3a.endpoint': new URL(minio.endpoint).host,
      'fs.s3a.access.key': minio.accessKey,
      'fs.s3a.secret.key': minio.secretKey,
    }),
  ],
];

describe.each(FAMILIES)('MinIO by %s', (family, properties) => {
  describeBlob(`MinIO by ${family}`, async () => {
    const location = `s3a://${BUCKET}`;
    const place = s3Place({ location, brokerName: '', properties: properties() }, `//${BUCKET}`);
    const storage = new S3Blob(place);
    cases += 1;
    return {
      storage,
      base: `/case${cases}`,
      run: toPromise,
      close: () => toPromise(storage.close()),
    };
  });

  test('rows come back from it, on another cluster too', async () => {
    const location = `s3a://${BUCKET}/repositories/${family.replace('.*', '')}`;
    await expectRoundTrip({ location, properties: properties() });
  });
});

describe('MinIO', () => {
  const store = (more: Properties = {}, bucket = BUCKET): Store => ({
    location: `s3://${bucket}/other`,
    properties: { ...FAMILIES[0]?.[1](), ...more },
  });

  test('takes files that leave in parts', async () => {
    const server = await startServer(['--ephemeral']);
    try {
      await expectLargeFiles(server, store());
    } finally {
      await server.stop();
    }
  });

  test('refuses, and the error says what', async () => {
    const server = await startServer(['--ephemeral']);
    try {
      const denied = {
        errno: 5064,
        message: expect.stringMatching(/denied access.*aws\.s3\.secret_key/),
      };
      expect(await refusal(server, store({ 'aws.s3.secret_key': 'wrong' }))).toMatchObject(denied);
      expect(await refusal(server, store({ 'aws.s3.access_key': 'nobody' }))).toMatchObject(denied);
      expect(await refusal(server, store({}, 'nowhere'))).toMatchObject({
        errno: 5064,
        message: expect.stringContaining('the bucket nowhere'),
      });
    } finally {
      await server.stop();
    }
  });
});
