/** Where MySQL, StarRocks and DuckDB part ways: StarRocks' answer, in both engines. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { column, createFixture, type Fixture, query, queryVirtual, schemaOf } from './fixture.ts';

let fixture: Fixture;

beforeAll(() => {
  fixture = createFixture();
  fixture.addTable('one', {
    schema: schemaOf('DUP_KEYS', [column('k', { name: 'INT' }, true)]),
    version: 2,
    tablets: [[{ version: 2, rows: [[1]] }]],
  });
});
afterAll(() => fixture.close());

type Values = Readonly<Record<string, string | null>>;

const NUMBERS: Values = {
  '1/0': null,
  '1 % 0': null,
  '1 DIV 0': null,
  '1.0/0': null,
  '5/2': '2.5',
  '5 DIV 2': '2',
  '-5 DIV 2': '-2',
  '-5 % 3': '-2',
  '5 % -3': '2',
  '10/3': '3.3333333333333335',
  '1.0/3': '0.3333333',
  'cast(10 as decimal(10,2))/3': '3.33333333',
  '7 * 1.10': '7.70',
  '1.5 * 1.25': '1.875',
  '0.1 + 0.2': '0.3',
  '0.1e0 + 0.2e0': '0.30000000000000004',
  '2147483647 + 1': '2147483648',
  '9223372036854775807 + 1': '-9223372036854775808',
  '-(-9223372036854775808)': '9223372036854775808',
  'abs(-128)': '128',
  '~0': '-1',
  '5 & 3': '1',
  '5 | 3': '7',
  '5 ^ 3': '6',
  'round(2.5)': '3',
  'round(-2.5)': '-3',
  'round(2.5e0)': '3',
  'round(-1.5e0)': '-2',
  'round(2.675, 2)': '2.68',
  'round(25, -1)': '30',
  'truncate(-1.99, 1)': '-1.9',
  'hex(-1)': 'FFFFFFFFFFFFFFFF',
  'true + true': '2',
  'cast(1.9 as int)': '1',
  'cast(-1.9 as int)': '-1',
  "cast('9999999999' as int)": null,
  "cast('1e2' as int)": null,
  "cast('' as int)": null,
  'cast(1e20 as bigint)': null,
  "cast('1.005' as decimal(10,2))": '1.01',
  'cast(123456.789 as decimal(5,1))': null,
  // Text that meets a decimal becomes one of its type, and an integer one of 38 digits.
  "cast(12.35 as decimal(10, 2)) = '12.354'": '1',
  "cast(12.35 as decimal(10, 2)) < '12.354'": '1',
  "7 = '7.0000000001'": '1',
  "7 < '7.0000000001'": '1',
  "7 IN ('7.0')": '1',
  'cast(1e0 as string)': '1',
  'cast(1e20 as string)': '1e+20',
  'cast(0.1 as boolean)': '1',
  "cast('yes' as boolean)": null,
};

const TEXTS: Values = {
  "'a' = 0": null,
  "'1a' = 1": null,
  "'' = 0": null,
  "'1' = 1.0": '1',
  "1 = '01'": '1',
  "'a' = 'a '": '0',
  "'a' = 'A'": '0',
  "'abc' < 5": null,
  "'1' + 1": '2',
  "'a' + 1": null,
  "'1' || 1": '11',
  'concat(1, 2.50, true)': '12.501',
  'concat(1, NULL)': null,
  "concat_ws(',', NULL, 'a')": 'a',
  "'abc' LIKE 'ABC'": '0',
  "'a%c' LIKE 'a\\\\%c'": '1',
  "'abc' LIKE 'a\\\\%c'": '0',
  "'a\\\\b' LIKE 'a\\\\\\\\b'": '1',
  "'a\\nb' LIKE 'a_b'": '1',
  "'' LIKE ''": '1',
  "'abc' LIKE NULL": null,
  "substr('hello', 0)": '',
  "substr('hello', 0, 2)": '',
  "substr('hello', -3, 2)": 'll',
  "substr('hello', -10)": '',
  "substr('hello', 3, -1)": '',
  "locate('', 'abc')": '1',
  "locate('b', 'abcb', 0)": '0',
  "instr('abc', '')": '1',
  "substring_index('a.b.c', '.', 5)": 'a.b.c',
  "upper('aßé')": 'Aßé',
  "lower('AÉİ')": 'aÉİ',
  "length('é')": '2',
  "char_length('é')": '1',
  "reverse('né')": 'én',
  "'it''s'": "it's",
  '"say ""hi"""': 'say "hi"',
  "hex('\\0x\\Z')": '00781A',
  "'pct\\%'": 'pct\\%',
  "'a\\qb'": 'aqb',
  "'ab' REGEXP '^A'": '0',
};

const CONDITIONS: Values = {
  'NULL = NULL': null,
  'NULL <=> NULL': '1',
  '1 <=> NULL': '0',
  'NULL AND FALSE': '0',
  'NULL OR TRUE': '1',
  'NOT NULL': null,
  'NOT 5': '0',
  '1 XOR 1': '0',
  '2 = TRUE': '0',
  "1 AND 'x'": null,
  "true = 'true'": '1',
  '1 IN (NULL, 1)': '1',
  '1 IN (NULL, 2)': null,
  '1 NOT IN (NULL, 2)': null,
  "'a' IN ('A')": '0',
  'CASE NULL WHEN NULL THEN 1 ELSE 2 END': '2',
  "if('a', 1, 2)": '2',
  'if(NULL, 1, 2)': '2',
  "nullif('a', 'A')": 'a',
  'greatest(1, NULL)': null,
  "greatest('b', 'B')": 'b',
  'coalesce(NULL, NULL)': null,
};

const TIMES: Values = {
  "date_add('9999-12-31', INTERVAL 1 DAY)": null,
  "date_sub('0000-01-01', INTERVAL 1 DAY)": null,
  "'2024-01-31' + INTERVAL 1 MONTH": '2024-02-29 00:00:00',
  "'2024-02-30' + INTERVAL 1 DAY": null,
  "INTERVAL 1 DAY + '2024-02-28'": '2024-02-29 00:00:00',
  "'2024-03-01' - INTERVAL -1 DAY": '2024-03-02 00:00:00',
  "date('2024-13-01')": null,
  "datediff('2024-01-01', '2023-12-31 23:59:59')": '1',
  "timestampdiff(DAY, '2024-01-01 12:00:00', '2024-01-02 11:00:00')": '0',
  "timestampdiff(MONTH, '2024-01-31', '2024-02-29')": '0',
  "'2024-01-01' > DATE '2023-12-31'": '1',
  "DATE '2024-01-01' = '2024-01-01 00:00:00'": '1',
  "DATE '2024-01-01' = 20240101": '1',
  "cast('2024-01-01 10:00:00' as datetime) > 20240101": '1',
  'curdate() > 5': '1',
  "cast('2024-1-1' as date)": '2024-01-01',
  'cast(20240101 as date)': '2024-01-01',
  "cast('2024-01-01T10:00:00' as datetime)": '2024-01-01 10:00:00',
  "unix_timestamp('1970-01-01 08:00:00')": '0',
  "unix_timestamp('bad')": null,
  'from_unixtime(0)': '1970-01-01 08:00:00',
  "dayofweek('2024-01-07')": '1',
  "weekday('2024-01-07')": '6',
  "week('2024-12-31')": '52',
  "date_format('2024-01-01', '%Y年')": '2024年',
};

const ONLY_DUCKDB: ReadonlySet<string> = new Set(["'ab' REGEXP '^A'"]);

test.each([
  ['numbers', NUMBERS],
  ['texts', TEXTS],
  ['conditions', CONDITIONS],
  ['times', TIMES],
])('%s', async (_, values) => {
  const answer = (calls: readonly string[], row: readonly (string | null)[] | undefined): Values =>
    Object.fromEntries(calls.map((call, index) => [call, row?.[index] ?? null]));
  const calls = Object.keys(values);
  const real = await query(fixture, `SELECT ${calls.join(', ')} FROM one`);
  expect(answer(calls, real.rows[0])).toEqual(values);
  const both = calls.filter((call) => !ONLY_DUCKDB.has(call));
  const virtual = queryVirtual(fixture, `SELECT ${both.join(', ')}`);
  expect(answer(both, virtual.rows[0])).toEqual(
    Object.fromEntries(both.map((call) => [call, values[call] ?? null])),
  );
});
