/** AGGREGATE KEY tables: how rows of one key become one, and what is refused (sql-surface.md 3.2). */
import { describe, expect, test } from 'vitest';
import { smallWorld } from './support/world.ts';

const END = 'DISTRIBUTED BY HASH (k) BUCKETS 2';

describe('refused', () => {
  const world = smallWorld();
  const aggregate = (columns: string): string =>
    `CREATE TABLE d.t (k INT, ${columns}) AGGREGATE KEY (k) ${END}`;
  test.each([
    [aggregate('v INT'), 'should specify aggregate type for non-key column[v]'],
    [aggregate('v INT SUM, w INT'), 'should specify aggregate type for non-key column[w]'],
    [aggregate('v VARCHAR(5) SUM'), "Invalid aggregate function 'SUM' for 'v'"],
    [aggregate('v BOOLEAN SUM'), "Invalid aggregate function 'SUM' for 'v'"],
    [aggregate('v JSON MAX'), "Invalid aggregate function 'MAX' for 'v'"],
    [aggregate('v INT BITMAP_UNION'), 'Aggregation BITMAP_UNION of column'],
    [aggregate('v INT HLL_UNION'), 'Aggregation HLL_UNION of column'],
    [aggregate('v INT PERCENTILE_UNION'), 'Aggregation PERCENTILE_UNION of column'],
    [`CREATE TABLE d.t (k INT SUM) AGGREGATE KEY (k) ${END}`, "for key column 'k'"],
    [`CREATE TABLE d.t (k INT, v INT SUM) DUPLICATE KEY (k) ${END}`, "for column 'v' of DUP_KEYS"],
    [`CREATE TABLE d.t (k INT, v INT MAX) PRIMARY KEY (k) ${END}`, "'v' of PRIMARY_KEYS"],
    [`CREATE TABLE d.t (v INT SUM) DISTRIBUTED BY HASH (v)`, 'The number of key columns is 0'],
    [
      `CREATE TABLE d.t (k INT, v INT SUM) AGGREGATE KEY (k) DISTRIBUTED BY HASH (v)`,
      'is not key column',
    ],
    [
      `CREATE TABLE d.t (k INT, v INT SUM) AGGREGATE KEY (k) DISTRIBUTED BY RANDOM`,
      'does not support random distribution',
    ],
    [
      `CREATE TABLE d.t (k INT, v INT SUM) AGGREGATE KEY (k) PARTITION BY LIST (v) () ${END}`,
      'must be key column',
    ],
  ])('%s', (sql, text) => {
    const failure = world.failure(sql);
    expect(failure.code).toBe(1064);
    expect(failure.text).toContain(text);
  });
});

test('rows of one key are one row, in one load and over several, and after a crash', () => {
  const world = smallWorld();
  world.run(`CREATE TABLE d.t (k INT, total BIGINT SUM DEFAULT "0", low DATE MIN,
      high VARCHAR(9) MAX, last INT REPLACE, known INT REPLACE_IF_NOT_NULL)
      AGGREGATE KEY (k) ${END};
    INSERT INTO d.t VALUES (1, 5, '2024-02-02', 'b', 1, 1), (1, 6, NULL, 'a', NULL, NULL),
      (2, NULL, NULL, NULL, 1, NULL);
    INSERT INTO d.t (k, low, last) VALUES (1, '2024-01-01', 9);
    INSERT INTO d.t SELECT k, total, low, high, last, known FROM d.t WHERE k = 2`);
  const wanted = [
    [1, 11n, '2024-01-01', 'b', 9, 1],
    [2, null, null, null, 1, null],
  ];
  for (const each of [world, world.crashed()]) {
    expect(each.rows('SELECT * FROM d.t ORDER BY k')).toEqual(wanted);
    expect(each.rows('SELECT count(*), sum(total) FROM d.t')).toEqual([[2n, 11n]]);
  }
});

test('without a key clause the columns before the first function are the key', () => {
  const world = smallWorld();
  world.run(`CREATE TABLE d.t (k INT, j DATE, v INT SUM, w INT REPLACE) ${END}`);
  const text = String(world.rows('SHOW CREATE TABLE d.t')[0]?.[1]);
  expect(text).toContain('AGGREGATE KEY(`k`, `j`)');
  expect(text).toContain('`v` int(11) SUM NULL');
  expect(world.objects('DESC d.t').map((row) => [row['Key'], row['Extra']])).toEqual([
    ['true', ''],
    ['true', ''],
    ['false', 'SUM'],
    ['false', 'REPLACE'],
  ]);
  expect(
    world.cell("SELECT table_model FROM information_schema.tables_config WHERE table_name = 't'"),
  ).toBe('AGG_KEYS');
  expect(world.failure('UPDATE d.t SET w = 1 WHERE k = 1').code).toBe(1064);
});
