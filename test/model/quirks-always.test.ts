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
