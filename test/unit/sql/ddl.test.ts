import { describe, expect, test } from 'vitest';
import type { CreateTable } from '../../../src/sql/ast.ts';
import { errorOf, parseOne } from './support.ts';

function tableOf(text: string): CreateTable {
  const statement = parseOne(text);
  if (statement.kind !== 'create-table') throw new Error(`not CREATE TABLE: ${text}`);
  return statement;
}

const typeOf = (type: string) => tableOf(`CREATE TABLE t (a ${type})`).columns[0]?.type;

describe('CREATE TABLE', () => {
  test('with every clause', () => {
    const table = tableOf(`
      CREATE TABLE IF NOT EXISTS fleet.fuel_daily (
        d        DATE NOT NULL COMMENT "day",
        depot    INT KEY,
        litres   DECIMAL(12, 3)  SUM DEFAULT "0",
        peak     DOUBLE MAX NULL,
        state    STRING CHARSET utf8 REPLACE NOT NULL DEFAULT 'it''s' COMMENT 'c',
        at       DATETIME REPLACE DEFAULT CURRENT_TIMESTAMP(0),
        u        VARCHAR(36) REPLACE DEFAULT (uuid()),
        n        INT REPLACE DEFAULT NULL
      ) ENGINE=OLAP DEFAULT CHARSET = utf8
      AGGREGATE KEY (d, depot)
      COMMENT "fuel"
      PARTITION BY RANGE (d) (
        PARTITION p_low  VALUES LESS THAN ("2000-01-01"),
        PARTITION p_old  VALUES [("2000-01-01"), ("2024-01-01")) ("storage_medium" = "HDD"),
        START ("2024-02-01") END ("2024-05-01") EVERY (INTERVAL 1 MONTH),
        START ("1") END ("4") EVERY (2),
        PARTITION IF NOT EXISTS p_max VALUES LESS THAN MAXVALUE
      )
      DISTRIBUTED BY HASH (depot, d) BUCKETS 3
      ORDER BY (depot, d ASC)
      PROPERTIES ("replication_num" = "3", "replication_num" = "1");`);
    expect(table).toMatchObject({
      ifNotExists: true,
      table: { db: 'fleet', name: 'fuel_daily' },
      engine: 'OLAP',
      keys: { type: 'AGG_KEYS', columns: ['d', 'depot'] },
      comment: 'fuel',
      distribution: { kind: 'HASH', columns: ['depot', 'd'], buckets: 3 },
      orderBy: ['depot', 'd'],
    });
    expect([...table.properties]).toEqual([['replication_num', '1']]);
    expect(table.columns).toMatchObject([
      { name: 'd', nullable: false, comment: 'day', isKey: false, aggregation: undefined },
      { name: 'depot', isKey: true, nullable: undefined },
      { aggregation: 'SUM', defaultValue: { kind: 'literal', text: '0' } },
      { aggregation: 'MAX', nullable: true },
      { nullable: false, defaultValue: { kind: 'literal', text: "it's" }, comment: 'c' },
      { defaultValue: { kind: 'expression', text: 'CURRENT_TIMESTAMP' } },
      { defaultValue: { kind: 'expression', text: 'uuid()' } },
      { defaultValue: { kind: 'null' } },
    ]);
    expect(table.partitionBy).toMatchObject({ kind: 'range', columns: ['d'] });
    expect(table.partitionBy?.partitions).toMatchObject([
      { kind: 'less-than', name: 'p_low', upper: [{ kind: 'value', text: '2000-01-01' }] },
      { kind: 'fixed', name: 'p_old', properties: new Map([['storage_medium', 'HDD']]) },
      { kind: 'batch', start: '2024-02-01', end: '2024-05-01', step: 1, unit: 'MONTH' },
      { kind: 'batch', start: '1', end: '4', step: 2, unit: undefined },
      { kind: 'less-than', ifNotExists: true, upper: [{ kind: 'maxvalue' }] },
    ]);
  });

  test('with nothing but columns', () => {
    expect(tableOf('CREATE TABLE t (a INT)')).toMatchObject({
      keys: undefined,
      distribution: undefined,
      partitionBy: undefined,
      engine: undefined,
      orderBy: [],
    });
  });

  test('AUTO_INCREMENT takes the place of a default', () => {
    const [column] = tableOf('CREATE TABLE t (a BIGINT NOT NULL AUTO_INCREMENT)').columns;
    expect(column).toMatchObject({ isAutoIncrement: true, defaultValue: undefined });
  });

  test('a number as default is a convenience', () => {
    const text = 'CREATE TABLE t (a INT DEFAULT -1)';
    expect(tableOf(text).columns[0]?.defaultValue).toEqual({ kind: 'literal', text: '-1' });
    expect(errorOf(text, { strict: true }).code).toBe('syntax');
  });

  test.each([
    ['PRIMARY', 'PRIMARY_KEYS'],
    ['UNIQUE', 'UNIQUE_KEYS'],
    ['DUPLICATE', 'DUP_KEYS'],
  ])('%s KEY is %s', (word, type) => {
    const text = `CREATE TABLE t (a INT) ${word} KEY (a) DISTRIBUTED BY RANDOM`;
    expect(tableOf(text)).toMatchObject({
      keys: { type, columns: ['a'] },
      distribution: { kind: 'RANDOM', columns: [], buckets: undefined },
    });
  });

  test('an empty partition list is a list', () => {
    const text = 'CREATE TABLE t (a INT) PARTITION BY RANGE(`a`)() DISTRIBUTED BY HASH(a)';
    expect(tableOf(text).partitionBy?.partitions).toEqual([]);
  });
});

describe('types', () => {
  test.each([
    ['BOOL', { name: 'BOOLEAN' }],
    ['boolean', { name: 'BOOLEAN' }],
    ['INT(11)', { name: 'INT' }],
    ['INTEGER', { name: 'INT' }],
    ['bigint(20)', { name: 'BIGINT' }],
    ['LARGEINT', { name: 'LARGEINT' }],
    ['STRING', { name: 'VARCHAR', length: 65_533 }],
    ['TEXT', { name: 'VARCHAR', length: 65_533 }],
    ['VARCHAR', { name: 'VARCHAR', length: 1 }],
    ['CHAR', { name: 'CHAR', length: 1 }],
    ['VARCHAR(20)', { name: 'VARCHAR', length: 20 }],
    ['DECIMAL', { name: 'DECIMAL', precision: 10, scale: 0 }],
    ['DECIMAL(20)', { name: 'DECIMAL', precision: 20, scale: 0 }],
    ['DECIMAL64(18, 4)', { name: 'DECIMAL', precision: 18, scale: 4 }],
    ['NUMERIC(5, 2)', { name: 'DECIMAL', precision: 5, scale: 2 }],
    ['VARBINARY', { name: 'VARBINARY' }],
    ['BINARY(16)', { name: 'VARBINARY', length: 16 }],
    ['JSON', { name: 'JSON' }],
    ['ARRAY<INT>', { name: 'ARRAY', element: { name: 'INT' } }],
    [
      'MAP<VARCHAR(9), ARRAY<ARRAY<CHAR>>>',
      {
        name: 'MAP',
        key: { name: 'VARCHAR', length: 9 },
        value: {
          name: 'ARRAY',
          element: { name: 'ARRAY', element: { name: 'CHAR', length: 1 } },
        },
      },
    ],
    [
      'STRUCT<a INT, `b c` DECIMAL(9, 2)>',
      {
        name: 'STRUCT',
        fields: [
          { name: 'a', type: { name: 'INT' } },
          { name: 'b c', type: { name: 'DECIMAL', precision: 9, scale: 2 } },
        ],
      },
    ],
    ['DATETIME', { name: 'DATETIME' }],
  ])('%s', (text, type) => {
    expect(typeOf(text)).toEqual(type);
  });

  test.each([
    'BITMAP',
    'HLL',
    'PERCENTILE',
    'TIME',
    'VARIANT',
    'DECIMAL256(60, 2)',
    'UNSIGNED INT',
  ])('%s is refused by name, with its place', (type) => {
    const error = errorOf(`CREATE TABLE t (\n  a ${type}\n)`);
    expect(error.code).toBe('unsupported');
    const [word] = type.split(/[<( ]/);
    expect(error.message).toBe(
      `the type ${word} is not supported by this emulator (line 2, column 4)`,
    );
  });
});

describe('clauses that are refused by name', () => {
  test.each([
    ['CREATE TABLE t (a INT AS (b + 1))', 'a generated column'],
    ['CREATE TABLE t (a INT) AS SELECT 1', 'types of columns in CREATE TABLE ... AS SELECT'],
    ['CREATE TABLE t (a DATE) PARTITION BY time_slice(a, INTERVAL 1 DAY)', 'BY time_slice(...)'],
    ['CREATE TABLE t (a INT) PARTITION BY from_unixtime(a)', 'PARTITION BY from_unixtime(...)'],
    ["CREATE TABLE t (a DATE, b INT) PARTITION BY date_trunc('day', a), b", 'several expressions'],
    ["CREATE TABLE t (a DATE, b INT) PARTITION BY b, date_trunc('day', a)", 'several expressions'],
    [
      "CREATE TABLE t (a DATE, b INT) PARTITION BY (date_trunc('day', a), b)",
      'several expressions',
    ],
    ['CREATE TABLE t (a INT) PARTITION BY RANGE (f(a)) ()', 'PARTITION BY RANGE of an expression'],
    ["CREATE TABLE t (a INT) PARTITION BY (a) (PARTITION p VALUES IN ('1'))", 'without LIST'],
    ['CREATE TABLE t (a INT) ORDER BY (a DESC)', 'a descending sort key'],
    [
      'CREATE TABLE t (a DATETIME DEFAULT CURRENT_TIMESTAMP(3))',
      'CURRENT_TIMESTAMP with fractions',
    ],
    ['CREATE TABLE t (a BIGINT DEFAULT (uuid_numeric()))', 'the default (uuid_numeric())'],
    ['CREATE TEMPORARY TABLE t (a INT)', 'CREATE TEMPORARY TABLE'],
    ['CREATE EXTERNAL TABLE t (a INT)', 'CREATE EXTERNAL TABLE'],
    ['CREATE DATABASE hive.d', 'the external catalog hive'],
    ['ALTER DATABASE d SET ("a" = "b")', 'properties of a database'],
    ['ALTER TABLE t DROP PARTITIONS WHERE a = 1', 'DROP PARTITIONS WHERE'],
    ['ALTER TABLE t RENAME ROLLUP a b', 'ALTER TABLE ... RENAME ROLLUP'],
    ['ALTER TABLE t ADD COLUMN a INT TO r', 'columns of one rollup'],
    ["ALTER TABLE t MODIFY COLUMN a COMMENT 'c'", 'MODIFY COLUMN ... COMMENT alone'],
    ['CREATE TABLE t (a INT UNSIGNED)', 'an UNSIGNED type'],
    ['ALTER TABLE t DROP COLUMN a FROM r', 'columns of one rollup'],
    ['ALTER TABLE t ADD COLUMN a INT PROPERTIES ("timeout" = "5")', 'PROPERTIES of a column'],
    ['ALTER TABLE t ADD COLUMN a INT, RENAME u', 'ALTER TABLE with actions of several kinds'],
    ['ALTER TABLE t DROP ROLLUP r PROPERTIES ("a" = "b")', 'PROPERTIES of DROP ROLLUP'],
    ['ALTER TABLE t RENAME u, RENAME v', 'ALTER TABLE with several actions'],
  ])('%s', (text, what) => {
    const error = errorOf(text);
    expect(error.code).toBe('unsupported');
    expect(error.message).toContain(what);
  });
});

describe('databases and changes of tables', () => {
  test.each([
    [
      'CREATE SCHEMA IF NOT EXISTS `a-b`',
      { kind: 'create-database', name: 'a-b', ifNotExists: true },
    ],
    ['CREATE DATABASE default_catalog.d CHARSET utf8', { kind: 'create-database', name: 'd' }],
    ['DROP DATABASE IF EXISTS d FORCE', { kind: 'drop-database', ifExists: true, force: true }],
    ['DROP TABLE d.t', { kind: 'drop-table', ifExists: false, force: false }],
    ['DROP TABLE IF EXISTS t FORCE', { kind: 'drop-table', ifExists: true, force: true }],
    ['TRUNCATE TABLE t', { kind: 'truncate-table', partitions: undefined }],
    [
      'CREATE INDEX i ON d.t (a) USING GIN ("parser" = "english") COMMENT "c"',
      { table: { db: 'd', name: 't' }, action: { kind: 'add-index', index: { type: 'GIN' } } },
    ],
    ['DROP INDEX i ON t', { table: { name: 't' }, action: { kind: 'drop-index', name: 'i' } }],
    ['ALTER DATABASE d RENAME e', { name: 'd', action: { kind: 'rename', newName: 'e' } }],
    ['ALTER SCHEMA d SET DATA QUOTA 10g', { action: { kind: 'data-quota', bytes: 10 * 2 ** 30 } }],
    ['ALTER DATABASE d SET DATA QUOTA 7B', { action: { kind: 'data-quota', bytes: 7 } }],
    ['ALTER DATABASE d SET REPLICA QUOTA 7', { action: { kind: 'replica-quota', count: 7 } }],
    [
      'ALTER TABLE t DROP PARTITIONS IF EXISTS START ("1") END ("4") EVERY (1) FORCE',
      { action: { names: { kind: 'batch', start: '1', end: '4' }, ifExists: true, force: true } },
    ],
    ['TRUNCATE TABLE t PARTITION (p, q)', { partitions: { names: ['p', 'q'] } }],
    ['ALTER TABLE `d`.`t` RENAME `u`', { action: { kind: 'rename', newName: 'u' } }],
    ['ALTER TABLE t RENAME rollup', { action: { kind: 'rename', newName: 'rollup' } }],
    [
      'ALTER TABLE t ADD COLUMN (a INT KEY, b INT SUM), ADD COLUMN c INT FIRST, DROP COLUMN d',
      {
        action: {
          kind: 'change-columns',
          changes: [
            { kind: 'add', column: { name: 'a', isKey: true }, place: undefined },
            { kind: 'add', column: { name: 'b', aggregation: 'SUM' } },
            { kind: 'add', column: { name: 'c' }, place: { kind: 'first' } },
            { kind: 'drop', name: 'd' },
          ],
        },
      },
    ],
    [
      'ALTER TABLE t MODIFY COLUMN a BIGINT AFTER b, RENAME COLUMN c TO d, ORDER BY (e, f)',
      {
        action: {
          changes: [
            { kind: 'modify', column: { name: 'a' }, place: { kind: 'after', column: 'b' } },
            { kind: 'rename', name: 'c', newName: 'd' },
            { kind: 'order', columns: ['e', 'f'] },
          ],
        },
      },
    ],
    [
      'ALTER TABLE t DROP PARTITION IF EXISTS p FORCE',
      {
        action: { kind: 'drop-partitions', names: ['p'], ifExists: true, force: true },
      },
    ],
    [
      'ALTER TABLE t ADD PARTITION p VALUES LESS THAN ("5") PROPERTIES ("a" = "b")',
      {
        action: { partition: { kind: 'less-than', properties: new Map([['a', 'b']]) } },
      },
    ],
    [
      'ALTER TABLE t ADD PARTITION IF NOT EXISTS p VALUES [("1", MAXVALUE), ("5", "6"))',
      {
        action: {
          partition: { kind: 'fixed', ifNotExists: true, lower: [{}, { kind: 'maxvalue' }] },
        },
      },
    ],
    [
      'ALTER TABLE t ADD PARTITIONS START ("1") END ("9") EVERY (INTERVAL 2 day)',
      {
        action: { partition: { kind: 'batch', step: 2, unit: 'DAY' } },
      },
    ],
  ])('%s', (text, expected) => {
    expect(parseOne(text)).toMatchObject(expected);
  });
});
