/**
 * A snapshot goes from one cluster into another of its own ids and its own number of backends. Both
 * began with the same ids, so those of the snapshot are taken here by other things.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { MemoryBlob } from '../../src/blob/memory.ts';
import { type Cluster, startCluster } from '../../src/start-cluster.ts';
import { backUp, clusterWith, rowsOfShop, SHOP, timestampOf } from './shared-store.ts';

/** What stands in the other cluster before; a table of the same shape under another name. */
const NEIGHBOUR: readonly string[] = [
  'CREATE DATABASE local',
  `CREATE TABLE local.mine (id INT NOT NULL, name VARCHAR(20)) PRIMARY KEY (id)
    DISTRIBUTED BY HASH (id) BUCKETS 16`,
  "INSERT INTO local.mine VALUES (1, 'here'), (2, 'too'), (3, 'and'), (4, 'there')",
];

const mineOf = async (cluster: Cluster): Promise<unknown> =>
  (await cluster.query('SELECT id, name FROM local.mine ORDER BY id')).rows;

/** Tablets that tasks of a kind were sent for; both kinds asked for have them as signatures. */
function tabletsOf({ trace }: Cluster, kind: 'CREATE' | 'MAKE_SNAPSHOT'): ReadonlySet<unknown> {
  const sent = trace.filter(({ what, about }) => what === 'task.send' && about['type'] === kind);
  return new Set(sent.map(({ about }) => about['signature']));
}

async function restoreInto(cluster: Cluster, properties = ''): Promise<void> {
  const timestamp = await timestampOf(cluster, 'monday');
  await cluster.query(`RESTORE SNAPSHOT shop.monday FROM repo
    PROPERTIES ('backup_timestamp' = '${timestamp}'${properties})`);
  expect(await cluster.untilJobDone('shop')).toMatchObject({ state: 'FINISHED', status: '[OK]' });
}

describe.each([1, 2, 5, 9])('a snapshot of three backends restored on %i', (backends) => {
  test('brings every row back beside tables that have its ids, and survives a crash', async () => {
    const memoryStore = new MemoryBlob();
    const spec = { starrocksVersion: '3.5', memoryStore } as const;
    const source = await clusterWith({ ...spec, seed: 1n }, true);
    await backUp(source, 'monday');
    const rows = await rowsOfShop(source);
    let target = await clusterWith({ ...spec, seed: 2n, backends }, false);
    for (const statement of NEIGHBOUR) await target.query(statement);
    const mine = await mineOf(target);
    const idsHere = tabletsOf(target, 'CREATE');
    const shared = [...tabletsOf(source, 'MAKE_SNAPSHOT')].filter((id) => idsHere.has(id));
    expect(shared).not.toEqual([]);
    await restoreInto(target);
    expect(await rowsOfShop(target)).toEqual(rows);
    expect(await mineOf(target)).toEqual(mine);
    target = await target.unsafeCrash({ fate: 'lost', random: new SeededRandom(3n) });
    expect(await rowsOfShop(target)).toEqual(rows);
    await target.query('DELETE FROM shop.orders WHERE id = 1');
    await restoreInto(target);
    expect(await rowsOfShop(target)).toEqual(rows);
    expect(await mineOf(target)).toEqual(mine);
    for (const cluster of [source, target]) await cluster.stop();
  });
});

test('a cluster of few backends restores with as many replicas as it can have', async () => {
  const memoryStore = new MemoryBlob();
  const spec = { starrocksVersion: '3.5', memoryStore } as const;
  const source = await clusterWith({ ...spec, seed: 1n }, true);
  await backUp(source, 'monday');
  const target = await clusterWith({ ...spec, seed: 2n, backends: 2 }, false);
  await restoreInto(target, ", 'replication_num' = '1'");
  const { rows, columns } = await target.query('SHOW PARTITIONS FROM shop.events');
  const numbers = rows.map((row) => row[columns.indexOf('ReplicationNum')]);
  expect(numbers).toEqual(['1', '1']);
  expect(await rowsOfShop(target)).toEqual(await rowsOfShop(source));
  for (const cluster of [source, target]) await cluster.stop();
});

test('a second data directory on disk restores what the first one backed up', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'starrocks-emulator-test-'));
  try {
    const options = { network: false, tickMs: 10 } as const;
    const make = `CREATE REPOSITORY repo WITH BROKER ON LOCATION 'file://${folder}'`;
    const source = await startCluster({ ...options, backends: 3 });
    for (const statement of [make, ...SHOP]) await source.query(statement);
    await backUp(source, 'monday');
    const rows = await rowsOfShop(source);
    await source.stop();
    const target = await startCluster({ ...options, backends: 2 });
    for (const statement of [make, ...NEIGHBOUR]) await target.query(statement);
    await restoreInto(target);
    expect(await rowsOfShop(target)).toEqual(rows);
    await target.stop();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
