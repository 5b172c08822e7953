/** Setting up repositories in buckets: what users ran into, by the number of their issue. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SimError } from '../../../src/base/errors.ts';
import { startCluster } from '../../../src/start-cluster.ts';
import { BUCKET, type S3Server, startS3Server } from '../../support/s3-server.ts';
import { backUp, type Cluster, job, newSite, restore, rowsOf } from './support.ts';

let server: S3Server;
let cluster: Cluster;

beforeAll(async () => {
  server = await startS3Server();
  cluster = await startCluster({ network: false, storage: 'memory', tickMs: 10, backends: 1 });
});
afterAll(async () => {
  await cluster.stop();
  await server.stop();
});

type Properties = Readonly<Record<string, string>>;

const create = (location: string, properties: Properties, name = 'repo'): string =>
  `CREATE REPOSITORY ${name} WITH BROKER ON LOCATION '${location}' PROPERTIES (${Object.entries(
    properties,
  )
    .map(([key, value]) => `'${key}' = '${value}'`)
    .join(', ')})`;

/** Number, text and hint of the refusal. */
async function refusal(location: string, properties: Properties): Promise<string> {
  try {
    await cluster.query(create(location, properties, 'bad'));
  } catch (error) {
    if (error instanceof SimError) return `${error.row.mysql} ${error.message} ${error.hint ?? ''}`;
    throw error;
  }
  throw new Error('was accepted');
}

const KEYS: Properties = { 'aws.s3.access_key': 'S3RVER', 'aws.s3.secret_key': 'S3RVER' };

test('24717: an endpoint without a scheme stands for TLS; that there is none is told', async () => {
  const endpoint = { ...KEYS, 'aws.s3.endpoint': server.endpoint.replace('http://', '') };
  expect(await refusal(`s3a://${BUCKET}/backup`, endpoint)).toMatch(
    /^5064 .*does not speak TLS.*'aws\.s3\.enable_ssl' = 'false'/s,
  );
});

test('24717: a store that wants the bucket in the path is not found under its host', async () => {
  const named = { ...KEYS, 'aws.s3.endpoint': 'http://minio.invalid:9000' };
  expect(await refusal(`s3a://${BUCKET}/backup`, named)).toMatch(
    /^5064 .*host of http:\/\/minio\.invalid:9000 is unknown.*path-style/s,
  );
});

test('24717: with both properties set the repository is there', async () => {
  const properties = {
    ...KEYS,
    'aws.s3.endpoint': server.endpoint.replace('http://', ''),
    'aws.s3.enable_ssl': 'false',
    'aws.s3.enable_path_style_access': 'true',
  };
  await cluster.query(create(`s3a://${BUCKET}/minio`, properties));
  expect((await cluster.query('SHOW REPOSITORIES')).rows).toHaveLength(1);
  await cluster.query('DROP REPOSITORY repo');
});

test('54984: a bucket with an underscore is refused as in StarRocks, with the reason', async () => {
  const properties = { 'fs.s3a.access.key': 'x', 'fs.s3a.secret.key': 'canary' };
  const text = await refusal('s3a://starrocks_poc_1/backup', properties);
  expect(text).toMatch(/^5064 .*bucket is null\/empty.*starrocks_poc_1.*underscore/s);
  expect(text).not.toContain('canary');
});

test('48801: with the older properties a backup is listed and restored', async () => {
  const properties = {
    'fs.s3a.access.key': 'S3RVER',
    'fs.s3a.secret.key': 'S3RVER',
    'fs.s3a.endpoint': server.endpoint.replace('http://', ''),
  };
  await cluster.query(`CREATE DATABASE shop;
    CREATE TABLE shop.t (id INT NOT NULL) DUPLICATE KEY (id); INSERT INTO shop.t VALUES (1), (2)`);
  await cluster.query(create(`s3a://${BUCKET}/gcs`, properties));
  await backUp(cluster, 's');
  await cluster.query('DROP TABLE shop.t');
  expect(await restore(cluster, 's', { properties: { replication_num: '1' } })).toBe(
    'FINISHED [OK]',
  );
  expect(await rowsOf(cluster, 'shop.t')).toEqual(['1', '2']);
});

test('20687: a provider of credentials that asks the cloud is refused by name', async () => {
  const asking = { 'aws.s3.use_aws_sdk_default_behavior': 'true', 'aws.s3.region': 'us-east-1' };
  expect(await refusal(`s3a://${BUCKET}`, asking)).toMatch(
    /^5064 .*aws\.s3\.use_aws_sdk_default_behavior is not supported.*access key/s,
  );
});

test('20687: what a provider adds to each request, a restore adds up', async () => {
  const { cluster: virtual } = await newSite(`CREATE TABLE shop.t (id INT NOT NULL)
    DUPLICATE KEY (id) DISTRIBUTED BY HASH (id) BUCKETS 20 PROPERTIES ('replication_num' = '1');
    INSERT INTO shop.t VALUES (1), (2), (3)`);
  await backUp(virtual, 's');
  const lasts = async (): Promise<number> => {
    await virtual.query('DROP TABLE shop.t');
    const done = await restore(virtual, 's', { properties: { replication_num: '1' } });
    expect(done).toBe('FINISHED [OK]');
    const { CreateTime, FinishedTime } = await job(virtual, 'RESTORE');
    return Date.parse(String(FinishedTime)) - Date.parse(String(CreateTime));
  };
  const quickMs = await lasts();
  await virtual.query("ADMIN ENABLE FAILPOINT 'blob.list:delay=30000'");
  expect(await lasts()).toBeGreaterThan(quickMs + 2 * 30_000);
  await virtual.stop();
});
