/** Dynamic partitions: their properties, and what the scheduler does with them. */
import { describe, expect, test } from 'vitest';
import { smallWorld, type World } from './support/world.ts';

const HOUR_MS = 3_600_000;
const ROUND_MS = 600_000;

function create(properties: string, rest = '', type = 'DATE'): string {
  return `CREATE TABLE d.t (day ${type}, n INT) DUPLICATE KEY (day)
    PARTITION BY RANGE (day) (${rest})
    DISTRIBUTED BY HASH (n) BUCKETS 2 PROPERTIES (${properties})`;
}

function property(key: string, value: string): string {
  return `"dynamic_partition.${key}" = "${value}"`;
}

const DAYS = [property('time_unit', 'DAY'), property('end', '2')].join(', ');

const HOURS = [property('time_unit', 'HOUR'), property('end', '2')].join(', ');

/** Name and number of buckets of each partition. */
function partitions(world: World): readonly string[] {
  return world
    .objects('SHOW PARTITIONS FROM d.t')
    .map((row) => `${row['PartitionName']} ${row['Buckets']}`);
}

function hourName(world: World, offset: number): string {
  const at = `date_add(now(), INTERVAL ${offset} HOUR)`;
  return `p${world.cell(`SELECT date_format(${at}, '%Y%m%d%H')`)}`;
}

describe('refused', () => {
  const world = smallWorld();
  test.each([
    ['time_unit', 'MINUTE', 5065],
    ['start', '0', 5066],
    ['start', 'x', 5066],
    ['end', '0', 5066],
    ['buckets', 'many', 5067],
    ['enable', 'yes', 5068],
    ['prefix', '1-', 5069],
    ['replication_num', '0', 5072],
    ['history_partition_num', '-1', 5092],
    ['start_day_of_week', '8', 1064],
    ['start_day_of_month', '29', 1064],
    ['time_zone', 'Mars/Base', 1298],
    ['end', '501', 1064],
    ['time_unit', 'HOUR', 1064],
    ['no_such', '1', 1064],
  ])('%s = %s: %d', (key, value, code) => {
    expect(world.failure(create(`${DAYS}, ${property(key, value)}`)).code).toBe(code);
  });

  test.each([
    [property('end', '1'), 'Must assign dynamic_partition.time_unit properties'],
    [property('time_unit', 'DAY'), 'Must assign dynamic_partition.end properties'],
  ])('%s alone', (properties, text) => {
    expect(world.failure(create(properties)).text).toContain(text);
  });

  test.each([
    ['', 'no partitions'],
    ["PARTITION BY date_trunc('day', day)", 'an expression'],
    ['PARTITION BY LIST (day) ()', 'a list'],
  ])('for a table with %s', (partitionBy) => {
    const sql = `CREATE TABLE d.t (day DATE, n INT) DUPLICATE KEY (day) ${partitionBy}
      DISTRIBUTED BY HASH (n) PROPERTIES (${DAYS})`;
    expect(world.failure(sql).text).toContain('only support single-column range partition');
  });

  test('other buckets than those of a colocate group', () => {
    const group = '"colocate_with" = "g"';
    const failure = world.failure(create(`${DAYS}, ${group}, ${property('buckets', '3')}`));
    expect(failure).toMatchObject({ code: 5063, state: '42000' });
  });

  test('of a single partition, and partitions added or dropped by hand', () => {
    const own = `PARTITION p VALUES LESS THAN ('2000-01-01') (${property('end', '1')})`;
    expect(world.failure(create(DAYS, own)).code).toBe(1064);
    world.run(create(DAYS, "PARTITION old VALUES LESS THAN ('2000-01-01')"));
    for (const action of [
      "ADD PARTITION x VALUES LESS THAN ('2001-01-01')",
      'DROP PARTITION old',
    ]) {
      expect(world.failure(`ALTER TABLE d.t ${action}`).text).toContain('Dynamic Partition Table');
    }
  });
});

test('partitions come with the hours and go, the rows with them, also over a crash', () => {
  const world = smallWorld();
  const settings = [HOURS, property('start', '-1'), property('buckets', '3')].join(', ');
  world.run(create(settings, "PARTITION old VALUES LESS THAN ('1960-01-01')", 'DATETIME'));
  expect(partitions(world)).toEqual(['old 2']);
  world.clock.advance(ROUND_MS);
  const first = [0, 1, 2].map((offset) => `${hourName(world, offset)} 3`);
  expect(partitions(world)).toEqual(first);
  world.run('INSERT INTO d.t VALUES (now(), 1)');
  world.clock.advance(HOUR_MS);
  expect(partitions(world)).toEqual([...first, `${hourName(world, 2)} 3`]);
  expect(world.rows('SELECT n FROM d.t')).toEqual([[1]]);
  const after = world.crashed();
  after.clock.advance(HOUR_MS);
  expect(partitions(after)).toEqual([-1, 0, 1, 2].map((at) => `${hourName(after, at)} 3`));
  expect(after.rows('SELECT n FROM d.t')).toEqual([]);
});

test('nothing comes or goes while they are switched off, and the defaults are shown', () => {
  const world = smallWorld();
  world.run(create(`${DAYS}, ${property('enable', 'false')}`));
  world.clock.advance(ROUND_MS);
  expect(partitions(world)).toEqual([]);
  world.run(
    'DROP TABLE d.t FORCE; ADMIN SET FRONTEND CONFIG ("dynamic_partition_enable" = "false")',
  );
  world.run(create(DAYS));
  world.clock.advance(ROUND_MS);
  expect(partitions(world)).toEqual([]);
  const text = String(world.rows('SHOW CREATE TABLE d.t')[0]?.[1]);
  for (const [key, value] of [
    ['enable', 'true'],
    ['prefix', 'p'],
    ['start', '-2147483648'],
    ['time_zone', 'UTC'],
  ] as const) {
    expect(text).toContain(property(key, value));
  }
  world.run(
    `ADMIN SET FRONTEND CONFIG ("dynamic_partition_enable" = "true"); DROP TABLE d.t FORCE`,
  );
});

test('ALTER TABLE SET switches them, checks what it is given, and outlives a crash', () => {
  const world = smallWorld();
  world.run(create(DAYS));
  const set = (...properties: readonly string[]): string =>
    `ALTER TABLE d.t SET (${properties.join(', ')})`;
  expect(world.failure(set(property('end', '0'))).code).toBe(5066);
  expect(world.failure(set('"compression" = "LZ4"')).text).toContain('"compression"');
  expect(world.failure(`ALTER TABLE d.p SET (${DAYS})`).code).toBe(1064);
  world.run(set(property('enable', 'false'), property('prefix', 'q')));
  world.run("ALTER TABLE d.t ADD PARTITION own VALUES LESS THAN ('1960-01-01')");
  const after = world.crashed();
  after.clock.advance(ROUND_MS);
  expect(partitions(after)).toEqual(['own 2']);
  after.run(set(property('enable', 'true')));
  after.clock.advance(ROUND_MS);
  expect(partitions(after).map((text) => text.charAt(0))).toEqual(['o', 'q', 'q', 'q']);
});
