/** Expressions made at random give the same in DuckDB and in the interpreter. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Row } from '../../../src/base/row-stream.ts';
import { column, createFixture, type Fixture, query, queryVirtual, schemaOf } from './fixture.ts';

let fixture: Fixture;

const ROWS: readonly Row[] = [
  [1, 3, 10n, 2.5, '1.50', 'abc', '2024-01-31', '2024-02-29 10:11:12', true],
  [2, -7, -3n, -0.75, '-20.25', 'ABC', '1999-12-31', '2000-01-01 00:00:00.000001', false],
  [3, 0, 0n, 0, '0.00', '', '2024-02-29', '1969-12-31 23:59:59', null],
  [4, null, null, null, null, null, null, null, null],
  [
    5,
    2147483647,
    9223372036854775807n,
    1e15,
    '999999.99',
    '12',
    '2020-06-15',
    '2020-06-15 06:07:08',
    true,
  ],
  [
    6,
    -2147483648,
    -9223372036854775808n,
    -123.456,
    '0.01',
    'a_%b',
    '0001-01-01',
    '9999-12-31 23:59:59',
    false,
  ],
];

beforeAll(() => {
  fixture = createFixture();
  const schema = schemaOf('DUP_KEYS', [
    column('id', { name: 'INT' }, true),
    column('i', { name: 'INT' }),
    column('b', { name: 'BIGINT' }),
    column('d', { name: 'DOUBLE' }),
    column('m', { name: 'DECIMAL', precision: 10, scale: 2 }),
    column('s', { name: 'VARCHAR', length: 10 }),
    column('dt', { name: 'DATE' }),
    column('ts', { name: 'DATETIME' }),
    column('y', { name: 'BOOLEAN' }),
  ]);
  fixture.addTable('r', { schema, version: 2, tablets: [[{ version: 2, rows: ROWS }]] });
});
afterAll(() => fixture.close());

type Kind = 'number' | 'text' | 'time' | 'boolean';

const { expr } = fc.letrec<Record<Kind | 'expr', string>>((tie) => {
  const number = tie('number');
  const text = tie('text');
  const time = tie('time');
  const boolean = tie('boolean');
  const form = (template: string, ...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
    fc
      .tuple(...parts)
      .map((texts) => texts.reduce((sql, part) => sql.replace('?', part), template));
  const either = (templates: readonly string[], ...parts: fc.Arbitrary<string>[]) =>
    fc.oneof(...templates.map((template) => form(template, ...parts)));
  const small = fc.integer({ min: -3, max: 5 }).map(String);
  const depth = { maxDepth: 3, depthIdentifier: 'expr' };
  return {
    number: fc.oneof(
      depth,
      fc.constantFrom('i', 'b', 'm', 'd', 'id', '1', '-2', '0', '0.5', '300', '2.50', 'NULL'),
      either(
        ['(? + ?)', '(? - ?)', '(? * ?)', '(? / ?)', '(? % ?)', '(? DIV ?)'],
        fc.constantFrom('i', 'm', 'id', '3'),
        fc.constantFrom('id', 'm', '7', '0', '1.25'),
      ),
      either(
        ['abs(?)', 'round(?, 1)', 'floor(?)', '(-?)', 'sign(?)'],
        fc.constantFrom('i', 'm', 'd', 'id'),
      ),
      either(['length(?)', 'char_length(?)', 'ascii(?)'], text),
      either(
        ['year(?)', 'month(?)', 'day(?)', 'dayofweek(?)', 'hour(?)', 'unix_timestamp(?)'],
        time,
      ),
      either(['datediff(?, ?)', 'timestampdiff(MONTH, ?, ?)'], time, time),
      form('if(?, ?, ?)', boolean, number, number),
      form('coalesce(?, ?)', number, number),
      form('CAST(? AS BIGINT)', fc.oneof(text, number)),
    ),
    text: fc.oneof(
      depth,
      fc.constantFrom('s', "'abc'", "''", "'A_c'", "'12'", 'NULL'),
      form('concat(?, ?)', text, text),
      form('substr(?, ?)', text, small),
      form('substr(?, ?, ?)', text, small, small),
      form('left(?, ?)', text, small),
      form("replace(?, 'b', 'xy')", text),
      form("lpad(?, ?, '*-')", text, small),
      either(['lower(?)', 'reverse(?)', 'md5(?)', 'hex(?)', 'trim(?)'], text),
      form('CAST(? AS STRING)', fc.oneof(number, time, boolean)),
      form("date_format(?, '%Y/%c/%e %H:%i:%s %W')", time),
      form('nullif(?, ?)', text, text),
    ),
    time: fc.oneof(
      depth,
      fc.constantFrom('dt', 'ts', "CAST('2024-02-29' AS DATE)", 'NULL'),
      either(
        ['? + INTERVAL ? DAY', '? - INTERVAL ? MONTH', 'date_add(?, INTERVAL ? HOUR)'],
        fc.constantFrom('ts', 'dt'),
        small,
      ),
      either(
        ["date_trunc('month', ?)", "date_trunc('week', ?)", 'last_day(?)', 'to_date(?)'],
        fc.constantFrom('ts', 'dt'),
      ),
      form('CAST(? AS DATETIME)', text),
    ),
    boolean: fc.oneof(
      depth,
      fc.constantFrom('y', 'TRUE', 'NULL'),
      either(['? = ?', '? < ?', '? >= ?', '? <=> ?', '? != ?'], number, number),
      either(['? = ?', '? < ?', '? <=> ?', '? LIKE ?'], text, text),
      either(['? = ?', '? > ?'], fc.constantFrom('dt', 'ts'), time),
      either(['? = ?', '? > ?'], fc.constantFrom('s', "'12'"), number),
      form('? BETWEEN ? AND ?', number, number, number),
      form('? IN (?, ?)', number, number, number),
      either(['(? AND ?)', '(? OR ?)', '(? XOR ?)'], boolean, boolean),
      form('(NOT ?)', boolean),
      either(['(? IS NULL)', '(? IS NOT NULL)'], fc.oneof(number, text, time)),
    ),
    expr: fc.oneof(number, text, time, boolean),
  };
});

/** The rows, or the code of the error. */
async function both(sql: string): Promise<readonly [unknown, unknown]> {
  const codeOf = (error: unknown): unknown => (error as { code?: string }).code ?? error;
  const real = await query(fixture, sql).catch(codeOf);
  try {
    return [real, queryVirtual(fixture, sql)];
  } catch (error) {
    return [real, codeOf(error)];
  }
}

test('rows, filters and aggregates of random expressions agree', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(expr, { minLength: 1, maxLength: 12 }), async (exprs) => {
      const list = exprs.map((sql) => `(${sql})`);
      const sql = `SELECT ${list.join(', ')} FROM r ORDER BY id`;
      const [real, virtual] = await both(sql);
      expect(virtual).toEqual(real);
      const grouped =
        `SELECT ${list[0]} g, count(*), count(DISTINCT ${list.at(-1)}), min(${list.at(-1)}), ` +
        `max(${list.at(-1)}) FROM r WHERE (${list.at(-1)}) IS NOT NULL OR id > 2 GROUP BY 1 ` +
        'ORDER BY 1 DESC, 2, 3, 4';
      const [realGroups, virtualGroups] = await both(grouped);
      expect(virtualGroups).toEqual(realGroups);
    }),
    {
      numRuns: Number(process.env['QUERY_RUNS'] ?? 20),
      seed: Number(process.env['QUERY_SEED'] ?? 3),
    },
  );
});
