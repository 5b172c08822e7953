/** Tables with ARRAY, MAP and STRUCT columns, read from files by DuckDB and by the interpreter. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SqlType } from '../../../src/base/sql-type.ts';
import { column, createFixture, type Fixture, query, queryVirtual, schemaOf } from './fixture.ts';

let fixture: Fixture;

const INT: SqlType = { name: 'INT' };
const TEXT: SqlType = { name: 'VARCHAR', length: 20 };

beforeAll(() => {
  fixture = createFixture();
  const inner: SqlType = { name: 'STRUCT', fields: [{ name: 'n', type: INT }] };
  fixture.addTable('nested', {
    schema: schemaOf('DUP_KEYS', [
      column('k', INT, true),
      column('tags', { name: 'ARRAY', element: TEXT }),
      column('attrs', { name: 'MAP', key: TEXT, value: INT }),
      column('s', {
        name: 'STRUCT',
        fields: [
          { name: 'Id', type: INT },
          { name: 'deep', type: inner },
        ],
      }),
    ]),
    version: 2,
    tablets: [
      [
        {
          version: 2,
          rows: [
            [1, '["a","b\\"c"]', '{"x":1,"y":null}', '{"Id":5,"deep":{"n":6}}'],
            [2, '[]', '{}', null],
            [3, null, null, '{"Id":null,"deep":null}'],
            [4, '["a","b\\"c"]', '{"x":2}', null],
          ],
        },
      ],
    ],
  });
});
afterAll(() => fixture.close());

test.each([
  [
    'SELECT * FROM nested WHERE k = 1',
    [['1', '["a","b\\"c"]', '{"x":1,"y":null}', '{"Id":5,"deep":{"n":6}}']],
  ],
  [
    'SELECT tags[2], attrs["x"], s.id, s.deep.n, nested.s.deep FROM nested ORDER BY k',
    [
      ['b"c', '1', '5', '6', '{"n":6}'],
      [null, null, null, null, null],
      [null, null, null, null, null],
      ['b"c', '2', null, null, null],
    ],
  ],
  ["SELECT k FROM nested WHERE array_contains(tags, 'a') AND attrs['x'] > 1", [['4']]],
  [
    'SELECT tags, count(*) FROM nested GROUP BY tags ORDER BY 2 DESC LIMIT 1',
    [['["a","b\\"c"]', '2']],
  ],
  ["SELECT k FROM nested WHERE tags = ['a', 'b\"c'] ORDER BY k", [['1'], ['4']]],
  ['SELECT count(DISTINCT tags), count(attrs) FROM nested', [['2', '3']]],
  [
    "SELECT k, CAST(tags AS JSON), coalesce(tags, ['none']) FROM nested WHERE k > 2 ORDER BY k",
    [
      ['3', null, '["none"]'],
      ['4', '["a", "b\\"c"]', '["a","b\\"c"]'],
    ],
  ],
  [
    'SELECT [k, 2.5], map{k: tags}, row(k, s.id) FROM nested WHERE k = 1',
    [['[1.0,2.5]', '{1:["a","b\\"c"]}', '{"col1":1,"col2":5}']],
  ],
  // A row for each element.
  [
    'SELECT k, u.unnest FROM nested, unnest(tags) u ORDER BY 1, 2',
    [
      ['1', 'a'],
      ['1', 'b"c'],
      ['4', 'a'],
      ['4', 'b"c'],
    ],
  ],
  [
    'SELECT k, t, n FROM nested CROSS JOIN LATERAL unnest(tags, [k, 7, NULL]) AS u(t, n) WHERE k < 3 ORDER BY k, n',
    [
      ['1', null, null],
      ['1', 'a', '1'],
      ['1', 'b"c', '7'],
      ['2', null, null],
      ['2', null, '2'],
      ['2', null, '7'],
    ],
  ],
  [
    'SELECT k, t FROM nested LEFT JOIN unnest(tags) AS u(t) ON TRUE WHERE k > 1 ORDER BY 1, 2',
    [
      ['2', null],
      ['3', null],
      ['4', 'a'],
      ['4', 'b"c'],
    ],
  ],
  ['SELECT t, count(*) FROM nested JOIN unnest(tags) u(t) ON t != k GROUP BY t', []],
  [
    "SELECT d, e FROM nested, unnest([date '2024-01-01', NULL], [[1], [2, 3]]) x(d, e) WHERE k = 1 ORDER BY 1",
    [
      [null, '[2,3]'],
      ['2024-01-01', '[1]'],
    ],
  ],
])('%s', async (sql, rows) => {
  expect((await query(fixture, sql)).rows).toEqual(rows);
  expect(queryVirtual(fixture, sql).rows).toEqual(rows);
});

test.each([
  ['SELECT k FROM nested ORDER BY tags', /ORDER BY a value of ARRAY/],
  ['SELECT tags < tags FROM nested', /'<' on values of ARRAY/],
  ['SELECT attrs = attrs FROM nested', /'=' on values of MAP/],
  ['SELECT max(tags) FROM nested', /No matching function with signature: max\(array\)/],
  ['SELECT s.nope FROM nested', /Struct subfield 'nope' cannot be resolved/],
  ['SELECT nope.id FROM nested', /`nope`.`id` cannot be resolved/],
  ['SELECT s[3] FROM nested', /out of its fields/],
  ['SELECT k[1] FROM nested', /No matching function with signature: element_at/],
  ['SELECT tags + 1 FROM nested', /operator '\+' on a value of type 'array/],
  ['SELECT CAST(tags AS MAP<INT, INT>) FROM nested', /Invalid type cast/],
  ['SELECT array_sum(tags) FROM nested', /array_sum of elements of type VARCHAR/],
  ['SELECT array_sort([row(1)])', /array_sort of elements of type STRUCT/],
  ['SELECT tags FROM nested UNION SELECT 1', /No common type/],
  ['SELECT map(1)', /in pairs/],
  ['SELECT * FROM nested, unnest(k)', /No matching function with signature: unnest\(int\)/],
  ['SELECT * FROM nested, unnest(tags) u(a, b)', /unnest gives 1 columns, not 2/],
  ['SELECT * FROM nested LEFT JOIN unnest(tags) u(t) ON t = 1', /needs the condition TRUE/],
  ['SELECT * FROM nested RIGHT JOIN unnest(tags) u(t) ON TRUE', /RIGHT JOIN with unnest/],
  ['SELECT * FROM nested, LATERAL (SELECT 1) x', /LATERAL/],
  ["SELECT named_struct('a', 1, 'A', 2)", /duplicate subfield/],
  ['SELECT map_from_arrays([1], [])', /same length/],
])('%s is refused', async (sql, text) => {
  await expect(query(fixture, sql)).rejects.toThrow(text);
});
