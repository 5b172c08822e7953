/** Defects that random runs against the model have found, each in its shortest form. */
import { expect, test } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { MemoryBlob } from '../../src/blob/memory.ts';
import { type Cluster, startCluster } from '../../src/start-cluster.ts';
import { restoreStatement } from './virtual-run.ts';

const LOST = { fate: 'lost', random: new SeededRandom(1n) } as const;
const FINISHED = { state: 'FINISHED', status: '[OK]' };

async function withTable(keys: string, store?: MemoryBlob): Promise<Cluster> {
  const cluster = await startCluster({
    clock: 'virtual',
    seed: 1n,
    ...(store === undefined ? {} : { memoryStore: store }),
  });
  await cluster.query(`CREATE DATABASE shop;
    CREATE TABLE shop.t (k INT NOT NULL, v INT) ${keys} KEY (k) DISTRIBUTED BY HASH (k)
      BUCKETS 1;
    CREATE REPOSITORY repo WITH BROKER ON LOCATION 'memory://bucket/backups'`);
  return cluster;
}

async function rowsOf(cluster: Cluster): Promise<readonly unknown[]> {
  return (await cluster.query('SELECT k, v FROM shop.t ORDER BY k')).rows;
}

async function backedUp(cluster: Cluster): Promise<string> {
  await cluster.query('BACKUP SNAPSHOT shop.b TO repo');
  expect(await cluster.untilJobDone('shop')).toMatchObject(FINISHED);
  return await restoreStatement(cluster, 'b');
}

test.each(['PRIMARY', 'DUPLICATE'])(
  'rows loaded after a restore into a %s KEY table are there, though moves were made twice',
  async (keys) => {
    let cluster = await withTable(keys);
    await cluster.query('INSERT INTO shop.t VALUES (1, 1)');
    const restore = await backedUp(cluster);
    await cluster.query('INSERT INTO shop.t VALUES (2, 2)');
    await cluster.query(restore);
    cluster.faults.enable(
      'fe.job.leave',
      { do: 'crash' },
      { match: { kind: 'restore', state: 'COMMIT' } },
    );
    await expect(cluster.untilJobDone('shop')).rejects.toThrow('crashed');
    cluster = await cluster.unsafeCrash(LOST);
    expect(await cluster.untilJobDone('shop')).toMatchObject(FINISHED);
    await cluster.query('INSERT INTO shop.t VALUES (3, 3)');
    expect(await rowsOf(cluster)).toEqual([
      [1, 1],
      [3, 3],
    ]);
    cluster = await cluster.unsafeCrash(LOST);
    expect(await rowsOf(cluster)).toEqual([
      [1, 1],
      [3, 3],
    ]);
    await cluster.stop();
  },
);

test('a backup outlives a crash in UPLOAD_INFO where its repository was attached', async () => {
  const store = new MemoryBlob();
  await (await withTable('DUPLICATE', store)).stop();
  let cluster = await withTable('DUPLICATE', store);
  await cluster.query('BACKUP SNAPSHOT shop.b TO repo');
  cluster.faults.enable(
    'fe.job.leave',
    { do: 'crash' },
    { match: { kind: 'backup', state: 'UPLOAD_INFO' } },
  );
  await expect(cluster.untilJobDone('shop')).rejects.toThrow('crashed');
  cluster = await cluster.unsafeCrash(LOST);
  expect(await cluster.untilJobDone('shop')).toMatchObject(FINISHED);
  await cluster.stop();
});

test('a restore brings a replica that has missed a load up to date', async () => {
  const cluster = await withTable('DUPLICATE');
  await cluster.query('INSERT INTO shop.t VALUES (1, 1)');
  cluster.unsafeKillBackend(10002);
  await cluster.query('INSERT INTO shop.t VALUES (2, 2)');
  await cluster.unsafeStartBackend(10002);
  cluster.advance(10_000);
  await cluster.query(await backedUp(cluster));
  expect(await cluster.untilJobDone('shop')).toMatchObject(FINISHED);
  cluster.unsafeKillBackend(10001);
  cluster.unsafeKillBackend(10003);
  expect(await rowsOf(cluster)).toEqual([
    [1, 1],
    [2, 2],
  ]);
  await cluster.stop();
});
