/** Databases, tables and partitions: what is made, dropped and renamed, and what is refused how. */
import { describe, expect, test } from 'vitest';
import { smallWorld } from './support/world.ts';

const world = smallWorld();
const T = 'DUPLICATE KEY (k) DISTRIBUTED BY HASH (k) BUCKETS 1';
const WRAPPED = /^Getting analyzing error.* Detail message: .*\.$/;

describe('refused', () => {
  test.each([
    ['CREATE DATABASE d', 1007, 'HY000'],
    ['CREATE DATABASE information_schema', 1007, 'HY000'],
    ['CREATE DATABASE `1-x`', 1102, '42000'],
    ['DROP DATABASE nowhere', 1008, 'HY000'],
    ['DROP DATABASE sys', 5203, '42000'],
    [`CREATE TABLE nowhere.t (k INT) ${T}`, 5501, '3F000'],
    [`CREATE TABLE t (k INT) ${T}`, 1046, '3D000'],
    [`CREATE TABLE d.p (k INT) ${T}`, 1050, '42S01'],
    [`CREATE TABLE d.\`${'x'.repeat(1025)}\` (k INT) ${T}`, 1104, '42000'],
    [`CREATE TABLE d.t (k INT, K INT) ${T}`, 1060, '42S21'],
    [`CREATE TABLE d.t (k INT) DUPLICATE KEY (x) DISTRIBUTED BY HASH (k)`, 5509, '42S22'],
    [`CREATE TABLE d.t (k INT, v INT) DUPLICATE KEY (v) DISTRIBUTED BY HASH (k)`, 1064, 'HY000'],
    [`CREATE TABLE d.t (k INT) ${T} PROPERTIES ("replication_num" = "4")`, 1064, 'HY000'],
    [`CREATE TABLE d.t (k INT) ${T} PROPERTIES ("replication_num" = "0")`, 1064, 'HY000'],
    [`CREATE TABLE d.t (k INT) ${T} PROPERTIES ("no_such" = "1")`, 1064, 'HY000'],
    ['CREATE TABLE d.t (k INT) PRIMARY KEY (k) DISTRIBUTED BY RANDOM', 1064, 'HY000'],
    [`CREATE TABLE d.t (k INT, v INT DEFAULT 'x') ${T}`, 1064, 'HY000'],
    [`CREATE TABLE d.t (k INT, v INT DEFAULT CURRENT_TIMESTAMP) ${T}`, 1064, 'HY000'],
    ['DROP TABLE d.nothing', 5502, '42602'],
    ['DROP TABLE nowhere.p', 5501, '3F000'],
    ['ALTER TABLE d.nothing RENAME x', 5502, '42602'],
    ['ALTER TABLE d.p RENAME r', 1064, 'HY000'],
    ['ALTER TABLE d.p RENAME p', 1064, 'HY000'],
    ['ALTER TABLE d.r DROP PARTITION p9', 1507, 'HY000'],
    ['ALTER TABLE d.p DROP PARTITION p', 1508, 'HY000'],
    ["ALTER TABLE d.p ADD PARTITION x VALUES LESS THAN ('2025-01-01')", 1064, 'HY000'],
    ["ALTER TABLE d.r ADD PARTITION p1 VALUES LESS THAN ('2025-01-01')", 1517, 'HY000'],
    ["ALTER TABLE d.r ADD PARTITION p3 VALUES LESS THAN ('2024-02-15')", 1064, 'HY000'],
    ['TRUNCATE TABLE d.r PARTITION (p9)', 1735, 'HY000'],
    ['USE nowhere', 5501, '3F000'],
    ['SHOW TABLES', 1046, '3D000'],
    ['SHOW TABLES FROM nowhere', 5501, '3F000'],
    ['SHOW CREATE TABLE d.nothing', 5502, '42602'],
    ['SHOW PARTITIONS FROM d.nothing', 5502, '42602'],
    ['DESC d.nothing', 5502, '42602'],
    ['SELECT * FROM d.nothing', 5502, '42602'],
  ])('%s: %d (%s)', (sql, code, state) => {
    const sequence = world.context.lastSequence();
    expect(world.failure(sql)).toMatchObject({ code, state });
    expect(world.context.lastSequence()).toBe(sequence);
  });

  test('what analysis finds is wrapped, what execution finds is bare', () => {
    for (const sql of ['DROP TABLE d.nothing', 'SELECT * FROM d.nothing', 'USE nowhere']) {
      expect(world.failure(sql).text).toMatch(WRAPPED);
    }
    for (const sql of [
      'CREATE DATABASE d',
      'DROP DATABASE nowhere',
      `CREATE TABLE d.p (k INT) ${T}`,
    ]) {
      expect(world.failure(sql).text).not.toMatch(/Getting analyzing error/);
    }
    expect(world.failure('SELEC 1')).toMatchObject({
      code: 1064,
      text: expect.stringMatching(/^Getting syntax error at line 1, column \d+\. Detail message: /),
    });
  });

  test('the last partition of a partitioned table stays', () => {
    world.run('CREATE DATABASE one');
    world.run(`CREATE TABLE one.r (day DATE NOT NULL) DUPLICATE KEY (day) PARTITION BY RANGE (day)
      (PARTITION p VALUES LESS THAN ('2024-01-01')) DISTRIBUTED BY HASH (day)`);
    expect(world.failure('ALTER TABLE one.r DROP PARTITION p').code).toBe(1508);
    world.run('ALTER TABLE one.r DROP PARTITION IF EXISTS q');
    world.run('DROP DATABASE one FORCE');
  });
});

test('IF EXISTS and IF NOT EXISTS make a second time nothing', () => {
  const sequence = world.context.lastSequence();
  world.run(`CREATE DATABASE IF NOT EXISTS d; CREATE TABLE IF NOT EXISTS d.p (k INT) ${T};
    DROP TABLE IF EXISTS d.nothing; DROP DATABASE IF EXISTS nowhere;
    ALTER TABLE d.r DROP PARTITION IF EXISTS p9;
    ALTER TABLE d.r ADD PARTITION IF NOT EXISTS p1 VALUES LESS THAN ('2024-02-01')`);
  expect(world.context.lastSequence()).toBe(sequence);
});

test('TRUNCATE keeps names, gives new ids and version 1, and only where it was told to', () => {
  world.run("INSERT INTO d.r VALUES ('2024-01-01', 'a'), ('2024-02-02', 'b')");
  const before = world.objects('SHOW PARTITIONS FROM d.r');
  world.run('TRUNCATE TABLE d.r PARTITION (p1)');
  const after = world.objects('SHOW PARTITIONS FROM d.r');
  expect(after.map((row) => [row['PartitionName'], row['VisibleVersion']])).toEqual([
    ['p1', '1'],
    ['p2', '2'],
  ]);
  expect(after[0]?.['PartitionId']).not.toBe(before[0]?.['PartitionId']);
  expect(after[1]).toEqual(before[1]);
  expect(world.rows('SELECT what FROM d.r')).toEqual([['b']]);
  expect(world.crashed().rows('SELECT what FROM d.r')).toEqual([['b']]);
});

test('the partition of an unpartitioned table follows its name', () => {
  const own = smallWorld();
  own.run('INSERT INTO d.p VALUES (1, 1, NULL); ALTER TABLE d.p RENAME q');
  expect(own.objects('SHOW PARTITIONS FROM d.q')[0]).toMatchObject({ PartitionName: 'q' });
  expect(own.rows('SELECT id FROM d.q PARTITION (q)')).toEqual([[1]]);
  expect(own.crashed().rows('SELECT id FROM d.q')).toEqual([[1]]);
});

test('dropped partitions take their rows along; a new one takes rows', () => {
  const own = smallWorld();
  own.run("INSERT INTO d.r VALUES ('2024-01-01', 'a'), ('2024-02-02', 'b')");
  own.run('ALTER TABLE d.r DROP PARTITION p1');
  expect(own.failure("INSERT INTO d.r VALUES ('2023-01-01', 'c')").code).toBe(1748);
  own.run("ALTER TABLE d.r ADD PARTITION p0 VALUES [('2023-01-01'), ('2023-02-01'))");
  own.run("INSERT INTO d.r VALUES ('2023-01-01', 'c')");
  const after = own.crashed();
  expect(after.rows('SELECT what FROM d.r ORDER BY day')).toEqual([['c'], ['b']]);
  expect(after.objects('SHOW PARTITIONS FROM d.r').map((row) => row['PartitionName'])).toEqual([
    'p0',
    'p2',
  ]);
});

test('what was dropped is gone from the backends after their next report', () => {
  const own = smallWorld();
  own.run("INSERT INTO d.r VALUES ('2024-01-01', 'a')");
  own.run('DROP DATABASE d');
  own.clock.advance(30_000);
  const dropped = own.events.filter(
    ({ what, about }) => what === 'task.finish' && about['type'] === 'DROP',
  );
  expect(dropped.length).toBeGreaterThanOrEqual(12);
  expect(own.crashed().rows("SHOW DATABASES LIKE 'd'")).toEqual([]);
});

test('ids are never given out twice, also not after a crash', () => {
  let own = smallWorld();
  const seen = new Set<string>();
  for (let round = 0; round < 4; round += 1) {
    own.run(`CREATE TABLE d.t${round} (k INT) ${T}`);
    const [row] = own.objects(`SHOW PARTITIONS FROM d.t${round}`);
    expect(seen.has(String(row?.['PartitionId']))).toBe(false);
    seen.add(String(row?.['PartitionId']));
    own = own.crashed(round % 2 === 0 ? 'lost' : 'kept');
  }
});

describe('the text of SHOW CREATE TABLE makes the same table again', () => {
  test.each([
    `CREATE TABLE d.x (k INT NOT NULL COMMENT "the ""key""", v VARCHAR(10) DEFAULT "a\\\\b'c",
      w DECIMAL(9, 3), t DATETIME DEFAULT CURRENT_TIMESTAMP, b BOOLEAN NULL)
      PRIMARY KEY (k) COMMENT "it's" DISTRIBUTED BY HASH (k) BUCKETS 3 ORDER BY (w)
      PROPERTIES ("replication_num" = "2", "compression" = "LZ4")`,
    'CREATE TABLE d.x (k INT, v INT) DUPLICATE KEY (k) DISTRIBUTED BY RANDOM BUCKETS 2',
    'CREATE TABLE d.x (`a b` INT, `from` STRING) DISTRIBUTED BY HASH (`from`)',
    'CREATE TABLE d.x (k BIGINT, v CHAR(3)) UNIQUE KEY (k)',
    `CREATE TABLE d.x (day DATE NOT NULL, n INT NOT NULL, v INT) DUPLICATE KEY (day, n)
      PARTITION BY RANGE (day, n) (
        PARTITION a VALUES LESS THAN ('2024-01-01', '5'),
        PARTITION b VALUES LESS THAN ('2024-02-01'),
        PARTITION c VALUES LESS THAN MAXVALUE ("replication_num" = "1"))
      DISTRIBUTED BY HASH (day) BUCKETS 1`,
    `CREATE TABLE d.x (day DATE NOT NULL) DUPLICATE KEY (day) PARTITION BY RANGE (day)
      (START ("2024-01-01") END ("2024-04-01") EVERY (INTERVAL 1 MONTH))
      DISTRIBUTED BY HASH (day) BUCKETS 1`,
  ])('%s', (sql) => {
    const own = smallWorld();
    own.run(sql);
    const text = String(own.rows('SHOW CREATE TABLE d.x')[0]?.[1]);
    const partitions = () =>
      own
        .objects('SHOW PARTITIONS FROM d.x')
        .map((row) => [row['PartitionName'], row['Range'], row['Buckets'], row['ReplicationNum']]);
    const before = [partitions(), own.rows('DESC d.x')];
    own.run('DROP TABLE d.x; USE d');
    own.run(text.replace('CREATE TABLE ', 'CREATE TABLE d.'));
    expect(own.rows('SHOW CREATE TABLE d.x')[0]?.[1]).toBe(text);
    expect([partitions(), own.rows('DESC d.x')]).toEqual(before);
  });
});
