/** Rollups, synchronous materialized views and temporary partitions, as trees. */
import { expect, test } from 'vitest';
import { errorOf, parseOne } from './support.ts';

test.each([
  [
    'CREATE TABLE t (a INT, b INT) ROLLUP (r (b, a) DUPLICATE KEY (b) FROM t, s (a))',
    {
      rollups: [
        { name: 'r', columns: ['b', 'a'], duplicateKeys: ['b'], from: 't' },
        { name: 's', columns: ['a'], duplicateKeys: undefined, from: undefined },
      ],
    },
  ],
  [
    'ALTER TABLE d.t ADD ROLLUP r (a), s (b) PROPERTIES ("timeout" = "5")',
    { action: { kind: 'add-rollups', rollups: [{ name: 'r' }, { name: 's' }] } },
  ],
  ['ALTER TABLE t DROP ROLLUP r, s', { action: { kind: 'drop-rollups', names: ['r', 's'] } }],
  [
    'CREATE MATERIALIZED VIEW IF NOT EXISTS d.m COMMENT "c" AS SELECT a, sum(b) FROM t GROUP BY a',
    { kind: 'create-sync-materialized-view', ifNotExists: true, name: { db: 'd', name: 'm' } },
  ],
  [
    'DROP MATERIALIZED VIEW IF EXISTS d.m',
    { kind: 'drop-materialized-view', ifExists: true, name: { db: 'd', name: 'm' } },
  ],
  ['SHOW ALTER TABLE ROLLUP FROM d', { kind: 'show-rollup-jobs', database: 'd' }],
  ['SHOW ALTER TABLE COLUMN FROM d', { kind: 'show-column-jobs', database: 'd' }],
  ['SHOW ALTER MATERIALIZED VIEW', { kind: 'show-rollup-jobs', database: undefined }],
  ["SHOW PROC '/colocation_group'", { kind: 'show-proc', path: '/colocation_group' }],
  ["SHOW PROC '/colocation_group/10.11'", { kind: 'show-proc', path: '/colocation_group/10.11' }],
  ['DESC t ALL', { kind: 'describe', all: true }],
  ['DESC t', { kind: 'describe', all: false }],
  [
    "ALTER TABLE t ADD TEMPORARY PARTITION tp VALUES LESS THAN ('5')",
    { action: { kind: 'add-temporary-partition', partition: { name: 'tp' } } },
  ],
  [
    'ALTER TABLE t DROP TEMPORARY PARTITION IF EXISTS tp FORCE',
    { action: { kind: 'drop-temporary-partition', name: 'tp', ifExists: true } },
  ],
  [
    'ALTER TABLE t DROP ALL TEMPORARY PARTITIONS',
    { action: { kind: 'drop-all-temporary-partitions' } },
  ],
  [
    'ALTER TABLE t REPLACE PARTITION (p, q) WITH TEMPORARY PARTITION (tp)',
    {
      action: {
        kind: 'replace-partitions',
        replaced: { names: ['p', 'q'] },
        temporary: { names: ['tp'] },
      },
    },
  ],
])('%s', (text, tree) => {
  expect(parseOne(text)).toMatchObject(tree);
});

test('a view keeps its statement as written, and nothing of its neighbours', () => {
  const text = 'create materialized view m as\n select a from t';
  const first = parseOne(`/* before */ ${text} ;`);
  expect(first).toMatchObject({ kind: 'create-sync-materialized-view', text });
});

test.each([
  'ALTER TABLE t REPLACE PARTITION (p) WITH PARTITION (tp)',
  'ALTER TABLE t REPLACE TEMPORARY PARTITION (p) WITH TEMPORARY PARTITION (tp)',
  'ALTER TABLE t ADD ROLLUP r',
  'CREATE MATERIALIZED VIEW m SELECT 1',
])('%s is no statement', (text) => {
  expect(errorOf(text).code).toBe('syntax');
});
