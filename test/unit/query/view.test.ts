/** Views in queries: the same in DuckDB and in the interpreter. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { QueryContext, ResolvedTable } from '../../../src/protocol/query.ts';
import {
  column,
  createFixture,
  type Fixture,
  parseQuery,
  query,
  queryVirtual,
  schemaOf,
} from './fixture.ts';

let fixture: Fixture;

/** `v` numbers and names the rows of `t`; `w` counts over `v`; `bad` has lost a column. */
const VIEWS: Readonly<Record<string, readonly [string, readonly string[]]>> = {
  v: ["SELECT id, id || '-' || name FROM t WHERE id < 4", ['number', 'label']],
  w: ['SELECT count(*), max(number) FROM v', ['total', 'top']],
  bad: ['SELECT id FROM t', ['a', 'b']],
};

function withViews(inner: QueryContext): QueryContext {
  const context: QueryContext = {
    ...inner,
    resolveTable(reference): ResolvedTable {
      const [definition, columns] = VIEWS[reference.name] ?? [];
      if (definition === undefined || columns === undefined) return inner.resolveTable(reference);
      const displayName = `db.${reference.name}`;
      return { kind: 'view', displayName, definition, pipesAsConcat: true, columns, context };
    },
  };
  return context;
}

beforeAll(() => {
  const plain = createFixture();
  const schema = schemaOf('PRIMARY_KEYS', [
    column('id', { name: 'INT' }, true),
    column('name', { name: 'VARCHAR', length: 10 }),
  ]);
  const rows = [
    [1, 'ann'],
    [2, 'bob'],
    [3, null],
    [4, 'dan'],
  ];
  plain.addTable('t', { schema, version: 2, tablets: [[{ version: 2, rows }]] });
  fixture = { ...plain, context: withViews(plain.context) };
});
afterAll(() => fixture.close());

test.each([
  [
    'SELECT * FROM v ORDER BY number',
    [
      ['1', '1-ann'],
      ['2', '2-bob'],
      ['3', null],
    ],
  ],
  ['SELECT v.label FROM v WHERE db.v.number = 2', [['2-bob']]],
  ['SELECT total, top FROM w', [['3', '3']]],
  ['WITH v AS (SELECT 7 AS number) SELECT number FROM v', [['7']]],
])('%s', async (sql, rows) => {
  expect((await query(fixture, sql)).rows).toEqual(rows);
  expect(queryVirtual(fixture, sql).rows).toEqual(rows);
});

test.each([
  ["SELECT x.label FROM v AS x JOIN t ON x.number = t.id WHERE t.name = 'bob'", [['2-bob']]],
  ['SELECT v.number FROM v WHERE number IN (SELECT top FROM w)', [['3']]],
  ['SELECT count(*) FROM v a, v b', [['9']]],
])('with DuckDB: %s', async (sql, rows) => {
  expect((await query(fixture, sql)).rows).toEqual(rows);
});

test('a view has its own names only, and as many as its query gives', () => {
  expect(() => queryVirtual(fixture, 'SELECT id FROM v')).toThrow(/`id` cannot be resolved/);
  expect(() => queryVirtual(fixture, 'SELECT * FROM bad')).toThrow(/has 2 columns.*now gives 1/);
});

test('a query is described without being run', () => {
  const described = fixture.virtual.describe(parseQuery('SELECT * FROM v'), fixture.context);
  expect(described.map(({ name, type }) => [name, type.name])).toEqual([
    ['number', 'INT'],
    ['label', 'VARCHAR'],
  ]);
});
