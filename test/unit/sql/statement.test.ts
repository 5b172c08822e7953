import { describe, expect, test } from 'vitest';
import { parseStatements } from '../../../src/sql/parse.ts';
import { errorOf, grouped, OPTIONS, parseOne } from './support.ts';

describe('a text of several statements', () => {
  test('gives each its text and place; stray semicolons count for nothing', () => {
    const parsed = parseStatements(';; use `d` ;\n-- note\n SELECT 1 /* x */;;', OPTIONS);
    expect(parsed.map(({ text, position }) => [text, position.line, position.column])).toEqual([
      ['use `d`', 1, 4],
      ['SELECT 1', 3, 2],
    ]);
  });

  test.each(['', ' ', ';', '-- nothing', '/*!40100 SET x */;'])('%j is none', (text) => {
    expect(parseStatements(text, OPTIONS)).toEqual([]);
  });

  test('an error anywhere is an error of all', () => {
    expect(errorOf('SELECT 1; SELECT FROM').code).toBe('syntax');
  });

  test('parameters count from 0 in each statement', () => {
    const [first, second] = parseStatements('SELECT ?, ?; SELECT ?', OPTIONS);
    expect(JSON.stringify(first?.statement)).toContain('"index":1');
    expect(JSON.stringify(second?.statement)).not.toContain('"index":1');
  });
});

describe('INSERT, UPDATE, DELETE', () => {
  test('rows of values may hold DEFAULT', () => {
    expect(parseOne("INSERT INTO d.t (a, b) VALUES (1, DEFAULT), (-2, 'x')")).toMatchObject({
      kind: 'insert',
      table: { db: 'd', name: 't' },
      columns: ['a', 'b'],
      label: undefined,
      partitions: undefined,
      source: {
        kind: 'values',
        rows: [
          [{ kind: 'number' }, { kind: 'default' }],
          [{ kind: 'negate' }, { kind: 'string' }],
        ],
      },
    });
  });

  test.each([
    'INSERT INTO t SELECT 1',
    'INSERT INTO t (SELECT 1)',
    'INSERT INTO t WITH label AS (SELECT 1) SELECT * FROM label',
  ])('%s takes a query', (text) => {
    expect(parseOne(text)).toMatchObject({
      columns: [],
      label: undefined,
      source: { kind: 'query' },
    });
  });

  test('label, partitions and columns', () => {
    expect(parseOne('INSERT INTO t PARTITION (p) WITH LABEL l (a) VALUES (1)')).toMatchObject({
      partitions: { names: ['p'] },
      label: 'l',
      columns: ['a'],
    });
    expect(parseOne('INSERT INTO t (a) WITH LABEL l SELECT 1')).toMatchObject({
      label: 'l',
      columns: ['a'],
    });
  });

  test('10,000 rows are one statement', () => {
    const rows = Array.from({ length: 10_000 }, (_, index) => `(${index}, 'n${index}', NULL, 1.5)`);
    const statement = parseOne(`INSERT INTO t VALUES ${rows.join(',')}`);
    if (statement.kind !== 'insert' || statement.source.kind !== 'values') {
      throw new Error('not rows');
    }
    expect(statement.source.rows).toHaveLength(10_000);
    expect(statement.source.rows.at(-1)?.at(0)).toEqual({ kind: 'number', text: '9999' });
  });

  test('UPDATE and DELETE', () => {
    const update = parseOne("UPDATE t SET a='x', b=NOW() WHERE c='y' AND d IS NULL");
    expect(update).toMatchObject({ set: [{ column: 'a' }, { column: 'b' }] });
    if (update.kind !== 'update' || update.where === undefined) throw new Error('no WHERE');
    expect(grouped(update.where)).toBe("((c = 'y') AND (d IS NULL))");
    expect(parseOne('DELETE FROM t PARTITION p1 WHERE a > 1')).toMatchObject({
      kind: 'delete',
      partitions: { names: ['p1'] },
      where: { kind: 'binary' },
    });
    expect(parseOne('DELETE FROM t')).toMatchObject({ using: [], where: undefined });
    expect(parseOne('DELETE FROM t USING u, v AS w WHERE t.a = w.a')).toMatchObject({
      using: [{ name: { name: 'u' } }, { alias: 'w' }],
    });
    expect(
      parseOne('UPDATE t SET a = u.a FROM u JOIN v ON u.b = v.b WHERE t.b = u.b'),
    ).toMatchObject({ from: [{ kind: 'join', type: 'INNER' }], where: { kind: 'binary' } });
  });

  test.each([
    ['INSERT INTO t BY NAME SELECT 1 AS a', 'INSERT ... BY NAME'],
    ['INSERT INTO FILES ("path" = "x") SELECT 1', 'INSERT INTO FILES'],
    ['INSERT INTO t PROPERTIES ("a" = "b") SELECT 1', 'PROPERTIES of INSERT'],
    ['UPDATE t SET a = DEFAULT', 'DEFAULT in UPDATE'],
  ])('%s is refused by name', (text, what) => {
    expect(errorOf(text).code).toBe('unsupported');
    expect(errorOf(text).message).toContain(`${what} is not supported`);
  });
});

describe('SET and USE', () => {
  test.each([
    ['SET autocommit = 0', [{ scope: 'session', name: 'autocommit', value: { text: '0' } }]],
    ['SET @@session.autocommit = OFF', [{ value: { kind: 'string', value: 'OFF' } }]],
    ['SET GLOBAL x = ON, y = DEFAULT', [{ scope: 'global' }, { value: { kind: 'default' } }]],
    ['SET @@global.x = ALL', [{ scope: 'global', value: { value: 'ALL' } }]],
    ['set session a=1, b=utf8', [{ scope: 'session' }, { value: { value: 'utf8' } }]],
    ['SET character_set_results = NULL', [{ value: { kind: 'null' } }]],
    ['SET @u = 1 + 1', [{ scope: 'user', name: 'u', value: { kind: 'binary' } }]],
    ["SET @`a b` = 'x'", [{ scope: 'user', name: 'a b' }]],
    ['SET x = TRUE', [{ value: { kind: 'boolean', value: true } }]],
    ['SET global = 1', [{ scope: 'session', name: 'global' }]],
    ['SET role = 1', [{ name: 'role' }]],
  ])('%s', (text, items) => {
    expect(parseOne(text)).toMatchObject({ kind: 'set', items });
  });

  test.each([
    ["SET NAMES 'utf8mb4' COLLATE 'utf8mb4_0900_ai_ci'", { kind: 'set-names', charset: 'utf8mb4' }],
    ['SET NAMES utf8', { kind: 'set-names', charset: 'utf8' }],
    ['SET NAMES DEFAULT', { kind: 'set-names', charset: 'DEFAULT' }],
    ['SET CHARACTER SET utf8', { kind: 'set-names', charset: 'utf8' }],
    ['SET CHARSET "gbk"', { kind: 'set-names', charset: 'gbk' }],
    [
      "SET autocommit=1, NAMES utf8mb4 COLLATE 'x', CHARSET utf8, @a = 1",
      { kind: 'set', items: [{ name: 'autocommit' }, { name: 'a', scope: 'user' }] },
    ],
    ['SET SESSION TRANSACTION READ ONLY', { kind: 'set-transaction' }],
    ['SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE', { kind: 'set-transaction' }],
    ['USE d', { kind: 'use', catalog: undefined, database: 'd' }],
    ['USE default_catalog.`d`', { kind: 'use', catalog: 'default_catalog', database: 'd' }],
    ['BEGIN WORK', { kind: 'no-effect', word: 'BEGIN' }],
    ['START TRANSACTION WITH CONSISTENT SNAPSHOT', { word: 'START TRANSACTION' }],
    ['commit', { kind: 'no-effect', word: 'COMMIT' }],
    ['ROLLBACK AND NO CHAIN NO RELEASE', { word: 'ROLLBACK' }],
    ['LOCK TABLES `t` READ /*!32311 LOCAL */, u AS v LOW_PRIORITY WRITE', { word: 'LOCK TABLES' }],
    ['UNLOCK TABLES', { kind: 'no-effect', word: 'UNLOCK TABLES' }],
    ['SET CATALOG c', { kind: 'set-catalog', catalog: 'c' }],
    ["USE 'catalog c'", { kind: 'set-catalog', catalog: 'c' }],
  ])('%s', (text, expected) => {
    expect(parseOne(text)).toMatchObject(expected);
  });

  test.each([['SET WAREHOUSE w', 'SET WAREHOUSE']])('%s is refused by name', (text, what) => {
    expect(errorOf(text).code).toBe('unsupported');
    expect(errorOf(text).message).toContain(`${what} is not supported`);
  });

  test(':= assigns nothing', () => {
    expect(errorOf('SET @a := 1').message).toContain("Unexpected input ':='");
    expect(errorOf('SELECT @a := 1').message).toContain("Unexpected input ':='");
  });
});

describe('SHOW, DESCRIBE, ADMIN', () => {
  test.each([
    ["SHOW DATABASES LIKE 'ops'", { kind: 'show-databases', tail: { like: 'ops' } }],
    ['show schemas', { kind: 'show-databases', tail: { like: undefined } }],
    ['SHOW DATABASES FROM default_catalog', { kind: 'show-databases' }],
    ['SHOW TABLES', { kind: 'show-tables', full: false, database: undefined }],
    ["SHOW FULL TABLES IN d WHERE Table_type = 'VIEW'", { full: true, database: 'd' }],
    ['SHOW CREATE TABLE `d`.`t`', { kind: 'show-create-table', table: { db: 'd', name: 't' } }],
    [
      'SHOW PARTITIONS FROM d.t WHERE PartitionName LIKE "p%" ORDER BY PartitionId LIMIT 2, 3',
      {
        kind: 'show-partitions',
        temporary: false,
        tail: { limit: 3, offset: 2, where: { kind: 'like' }, orderBy: [{}] },
      },
    ],
    ['SHOW TEMPORARY PARTITIONS FROM t', { kind: 'show-partitions', temporary: true }],
    ['DESC t', { kind: 'describe', table: { name: 't' } }],
    ['describe d.t', { kind: 'describe', table: { db: 'd', name: 't' } }],
    ['SHOW BACKENDS', { kind: 'show-backends' }],
    ['SHOW FRONTENDS', { kind: 'show-frontends' }],
    ["SHOW VARIABLES LIKE 'time_zone'", { scope: 'session', tail: { like: 'time_zone' } }],
    ['SHOW GLOBAL VARIABLES', { kind: 'show-variables', scope: 'global' }],
    ['SHOW SESSION STATUS', { kind: 'show-fixed', what: 'STATUS' }],
    ['SHOW WARNINGS LIMIT 5', { kind: 'show-fixed', what: 'WARNINGS', tail: { limit: 5 } }],
    ['SHOW ERRORS', { what: 'ERRORS' }],
    ['SHOW STORAGE ENGINES', { what: 'ENGINES' }],
    ["SHOW CHARACTER SET LIKE 'utf8'", { what: 'CHARSET' }],
    ['SHOW COLLATION', { what: 'COLLATION' }],
    ['SHOW PLUGINS', { what: 'PLUGINS' }],
    ['SHOW PRIVILEGES', { what: 'PRIVILEGES' }],
    ['SHOW FULL PROCESSLIST', { kind: 'show-processlist', full: true }],
    ['SHOW PROCESSLIST LIMIT 3', { full: false, tail: { limit: 3 } }],
    ['KILL 5', { kind: 'kill', what: 'connection', target: 5 }],
    ['KILL CONNECTION 5', { what: 'connection', target: 5 }],
    ["KILL QUERY 'a-b'", { what: 'query', target: 'a-b' }],
    ['PREPARE p FROM SELECT ? + ?', { kind: 'prepare', name: 'p', parameterCount: 2 }],
    ["PREPARE p FROM 'SELECT ?;'", { kind: 'prepare', parameterCount: 1 }],
    ['EXECUTE p', { kind: 'execute', name: 'p', variables: [] }],
    ['EXECUTE p USING @a, @`b`', { variables: ['a', 'b'] }],
    ['DEALLOCATE PREPARE p', { kind: 'deallocate', name: 'p' }],
    ['DROP PREPARE p', { kind: 'deallocate', name: 'p' }],
    [
      "SET PROPERTY FOR 'u' 'a' = 'b', 'c' = 'd'",
      {
        kind: 'set-user-property',
        user: 'u',
        properties: new Map([
          ['a', 'b'],
          ['c', 'd'],
        ]),
      },
    ],
    ["ALTER USER u SET PROPERTIES ('a' = 'b')", { user: 'u', properties: new Map([['a', 'b']]) }],
    ["SHOW PROPERTY FOR u LIKE 'm%'", { kind: 'show-user-property', user: 'u', like: 'm%' }],
    ['SHOW CATALOGS', { what: 'CATALOGS' }],
    ['SHOW TRIGGERS FROM d', { what: 'TRIGGERS' }],
    ['SHOW EVENTS', { what: 'EVENTS' }],
    ["SHOW PROCEDURE STATUS WHERE Db = 'x'", { what: 'PROCEDURE STATUS' }],
    ['SHOW FUNCTION STATUS', { what: 'FUNCTION STATUS' }],
    [
      'ADMIN SET FRONTEND CONFIG ("a" = "1") WITH PERSISTENT',
      {
        kind: 'admin-set-config',
        properties: new Map([['a', '1']]),
      },
    ],
    ["ADMIN SHOW FRONTEND CONFIG LIKE '%timeout%'", { like: '%timeout%' }],
    [
      "ADMIN ENABLE FAILPOINT 'blob.put' WITH 3 TIMES ON BACKEND 'a:1, b:2'",
      {
        kind: 'admin-failpoint',
        enable: true,
        name: 'blob.put',
        times: 3,
        probability: undefined,
        backends: ['a:1', 'b:2'],
      },
    ],
    ["ADMIN ENABLE FAILPOINT 'x' WITH 0.5 PROBABILITY", { times: undefined, probability: 0.5 }],
    ["ADMIN DISABLE FAILPOINT 'x' ON FRONTEND", { enable: false, backends: [] }],
    ["SHOW FAILPOINTS LIKE 'be.%'", { kind: 'show-failpoints', like: 'be.%' }],
  ])('%s', (text, expected) => {
    expect(parseOne(text)).toMatchObject(expected);
  });
});

describe('statements of StarRocks that are refused by name', () => {
  test.each([
    ['refresh materialized view m partition (p)', 'REFRESH MATERIALIZED VIEW ... PARTITION'],
    ['alter materialized view m swap with n', 'ALTER MATERIALIZED VIEW ... SWAP'],
    ['CREATE MATERIALIZED VIEW m (a) AS SELECT 1', 'column names of a materialized view'],
    ['CREATE MATERIALIZED VIEW m AS SELECT ?', 'a parameter in a materialized view'],
    ['SHOW ALTER TABLE OPTIMIZE', 'SHOW ALTER TABLE OPTIMIZE'],
    ['EXPORT TABLE t TO "x"', 'EXPORT TABLE'],
    ['EXPLAIN SELECT 1', 'EXPLAIN'],
    ['DESC SELECT 1', 'EXPLAIN'],
    ['CREATE VIEW v SECURITY INVOKER AS SELECT 1', 'SECURITY INVOKER of a view'],
    ['CREATE VIEW v PROPERTIES ("a" = "b") AS SELECT 1', 'PROPERTIES of a view'],
    ['CREATE VIEW v AS SELECT ?', 'a parameter in a view'],
    ['ALTER VIEW v SET SECURITY INVOKER', 'ALTER VIEW without AS'],
    ['ALTER SYSTEM ADD BACKEND "h:9050"', 'ALTER SYSTEM'],
    ['RECOVER TABLE t', 'RECOVER'],
    ['SUBMIT TASK AS INSERT INTO t SELECT 1', 'SUBMIT TASK'],
    ['ANALYZE TABLE t', 'ANALYZE'],
    ['EXECUTE AS u WITH NO REVERT', 'EXECUTE AS'],
    ['ADMIN SHOW REPLICA STATUS FROM t', 'ADMIN SHOW REPLICA STATUS'],
    ['SHOW BACKENDS WHERE Alive = "true"', 'WHERE of SHOW BACKENDS'],
    ['SHOW SNAPSHOT ON r LIMIT 1', 'LIMIT of SHOW SNAPSHOT'],
    ['ADMIN SHOW FRONTEND CONFIG WHERE a = 1', 'WHERE of ADMIN SHOW FRONTEND CONFIG'],
    ["SHOW FAILPOINTS ON BACKEND 'x'", 'ON BACKEND of SHOW FAILPOINTS'],
    ['SELECT 1 INTO OUTFILE "x"', 'SELECT ... INTO'],
  ])('%s', (text, what) => {
    const error = errorOf(text);
    expect(error.code).toBe('unsupported');
    expect(error.message).toContain(`${what} is not supported by this emulator (line 1, column `);
  });

  test.each([
    'FLUSH TABLES',
    'SAVEPOINT a',
    'SHOW MASTER STATUS',
    'HANDLER t OPEN',
    'REPLACE INTO t',
  ])('%s is no StarRocks at all', (text) => {
    expect(errorOf(text).code).toBe('syntax');
  });
});
