/** Partitions by batch and by list, with buckets of their own, and properties that are set later. */
import { afterAll, describe, expect, test } from 'vitest';
import { tableOf } from './support/index-rows.ts';
import { World } from './support/world.ts';

const at = new World({ backends: 1 });
afterAll(() => at.stop());
at.run(`CREATE DATABASE d;
  CREATE TABLE d.r (day DATE NOT NULL, v INT) DUPLICATE KEY (day)
    PARTITION BY RANGE (day) (START ("2024-01-01") END ("2024-01-05") EVERY (INTERVAL 1 DAY))
    DISTRIBUTED BY HASH (day) BUCKETS 2;
  CREATE TABLE d.l (c VARCHAR(9), v INT) DUPLICATE KEY (c) PARTITION BY LIST (c) (
    PARTITION p1 VALUES IN ("a", "b"), PARTITION p2 VALUES IN ("c")) DISTRIBUTED BY RANDOM;
  INSERT INTO d.l VALUES ('a', 1), ('b', 2), ('c', 3)`);

const partitions = (table: string, kind = ''): string[] =>
  at.rows(`SHOW ${kind} PARTITIONS FROM d.${table}`).map(([, name]) => String(name));
const rows = (sql: string): string[] => at.rows(sql).map((row) => row.join('|'));

describe('temporary partitions', () => {
  test('of lists take the place of those with the same values', () => {
    at.run(`ALTER TABLE d.l ADD TEMPORARY PARTITION t1 VALUES IN ("b", "a") DISTRIBUTED BY RANDOM
      BUCKETS 3 PROPERTIES ("replication_num" = "1");
      INSERT INTO d.l TEMPORARY PARTITION (t1) VALUES ('a', 10)`);
    expect(tableOf(at, 'l').tempPartitions.get('t1')?.distribution.buckets).toBe(3);
    const replace = 'ALTER TABLE d.l REPLACE PARTITION';
    expect(at.failure(`${replace} (p2) WITH TEMPORARY PARTITION (t1)`).text).toContain('matched');
    const loose = 'PROPERTIES ("strict_range" = "false")';
    expect(at.failure(`${replace} (p2) WITH TEMPORARY PARTITION (t1) ${loose}`).text).toContain(
      'conflicts with p1',
    );
    at.run(`${replace} (p1) WITH TEMPORARY PARTITION (t1)`);
    expect(rows('SELECT * FROM d.l ORDER BY v')).toEqual(['c|3', 'a|10']);
    expect(partitions('l')).toEqual(['p2', 'p1']);
    at.run(`INSERT INTO d.l VALUES ('b', 11)`);
    expect(rows('SELECT v FROM d.l PARTITION (p1) ORDER BY v')).toEqual(['10', '11']);
  });

  test('come by batch, and are not truncated', () => {
    at.run(`ALTER TABLE d.r ADD TEMPORARY PARTITIONS
      START ("2024-02-01") END ("2024-02-03") EVERY (INTERVAL 1 DAY)`);
    expect(partitions('r', 'TEMPORARY')).toEqual(['p20240201', 'p20240202']);
    const truncate = 'TRUNCATE TABLE d.r TEMPORARY PARTITION (p20240201)';
    expect(at.failure(truncate).text).toContain('Not support truncate temp partitions');
    at.run('ALTER TABLE d.r DROP ALL TEMPORARY PARTITIONS');
  });
});

test('DROP PARTITIONS takes what a batch would make', () => {
  const drop = (end: string, what = ''): string =>
    `ALTER TABLE d.r DROP PARTITIONS ${what} START ("2024-01-02") END ("${end}")
      EVERY (INTERVAL 1 DAY)`;
  expect(at.failure(drop('2024-01-09')).code).toBe(1507);
  at.run(drop('2024-01-04'));
  expect(partitions('r')).toEqual(['p20240101', 'p20240104']);
  at.run(drop('2024-01-09', 'IF EXISTS'));
  expect(partitions('r')).toEqual(['p20240101']);
  expect(at.failure(drop('2024-01-04').replace('d.r', 'd.l')).text).toContain('range partitions');
});

test('an added partition may have buckets of its own, and rows find them', () => {
  const add = (clause: string): string =>
    `ALTER TABLE d.r ADD PARTITION q VALUES [("2025-01-01"), ("2026-01-01")) ${clause}`;
  expect(at.failure(add('DISTRIBUTED BY RANDOM')).text).toContain('different distribution type');
  expect(at.failure(add('DISTRIBUTED BY HASH (v)')).text).toContain('different distribution cols');
  expect(at.failure(add('DISTRIBUTED BY HASH (day) BUCKETS 0')).text).toContain('between 1 and');
  at.run(add('DISTRIBUTED BY HASH (day) BUCKETS 7'));
  at.run(`INSERT INTO d.r VALUES ('2025-03-01', 1), ('2025-04-01', 2), ('2025-05-01', 3)`);
  expect(rows('SELECT v FROM d.r PARTITION (q) ORDER BY v')).toEqual(['1', '2', '3']);
  const shown = at.objects('SHOW PARTITIONS FROM d.r').map((row) => row['Buckets']);
  expect(shown).toEqual(['2', '7']);
});

describe('ALTER TABLE ... SET', () => {
  test('what is set is shown, and counts for partitions to come', () => {
    at.run(`ALTER TABLE d.r SET ("in_memory" = "true", "partition_live_number" = "9");
      ALTER TABLE d.r SET ("bloom_filter_columns" = "v, day", "default.replication_num" = "1")`);
    const text = String(at.rows('SHOW CREATE TABLE d.r')[0]?.[1]);
    expect(text).toContain('"in_memory" = "true"');
    expect(text).toContain('"bloom_filter_columns" = "v, day"');
    expect(text).toContain('"partition_live_number" = "9"');
  });

  test.each([
    ['"replication_num" = "1"', '"replication_num") is not supported'],
    ['"compression" = "LZ4"', '"compression") is not supported'],
    ['"toString" = "x"', '"toString") is not supported'],
    ['"in_memory" = "perhaps"', "Invalid value of property in_memory: 'perhaps'"],
    ['"bloom_filter_columns" = "no"', "Column 'no' cannot be resolved"],
    ['"bucket_size" = "5"', 'random distribution'],
    ['"in_memory" = "true", "dynamic_partition.enable" = "true"', 'together with other properties'],
  ])('%s', (properties, text) => {
    expect(at.failure(`ALTER TABLE d.r SET (${properties})`).text).toContain(text);
  });
});

test('CREATE TABLE ... LIKE: what is said goes before what the other table has', () => {
  at.run(`CREATE TABLE d.c PARTITION BY RANGE (day) (PARTITION z VALUES LESS THAN ("2030-01-01"))
    DISTRIBUTED BY HASH (v) BUCKETS 5 PROPERTIES ("in_memory" = "false", "compression" = "LZ4")
    LIKE d.r`);
  const table = tableOf(at, 'c');
  expect([...table.partitions.keys()]).toEqual(['z']);
  expect(table.defaultDistribution).toMatchObject({ columns: ['v'], buckets: 5 });
  expect(table.properties.get('in_memory')).toBe('false');
  expect(table.properties.get('compression')).toBe('LZ4');
  expect(table.properties.get('partition_live_number')).toBe('9');
  expect(at.failure('CREATE TABLE d.e COMMENT "c" LIKE d.r').code).toBe(1064);
});
