/** Two snapshots side by side, and what snapshots take. */
import { beforeAll, describe, expect, test } from 'vitest';
import { runNow } from '../../../../src/base/op.ts';
import type { MemoryBlob } from '../../../../src/blob/memory.ts';
import {
  compareSnapshots,
  type TableDifference,
} from '../../../../src/repository/inspect/compare-snapshots.ts';
import {
  type ReadSnapshot,
  readSnapshot,
} from '../../../../src/repository/inspect/read-snapshot.ts';
import { usageOf } from '../../../../src/repository/inspect/usage.ts';
import { backUp, shopOf } from '../../../model/shared-store.ts';
import { copyOf, firstKey, REPOSITORY, replaceAt } from './support.ts';

let store: MemoryBlob;

beforeAll(async () => {
  const made = await shopOf('3.5', { seed: 5n });
  await backUp(made.cluster, 'monday');
  await made.cluster.query("INSERT INTO shop.events VALUES ('2024-02-06', 'z')");
  await made.cluster.query('CREATE TABLE shop.more (id INT NOT NULL) PRIMARY KEY (id)');
  await backUp(made.cluster, 'tuesday');
  await made.cluster.stop();
  store = made.store;
});

const read = (from: MemoryBlob, label: string): ReadSnapshot =>
  runNow(readSnapshot(from, REPOSITORY, label));

function compare(
  [first, a]: readonly [MemoryBlob, string],
  [second, b]: readonly [MemoryBlob, string],
): { readonly isSame: boolean; readonly tables: readonly TableDifference[] } {
  const tables: TableDifference[] = [];
  const isSame = runNow(
    compareSnapshots(
      { storage: first, repository: REPOSITORY, snapshot: read(first, a) },
      { storage: second, repository: REPOSITORY, snapshot: read(second, b) },
      (table) => tables.push(table),
    ),
  );
  return { isSame, tables };
}

describe('a comparison', () => {
  test('of a snapshot with its copy finds no difference', () => {
    const { isSame, tables } = compare([store, 'monday'], [copyOf(store), 'monday']);
    expect(isSame).toBe(true);
    expect(tables.map(({ table, difference }) => `${table} ${difference}`)).toEqual([
      'events same',
      'orders same',
    ]);
  });

  test('names the partitions that a load has changed, and the tables that came', () => {
    const { isSame, tables } = compare([store, 'monday'], [store, 'tuesday']);
    expect(isSame).toBe(false);
    expect(tables.map(({ table, difference }) => `${table} ${difference}`)).toEqual([
      'events changed',
      'more only in second',
      'orders same',
    ]);
    const [partition, another] = tables[0]?.partitions ?? [];
    expect(another).toBeUndefined();
    expect(partition).toMatchObject({ partition: 'p2', versions: [2, 3] });
    // A new rowset in one tablet, and headers of both that tell of the new version.
    expect(partition?.files).toMatchObject({ added: 1, removed: 0, changed: 2 });
    expect(compare([store, 'tuesday'], [store, 'monday']).tables[1]?.difference).toBe(
      'only in first',
    );
  });

  test('finds a file that is missing in a copy, and one with other bytes', () => {
    const copy = copyOf(store);
    const key = firstKey(copy, /__ss_monday\/.*\.dat\./);
    runNow(copy.delete(key));
    const missing = compare([store, 'monday'], [copy, 'monday']);
    expect(missing.isSame).toBe(false);
    expect(missing.tables.flatMap(({ partitions }) => partitions)[0]?.files).toMatchObject({
      removed: 1,
    });
    const other = copyOf(store);
    replaceAt(other, key, 'other bytes');
    const changed = compare([store, 'monday'], [other, 'monday']);
    expect(changed.tables.flatMap(({ partitions }) => partitions)[0]?.files).toMatchObject({
      changed: 1,
      removed: 0,
    });
  });
});

describe('usage', () => {
  test('adds up to what lies there, and tells what is there more than once', () => {
    const snapshots = ['monday', 'tuesday'].map((label) => read(store, label));
    const done: number[] = [];
    const usage = runNow(usageOf(store, REPOSITORY, snapshots, (count) => done.push(count)));
    const files = store.keys().filter((key) => key.includes('/__ss_'));
    const sizes = files.map((key) => runNow(store.stat(key))?.sizeBytes ?? 0);
    const sum = (numbers: readonly number[]): number => numbers.reduce((so, one) => so + one, 0);
    expect(done).toEqual([1, 2]);
    expect(usage.fileCount).toBe(files.length);
    expect(usage.sizeBytes).toBe(sum(sizes));
    const once = new Map(files.map((key, at) => [key.slice(key.lastIndexOf('/')), sizes[at] ?? 0]));
    expect(usage.distinctBytes).toBe(sum([...once.values()]));
    // Every shared file is counted in both snapshots that have it.
    expect(usage.sizeBytes - usage.sharedBytes / 2).toBe(usage.distinctBytes);
    const [monday] = usage.snapshots;
    const orders = monday?.tables.find(({ table }) => table === 'orders');
    expect(orders?.sharedBytes).toBe(orders?.sizeBytes);
  });

  test('of one snapshot shares nothing', () => {
    const usage = runNow(usageOf(store, REPOSITORY, [read(store, 'monday')], () => {}));
    expect(usage.sharedBytes).toBe(0);
    expect(usage.distinctBytes).toBe(usage.sizeBytes);
  });
});

test('a snapshot that is not there is told by its label', () => {
  expect(() => read(store, 'sunday')).toThrow('no snapshot sunday in');
  expect(() => read(store, 'a/b')).toThrow('must not hold a path separator');
});
