/** The table set of a cluster that runs, asked as `simulate --from` asks. */
import { expect, test } from 'vitest';
import { type Ask, tablesOfCluster } from '../../../src/sim/capacity/tables-of-cluster.ts';
import { startCluster } from '../../../src/start-cluster.ts';

const MIB = 2 ** 20;

test('each partition is there with tablets, replicas and size; views are not', async () => {
  await using cluster = await startCluster({ clock: 'virtual', backends: 3 });
  for (const sql of [
    'CREATE DATABASE d',
    'CREATE DATABASE empty_one',
    'CREATE TABLE d.rows_too (k INT NOT NULL) DUPLICATE KEY (k) DISTRIBUTED BY HASH (k) BUCKETS 4',
    'CREATE TABLE d.big (k INT NOT NULL) DUPLICATE KEY (k) DISTRIBUTED BY HASH (k) BUCKETS 8 ' +
      'PROPERTIES ("replication_num" = "1", "emulator.tablet_size" = "64MB")',
    'CREATE VIEW d.v AS SELECT k FROM d.rows_too',
  ]) {
    await cluster.query(sql);
  }
  cluster.advance(20_000);
  const ask: Ask = async (sql) => {
    const { columns, rows } = await cluster.query(sql);
    return rows.map((row) =>
      Object.fromEntries(
        columns.map((name, at) => [name, row[at] === null ? null : String(row[at])]),
      ),
    );
  };
  const tables = await tablesOfCluster(ask, undefined, 2);
  expect(tables).toContainEqual({
    name: 'd.big big',
    tablets: 8,
    tabletBytes: 64 * MIB,
    filesPerTablet: 2,
    replicas: 1,
  });
  expect(tables).toContainEqual({
    name: 'd.rows_too rows_too',
    tablets: 4,
    tabletBytes: 0,
    filesPerTablet: 1,
    replicas: 3,
  });
  expect(tables).toHaveLength(2);
  expect(await tablesOfCluster(ask, 'd', 2)).toEqual(tables);
  await expect(tablesOfCluster(ask, 'empty_one', 2)).rejects.toThrow(
    'database empty_one has no tables',
  );
});
