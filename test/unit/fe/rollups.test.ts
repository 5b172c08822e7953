/** Rollups and synchronous materialized views: what they hold, what is shown, what is refused. */
import { describe, expect, test } from 'vitest';
import { rowsOf } from './support/index-rows.ts';
import { World, type WorldOptions } from './support/world.ts';

const CREATE = `CREATE DATABASE d;
  CREATE TABLE d.t (day DATE NOT NULL, shop INT, amount DECIMAL(10, 2), note VARCHAR(10))
    DUPLICATE KEY (day, shop)
    PARTITION BY RANGE (day) (
      PARTITION p1 VALUES LESS THAN ('2024-02-01'), PARTITION p2 VALUES LESS THAN ('2024-03-01'))
    DISTRIBUTED BY HASH (shop) BUCKETS 2`;
const ROWS = `INSERT INTO d.t VALUES ('2024-01-05', 1, 1.50, 'a'), ('2024-01-06', 1, 2, NULL),
  ('2024-02-05', 2, 4, 'c'), ('2024-02-06', NULL, 8, 'd')`;

function world(options: WorldOptions = {}): World {
  const made = new World(options);
  made.run(CREATE);
  return made;
}

const BY_SHOP = ['1|1.50', '1|2.00', '2|4.00', 'null|8.00'];
const SUMS = ['1|3.50|1', '2|4.00|1', 'null|8.00|1'];
const VIEW = `CREATE MATERIALIZED VIEW sums AS
  SELECT shop, sum(amount), count(note) FROM d.t GROUP BY shop`;

describe('rows', () => {
  test('a rollup of CREATE TABLE gets the rows of every load', () => {
    const at = new World();
    at.run(`${CREATE} ROLLUP (r1 (shop, amount), r2 (note) DUPLICATE KEY (note))`);
    at.run(ROWS);
    expect(rowsOf(at, 'r1')).toEqual(BY_SHOP);
    expect(rowsOf(at, 'r2')).toEqual(['a', 'c', 'd', 'null']);
    expect(at.cell('SELECT count(*) FROM d.t')).toBe(4n);
    at.stop();
  });

  test('a rollup that is added holds what was there, and what comes later', () => {
    const at = world();
    at.run(ROWS);
    at.run('ALTER TABLE d.t ADD ROLLUP r1 (shop, amount), r2 (note)');
    expect(rowsOf(at, 'r1')).toEqual(BY_SHOP);
    at.run("INSERT INTO d.t VALUES ('2024-01-07', 5, 16, 'e')");
    expect(rowsOf(at, 'r1')).toEqual([...BY_SHOP, '5|16.00'].sort());
    expect(rowsOf(at, 'r2')).toContain('e');
    at.run('ALTER TABLE d.t DROP ROLLUP r2');
    expect(() => rowsOf(at, 'r2')).toThrow('no index r2');
    at.run("INSERT INTO d.t VALUES ('2024-01-08', 6, 32, 'f')");
    expect(rowsOf(at, 'r1')).toHaveLength(6);
    at.stop();
  });

  test('a synchronous view groups: sums, counts of what is not NULL', () => {
    const at = world();
    at.run(ROWS);
    at.run(VIEW);
    // Groups meet within a partition: the buckets of a table keep rows of a shop together.
    expect(rowsOf(at, 'sums')).toEqual(SUMS);
    at.run("INSERT INTO d.t VALUES ('2024-01-07', 1, 0.25, 'e')");
    expect(rowsOf(at, 'sums')).toEqual(['1|3.75|2', '2|4.00|1', 'null|8.00|1']);
    at.run('DROP MATERIALIZED VIEW d.sums');
    expect(() => rowsOf(at, 'sums')).toThrow('no index sums');
    at.stop();
  });

  test.each(['lost', 'kept'] as const)('unsynced bytes %s: an added rollup is whole', (fate) => {
    const at = world();
    at.run(ROWS);
    at.run('ALTER TABLE d.t ADD ROLLUP r1 (shop, amount)');
    const after = at.crashed(fate);
    after.clock.advance(30_000);
    expect(rowsOf(after, 'r1')).toEqual(BY_SHOP);
    after.run("INSERT INTO d.t VALUES ('2024-01-07', 5, 16, 'e')");
    expect(rowsOf(after, 'r1')).toHaveLength(5);
    after.stop();
  });

  test('TRUNCATE and ADD PARTITION make tablets of every index', () => {
    const at = world();
    at.run(VIEW);
    at.run("ALTER TABLE d.t ADD PARTITION p3 VALUES LESS THAN ('2024-04-01')");
    at.run("INSERT INTO d.t VALUES ('2024-03-07', 1, 1, 'x'), ('2024-01-07', 2, 1, 'x')");
    at.run('TRUNCATE TABLE d.t PARTITION (p1)');
    expect(rowsOf(at, 'sums')).toEqual(['1|1.00|1']);
    at.stop();
  });

  test('a load that was routed before an index came is refused, not half stored', () => {
    const at = world();
    const insert = "INSERT INTO d.t VALUES ('2024-01-07', 1, 1, 'x')";
    const add = 'ALTER TABLE d.t ADD ROLLUP r1 (shop, amount)';
    const [first] = at.together(add, insert);
    expect(first).not.toHaveProperty('text');
    expect(rowsOf(at, 'r1')).toHaveLength(Number(at.cell('SELECT count(*) FROM d.t')));
    at.stop();
  });
});

describe('shown', () => {
  test('DESC ALL shows index by index with an empty row between', () => {
    const at = world();
    at.run(VIEW);
    expect(at.rows('DESC d.t ALL').map((row) => row.join('|'))).toEqual([
      't|DUP_KEYS|day|date|NO|true||',
      '||shop|int(11)|YES|true||',
      '||amount|decimal(10, 2)|YES|false||',
      '||note|varchar(10)|YES|false||',
      '|||||||',
      'sums|AGG_KEYS|shop|int(11)|YES|true||',
      '||mv_sum_amount|decimal(38, 2)|YES|false||SUM',
      '||mv_count_note|bigint(20)|NO|false||SUM',
    ]);
    at.stop();
  });

  test('SHOW ALTER TABLE ROLLUP lists what was added, also after a restart', () => {
    const at = world();
    at.run('ALTER TABLE d.t ADD ROLLUP r1 (shop)');
    at.run(VIEW);
    const shown = (where: World) => where.objects('SHOW ALTER TABLE ROLLUP FROM d');
    expect(shown(at)).toMatchObject([
      { TableName: 't', BaseIndexName: 't', RollupIndexName: 'r1', State: 'FINISHED' },
      { TableName: 't', RollupIndexName: 'sums', Timeout: '86400', Progress: null },
    ]);
    expect(at.rows('SHOW ALTER MATERIALIZED VIEW FROM d')).toHaveLength(2);
    const after = at.crashed();
    expect(shown(after)).toEqual(shown(at));
    after.stop();
  });
});

describe('refused', () => {
  const at = world();
  at.run(`CREATE TABLE d.p (k INT NOT NULL, v INT) PRIMARY KEY (k);
    CREATE TABLE d.u (k INT, l INT, v INT) UNIQUE KEY (k, l);
    ALTER TABLE d.t ADD ROLLUP r1 (shop)`);

  test.each([
    ['ALTER TABLE d.p ADD ROLLUP r (v)', 1064, /primary key table/],
    ['ALTER TABLE d.u ADD ROLLUP r (k, v)', 1064, /all unique keys/],
    ['ALTER TABLE d.u ADD ROLLUP r (v)', 1064, /No key column/],
    ['ALTER TABLE d.u ADD ROLLUP r (k, v, l)', 1064, /value should be after key/],
    ['ALTER TABLE d.t ADD ROLLUP r (nothing)', 5509, /nothing/],
    ['ALTER TABLE d.t ADD ROLLUP r (shop, Shop)', 1060, /Duplicated column/],
    ['ALTER TABLE d.t ADD ROLLUP R1 (shop)', 1064, /already exists/],
    ['ALTER TABLE d.t ADD ROLLUP t (shop)', 1064, /already exists/],
    ['ALTER TABLE d.t ADD ROLLUP r (shop) FROM r1', 1064, /not supported/],
    ['ALTER TABLE d.t ADD ROLLUP r (shop) PROPERTIES ("timeout" = "1")', 1064, /timeout/],
    ['ALTER TABLE d.t DROP ROLLUP r', 1064, /does not exist/],
    ['ALTER TABLE d.t DROP ROLLUP t', 1064, /can not be dropped/],
    ['DROP MATERIALIZED VIEW d.nothing', 5502, /nothing/],
    ['CREATE MATERIALIZED VIEW r1 AS SELECT shop FROM d.t', 1050, /already exists/],
    ['CREATE MATERIALIZED VIEW p AS SELECT shop FROM d.t', 1050, /already exists/],
    ['CREATE MATERIALIZED VIEW m AS SELECT k FROM d.u', 1064, /duplicate key and aggregate/],
    ['CREATE MATERIALIZED VIEW m AS SELECT shop + 1 FROM d.t', 1064, /expression/],
    ['CREATE MATERIALIZED VIEW m AS SELECT * FROM d.t', 1064, /\*/],
    ['CREATE MATERIALIZED VIEW m AS SELECT shop FROM d.t WHERE shop > 1', 1064, /WHERE/],
    ['CREATE MATERIALIZED VIEW m AS SELECT shop FROM d.t, d.u', 1064, /one table/],
    ['CREATE MATERIALIZED VIEW m AS SELECT shop, avg(amount) FROM d.t GROUP BY shop', 1064, /avg/],
    [
      'CREATE MATERIALIZED VIEW m AS SELECT shop, bitmap_union(to_bitmap(day)) FROM d.t GROUP BY shop',
      1064,
      /bitmap_union/,
    ],
    ['CREATE MATERIALIZED VIEW m AS SELECT sum(amount) FROM d.t', 1064, /at least one column/],
    [
      'CREATE MATERIALIZED VIEW m AS SELECT sum(amount), shop FROM d.t GROUP BY shop',
      1064,
      /after/,
    ],
    ['CREATE MATERIALIZED VIEW m AS SELECT shop, sum(amount) FROM d.t', 1064, /GROUP BY/],
    ['CREATE MATERIALIZED VIEW m AS SELECT shop, sum(note) FROM d.t GROUP BY shop', 1064, /sum/],
  ])('%s: %d', (sql, code, text) => {
    const sequence = at.context.lastSequence();
    const failure = at.failure(sql);
    expect(failure).toMatchObject({ code });
    expect(failure.text).toMatch(text);
    expect(at.context.lastSequence()).toBe(sequence);
  });

  test('IF NOT EXISTS and IF EXISTS take what is there, or not', () => {
    at.run('CREATE MATERIALIZED VIEW IF NOT EXISTS d.r1 AS SELECT shop FROM d.t');
    at.run('DROP MATERIALIZED VIEW IF EXISTS d.nothing');
    expect(at.rows('SHOW ALTER TABLE ROLLUP FROM d')).toHaveLength(1);
  });
});
