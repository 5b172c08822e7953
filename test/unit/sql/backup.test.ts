import { describe, expect, test } from 'vitest';
import { errorOf, parseOne } from './support.ts';

describe('repositories', () => {
  test('CREATE REPOSITORY with and without a broker name', () => {
    expect(
      parseOne(`CREATE READ ONLY REPOSITORY r WITH BROKER b ON LOCATION "s3://bucket/x/"
        PROPERTIES ("aws.s3.access_key" = "k", 'aws.s3.secret_key' = 's')`),
    ).toEqual({
      kind: 'create-repository',
      readOnly: true,
      name: 'r',
      withWord: 'BROKER',
      broker: 'b',
      location: 's3://bucket/x/',
      properties: new Map([
        ['aws.s3.access_key', 'k'],
        ['aws.s3.secret_key', 's'],
      ]),
    });
    const unnamed = parseOne("CREATE REPOSITORY `r` WITH BROKER ON LOCATION 'hdfs://h/p'");
    expect(unnamed).toMatchObject({ readOnly: false, broker: undefined, withWord: 'BROKER' });
    const quoted = parseOne("CREATE REPOSITORY r WITH BROKER 'b 1' ON LOCATION 'x'");
    expect(quoted).toMatchObject({ broker: 'b 1' });
  });

  test.each(['S3', 'HDFS', 'LOCAL'])('WITH %s is a convenience', (word) => {
    const text = `CREATE REPOSITORY r WITH ${word} ON LOCATION 'x'`;
    expect(parseOne(text)).toMatchObject({ withWord: word, broker: undefined });
    const error = errorOf(text, { strict: true });
    expect(error.code).toBe('syntax');
    expect(error.message).toContain(`Unexpected input '${word}'`);
    expect(error.message).toContain("'BROKER'");
  });

  test('an error between properties does not repeat quoted text', () => {
    const text = `CREATE REPOSITORY r WITH BROKER ON LOCATION 'x'
      PROPERTIES ("aws.s3.secret_key" "top secret")`;
    expect(errorOf(text).message).toContain(`Unexpected input '"..."'`);
  });

  test('DROP REPOSITORY and SHOW REPOSITORIES', () => {
    expect(parseOne('DROP REPOSITORY `r-1`')).toEqual({ kind: 'drop-repository', name: 'r-1' });
    expect(parseOne('SHOW REPOSITORIES')).toMatchObject({ kind: 'show-repositories' });
    expect(errorOf('DROP REPOSITORY IF EXISTS r').code).toBe('syntax');
  });
});

describe('BACKUP', () => {
  test('the old form', () => {
    const text =
      'BACKUP SNAPSHOT db.label TO repo ON (t1 PARTITION (p1, p2), t2) ' +
      'PROPERTIES ("type" = "full")';
    for (const newBackupForms of [true, false]) {
      expect(parseOne(text, { newBackupForms })).toMatchObject({
        kind: 'backup',
        externalCatalogs: undefined,
        database: undefined,
        labelDb: 'db',
        label: 'label',
        repository: 'repo',
        objects: [
          { keyword: undefined, name: { name: 't1' }, partitions: { names: ['p1', 'p2'] } },
          { keyword: undefined, name: { name: 't2' }, partitions: undefined, alias: undefined },
        ],
        properties: new Map([['type', 'full']]),
      });
    }
  });

  test('a label may be any quoted name', () => {
    expect(parseOne('BACKUP SNAPSHOT `a#b -v#r` TO r')).toMatchObject({
      label: 'a#b -v#r',
      objects: undefined,
    });
    expect(parseOne('BACKUP SNAPSHOT 2024_dump TO r')).toMatchObject({ label: '2024_dump' });
  });

  test('every keyword introduces one object, singular or plural', () => {
    const statement = parseOne(`BACKUP DATABASE d SNAPSHOT s TO r ON (
      a, TABLE b PARTITION p1, TABLES c AS cc, MATERIALIZED VIEW m, MATERIALIZED VIEWS mm AS x,
      VIEW v, VIEWS vv, FUNCTION f, FUNCTIONS ff AS g,
      ALL TABLES, ALL TABLE, ALL MATERIALIZED VIEWS, ALL VIEW, ALL FUNCTIONS)`);
    expect(statement.kind === 'backup' && statement.objects).toMatchObject([
      { kind: 'table', keyword: undefined, name: { name: 'a' } },
      { kind: 'table', keyword: 'TABLE', partitions: { names: ['p1'] } },
      { kind: 'table', keyword: 'TABLE', alias: 'cc' },
      { kind: 'table', keyword: 'MATERIALIZED VIEW', alias: undefined },
      { kind: 'table', keyword: 'MATERIALIZED VIEW', alias: 'x' },
      { kind: 'table', keyword: 'VIEW', name: { name: 'v' } },
      { kind: 'table', keyword: 'VIEW', name: { name: 'vv' } },
      { kind: 'function', name: { name: 'f' } },
      { kind: 'function', name: { name: 'ff' }, alias: 'g' },
      { kind: 'all', what: 'TABLES' },
      { kind: 'all', what: 'TABLES' },
      { kind: 'all', what: 'MATERIALIZED VIEWS' },
      { kind: 'all', what: 'VIEWS' },
      { kind: 'all', what: 'FUNCTIONS' },
    ]);
  });

  test('keywords that are not reserved may be tables', () => {
    const statement = parseOne(
      'BACKUP SNAPSHOT s TO r ON (views, tables AS x, view PARTITION (p))',
    );
    expect(statement.kind === 'backup' && statement.objects).toMatchObject([
      { keyword: undefined, name: { name: 'views' } },
      { keyword: undefined, name: { name: 'tables' }, alias: 'x' },
      { keyword: undefined, name: { name: 'view' }, partitions: { names: ['p'] } },
    ]);
  });

  test('external catalogs', () => {
    expect(parseOne('BACKUP ALL EXTERNAL CATALOGS SNAPSHOT s TO r')).toMatchObject({
      externalCatalogs: 'ALL',
    });
    expect(parseOne('BACKUP EXTERNAL CATALOG (h, `i`) SNAPSHOT s TO r')).toMatchObject({
      externalCatalogs: ['h', 'i'],
    });
  });

  test.each([
    ['BACKUP DATABASE d SNAPSHOT s TO r', 'DATABASE'],
    ['BACKUP ALL EXTERNAL CATALOGS SNAPSHOT s TO r', 'ALL'],
    ['BACKUP SNAPSHOT s TO r ON (TABLE a)', 'TABLE'],
    ['BACKUP SNAPSHOT s TO r ON (ALL TABLES)', 'ALL'],
    ['BACKUP SNAPSHOT s TO r ON (VIEW v)', 'v'],
    ['RESTORE SNAPSHOT s FROM r DATABASE d', 'DATABASE'],
    ['RESTORE SNAPSHOT s FROM r ALL EXTERNAL CATALOGS', 'ALL'],
    ['CANCEL BACKUP FOR EXTERNAL CATALOG', 'FOR'],
  ])('%s is no syntax of old releases', (text, token) => {
    expect(() => parseOne(text)).not.toThrow();
    const error = errorOf(text, { newBackupForms: false });
    expect(error.code).toBe('syntax');
    expect(error.message).toContain(`Unexpected input '${token}'`);
  });
});

describe('RESTORE', () => {
  test('with everything', () => {
    expect(
      parseOne(`RESTORE SNAPSHOT s FROM r DATABASE d AS e
        ON (TABLE a PARTITIONS (p) AS b, MATERIALIZED VIEW m) PROPERTIES ("backup_timestamp"="1")`),
    ).toMatchObject({
      kind: 'restore',
      labelDb: undefined,
      label: 's',
      repository: 'r',
      externalCatalogs: undefined,
      database: 'd',
      databaseAlias: 'e',
      objects: [{ keyword: 'TABLE', alias: 'b' }, { keyword: 'MATERIALIZED VIEW' }],
      properties: new Map([['backup_timestamp', '1']]),
    });
  });

  test('catalogs may get other names, and PROPERTIES may be missing', () => {
    const text = 'RESTORE SNAPSHOT s FROM r EXTERNAL CATALOGS (h AS i, j)';
    expect(parseOne(text)).toMatchObject({
      externalCatalogs: [
        { name: 'h', alias: 'i' },
        { name: 'j', alias: undefined },
      ],
      properties: new Map(),
    });
    expect(parseOne('RESTORE SNAPSHOT d.s FROM r ALL EXTERNAL CATALOGS')).toMatchObject({
      labelDb: 'd',
      externalCatalogs: 'ALL',
    });
  });
});

test.each([
  ['CANCEL BACKUP', { job: 'BACKUP', database: undefined, externalCatalog: false }],
  ['CANCEL BACKUP FROM d', { job: 'BACKUP', database: 'd' }],
  ['CANCEL RESTORE IN `d`', { job: 'RESTORE', database: 'd' }],
  ['CANCEL RESTORE FOR EXTERNAL CATALOG', { job: 'RESTORE', externalCatalog: true }],
  ['SHOW BACKUP', { kind: 'show-jobs', job: 'BACKUP', database: undefined }],
  ['SHOW BACKUP FROM sales_db', { job: 'BACKUP', database: 'sales_db' }],
  ['SHOW RESTORE FROM `d` WHERE State = "x" LIMIT 1', { job: 'RESTORE', tail: { limit: 1 } }],
])('%s', (text, expected) => {
  expect(parseOne(text)).toMatchObject(expected);
});

describe('SHOW SNAPSHOT', () => {
  test.each([
    ['', undefined],
    ["WHERE SNAPSHOT = 'x'", { snapshots: ['x'], isList: false, timestamp: undefined }],
    ["WHERE Snapshot = 'x'", { snapshots: ['x'] }],
    ["WHERE SNAPSHOT != 'x'", { snapshots: ['x'] }],
    [`WHERE SNAPSHOT = "x" AND TIMESTAMP = "t"`, { snapshots: ['x'], timestamp: 't' }],
    [`WHERE timestamp = "t" AND \`snapshot\` = "x"`, { snapshots: ['x'], timestamp: 't' }],
    ["WHERE SNAPSHOT = 'x' AND SNAPSHOT = 'y'", { snapshots: ['y'] }],
    ["WHERE SNAPSHOT IN ('x', 'y')", { snapshots: ['x', 'y'], isList: true }],
    ["WHERE SNAPSHOT LIKE 'x%'", undefined],
  ])('%j', (where, filter) => {
    const statement = parseOne(`SHOW SNAPSHOT ON repo ${where}`);
    if (statement.kind !== 'show-snapshot') throw new Error('not SHOW SNAPSHOT');
    if (filter === undefined) expect(statement.filter).toBeUndefined();
    else expect(statement.filter).toMatchObject(filter);
  });

  test.each([
    "TIMESTAMP = 't'",
    "SNAPSHOT = 'x' OR TIMESTAMP = 't'",
    "SNAPSHOT = 'x' AND TIMESTAMP = 't' AND SNAPSHOT = 'y'",
    'SNAPSHOT = 1',
    "SNAPSHOT = ''",
    "name = 'x'",
    "TIMESTAMP IN ('x')",
  ])('WHERE %s has a bad shape', (where) => {
    expect(errorOf(`SHOW SNAPSHOT ON repo WHERE ${where}`).code).toBe('analysis');
  });
});

describe('DROP SNAPSHOT', () => {
  const byName = 'DROP SNAPSHOT `s` ON r FORCE';
  const byCondition = "DROP SNAPSHOT ON r WHERE SNAPSHOT = 's'";

  test('both forms are there unless strict', () => {
    for (const dropSnapshot of [true, false]) {
      expect(parseOne(byName, { dropSnapshot })).toEqual({
        kind: 'drop-snapshot',
        repository: 'r',
        snapshots: ['s'],
        form: 'name',
        force: true,
      });
      expect(parseOne(byCondition, { dropSnapshot })).toEqual({
        kind: 'drop-snapshot',
        repository: 'r',
        snapshots: ['s'],
        form: 'where',
        force: false,
      });
    }
    const list = parseOne("DROP SNAPSHOT ON r WHERE SNAPSHOT IN ('a', 'b')");
    expect(list).toMatchObject({ snapshots: ['a', 'b'] });
  });

  test('a strict cluster has the form with a name from 4.2 on, and no other', () => {
    expect(parseOne(byName, { strict: true, dropSnapshot: true })).toMatchObject({ form: 'name' });
    expect(errorOf(byName, { strict: true }).code).toBe('syntax');
    expect(errorOf(byCondition, { strict: true, dropSnapshot: true }).code).toBe('syntax');
    expect(errorOf(byCondition, { strict: true }).code).toBe('syntax');
  });

  test.each(["SNAPSHOT != 'x'", "SNAPSHOT = 'x' AND TIMESTAMP = 't'", "SNAPSHOT LIKE 'x'"])(
    'the condition %s deletes nothing',
    (where) => {
      expect(errorOf(`DROP SNAPSHOT ON r WHERE ${where}`).code).toBe('unsupported');
    },
  );
});
