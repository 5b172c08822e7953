/**
 * What one release backs up, every other restores (resolutions.md 6): ids in paths, places of the
 * indexes and the keys of `__meta` differ, rows do not.
 */
import { describe, expect, test } from 'vitest';
import { MemoryBlob } from '../../src/blob/memory.ts';
import {
  backUp,
  clusterWith,
  PROFILES_IN_ORDER,
  refusal,
  rowsOfShop,
  timestampOf,
} from './shared-store.ts';

const PAIRS = PROFILES_IN_ORDER.flatMap((writer) =>
  PROFILES_IN_ORDER.map((reader) => [writer, reader] as const),
);

describe.each(PAIRS)('a snapshot of %s restored by %s', (writer, reader) => {
  test('brings every row back, onto new and onto existing tables', async () => {
    const memoryStore = new MemoryBlob();
    const source = await clusterWith({ starrocksVersion: writer, memoryStore, seed: 1n }, true);
    await backUp(source, 'monday');
    const rows = await rowsOfShop(source);
    const target = await clusterWith({ starrocksVersion: reader, memoryStore, seed: 2n }, false);
    const restore = `RESTORE SNAPSHOT shop.monday FROM repo
      PROPERTIES ('backup_timestamp' = '${await timestampOf(target, 'monday')}')`;
    if (reader === '3.3') {
      expect(await refusal(target, restore)).toBe('5501/3F000');
      await target.query('CREATE DATABASE shop');
    }
    await target.query(restore);
    expect(await target.untilJobDone('shop')).toMatchObject({ state: 'FINISHED', status: '[OK]' });
    expect(await rowsOfShop(target)).toEqual(rows);
    await target.query("INSERT INTO shop.orders VALUES (1, 'changed'), (9, 'new')");
    await target.query(restore);
    expect(await target.untilJobDone('shop')).toMatchObject({ state: 'FINISHED', status: '[OK]' });
    expect(await rowsOfShop(target)).toEqual(rows);
    // And on: what was restored can be backed up in the reader's own form.
    await backUp(target, 'again');
    const third = await clusterWith({ starrocksVersion: writer, memoryStore, seed: 3n }, true);
    await third.query(`RESTORE SNAPSHOT shop.again FROM repo ON (orders AS copy)
      PROPERTIES ('backup_timestamp' = '${await timestampOf(third, 'again')}')`);
    expect(await third.untilJobDone('shop')).toMatchObject({ state: 'FINISHED' });
    expect((await third.query('SELECT id, name FROM shop.copy ORDER BY id')).rows).toEqual(
      (await third.query('SELECT id, name FROM shop.orders ORDER BY id')).rows,
    );
    for (const cluster of [source, target, third]) await cluster.stop();
  });
});
