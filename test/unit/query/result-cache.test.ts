/** Small results are kept while the files are the same; nothing else is. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { column, createFixture, type FakeTable, type Fixture, query, schemaOf } from './fixture.ts';

let fixture: Fixture;

beforeAll(() => {
  fixture = createFixture();
});
afterAll(async () => {
  expect(fixture.openLeases.size).toBe(0);
  await fixture.close();
});

/** A table of numbers; under the same name it is a new one with files of its own. */
function put(name: string, ...numbers: readonly number[]): void {
  const table: FakeTable = {
    schema: schemaOf('DUP_KEYS', [column('k', { name: 'INT' }, true)]),
    version: 2,
    tablets: [[{ version: 2, rows: numbers.map((number) => [number]) }]],
  };
  fixture.addTable(name, table);
}

/** Nobody but the cache knows the rows any more. */
function removeFiles(name: string): void {
  rmSync(join(fixture.directory, name), { recursive: true });
}

test('a result is given again for the same question about the same files', async () => {
  put('small', 1, 2);
  const first = await query(fixture, 'SELECT k, k + 1 AS n FROM small');
  removeFiles('small');
  expect(await query(fixture, 'SELECT k, k + 1 AS n FROM small')).toEqual(first);
  await expect(query(fixture, 'SELECT k, k + 2 AS n FROM small')).rejects.toThrow('small');
  // Another name of a column is another answer.
  await expect(query(fixture, 'SELECT k, k + 1 AS m FROM small')).rejects.toThrow('small');
});

test('other files of the same table are read', async () => {
  put('changing', 1);
  expect((await query(fixture, 'SELECT sum(k) FROM changing')).rows).toEqual([['1']]);
  put('changing', 1, 2);
  expect((await query(fixture, 'SELECT sum(k) FROM changing')).rows).toEqual([['3']]);
});

test.each([
  ['large results', 'SELECT a.k FROM wide AS a CROSS JOIN wide AS b'],
  ['what chance decides', 'SELECT count(*) FROM wide WHERE rand() < 2'],
])('%s are not kept', async (_, sql) => {
  put('wide', ...Array.from({ length: 80 }, (_unused, n) => n));
  await query(fixture, sql);
  removeFiles('wide');
  await expect(query(fixture, sql)).rejects.toThrow('wide');
});
