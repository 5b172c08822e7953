/** information_schema: columns in the order of sql-surface.md 4.11, and the cells that tools read. */
import { describe, expect, test } from 'vitest';
import { smallWorld } from './support/world.ts';

const world = smallWorld();
world.run(`CREATE TABLE d.kinds (k BIGINT NOT NULL COMMENT "the key", s VARCHAR(20) DEFAULT "x",
  m DECIMAL(10, 2), l LARGEINT, t DATETIME, f DOUBLE) UNIQUE KEY (k) COMMENT "all kinds"
  DISTRIBUTED BY HASH (k) BUCKETS 1`);
world.run("INSERT INTO d.r VALUES ('2024-01-05', 'x'), ('2024-01-06', 'y')");

const COLUMNS = {
  schemata: 'CATALOG_NAME SCHEMA_NAME DEFAULT_CHARACTER_SET_NAME DEFAULT_COLLATION_NAME SQL_PATH',
  tables:
    'TABLE_CATALOG TABLE_SCHEMA TABLE_NAME TABLE_TYPE ENGINE VERSION ROW_FORMAT TABLE_ROWS AVG_ROW_LENGTH DATA_LENGTH MAX_DATA_LENGTH INDEX_LENGTH DATA_FREE AUTO_INCREMENT CREATE_TIME UPDATE_TIME CHECK_TIME TABLE_COLLATION CHECKSUM CREATE_OPTIONS TABLE_COMMENT',
  columns:
    'TABLE_CATALOG TABLE_SCHEMA TABLE_NAME COLUMN_NAME ORDINAL_POSITION COLUMN_DEFAULT IS_NULLABLE DATA_TYPE CHARACTER_MAXIMUM_LENGTH CHARACTER_OCTET_LENGTH NUMERIC_PRECISION NUMERIC_SCALE DATETIME_PRECISION CHARACTER_SET_NAME COLLATION_NAME COLUMN_TYPE COLUMN_KEY EXTRA PRIVILEGES COLUMN_COMMENT COLUMN_SIZE DECIMAL_DIGITS GENERATION_EXPRESSION SRS_ID',
  partitions_meta:
    'DB_NAME TABLE_NAME PARTITION_NAME PARTITION_ID COMPACT_VERSION VISIBLE_VERSION VISIBLE_VERSION_TIME NEXT_VERSION DATA_VERSION VERSION_EPOCH VERSION_TXN_TYPE PARTITION_KEY PARTITION_VALUE DISTRIBUTION_KEY BUCKETS REPLICATION_NUM STORAGE_MEDIUM COOLDOWN_TIME LAST_CONSISTENCY_CHECK_TIME IS_IN_MEMORY IS_TEMP DATA_SIZE ROW_COUNT ENABLE_DATACACHE AVG_CS P50_CS MAX_CS STORAGE_PATH STORAGE_SIZE METADATA_SWITCH_VERSION',
  tables_config:
    'TABLE_SCHEMA TABLE_NAME TABLE_ENGINE TABLE_MODEL PRIMARY_KEY PARTITION_KEY DISTRIBUTE_KEY DISTRIBUTE_TYPE DISTRIBUTE_BUCKET SORT_KEY PROPERTIES TABLE_ID',
} as const;

describe('columns', () => {
  test.each(Object.entries(COLUMNS))('%s', (name, columns) => {
    expect(world.run(`SELECT * FROM information_schema.${name}`).columns).toEqual(
      columns.split(' '),
    );
    expect(
      world.run(`select * from INFORMATION_SCHEMA.${name.toUpperCase()}`).columns,
    ).toHaveLength(columns.split(' ').length);
  });
});

test('schemata lists databases of users and of the system', () => {
  expect(world.rows('SELECT SCHEMA_NAME FROM information_schema.schemata').flat().sort()).toEqual([
    '_statistics_',
    'd',
    'information_schema',
    'sys',
  ]);
});

test('tables: kind, figures and comment', () => {
  const row = (name: string) =>
    world.objects(
      `SELECT * FROM information_schema.tables WHERE TABLE_SCHEMA = 'd' AND TABLE_NAME = '${name}'`,
    )[0];
  expect(row('r')).toMatchObject({
    TABLE_CATALOG: 'def',
    TABLE_TYPE: 'BASE TABLE',
    ENGINE: 'StarRocks',
    VERSION: null,
    TABLE_ROWS: 2n,
    CREATE_TIME: '2025-01-01 00:00:00',
    TABLE_COLLATION: 'utf8_general_ci',
  });
  expect(row('kinds')).toMatchObject({
    TABLE_ROWS: 0n,
    DATA_LENGTH: 0n,
    TABLE_COMMENT: 'all kinds',
  });
});

test('columns: types, keys and sizes as connectors read them', () => {
  const rows = world.objects(
    `SELECT COLUMN_NAME, ORDINAL_POSITION, IS_NULLABLE, DATA_TYPE, COLUMN_TYPE, COLUMN_KEY,
       COLUMN_SIZE,
       DECIMAL_DIGITS, COLUMN_DEFAULT FROM information_schema.columns
     WHERE table_schema = 'd' AND table_name = 'kinds' ORDER BY ordinal_position`,
  );
  expect(rows.map((row) => Object.values(row))).toEqual([
    ['k', 1n, 'NO', 'bigint', 'bigint(20)', 'UNI', 19n, 0n, null],
    ['s', 2n, 'YES', 'varchar', 'varchar(20)', '', 20n, null, 'x'],
    ['m', 3n, 'YES', 'decimal', 'decimal(10, 2)', '', 10n, 2n, null],
    ['l', 4n, 'YES', 'bigint unsigned', 'largeint(40)', '', 38n, 0n, null],
    ['t', 5n, 'YES', 'datetime', 'datetime', '', null, null, null],
    ['f', 6n, 'YES', 'double', 'double', '', null, null, null],
  ]);
  const keys = world.rows(
    "SELECT TABLE_NAME, COLUMN_KEY FROM information_schema.columns WHERE COLUMN_KEY <> '' ORDER BY 1",
  );
  expect(keys).toEqual([
    ['kinds', 'UNI'],
    ['p', 'PRI'],
    ['r', 'DUP'],
  ]);
});

test('partitions_meta says of each partition what SHOW PARTITIONS says', () => {
  const shown = world.objects('SHOW PARTITIONS FROM d.r');
  const rows = world.objects(
    "SELECT * FROM information_schema.partitions_meta WHERE DB_NAME = 'd' AND TABLE_NAME = 'r'",
  );
  expect(rows.map((row) => [String(row['PARTITION_ID']), row['PARTITION_NAME']])).toEqual(
    shown.map((row) => [row['PartitionId'], row['PartitionName']]),
  );
  expect(rows[0]).toMatchObject({
    VISIBLE_VERSION: 2n,
    NEXT_VERSION: 3n,
    PARTITION_KEY: 'day',
    PARTITION_VALUE: shown[0]?.['Range'],
    DISTRIBUTION_KEY: 'day',
    BUCKETS: 1,
    REPLICATION_NUM: 3,
    ROW_COUNT: 2n,
    IS_TEMP: false,
  });
});

test('tables_config tells model, keys and properties', () => {
  const rows = world.objects(
    "SELECT * FROM information_schema.tables_config WHERE TABLE_SCHEMA = 'd' ORDER BY TABLE_NAME",
  );
  expect(rows).toMatchObject([
    { TABLE_NAME: 'kinds', TABLE_MODEL: 'UNQ_KEYS', DISTRIBUTE_TYPE: 'HASH', SORT_KEY: '' },
    { TABLE_NAME: 'p', TABLE_MODEL: 'PRI_KEYS', PRIMARY_KEY: '`id`', DISTRIBUTE_BUCKET: 2 },
    { TABLE_NAME: 'r', TABLE_MODEL: 'DUP_KEYS', PARTITION_KEY: '`day`', DISTRIBUTE_KEY: '`day`' },
  ]);
  expect(JSON.parse(String(rows[0]?.['PROPERTIES']))).toEqual({ replication_num: '3' });
});

test('partitions, routines and the like are there for MySQL clients, without rows', () => {
  for (const name of ['partitions', 'routines', 'triggers', 'events', 'key_column_usage']) {
    expect(world.rows(`SELECT * FROM information_schema.${name}`)).toEqual([]);
  }
});

test('engines, character sets, collations and variables are those that SHOW shows', () => {
  const rows = (name: string): unknown => world.rows(`SELECT * FROM information_schema.${name}`);
  expect(rows('engines')).toEqual(world.rows('SHOW ENGINES'));
  expect(rows('collations')).toEqual(world.rows('SHOW COLLATION'));
  expect(rows('character_sets')).toEqual([['utf8', 'utf8_general_ci', 'UTF-8 Unicode', 3n]]);
  expect(rows('session_variables')).toEqual(world.rows('SHOW VARIABLES'));
  world.run('SET GLOBAL query_timeout = 77');
  const wanted = "global_variables WHERE VARIABLE_NAME = 'query_timeout'";
  expect(rows(wanted)).toEqual([['query_timeout', '77']]);
  world.run('SET GLOBAL query_timeout = DEFAULT');
});

test.each([
  'cluster_snapshots',
  'cluster_snapshot_jobs',
  'schema_privileges',
  'table_privileges',
  'task_runs',
  'tasks',
  'user_privileges',
])('%s is there, without rows', (name) => {
  expect(world.rows(`SELECT * FROM information_schema.${name}`)).toEqual([]);
});

test('what is not there is unknown, also names that objects inherit', () => {
  for (const name of ['processlist', 'constructor', '__proto__', 'tostring']) {
    expect(world.failure(`SELECT * FROM information_schema.${name}`)).toMatchObject({
      code: 5502,
      state: '42602',
    });
  }
  expect(world.failure('SELECT * FROM mysql.user')).toMatchObject({ code: 5501 });
  expect(world.failure('SELECT * FROM sys.tables')).toMatchObject({ code: 5502 });
});
