/** Settings of backends by SQL: what can be seen and changed, and that a change is felt at once. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SimError } from '../../../src/base/errors.ts';
import { type Cluster, startCluster } from '../../../src/start-cluster.ts';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ clock: 'virtual', backends: 2 });
  await cluster.query(`CREATE DATABASE shop;
    CREATE TABLE shop.t (id INT NOT NULL) DUPLICATE KEY (id)
      DISTRIBUTED BY HASH (id) BUCKETS 24 PROPERTIES ("replication_num" = "1");
    CREATE REPOSITORY repo WITH BROKER ON LOCATION 'memory://repo'`);
});
afterAll(() => cluster.stop());

const update = (set: string, where: string): string =>
  `UPDATE information_schema.be_configs SET ${set} WHERE ${where}`;

async function uploadWorkers(): Promise<unknown[]> {
  const { rows } = await cluster.query(
    `SELECT VALUE FROM information_schema.be_configs WHERE NAME = 'upload_worker_count'
     ORDER BY BE_ID`,
  );
  return rows.flat();
}

async function refusal(sql: string): Promise<string> {
  const error = await cluster.query(sql).catch((reason: unknown) => reason);
  return error instanceof SimError ? `${error.message} ${error.hint ?? ''}` : 'not refused';
}

test('be_configs has a row per backend and setting', async () => {
  const { rows, columns } = await cluster.query(
    'SELECT * FROM information_schema.be_configs ORDER BY BE_ID, NAME',
  );
  expect(columns).toEqual(['BE_ID', 'NAME', 'VALUE', 'TYPE', 'DEFAULT', 'MUTABLE']);
  expect(rows.map((row) => row[1])).toEqual([
    ...['download_worker_count', 'make_snapshot_worker_count', 'max_compaction_concurrency'],
    ...['release_snapshot_worker_count', 'upload_worker_count'],
    ...['download_worker_count', 'make_snapshot_worker_count', 'max_compaction_concurrency'],
    ...['release_snapshot_worker_count', 'upload_worker_count'],
  ]);
  expect(rows[1]?.slice(2, 5)).toEqual(['5', 'INT', '5']);
});

test('UPDATE changes a setting on all backends, or on the one it names', async () => {
  await cluster.query(update("VALUE = '8'", "NAME = 'upload_worker_count'"));
  expect(await uploadWorkers()).toEqual(['8', '8']);
  await cluster.query(update('value = 3', "be_id = 10002 AND name = 'upload_worker_count'"));
  expect(await uploadWorkers()).toEqual(['8', '3']);
});

test('a backup under way is done by as many workers as are set now', async () => {
  const state = async (): Promise<unknown> =>
    (await cluster.query('SHOW BACKUP FROM shop')).rows[0]?.[3];
  /** Milliseconds from UPLOADING to its end, each put held up by 10 s. */
  const uploadMs = async (workers: number, label: string): Promise<number> => {
    await cluster.query(update("VALUE = '1'", "NAME = 'upload_worker_count'"));
    cluster.faults.enable('blob.put', { do: 'delay', ms: 10_000 });
    await cluster.query(`BACKUP SNAPSHOT shop.${label} TO repo`);
    while ((await state()) !== 'UPLOADING') cluster.advance(1000);
    await cluster.query(update(`VALUE = '${workers}'`, "NAME = 'upload_worker_count'"));
    let ms = 0;
    for (; (await state()) === 'UPLOADING'; ms += 1000) cluster.advance(1000);
    cluster.faults.disable('blob.put');
    expect((await cluster.untilJobDone('shop')).state).toBe('FINISHED');
    return ms;
  };
  const slow = await uploadMs(1, 'a');
  const quick = await uploadMs(12, 'b');
  expect(slow).toBeGreaterThanOrEqual(12 * 10_000);
  expect(quick).toBeLessThan(slow / 4);
});

test.each([
  [update("VALUE = '2'", "NAME = 'upload_worker'"), 'There are download_worker_count,'],
  [update("VALUE = '-1'", "NAME = 'upload_worker_count'"), 'from 0 to 1024'],
  [update("VALUE = '0'", "NAME = 'make_snapshot_worker_count'"), 'from 1 to 1024'],
  [update("VALUE = '2000'", "NAME = 'download_worker_count'"), 'from 0 to 1024'],
  [update("NAME = 'x'", "NAME = 'upload_worker_count'"), "SET VALUE = '...'"],
  [update("VALUE = '1'", "NAME LIKE 'upload%'"), "WHERE NAME = '...'"],
  [update("VALUE = '1'", "NAME = 'upload_worker_count' AND BE_ID = 7"), 'no backend 7 answers'],
  ["UPDATE information_schema.be_configs SET VALUE = '1'", "WHERE NAME = '...'"],
])('%s is refused', async (sql, text) => {
  expect(await refusal(sql)).toContain(text);
});
