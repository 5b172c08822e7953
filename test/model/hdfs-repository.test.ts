/** A backup into HDFS and back, with an HDFS in this process. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SimError } from '../../src/base/errors.ts';
import { type Cluster, startCluster } from '../../src/start-cluster.ts';
import { startWebHdfs, type WebHdfsServer } from '../support/webhdfs-server.ts';
import { backUp, rowsOfShop, SHOP, timestampOf } from './shared-store.ts';

let server: WebHdfsServer;

beforeAll(async () => {
  server = await startWebHdfs();
});
afterAll(async () => {
  await server.stop();
});

const createRepository = (location = 'hdfs://127.0.0.1:9000/nightly/', user = 'ann'): string =>
  `CREATE REPOSITORY repo WITH BROKER ON LOCATION '${location}' PROPERTIES (
    'username' = '${user}', 'password' = 'canary',
    'dfs.namenode.http-address' = '${server.address}')`;

const realCluster = (backends: number): Promise<Cluster> =>
  startCluster({ network: false, storage: 'memory', tickMs: 10, backends });

test('a backup in HDFS is restored by another cluster, every row', async () => {
  const source = await realCluster(3);
  for (const statement of [createRepository(), ...SHOP]) await source.query(statement);
  await backUp(source, 'monday');
  const rows = await rowsOfShop(source);
  const names = Object.keys(server.tree.files());
  expect(names.filter((name) => /\.part$|-put-/.test(name))).toEqual([]);
  expect(names).toContain('/nightly/__starrocks_repository_repo/__repo_info');
  const parts = server.requests.filter(
    ({ op, rawPath }) => op === 'RENAME' && /\.part$/.test(rawPath),
  );
  expect(parts.length).toBeGreaterThan(2);

  const target = await realCluster(2);
  await target.query(createRepository('hdfs://127.0.0.1:9000/nightly'));
  await target.query(`RESTORE SNAPSHOT shop.monday FROM repo
    PROPERTIES ('backup_timestamp' = '${await timestampOf(target, 'monday')}')`);
  expect(await target.untilJobDone('shop')).toMatchObject({ state: 'FINISHED', status: '[OK]' });
  expect(await rowsOfShop(target)).toEqual(rows);
  const { rows: shown } = await target.query('SHOW REPOSITORIES');
  expect(JSON.stringify(shown)).not.toContain('canary');
  for (const cluster of [source, target]) await cluster.stop();
});

test('a directory without permission is named, with the user and what to do', async () => {
  server.tree.close('/closed');
  const cluster = await realCluster(1);
  const failing = cluster.query(createRepository('hdfs://127.0.0.1:9000/closed', 'bob'));
  const error = await failing.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  await cluster.stop();
  expect(error).toBeInstanceOf(SimError);
  expect(error).toMatchObject({ row: { mysql: 5064 } });
  expect(String(error)).toMatch(/__repo_info.*Permission denied: user=bob.*inode="\/closed"/s);
  expect(`${error} ${(error as SimError).hint}`).not.toContain('canary');
  expect(Object.keys(server.tree.files()).filter((name) => name.startsWith('/closed'))).toEqual([]);
});
