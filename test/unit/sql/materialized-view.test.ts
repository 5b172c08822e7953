import { describe, expect, test } from 'vitest';
import { errorOf, parseOne } from './support.ts';

describe('CREATE MATERIALIZED VIEW', () => {
  test('takes its clauses in any order', () => {
    expect(
      parseOne(`CREATE MATERIALIZED VIEW IF NOT EXISTS d.m (a COMMENT 'x', b) COMMENT 'c'
        REFRESH DEFERRED ASYNC START ('2024-01-01 00:00:00') EVERY (INTERVAL 2 HOUR)
        PARTITION BY (a) PROPERTIES ('replication_num' = '1') ORDER BY (b)
        DISTRIBUTED BY HASH (a) BUCKETS 3 AS SELECT a, b FROM t;`),
    ).toMatchObject({
      kind: 'create-materialized-view',
      ifNotExists: true,
      name: { db: 'd', name: 'm' },
      columns: [{ name: 'a', comment: 'x' }, { name: 'b' }],
      comment: 'c',
      partitionBy: 'a',
      distribution: { kind: 'HASH', columns: ['a'], buckets: 3 },
      orderBy: ['b'],
      refresh: {
        type: 'ASYNC',
        moment: 'DEFERRED',
        start: '2024-01-01 00:00:00',
        every: { step: 2, unit: 'HOUR' },
      },
      properties: new Map([['replication_num', '1']]),
      definition: 'SELECT a, b FROM t',
    });
  });

  test.each([
    ['DISTRIBUTED BY RANDOM', { type: 'MANUAL', moment: 'IMMEDIATE' }],
    ['REFRESH MANUAL', { type: 'MANUAL', moment: 'IMMEDIATE' }],
    ['REFRESH DEFERRED MANUAL', { type: 'MANUAL', moment: 'DEFERRED' }],
    ['REFRESH IMMEDIATE ASYNC', { type: 'ASYNC', moment: 'IMMEDIATE', every: undefined }],
    ['REFRESH ASYNC EVERY (INTERVAL 1 DAY)', { every: { step: 1, unit: 'DAY' } }],
  ])('%s makes it asynchronous', (clause, refresh) => {
    expect(parseOne(`CREATE MATERIALIZED VIEW refresh ${clause} AS SELECT 1`)).toMatchObject({
      kind: 'create-materialized-view',
      name: { name: 'refresh' },
      refresh,
    });
  });

  test('without these clauses is synchronous, whatever the names are', () => {
    expect(
      parseOne("CREATE MATERIALIZED VIEW `distributed` COMMENT 'REFRESH' AS SELECT refresh FROM t"),
    ).toMatchObject({ kind: 'create-sync-materialized-view' });
  });

  test.each([
    ['REFRESH ASYNC REFRESH MANUAL AS SELECT 1', /REFRESH/],
    ['REFRESH SOON AS SELECT 1', /SOON/],
    ['REFRESH ASYNC PARTITION BY date_trunc("day", a) AS SELECT 1', /an expression/],
    ['REFRESH ASYNC PARTITION BY (a, b) AS SELECT 1', /several columns/],
    ['REFRESH ASYNC AS SELECT ?', /a parameter/],
  ])('%s is refused', (rest, text) => {
    expect(errorOf(`CREATE MATERIALIZED VIEW m ${rest}`)).toMatchObject({
      message: expect.stringMatching(text),
    });
  });
});

test.each([
  ['ALTER MATERIALIZED VIEW m ACTIVE', { action: { kind: 'active' } }],
  ['ALTER MATERIALIZED VIEW d.m INACTIVE', { action: { kind: 'inactive' } }],
  ['ALTER MATERIALIZED VIEW m RENAME n', { action: { kind: 'rename', newName: 'n' } }],
  ['REFRESH MATERIALIZED VIEW m', { force: false, isSync: false }],
  ['REFRESH MATERIALIZED VIEW m FORCE WITH SYNC MODE', { force: true, isSync: true }],
  ['REFRESH MATERIALIZED VIEW m WITH ASYNC MODE', { isSync: false }],
  ["SHOW MATERIALIZED VIEWS FROM d LIKE 'm%'", { database: 'd', tail: { like: 'm%' } }],
  ['SHOW CREATE MATERIALIZED VIEW m', { kind: 'show-create-table', onlyMaterializedView: true }],
])('%s', (sql, tree) => {
  expect(parseOne(sql)).toMatchObject(tree);
});
