import { describe, expect, test } from 'vitest';
import { errorOf, parseOne } from './support.ts';

describe('views', () => {
  test('keep their query as it was written, without what stands around it', () => {
    const text = `CREATE OR REPLACE VIEW d.v (a COMMENT "first", b) COMMENT "both" SECURITY NONE
      AS SELECT  x,y /* inner */ FROM t -- outer
      ;`;
    expect(parseOne(text)).toMatchObject({
      kind: 'create-view',
      orReplace: true,
      ifNotExists: false,
      view: { db: 'd', name: 'v' },
      columns: [
        { name: 'a', comment: 'first' },
        { name: 'b', comment: undefined },
      ],
      comment: 'both',
      query: { kind: 'query' },
      definition: 'SELECT  x,y /* inner */ FROM t',
    });
  });

  test.each([
    ['CREATE VIEW IF NOT EXISTS v AS (SELECT 1)', { ifNotExists: true, definition: '(SELECT 1)' }],
    [
      'CREATE VIEW v AS WITH a AS (SELECT 1) SELECT * FROM a LIMIT 3',
      { definition: 'WITH a AS (SELECT 1) SELECT * FROM a LIMIT 3' },
    ],
    ['ALTER VIEW v (z) AS SELECT 1', { kind: 'alter-view', columns: [{ name: 'z' }] }],
    ['DROP VIEW IF EXISTS d.v', { kind: 'drop-view', ifExists: true, view: { db: 'd' } }],
    ['SHOW CREATE VIEW v', { kind: 'show-create-table', onlyView: true }],
    ['SHOW CREATE TABLE v', { kind: 'show-create-table', onlyView: false }],
  ])('%s', (text, expected) => {
    expect(parseOne(text)).toMatchObject(expected);
  });

  test.each(['CREATE VIEW v', 'CREATE VIEW v () AS SELECT 1', 'CREATE OR REPLACE TABLE t (a INT)'])(
    'bad syntax: %s',
    (text) => {
      expect(errorOf(text).code).toBe('syntax');
    },
  );
});
