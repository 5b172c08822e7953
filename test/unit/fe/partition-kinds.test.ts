/** Tables partitioned by lists and by units of time: made, altered, loaded, shown, refused. */
import { describe, expect, test } from 'vitest';
import { smallWorld, type World } from './support/world.ts';

const BUCKETS = 'DISTRIBUTED BY HASH (k) BUCKETS 1';
const DAY = "PARTITION BY date_trunc('day', d)";
const MONTHLY = 'EVERY (INTERVAL 1 MONTH)';
const LIST = `CREATE TABLE d.l (city VARCHAR(9), k INT) DUPLICATE KEY (city)
  PARTITION BY LIST (city) (PARTITION n VALUES IN ('oslo', 'umea')) ${BUCKETS}`;
const AUTOMATIC = `CREATE TABLE d.a (day DATE, k INT) DUPLICATE KEY (day)
  PARTITION BY day ${BUCKETS}`;
const DAYS = `CREATE TABLE d.e (at DATETIME, k INT) DUPLICATE KEY (at)
  PARTITION BY date_trunc('day', at) ${BUCKETS}`;

function worldWith(...creates: readonly string[]): World {
  const world = smallWorld();
  for (const sql of creates) world.run(sql);
  return world;
}

function partitions(world: World, table: string): readonly unknown[] {
  return world.objects(`SHOW PARTITIONS FROM d.${table}`).map((row) => row['PartitionName']);
}

function definition(world: World, table: string): string {
  return String(world.rows(`SHOW CREATE TABLE d.${table}`)[0]?.[1]);
}

describe('refused', () => {
  const world = worldWith(LIST, AUTOMATIC, DAYS);
  const table = (columns: string, partitionBy: string): string =>
    `CREATE TABLE d.t (${columns}) DUPLICATE KEY (k) ${partitionBy} ${BUCKETS}`;
  test.each([
    [table('k INT', 'PARTITION BY LIST (x) ()'), 5509],
    [table('k INT', 'PARTITION BY LIST (k, K) ()'), 1064],
    [table('k INT, v DOUBLE', 'PARTITION BY LIST (v) ()'), 1064],
    [table('k INT, v BOOLEAN', 'PARTITION BY v'), 1064],
    [table('k INT NOT NULL', 'PARTITION BY LIST (k) (PARTITION p VALUES IN (NULL))'), 1064],
    [table('k INT', "PARTITION BY LIST (k) (PARTITION p VALUES IN ('x'))"), 1064],
    [table('k INT', "PARTITION BY LIST (k) (PARTITION p VALUES IN (('1', '2')))"), 1064],
    [table('k INT', "PARTITION BY date_trunc('day', k)"), 1064],
    [table('k INT, d DATE', "PARTITION BY date_trunc('hour', d)"), 1064],
    [table('k INT, d DATE', "PARTITION BY date_trunc('week', d)"), 1064],
    [table('k INT, d DATE', `${DAY} (PARTITION p VALUES LESS THAN ('2024-01-01'))`), 1064],
    [table('k INT, d DATE', `${DAY} (START ('2024-01-01') END ('2024-03-01') ${MONTHLY})`), 1064],
    ["ALTER TABLE d.l ADD PARTITION n VALUES IN ('rome')", 1517],
    ["ALTER TABLE d.l ADD PARTITION m VALUES IN ('rome', 'oslo')", 1064],
    ["ALTER TABLE d.l ADD PARTITION m VALUES LESS THAN ('rome')", 1064],
    ["ALTER TABLE d.r ADD PARTITION m VALUES IN ('2024-01-01')", 1064],
    ["ALTER TABLE d.p ADD PARTITION m VALUES IN ('1')", 1064],
    ['ALTER TABLE d.l DROP PARTITION n', 1508],
    ["INSERT INTO d.l VALUES ('rome', 1)", 1748],
    ['INSERT INTO d.l VALUES (NULL, 1)', 1748],
  ])('%s: %d', (sql, code) => {
    expect(world.failure(sql).code).toBe(code);
  });

  test('nothing of it changed anything', () => {
    expect(partitions(world, 'l')).toEqual(['n']);
    expect(world.cell('SELECT count(*) FROM d.l')).toBe(0n);
  });
});

test('list partitions are added, dropped, truncated, and shown as they can be made again', () => {
  const world = worldWith(LIST);
  world.run(`ALTER TABLE d.l ADD PARTITION IF NOT EXISTS n VALUES IN ('x');
    ALTER TABLE d.l ADD PARTITION s VALUES IN ('bari', NULL) ("replication_num" = "1");
    ALTER TABLE d.l ADD PARTITION q VALUES IN ('it''s');
    INSERT INTO d.l VALUES ('umea', 1), (NULL, 2), ('it''s', 3), ('bari', 4)`);
  expect(world.rows('SELECT k FROM d.l PARTITION (s) ORDER BY k')).toEqual([[2], [4]]);
  world.run('TRUNCATE TABLE d.l PARTITION (n); ALTER TABLE d.l DROP PARTITION q');
  expect(world.rows('SELECT k FROM d.l ORDER BY k')).toEqual([[2], [4]]);
  world.run("INSERT INTO d.l VALUES ('oslo', 5)");
  const text = definition(world, 'l');
  expect(text).toContain(
    "PARTITION BY LIST(`city`)(\n  PARTITION n VALUES IN ('oslo', 'umea'),\n" +
      '  PARTITION s VALUES IN (\'bari\', NULL) ("replication_num" = "1")\n)',
  );
  const after = world.crashed();
  expect(definition(after, 'l')).toBe(text);
  after.run('CREATE DATABASE again; USE again');
  const session = after.session();
  session.run('USE again');
  session.run(text);
  expect(String(session.run('SHOW CREATE TABLE l').rows[0]?.[1])).toBe(text);
});

test('SHOW PARTITIONS calls the column List, information_schema shows the values', () => {
  const world = worldWith(LIST);
  const [row] = world.objects('SHOW PARTITIONS FROM d.l');
  expect(row).toMatchObject({ PartitionKey: 'city', List: "('oslo', 'umea')" });
  expect(row).not.toHaveProperty('Range');
  expect(world.rows("SHOW PARTITIONS FROM d.l WHERE PartitionName = 'n'")).toHaveLength(1);
  const meta = `SELECT partition_key, partition_value FROM information_schema.partitions_meta
    WHERE table_name = 'l'`;
  expect(world.rows(meta)).toEqual([['city', "('oslo', 'umea')"]]);
  const config =
    "SELECT partition_key FROM information_schema.tables_config WHERE table_name = 'l'";
  expect(world.cell(config)).toBe('`city`');
});

describe('automatic partitions', () => {
  test('begin with none, come with the rows, and stay after a crash', () => {
    const world = worldWith(AUTOMATIC, DAYS);
    expect([partitions(world, 'a'), partitions(world, 'e')]).toEqual([[], []]);
    world.run(`INSERT INTO d.a VALUES ('2024-01-01', 1), (NULL, 2), ('2024-01-01', 3);
      INSERT INTO d.e VALUES ('2024-01-02 10:00:00', 1), ('2024-01-01 23:59:59', 2);
      INSERT INTO d.e VALUES ('2024-01-02 11:00:00', 3)`);
    for (const each of [world, world.crashed()]) {
      expect(partitions(each, 'a')).toEqual(['p20240101', 'pNULL']);
      expect(partitions(each, 'e')).toEqual(['p20240101', 'p20240102']);
      expect(each.rows('SELECT k FROM d.e PARTITION (p20240102) ORDER BY k')).toEqual([[1], [3]]);
      expect(definition(each, 'a')).toContain('PARTITION BY (`day`)\n');
      expect(definition(each, 'e')).toContain("PARTITION BY date_trunc('day', at)\n");
    }
  });

  test('are one for all loads that need it at the same time', () => {
    const world = worldWith(DAYS);
    const loads = [1, 2, 3, 4].map(
      (k) => `INSERT INTO d.e VALUES ('2024-01-01 0${k}:00:00', ${k})`,
    );
    world.together(...loads, "INSERT INTO d.e VALUES ('2024-02-02 00:00:00', 5)");
    expect(partitions(world, 'e')).toEqual(['p20240101', 'p20240202']);
    expect(world.rows('SELECT k FROM d.e ORDER BY k')).toEqual([[1], [2], [3], [4], [5]]);
  });

  test('go all, and stay when the load that made them fails', () => {
    const world = worldWith(DAYS);
    world.run(`INSERT INTO d.e VALUES ('2024-01-01', 1);
      ALTER TABLE d.e DROP PARTITION p20240101`);
    expect(partitions(world, 'e')).toEqual([]);
    world.run("ALTER TABLE d.e ADD PARTITION p20240501 VALUES [('2024-06-01'), ('2024-07-01'))");
    const failing = "INSERT INTO d.e VALUES ('2024-05-01', 1), ('2024-08-08', 2)";
    expect(world.failure(failing).code).toBe(1748);
    expect(partitions(world, 'e')).toEqual(['p20240501', 'p20240808']);
    expect(world.cell('SELECT count(*) FROM d.e')).toBe(0n);
  });

  test('are not made beyond the limit of a load, nor for a load into named partitions', () => {
    const world = worldWith(AUTOMATIC);
    world.run("ADMIN SET FRONTEND CONFIG ('auto_partition_max_creation_number_per_load' = '2')");
    const three = "INSERT INTO d.a VALUES ('2024-01-01', 1), ('2024-01-02', 1), ('2024-01-03', 1)";
    expect(world.failure(three).text).toContain('would make 3 partitions');
    expect(partitions(world, 'a')).toEqual([]);
    world.run("INSERT INTO d.a VALUES ('2024-01-01', 1), ('2024-01-02', 1)");
    const named = "INSERT INTO d.a PARTITION (p20240101) VALUES ('2024-01-05', 1)";
    expect(world.failure(named).code).toBe(1748);
  });

  test('are found by what they hold, whatever they are called', () => {
    const world = worldWith(DAYS);
    world.run(`ALTER TABLE d.e ADD PARTITION january VALUES [('2024-01-01'), ('2024-02-01'));
      INSERT INTO d.e VALUES ('2024-01-05 00:00:00', 1)`);
    expect(partitions(world, 'e')).toEqual(['january']);
    world.run(
      "ALTER TABLE d.e ADD PARTITION half VALUES [('2024-03-01 12:00:00'), ('2024-03-02'))",
    );
    expect(world.failure("INSERT INTO d.e VALUES ('2024-03-01 01:00:00', 1)").text).toContain(
      'is intersected with range',
    );
  });

  test('take INSERT SELECT, and updates of primary keys', () => {
    const world = smallWorld();
    world.run(`CREATE TABLE d.k (day DATE NOT NULL, n INT) PRIMARY KEY (day)
      PARTITION BY date_trunc('year', day) DISTRIBUTED BY HASH (day) BUCKETS 1;
      INSERT INTO d.r VALUES ('2023-05-05', 'a'), ('2024-02-02', 'b');
      INSERT INTO d.k SELECT day, 1 FROM d.r;
      UPDATE d.k SET n = 2 WHERE day > '2024-01-01'; DELETE FROM d.k WHERE n = 1`);
    expect(partitions(world, 'k')).toEqual(['p2023', 'p2024']);
    expect(world.rows('SELECT n FROM d.k')).toEqual([[2]]);
  });
});
