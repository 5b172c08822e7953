/** A backup into a bucket and back, with an S3 server in this process. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SimError } from '../../src/base/errors.ts';
import { type Cluster, startCluster } from '../../src/start-cluster.ts';
import { BUCKET, type S3Server, startS3Server } from '../support/s3-server.ts';
import { backUp, rowsOfShop, SHOP, timestampOf } from './shared-store.ts';

let server: S3Server;

beforeAll(async () => {
  server = await startS3Server();
});
afterAll(async () => {
  await server.stop();
});

const textOf = (properties: Readonly<Record<string, string>>): string =>
  Object.entries(properties)
    .map(([key, value]) => `'${key}' = '${value}'`)
    .join(', ');

const createRepository = (location: string, properties = server.properties): string =>
  `CREATE REPOSITORY repo WITH BROKER ON LOCATION '${location}' PROPERTIES (${textOf(properties)})`;

const realCluster = (backends: number): Promise<Cluster> =>
  startCluster({ network: false, storage: 'memory', tickMs: 10, backends });

test('a backup in a bucket is restored by another cluster, every row', async () => {
  const source = await realCluster(3);
  for (const statement of [createRepository(`s3a://${BUCKET}/nightly/`), ...SHOP]) {
    await source.query(statement);
  }
  await backUp(source, 'monday');
  const rows = await rowsOfShop(source);
  const target = await realCluster(2);
  await target.query(createRepository(`s3://${BUCKET}/nightly`));
  await target.query(`RESTORE SNAPSHOT shop.monday FROM repo
    PROPERTIES ('backup_timestamp' = '${await timestampOf(target, 'monday')}')`);
  expect(await target.untilJobDone('shop')).toMatchObject({ state: 'FINISHED', status: '[OK]' });
  expect(await rowsOfShop(target)).toEqual(rows);
  const { rows: shown } = await target.query('SHOW REPOSITORIES');
  expect(JSON.stringify(shown)).not.toContain('S3RVER');
  for (const cluster of [source, target]) await cluster.stop();
});

async function refusal(
  location: string,
  change: Readonly<Record<string, string>>,
): Promise<string> {
  const cluster = await realCluster(1);
  try {
    await cluster.query(createRepository(location, { ...server.properties, ...change }));
  } catch (error) {
    if (error instanceof SimError) return `${error.row.mysql} ${error.message} ${error.hint ?? ''}`;
    throw error;
  } finally {
    await cluster.stop();
  }
  throw new Error('was accepted');
}

test('a bucket that is missing is named, with what to do', async () => {
  const text = await refusal('s3://nowhere/x', {});
  expect(text).toMatch(/^5064 .*bucket nowhere.*does not exist.*Create the bucket nowhere/s);
});

test('a host that cannot be reached is named', async () => {
  const text = await refusal(`s3://${BUCKET}/x`, { 'aws.s3.endpoint': 'http://127.0.0.1:1' });
  expect(text).toMatch(/^5064 .*http:\/\/127\.0\.0\.1:1 did not serve the request/s);
});
