/** The engine around the query: replicas, leases, streams, expressions for loads, no early DuckDB. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { runNow, toPromise } from '../../../src/base/op.ts';
import type { QueryContext } from '../../../src/protocol/query.ts';
import type { Expr } from '../../../src/sql/ast.ts';
import {
  BACKEND,
  column,
  createFixture,
  type Fixture,
  parseQuery,
  query,
  queryVirtual,
  SPARE,
  schemaOf,
} from './fixture.ts';

let fixture: Fixture;

beforeAll(() => {
  fixture = createFixture();
  fixture.addTable('t', {
    schema: schemaOf('DUP_KEYS', [column('k', { name: 'INT' }, true)]),
    version: 2,
    tablets: [[{ version: 2, rows: [[1], [2]] }], [{ version: 2, rows: [[3]] }]],
  });
});
beforeEach(() => {
  fixture.down.clear();
  fixture.lying.clear();
});
afterAll(async () => {
  expect(fixture.openLeases.size).toBe(0);
  await fixture.close();
});

const SUM = 'SELECT sum(k) FROM t';

test('a replica that does not answer is passed over', async () => {
  fixture.down.add(BACKEND);
  expect((await query(fixture, SUM)).rows).toEqual([['6']]);
  expect(queryVirtual(fixture, SUM).rows).toEqual([['6']]);
});

test('a replica whose files cannot be read is left out and the query begun again', async () => {
  fixture.lying.add(BACKEND);
  expect((await query(fixture, SUM)).rows).toEqual([['6']]);
  expect(fixture.openLeases.size).toBe(0);
});

test('without a readable replica the error names table, tablet and each reason', async () => {
  fixture.down.add(BACKEND);
  fixture.lying.add(SPARE);
  await expect(query(fixture, SUM)).rejects.toMatchObject({
    code: 'tablet-unreadable',
    message: expect.stringMatching(
      /tablet \d+ of db\.t cannot be read at version 2: backend 10001: it is down; backend 10002: /,
    ),
  });
  fixture.down.add(SPARE);
  expect(() => queryVirtual(fixture, SUM)).toThrow(/backend 10002: it is down/);
  expect(fixture.openLeases.size).toBe(0);
});

test('leases are held while rows flow and given back by an early close', async () => {
  const stream = await toPromise(
    fixture.engine.run(parseQuery('SELECT * FROM t'), fixture.context),
  );
  expect(fixture.openLeases.size).toBe(2);
  await toPromise(stream.next());
  await toPromise(stream.close());
  await toPromise(stream.close());
  expect(fixture.openLeases.size).toBe(0);
  expect(await toPromise(stream.next())).toBeUndefined();
});

test('leases are given back when DuckDB refuses the query', async () => {
  await expect(query(fixture, 'SELECT k FROM t WHERE k = (SELECT k FROM t)')).rejects.toThrow();
  expect(fixture.openLeases.size).toBe(0);
});

test('more queries than connections wait their turn', async () => {
  const results = await Promise.all(Array.from({ length: 40 }, () => query(fixture, SUM)));
  expect(results.every(({ rows }) => rows[0]?.[0] === '6')).toBe(true);
});

function expression(sql: string): Expr {
  const { body } = parseQuery(`SELECT ${sql}`);
  const item = body.kind === 'select' ? body.items[0] : undefined;
  if (item === undefined) throw new Error('no expression');
  return item.expr;
}

test('an expression alone has a value and a type', async () => {
  const { engine, virtual, context } = fixture;
  expect(runNow(virtual.evaluateTyped(expression('-1.50 + 1'), context))).toEqual({
    cell: '-0.50',
    type: { name: 'DECIMAL', precision: 6, scale: 2 },
  });
  expect(runNow(virtual.evaluate(expression("concat('a', 1)"), context))).toBe('a1');
  expect(runNow(virtual.evaluate(expression('uuid()'), context))).toMatch(/^[0-9a-f-]{36}$/);
  expect(await toPromise(engine.evaluate(expression("'abc' RLIKE 'b'"), context))).toBe(true);
  expect(() => runNow(virtual.evaluate(expression("'abc' RLIKE 'b'"), context))).toThrow(/RLIKE/);
  expect(() => runNow(virtual.evaluate(expression('k'), context))).toThrow(
    /`k` cannot be resolved/,
  );
  expect(() => runNow(virtual.evaluate(expression('count(*)'), context))).toThrow(/aggregations/);
});

test('a query without tables needs no promise, also in real mode', () => {
  const { engine, context } = fixture;
  const stream = runNow(engine.run(parseQuery('SELECT 1, @@version, database()'), context));
  expect(runNow(stream.next())).toEqual([[1, 'value of version', 'db']]);
});

test('the answer to SELECT 1 does not load DuckDB', () => {
  const script = `
    const { createQueryEngine } = await import('./src/query/create-query-engine.ts');
    const { runNow } = await import('./src/base/op.ts');
    const { parseStatements } = await import('./src/sql/parse.ts');
    const engine = createQueryEngine({ mode: 'duckdb', backend: () => undefined });
    const [{ statement }] = parseStatements('SELECT 1', {});
    runNow(engine.run(statement.query, { sessionFunction: () => undefined }));
    const loaded = process.report.getReport().sharedObjects;
    console.log(loaded.some((path) => /duckdb/.test(path)));
  `;
  const options = ['--import', 'tsx', '--input-type=module', '-e', script];
  expect(execFileSync(process.execPath, options, { encoding: 'utf8' }).trim()).toBe('false');
});

test('a query may not name tables without end', async () => {
  const names = Array.from({ length: 10 }, (_, index) => {
    const from = index === 0 ? 't' : `q${index - 1}`;
    return `q${index} AS (SELECT a.k FROM ${from} a, ${from} b)`;
  });
  const sql = `WITH ${names.join(', ')} SELECT * FROM q9`;
  await expect(query(fixture, sql)).rejects.toMatchObject({ code: 'limit-reached' });
});

test('an unknown session zone is refused', async () => {
  const context: QueryContext = { ...fixture.context, timeZone: 'Mars/Phobos' };
  expect(() => runNow(fixture.engine.run(parseQuery('SELECT now()'), context))).toThrow(
    /Unknown or incorrect time zone: 'Mars\/Phobos'/,
  );
});
