import { describe, expect, test } from 'vitest';
import type { QueryNode } from '../../../src/sql/ast.ts';
import { errorOf, grouped, parseOne, selectOf } from './support.ts';

function queryOf(text: string): QueryNode {
  const statement = parseOne(text);
  if (statement.kind !== 'select') throw new Error(`not a query: ${text}`);
  return statement.query;
}

describe('select items', () => {
  test('the text of an item is what was written, without its alias', () => {
    const { items } = selectOf("SELECT  a , count( * ) AS n, `b` 'q', t.*, 1+ 1 x FROM t");
    expect(items.map(({ text, alias }) => [text, alias])).toEqual([
      ['a', undefined],
      ['count( * )', 'n'],
      ['`b`', 'q'],
      ['t.*', undefined],
      ['1+ 1', 'x'],
    ]);
  });

  test('words that are not reserved are names and aliases', () => {
    const { items, from } = selectOf('SELECT backup restore, label FROM snapshot repository');
    expect(items[0]).toMatchObject({ expr: { path: ['backup'] }, alias: 'restore' });
    expect(from[0]).toMatchObject({ name: { name: 'snapshot' }, alias: 'repository' });
  });

  test.each(['EXCEPT', 'EXCLUDE'])('* %s (...) is refused by name', (word) => {
    expect(errorOf(`SELECT * ${word} (a) FROM t`).message).toMatch(`* ${word} is not supported`);
  });
});

describe('relations', () => {
  test('a table has catalog, database, partitions and alias', () => {
    const { from } = selectOf('SELECT 1 FROM c.db.t PARTITION (p1, `p 2`) AS x');
    expect(from).toMatchObject([
      {
        kind: 'table',
        name: { catalog: 'c', db: 'db', name: 't' },
        partitions: { isTemporary: false, names: ['p1', 'p 2'] },
        alias: 'x',
      },
    ]);
    const temporary = selectOf('SELECT 1 FROM t TEMPORARY PARTITIONS (p)').from[0];
    expect(temporary).toMatchObject({ partitions: { isTemporary: true, names: ['p'] } });
    expect(selectOf('SELECT 1 FROM t partitions').from[0]).toMatchObject({
      alias: 'partitions',
      partitions: undefined,
    });
  });

  test('joins lean to the left and keep their conditions', () => {
    const { from } = selectOf(
      `SELECT 1 FROM a INNER JOIN b ON a.x = b.x LEFT OUTER JOIN c USING (x, y)
       LEFT ANTI JOIN [BROADCAST] d ON a.x = d.x CROSS JOIN e, f`,
    );
    expect(from).toHaveLength(2);
    expect(from[0]).toMatchObject({
      type: 'CROSS',
      right: { name: { name: 'e' } },
      left: {
        type: 'LEFT ANTI',
        left: { type: 'LEFT', using: ['x', 'y'], left: { type: 'INNER', using: [] } },
      },
    });
  });

  test.each([
    ['JOIN', 'INNER'],
    ['CROSS', 'CROSS'],
    ['RIGHT JOIN', 'RIGHT'],
    ['FULL OUTER JOIN', 'FULL'],
    ['LEFT SEMI JOIN', 'LEFT SEMI'],
    ['RIGHT SEMI JOIN', 'RIGHT SEMI'],
    ['RIGHT ANTI JOIN', 'RIGHT ANTI'],
  ])('%s is a join of type %s', (words, type) => {
    const on = type === 'CROSS' ? '' : 'ON a.x = b.x';
    expect(selectOf(`SELECT 1 FROM a ${words} b ${on}`).from[0]).toMatchObject({ type });
  });

  test('an outer join without a condition is an error', () => {
    expect(errorOf('SELECT 1 FROM a LEFT JOIN b').message).toContain("'ON'");
  });

  test('parentheses may hold a query, rows or joins', () => {
    const { from } = selectOf(
      'SELECT 1 FROM (SELECT 1) q (a), (VALUES (1, 2), (3, 4)) AS v (x, y), (a JOIN b), (c, d)',
    );
    expect(from).toMatchObject([
      { kind: 'derived', alias: 'q', columns: ['a'] },
      { kind: 'derived', alias: 'v', columns: ['x', 'y'], query: { body: { kind: 'values' } } },
      { kind: 'join', type: 'INNER' },
      { kind: 'join', type: 'CROSS' },
    ]);
    expect(selectOf('SELECT 1 FROM ((SELECT 1) a JOIN b)').from[0]).toMatchObject({
      kind: 'join',
      left: { kind: 'derived', alias: 'a' },
    });
  });

  test('table functions stand bare or in TABLE()', () => {
    const { from } = selectOf(
      'SELECT * FROM generate_series(1, 10) g (n), TABLE(generate_series(1, 3))',
    );
    expect(from).toMatchObject([
      { kind: 'table-function', name: 'generate_series', alias: 'g', columns: ['n'] },
      { kind: 'table-function', name: 'generate_series', alias: undefined, columns: [] },
    ]);
  });

  test('DUAL is no relation', () => {
    expect(selectOf('SELECT 1 FROM DUAL WHERE 1').from).toEqual([]);
  });
});

describe('clauses', () => {
  test('all of them, in order', () => {
    const query = queryOf(
      `SELECT DISTINCT a, sum(b) FROM t WHERE a > 1 GROUP BY a, c HAVING sum(b) > 2
       QUALIFY row_number() OVER (ORDER BY a) = 1 ORDER BY 2 DESC NULLS LAST, a LIMIT 5 OFFSET 6`,
    );
    expect(query).toMatchObject({
      body: { distinct: true, groupBy: [{ path: ['a'] }, { path: ['c'] }] },
      orderBy: [
        { descending: true, nulls: 'LAST' },
        { descending: false, nulls: undefined },
      ],
      limit: { text: '5' },
      offset: { text: '6' },
    });
    const { body } = query;
    if (body.kind !== 'select' || body.having === undefined || body.qualify === undefined) {
      throw new Error('clauses are missing');
    }
    expect(grouped(body.having)).toBe('(sum(b) > 2)');
    expect(grouped(body.qualify)).toBe('(row_number() = 1)');
  });

  test('LIMIT m, n skips m rows', () => {
    expect(queryOf('SELECT 1 LIMIT 3, 4')).toMatchObject({
      limit: { text: '4' },
      offset: { text: '3' },
    });
    expect(queryOf('SELECT 1 LIMIT ?')).toMatchObject({ limit: { kind: 'parameter', index: 0 } });
  });

  test('QUALIFY, EXCEPT and MINUS may be aliases', () => {
    expect(selectOf('SELECT 1 qualify, 2 except, 3 minus').items.map((item) => item.alias)).toEqual(
      ['qualify', 'except', 'minus'],
    );
  });

  test.each([
    ['ROLLUP (a, b)', 2, [[0, 1], [0], []]],
    ['CUBE (a, b)', 2, [[0, 1], [1], [0], []]],
    ['GROUPING SETS ((a, b), (a), ())', 3, [[0, 1], [2], []]],
    ['a, b', 2, undefined],
  ])('GROUP BY %s', (clause, count, sets) => {
    const { groupBy, groupingSets } = selectOf(`SELECT 1 FROM t GROUP BY ${clause}`);
    expect(groupBy).toHaveLength(count);
    expect(groupingSets).toEqual(sets);
  });

  test.each([
    ['GROUP BY ALL', 'GROUP BY ALL'],
    ['GROUP BY CUBE (a, b, c, d, e, f, g, h, i, j, k)', 'CUBE of 11 columns'],
    ['ORDER BY ALL', 'ORDER BY ALL'],
    ['ASOF JOIN u ON 1', 'ASOF JOIN'],
    [', LATERAL (SELECT 1)', 'LATERAL'],
    ['[_META_]', 'a hint behind a table'],
    ['TABLET (10001)', 'TABLET behind a table'],
    ['FOR VERSION AS OF 1', 'FOR VERSION behind a table'],
  ])('%s is refused by name', (clause, what) => {
    const error = errorOf(`SELECT 1 FROM t ${clause}`);
    expect(error.code).toBe('unsupported');
    expect(error.message).toMatch(`${what} is not supported`);
  });
});

describe('set operations', () => {
  test('INTERSECT binds stronger, the others lean to the left', () => {
    expect(
      queryOf('SELECT 1 UNION ALL SELECT 2 INTERSECT SELECT 3 MINUS SELECT 4').body,
    ).toMatchObject({
      operator: 'EXCEPT',
      all: false,
      left: { operator: 'UNION', all: true, right: { operator: 'INTERSECT' } },
    });
  });

  test('a query in parentheses keeps its own ORDER BY', () => {
    const query = queryOf('(SELECT 1 ORDER BY 1 LIMIT 1) UNION DISTINCT (SELECT 2) ORDER BY 1');
    expect(query.orderBy).toHaveLength(1);
    expect(query.body).toMatchObject({
      operator: 'UNION',
      all: false,
      left: { kind: 'nested', query: { limit: { text: '1' } } },
      right: { kind: 'nested' },
    });
  });

  test('common tables have names, columns and queries', () => {
    const query = queryOf('WITH RECURSIVE a (x) AS (SELECT 1), b AS (SELECT 2) SELECT * FROM a, b');
    expect(query).toMatchObject({
      recursive: true,
      with: [
        { name: 'a', columns: ['x'] },
        { name: 'b', columns: [] },
      ],
    });
    expect(errorOf('WITH a AS (SELECT 1) UPDATE t SET x = 1').message).toMatch(
      'WITH before UPDATE',
    );
  });
});
