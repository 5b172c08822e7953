/** Bugs of StarRocks that can be switched on: what each changes, and that it is off otherwise. */
import { expect, test } from 'vitest';
import { runNow } from '../../src/base/op.ts';
import type { QuirkName } from '../../src/base/quirks.ts';
import { bytesSource } from '../../src/blob/byte-source.ts';
import { MemoryBlob } from '../../src/blob/memory.ts';
import { PROFILES, profileWithQuirks } from '../../src/fe/profile.ts';
import { type Cluster, startCluster } from '../../src/start-cluster.ts';
import { rowsOf, timestampOf, withHistory } from './virtual-run.ts';

const FINISHED = { state: 'FINISHED', status: '[OK]' };
const STUCK = { state: 'CANCELLED', status: expect.stringContaining('TIMEOUT') };

async function backedUp(quirks: readonly QuirkName[], store: MemoryBlob): Promise<Cluster> {
  const cluster = await withHistory({ quirks, memoryStore: store });
  await cluster.query('BACKUP SNAPSHOT shop.b TO repo');
  expect(await cluster.untilJobDone('shop')).toMatchObject(FINISHED);
  return cluster;
}

async function restore(cluster: Cluster): Promise<void> {
  await cluster.query(`RESTORE SNAPSHOT shop.b FROM repo PROPERTIES
    ('backup_timestamp' = '${await timestampOf(cluster, 'b')}', 'timeout' = '600')`);
}

test.each([
  [[], FINISHED],
  [['repeatedMoveIsStuck'], STUCK],
] as const)(
  'restore quirk 22: a repeated move of a primary-key tablet with %j',
  async (quirks, end) => {
    const cluster = await backedUp(quirks, new MemoryBlob());
    await cluster.query('DELETE FROM shop.orders WHERE id = 1');
    // Every report of one move is lost, so that it is sent again.
    await cluster.query("ADMIN ENABLE FAILPOINT 'be.task.report:fail type=MOVE' WITH 60 TIMES");
    await restore(cluster);
    expect(await cluster.untilJobDone('shop')).toMatchObject(end);
    await cluster.stop();
  },
);

test.each([
  [[], FINISHED],
  [['partFilesCount'], STUCK],
] as const)(
  'restore quirk 39: a leftover .part in a tablet directory with %j',
  async (quirks, end) => {
    const store = new MemoryBlob();
    const cluster = await backedUp(quirks, store);
    const before = await rowsOf(cluster);
    const file = store.keys().find((key) => /\.dat\.[0-9a-f]{32}$/.test(key)) ?? '';
    const part = file.replace(/\.[0-9a-f]{32}$/, '.part');
    runNow(store.put(part, bytesSource(new Uint8Array([1, 2, 3]))));
    await cluster.query('DROP TABLE shop.orders; DROP TABLE shop.events');
    await restore(cluster);
    expect(await cluster.untilJobDone('shop')).toMatchObject(end);
    runNow(store.delete(part));
    if (end === STUCK) {
      await restore(cluster);
      expect(await cluster.untilJobDone('shop')).toMatchObject(FINISHED);
    }
    expect(await rowsOf(cluster)).toEqual(before);
    await cluster.stop();
  },
);

test('quirks of a changed profile stay when others are named', () => {
  const changed = profileWithQuirks(PROFILES['3.3'], ['partFilesCount']);
  const { quirks } = profileWithQuirks(changed, ['repeatedMoveIsStuck']).jobs;
  expect([quirks.partFilesCount, quirks.repeatedMoveIsStuck]).toEqual([true, true]);
  expect(PROFILES['3.3'].jobs.quirks.partFilesCount).toBe(false);
});

test('a quirk that there is not stops the start', async () => {
  const quirks = ['partFiles'] as unknown as readonly QuirkName[];
  await expect(startCluster({ clock: 'virtual', quirks })).rejects.toThrow(
    "unknown quirk 'partFiles'; the nearest are partFilesCount",
  );
});

test.each([
  [[], 'COMMON_ERROR, msg: failed to create replicas'],
  [['failedCreatesCount'], 'TIMEOUT'],
] as const)(
  'restore quirk 16: a backend that fails to create a tablet, with %j',
  async (quirks, status) => {
    const cluster = await backedUp(quirks, new MemoryBlob());
    await cluster.query('DROP TABLE shop.orders');
    await cluster.query("ADMIN ENABLE FAILPOINT 'be.task.begin:fail type=CREATE' WITH 1 TIMES");
    await restore(cluster);
    cluster.advance(30_000);
    const { rows, columns } = await cluster.query('SHOW RESTORE FROM shop');
    const state = rows[0]?.[columns.indexOf('State')];
    expect(state).toBe(quirks.length === 0 ? 'CANCELLED' : 'SNAPSHOTING');
    const done = await cluster.untilJobDone('shop');
    expect(done).toMatchObject({ state: 'CANCELLED', status: expect.stringContaining(status) });
    // A failed CREATE TABLE is one all the same.
    await cluster.query("ADMIN ENABLE FAILPOINT 'be.task.begin:fail type=CREATE' WITH 1 TIMES");
    const create = 'CREATE TABLE shop.more (k INT) DISTRIBUTED BY HASH (k) BUCKETS 2';
    await expect(cluster.query(create)).rejects.toThrow('not created');
    await cluster.stop();
  },
);
