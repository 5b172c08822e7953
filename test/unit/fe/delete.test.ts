/** DELETE from tables without a primary key: rows, versions, indexes, snapshots, refusals. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { rowsOf } from './support/index-rows.ts';
import { World } from './support/world.ts';

const CREATE = `DROP TABLE IF EXISTS d.t FORCE;
  CREATE TABLE d.t (k INT, at DATETIME, m DECIMAL(8, 2), s VARCHAR(9)) DUPLICATE KEY (k)
    PARTITION BY RANGE (k) (
      PARTITION p1 VALUES LESS THAN ("10"), PARTITION p2 VALUES LESS THAN ("20"),
      PARTITION p3 VALUES LESS THAN MAXVALUE)
    DISTRIBUTED BY HASH (k) BUCKETS 2 ROLLUP (r1 (s, k));
  INSERT INTO d.t VALUES (1, '2024-01-01', 1, 'a'), (1, '2024-01-02', 2.5, 'b'),
    (2, NULL, 10, NULL),
    (12, '2024-01-01 10:00:00', 3, 'c'), (15, '2024-02-01', 4, 'd'), (NULL, NULL, NULL, 'n')`;

const at = new World({ backends: 1 });
at.run('CREATE DATABASE d');
afterAll(() => at.stop());
beforeEach(({ task }) => {
  // A refusal leaves what was there.
  if (task.suite?.name !== 'refused') at.run(CREATE);
});

const texts = (where = at): string[] =>
  where.rows('SELECT s FROM d.t ORDER BY s').map(([s]) => (s === null ? 'null' : String(s)));
const versions = (): string[] =>
  at.objects('SHOW PARTITIONS FROM d.t').map((row) => String(row['VisibleVersion']));

test.each([
  ['k = 1', ['null', 'c', 'd', 'n']],
  ['k != 1', ['a', 'b', 'n']],
  ['k <= 2 AND k > 1', ['a', 'b', 'c', 'd', 'n']],
  ['k BETWEEN 2 AND 12', ['a', 'b', 'd', 'n']],
  ['k IN (2, 15, 1)', ['c', 'n']],
  ['k NOT IN (1, 2)', ['null', 'a', 'b', 'n']],
  ['k NOT IN (1, NULL)', ['null', 'a', 'b', 'c', 'd', 'n']],
  ['k IS NULL', ['null', 'a', 'b', 'c', 'd']],
  ['k IS NOT NULL AND k >= 12 AND k < 15', ['null', 'a', 'b', 'd', 'n']],
  ['k = NULL', ['null', 'a', 'b', 'c', 'd', 'n']],
  ["k < '2' + 0", ['null', 'c', 'd', 'n']],
])('WHERE %s', (where, left) => {
  const before = at.rows('SELECT count(*) FROM d.t')[0]?.[0];
  const answer = at.run(`DELETE FROM d.t WHERE ${where}`);
  expect(answer.affectedRows).toBe(0);
  expect(texts()).toEqual(left);
  expect(before).toBe(6n);
  const rollup = rowsOf(at, 'r1').map((row) => row.split('|')[0]);
  expect(rollup.sort()).toEqual([...left].sort());
});

test('a condition on values takes the rows that match, not others of their key', () => {
  at.run('ALTER TABLE d.t DROP ROLLUP r1');
  at.run(`DELETE FROM d.t WHERE m >= 2.5 AND at < '2024-02-01' AND s > 'a'`);
  expect(texts()).toEqual(['null', 'a', 'd', 'n']);
  at.run(`INSERT INTO d.t VALUES (1, '2024-01-02', 2.5, 'later')`);
  expect(texts()).toEqual(['null', 'a', 'd', 'later', 'n']);
});

test('versions rise where the condition may hold, whether rows match or not', () => {
  expect(versions()).toEqual(['2', '2', '1']);
  at.run('DELETE FROM d.t WHERE k = 7');
  expect(versions()).toEqual(['3', '2', '1']);
  at.run('DELETE FROM d.t WHERE k > 11');
  expect(versions()).toEqual(['3', '3', '2']);
  at.run('DELETE FROM d.t WHERE k < 100 AND k > 50');
  expect(versions()).toEqual(['3', '3', '3']);
  at.run('DELETE FROM d.t PARTITION (p1) WHERE k < 100');
  expect(versions()).toEqual(['4', '3', '3']);
  expect(texts()).toEqual(['n']);
  const counts = at.objects('SHOW PARTITIONS FROM d.t').map((row) => row['RowCount']);
  expect(counts).toEqual(['1', '0', '0']);
});

test('aggregate and unique keys: all of a key goes, what comes later is new', () => {
  at.run(`CREATE TABLE d.a (k INT, j INT, v BIGINT SUM) AGGREGATE KEY (k, j)
      DISTRIBUTED BY HASH (k) BUCKETS 1;
    CREATE TABLE d.u (k INT, v INT) UNIQUE KEY (k) PARTITION BY LIST (k) (
      PARTITION p1 VALUES IN ("1", "2"), PARTITION p2 VALUES IN ("3"))
      DISTRIBUTED BY HASH (k) BUCKETS 1;
    INSERT INTO d.a VALUES (1, 1, 5), (1, 2, 6), (2, 1, 7); INSERT INTO d.a VALUES (1, 1, 5);
    INSERT INTO d.u VALUES (1, 1), (2, 2), (3, 3)`);
  at.run('DELETE FROM d.a WHERE k = 1 AND j = 1; INSERT INTO d.a VALUES (1, 1, 3)');
  expect(at.rows('SELECT * FROM d.a ORDER BY k, j')).toEqual([
    [1, 1, 3n],
    [1, 2, 6n],
    [2, 1, 7n],
  ]);
  at.run('DELETE FROM d.u WHERE k IN (1, 3); INSERT INTO d.u VALUES (3, 30)');
  expect(at.rows('SELECT * FROM d.u ORDER BY k')).toEqual([
    [2, 2],
    [3, 30],
  ]);
  at.run('DELETE FROM d.u WHERE k = 2');
  const shown = at.objects('SHOW PARTITIONS FROM d.u').map((row) => row['VisibleVersion']);
  expect(shown).toEqual(['4', '4']);
  expect(at.failure('DELETE FROM d.u WHERE v = 1').text).toContain('Column[v] is not key column');
});

test('snapshots hold what was deleted before them, and nothing of what was deleted after', () => {
  at.run(`CREATE REPOSITORY repo WITH BROKER ON LOCATION 'memory://bucket/x';
    DELETE FROM d.t WHERE k = 1; BACKUP SNAPSHOT d.s TO repo`);
  expect(at.untilJobDone('d')).toBe('FINISHED');
  at.run('DELETE FROM d.t WHERE k > 0');
  expect(texts()).toEqual(['n']);
  const [snapshot] = at.objects(`SHOW SNAPSHOT ON repo WHERE SNAPSHOT = 's'`);
  at.run(`RESTORE SNAPSHOT d.s FROM repo ON (t)
    PROPERTIES ("replication_num" = "1",
      "backup_timestamp" = "${String(snapshot?.['Timestamp'])}")`);
  expect(at.untilJobDone('d')).toBe('FINISHED');
  expect(texts()).toEqual(['null', 'c', 'd', 'n']);
  expect(rowsOf(at, 'r1')).toHaveLength(4);
});

test.each(['lost', 'kept'] as const)(
  'unsynced bytes %s: a DELETE that was answered stays',
  (fate) => {
    const first = new World();
    first.run('CREATE DATABASE d');
    first.run(CREATE);
    first.run('DELETE FROM d.t WHERE k > 1');
    const after = first.crashed(fate);
    after.clock.advance(30_000);
    expect(texts(after)).toEqual(['a', 'b', 'n']);
    after.stop();
  },
);

test('a load beside a DELETE is deleted whole or not at all', () => {
  const load = `INSERT INTO d.t VALUES (1, NULL, 1, 'x'), (3, NULL, 1, 'y')`;
  const [deleted, loaded] = at.together('DELETE FROM d.t WHERE k <= 3', load);
  expect([deleted, loaded]).not.toContainEqual(expect.objectContaining({ code: 1064 }));
  const seen = texts();
  expect([
    ['c', 'd', 'n'],
    ['c', 'd', 'n', 'x', 'y'],
  ]).toContainEqual(seen);
});

describe('refused', () => {
  beforeAll(() => {
    at.run(CREATE);
  });

  test.each([
    ['DELETE FROM d.t', 'must specify where clause'],
    ['DELETE FROM d.t WHERE k = 1 OR k = 2', 'Where clause only supports'],
    ["DELETE FROM d.t WHERE s LIKE 'a%'", 'Where clause only supports'],
    ['DELETE FROM d.t WHERE k NOT BETWEEN 1 AND 2', 'Where clause only supports'],
    ['DELETE FROM d.t WHERE k + 1 = 2', 'Left expr of a condition of DELETE should be a column'],
    ['DELETE FROM d.t WHERE 1 = k', 'Left expr of a condition'],
    ['DELETE FROM d.t WHERE no = 2', "Column 'no' cannot be resolved"],
    ["DELETE FROM d.t WHERE k = 'one'", 'Invalid column value[one] for column k'],
    ['DELETE FROM d.t WHERE m = 1', "Unknown column 'm' in index 'r1'"],
    ['DELETE FROM d.t PARTITION (no) WHERE k = 1', "Unknown partition 'no'"],
    ['DELETE FROM d.t USING d.t AS b WHERE k = 1', 'DELETE with USING is supported on primary key'],
  ])('%s', (sql, text) => {
    expect(at.failure(sql).text).toContain(text);
    expect(texts()).toHaveLength(6);
  });
});
