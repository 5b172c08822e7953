/** Oddities of StarRocks that are there unasked; more stand with what they concern. */
import { expect, test } from 'vitest';
import { type Cluster, rowsOf, timestampOf, untilState, withHistory } from './virtual-run.ts';

async function cell(cluster: Cluster, sql: string, name: string): Promise<unknown> {
  const { rows, columns } = await cluster.query(sql);
  return rows[0]?.[columns.indexOf(name)];
}

async function backUp(cluster: Cluster, label: string): Promise<string> {
  await cluster.query(`BACKUP SNAPSHOT shop.${label} TO repo`);
  expect(await cluster.untilJobDone('shop')).toMatchObject({ state: 'FINISHED' });
  return timestampOf(cluster, label);
}

test('Q10: the job of external catalogs is shown whatever FROM says', async () => {
  const cluster = await withHistory();
  await cluster.query(`CREATE DATABASE idle;
    CREATE EXTERNAL CATALOG lake PROPERTIES
      ('type' = 'hive', 'hive.metastore.uris' = 'thrift://m:1');
    BACKUP EXTERNAL CATALOG (lake) SNAPSHOT cat TO repo`);
  expect(await cell(cluster, 'SHOW BACKUP FROM idle', 'SnapshotName')).toBe('cat');
  await cluster.stop();
});

test('Q22: a database that is dropped after PENDING does not stop its backup', async () => {
  const cluster = await withHistory();
  await cluster.query('BACKUP SNAPSHOT shop.b TO repo');
  await untilState(cluster, 'BACKUP', 'UPLOADING');
  await cluster.query('DROP DATABASE shop FORCE');
  cluster.advance(30_000);
  expect(await timestampOf(cluster, 'b')).toMatch(/^2025-/);
  await cluster.stop();
});

test('quirks 1, 10, 30: allow_load does nothing, JobId is late, versions fall', async () => {
  const cluster = await withHistory();
  const before = await rowsOf(cluster);
  const timestamp = await backUp(cluster, 'b');
  const version = (): Promise<unknown> =>
    cell(cluster, 'SHOW PARTITIONS FROM shop.orders', 'VisibleVersion');
  const atBackup = Number(await version());
  await cluster.query("INSERT INTO shop.orders VALUES (50, 'x', 1)");
  expect(Number(await version())).toBeGreaterThan(atBackup);
  await cluster.query(`RESTORE SNAPSHOT shop.b FROM repo
    PROPERTIES ('backup_timestamp' = '${timestamp}', 'allow_load' = 'true')`);
  expect(String(await cell(cluster, 'SHOW RESTORE FROM shop', 'JobId'))).toBe('-1');
  expect(String(await cell(cluster, 'SHOW RESTORE FROM shop', 'AllowLoad'))).toBe('true');
  await untilState(cluster, 'RESTORE', 'DOWNLOADING');
  await expect(cluster.query("INSERT INTO shop.orders VALUES (51, 'y', 1)")).rejects.toThrow();
  expect(await cluster.untilJobDone('shop')).toMatchObject({ state: 'FINISHED' });
  expect(Number(await version())).toBe(atBackup);
  expect(await rowsOf(cluster)).toEqual(before);
  await cluster.stop();
});

test('restore quirk 6: a word is missing when there is no restore to cancel', async () => {
  const cluster = await withHistory();
  await expect(cluster.query('CANCEL RESTORE FROM shop')).rejects.toThrow(
    'No restore is currently running',
  );
  await expect(cluster.query('CANCEL BACKUP FROM shop')).rejects.toThrow(
    'No backup job is currently running',
  );
  await cluster.stop();
});

test('Q6: two databases write one label of one repository at the same time', async () => {
  const cluster = await withHistory();
  await cluster.query(`CREATE DATABASE two;
    CREATE TABLE two.t (k INT) DISTRIBUTED BY HASH (k) BUCKETS 1`);
  await cluster.query('BACKUP SNAPSHOT shop.b TO repo');
  await cluster.query('BACKUP SNAPSHOT two.b TO repo');
  expect(await cluster.untilJobDone('shop')).toMatchObject({ state: 'FINISHED' });
  expect(await cluster.untilJobDone('two')).toMatchObject({ state: 'FINISHED' });
  await expect(cluster.query('BACKUP SNAPSHOT shop.b TO repo')).rejects.toThrow('already exist');
  await cluster.stop();
});

test('Q11: a snapshot is asked of the first replica, though its backend is down', async () => {
  const cluster = await withHistory();
  await cluster.query(`CREATE TABLE shop.safe (k INT) DISTRIBUTED BY HASH (k) BUCKETS 6
    PROPERTIES ('replication_num' = '3')`);
  await cluster.query('INSERT INTO shop.safe VALUES (1), (2), (3)');
  cluster.unsafeKillBackend(10_001);
  cluster.advance(20_000);
  const sql = 'SELECT count(*) FROM shop.safe';
  expect(String((await cluster.query(sql)).rows[0]?.[0])).toBe('3');
  await cluster.query('BACKUP SNAPSHOT shop.b TO repo ON (TABLE safe)');
  cluster.advance(120_000);
  expect(await cell(cluster, 'SHOW BACKUP FROM shop', 'State')).toBe('SNAPSHOTING');
  expect(await cell(cluster, 'SHOW BACKUP FROM shop', 'UnfinishedTasks')).toContain('=10001');
  await cluster.unsafeStartBackend(10_001);
  expect(await cluster.untilJobDone('shop')).toMatchObject({ state: 'FINISHED' });
  await cluster.stop();
});

test('Q13: labels are taken as they are, but for what would lead out of their folder', async () => {
  const cluster = await withHistory();
  await cluster.query('BACKUP SNAPSHOT shop.`a b;c%d` TO repo');
  expect(await cluster.untilJobDone('shop')).toMatchObject({ state: 'FINISHED' });
  expect(await timestampOf(cluster, 'a b;c%d')).toMatch(/^2025-/);
  for (const label of ['../up', 'a/b', '..']) {
    const sql = `BACKUP SNAPSHOT shop.\`${label}\` TO repo`;
    await expect(cluster.query(sql)).rejects.toThrow('Label format error');
  }
  await cluster.stop();
});

test('restore quirk 2: SHOW RESTORE says SNAPSHOTING', async () => {
  const cluster = await withHistory();
  const timestamp = await backUp(cluster, 'b');
  await cluster.query("ADMIN ENABLE FAILPOINT 'be.task.begin:delay=9000 type=MAKE_SNAPSHOT'");
  await cluster.query(
    `RESTORE SNAPSHOT shop.b FROM repo PROPERTIES ('backup_timestamp' = '${timestamp}')`,
  );
  cluster.advance(4_000);
  expect(await cell(cluster, 'SHOW RESTORE FROM shop', 'State')).toBe('SNAPSHOTING');
  await cluster.stop();
});

test('restore quirk 3: by default a table with other replicas cannot be overwritten', async () => {
  const cluster = await withHistory();
  await cluster.query(`CREATE TABLE shop.safe (k INT) DISTRIBUTED BY HASH (k) BUCKETS 1
    PROPERTIES ('replication_num' = '2')`);
  const timestamp = await backUp(cluster, 'b');
  const restore = `RESTORE SNAPSHOT shop.b FROM repo ON (TABLE safe)
    PROPERTIES ('backup_timestamp' = '${timestamp}'`;
  await cluster.query(`${restore})`);
  const { state, status } = await cluster.untilJobDone('shop');
  expect(state).toBe('CANCELLED');
  expect(status).toMatch(/has 2 replicas, the restore asks for \d/);
  await cluster.query(`${restore}, 'replication_num' = '2')`);
  expect(await cluster.untilJobDone('shop')).toMatchObject({ state: 'FINISHED' });
  await cluster.stop();
});

test('restore quirk 5: a replication_num that is no number is a bad meta version', async () => {
  const cluster = await withHistory();
  const timestamp = await backUp(cluster, 'b');
  const sql = `RESTORE SNAPSHOT shop.b FROM repo
    PROPERTIES ('backup_timestamp' = '${timestamp}', 'replication_num' = 'two')`;
  await expect(cluster.query(sql)).rejects.toThrow('Invalid meta version format: two');
  await cluster.stop();
});
