/**
 * What networks and busy stores do to requests (repository.md 9): 503 SlowDown, 403, connections
 * that break in the middle of a body, answers that are shorter than the object.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { realClock } from '../../src/base/clock.ts';
import { SimError } from '../../src/base/errors.ts';
import { toPromise } from '../../src/base/op.ts';
import type { BlobStorage } from '../../src/blob/blob-storage.ts';
import { bytesSource, readObject } from '../../src/blob/byte-source.ts';
import { S3Blob } from '../../src/blob/s3.ts';
import { s3Place } from '../../src/blob/s3-properties.ts';
import { withRetry } from '../../src/blob/with-retry.ts';
import { startCluster } from '../../src/start-cluster.ts';
import { BUCKET, type S3Server, startS3Server } from '../support/s3-server.ts';
import { startUnrulyS3, type Trouble, type UnrulyS3 } from '../support/unruly-s3.ts';
import { backUp, rowsOfShop, SHOP, timestampOf } from './shared-store.ts';

let server: S3Server;
let unruly: UnrulyS3;
let storage: BlobStorage;

beforeAll(async () => {
  server = await startS3Server();
  unruly = await startUnrulyS3(server.endpoint);
  const properties = { ...server.properties, 'aws.s3.endpoint': unruly.endpoint };
  const place = s3Place({ location: `s3://${BUCKET}`, brokerName: '', properties }, `//${BUCKET}`);
  const limit = { attemptsMax: 3, firstBackoffMs: 1, backoffMsMax: 2 };
  storage = withRetry(new S3Blob(place), realClock, limit);
});
afterAll(async () => {
  await toPromise(storage.close());
  await unruly.stop();
  await server.stop();
});
afterEach(() => {
  unruly.trouble = () => undefined;
});

const BYTES = Uint8Array.from({ length: 100_000 }, (_, index) => index % 251);

/** Strikes so many requests of a method for a key, and counts all of them. */
function strike(trouble: Trouble, method: string, key: string, times: number): () => number {
  let asked = 0;
  unruly.trouble = (each, path) => {
    if (each !== method || !path.endsWith(key)) return undefined;
    asked += 1;
    return asked <= times ? trouble : undefined;
  };
  return () => asked;
}

const put = (key: string): Promise<void> => toPromise(storage.put(key, bytesSource(BYTES)));
const get = async (key: string): Promise<boolean> =>
  Buffer.compare(await toPromise(readObject(storage, key, 1 << 20)), BYTES) === 0;

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'ok',
    (error: unknown) => (error instanceof SimError ? error.code : String(error)),
  );

describe('an object', () => {
  test.each([
    ['503 SlowDown', 'slow-down'],
    ['reset in mid-body', 'reset'],
  ] as const)('is stored whole after %s, twice', async (name, trouble) => {
    const key = `/put-${trouble}`;
    const asked = strike(trouble, 'PUT', key, 2);
    await put(key);
    expect({ name, asked: asked() }).toEqual({ name, asked: 3 });
    expect(await get(key)).toBe(true);
  });

  test.each([
    ['503 SlowDown', 'slow-down'],
    ['reset in mid-body', 'reset'],
    ['truncated body', 'cut'],
  ] as const)('is read whole after %s, twice', async (_, trouble) => {
    const key = `/get-${trouble}`;
    await put(key);
    const asked = strike(trouble, 'GET', key, 2);
    expect(await get(key)).toBe(true);
    expect(asked()).toBe(3);
  });

  test('is given up after three times 503 SlowDown, and is not there', async () => {
    const asked = strike('slow-down', 'PUT', '/never', 99);
    expect(await codeOf(put('/never'))).toBe('blob-unreachable');
    expect(asked()).toBe(3);
    unruly.trouble = () => undefined;
    expect(await toPromise(storage.stat('/never'))).toBeUndefined();
  });

  test('that is denied with 403 is asked for once, and the text says what to do', async () => {
    await put('/denied');
    const asked = strike('deny', 'GET', '/denied', 99);
    await expect(get('/denied')).rejects.toMatchObject({
      code: 'blob-not-permitted',
      hint: expect.stringContaining('list, read, write and delete'),
    });
    expect(asked()).toBe(1);
  });
});

test('a backup and a restore over all of it bring every row back', async () => {
  const properties = Object.entries({
    ...server.properties,
    'aws.s3.endpoint': unruly.endpoint,
  }).map(([key, value]) => `'${key}' = '${value}'`);
  const cluster = await startCluster({
    network: false,
    storage: 'memory',
    tickMs: 10,
    backends: 2,
  });
  await cluster.query(`CREATE REPOSITORY repo WITH BROKER ON LOCATION 's3://${BUCKET}/trouble'
    PROPERTIES (${properties.join(', ')})`);
  for (const statement of SHOP) await cluster.query(statement);
  const rows = await rowsOfShop(cluster);
  // Each object meets one trouble at its first request, by turns.
  const troubles: readonly Trouble[] = ['slow-down', 'reset', 'cut', 'deny', 'short'];
  const met = new Set<string>();
  const struck = new Set<Trouble>();
  unruly.trouble = (method, path) => {
    const isData = /__ss_content/.test(path) && (method === 'PUT' || method === 'GET');
    if (!isData || met.has(`${method} ${path}`)) return undefined;
    const trouble = troubles[met.size % troubles.length];
    met.add(`${method} ${path}`);
    if (trouble !== undefined) struck.add(trouble);
    return trouble;
  };
  await backUp(cluster, 'monday');
  await cluster.query('DROP TABLE shop.orders; DROP TABLE shop.events');
  await cluster.query(`RESTORE SNAPSHOT shop.monday FROM repo
    PROPERTIES ('backup_timestamp' = '${await timestampOf(cluster, 'monday')}')`);
  expect(await cluster.untilJobDone('shop')).toMatchObject({ state: 'FINISHED', status: '[OK]' });
  expect(await rowsOfShop(cluster)).toEqual(rows);
  expect([...struck].sort()).toEqual([...troubles].sort());
  await cluster.stop();
});
