import fc from 'fast-check';
import { parquetMetadata } from 'hyparquet';
import { describe, expect, test } from 'vitest';
import { dateText, dateTimeText } from '../../../src/base/date-text.ts';
import { formatDecimal } from '../../../src/base/decimal-text.ts';
import type { Cell, SqlType } from '../../../src/base/sql-type.ts';
import { checkColumn } from '../../../src/be-sim/cell-check.ts';
import { decodeInline, encodeInline } from '../../../src/be-sim/meta-records.ts';
import { decodeRows, encodeRows } from '../../../src/be-sim/rowset-codec.ts';
import { column } from './rig.ts';

const integer = (bits: number): fc.Arbitrary<Cell> =>
  fc.oneof(
    fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 }),
    fc.constantFrom(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1),
  );
const big = (bits: bigint): fc.Arbitrary<Cell> => {
  const [min, max] = [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n];
  return fc.oneof(fc.bigInt({ min, max }), fc.constantFrom(min, max, 0n));
};
const decimal = (precision: number, scale: number): fc.Arbitrary<Cell> => {
  const max = 10n ** BigInt(precision) - 1n;
  return fc
    .oneof(fc.bigInt({ min: -max, max }), fc.constantFrom(-max, max, 0n, -1n))
    .map((unscaled) => formatDecimal(unscaled, scale));
};
const days = fc.integer({ min: -719_528, max: 2_932_896 });

const TYPES: readonly (readonly [SqlType, fc.Arbitrary<Cell>])[] = [
  [{ name: 'BOOLEAN' }, fc.boolean()],
  [{ name: 'TINYINT' }, integer(8)],
  [{ name: 'SMALLINT' }, integer(16)],
  [{ name: 'INT' }, integer(32)],
  [{ name: 'BIGINT' }, big(64n)],
  [{ name: 'LARGEINT' }, big(128n)],
  [{ name: 'FLOAT' }, fc.constantFrom(0, -0, 0.1, -1.5, 3.4028235e38, 1e-45, 16_777_216)],
  [
    { name: 'DOUBLE' },
    fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(-0)),
  ],
  [{ name: 'DECIMAL', precision: 9, scale: 2 }, decimal(9, 2)],
  [{ name: 'DECIMAL', precision: 18, scale: 0 }, decimal(18, 0)],
  [{ name: 'DECIMAL', precision: 38, scale: 10 }, decimal(38, 10)],
  [{ name: 'CHAR', length: 5 }, fc.constantFrom('', 'ab', ' a ')],
  [{ name: 'VARCHAR', length: 100 }, fc.string({ unit: 'grapheme' })],
  [{ name: 'VARBINARY' }, fc.uint8Array({ maxLength: 20 })],
  [{ name: 'DATE' }, days.map(dateText)],
  [
    { name: 'DATETIME' },
    fc
      .tuple(days, fc.bigInt({ min: 0n, max: 86_399_999_999n }))
      .map(([day, micros]) => dateTimeText(BigInt(day) * 86_400_000_000n + micros)),
  ],
  [{ name: 'JSON' }, fc.json()],
];

describe.each(TYPES)('cells of type %o', (type, cells) => {
  const columns = [column('c', type)];
  const vector = fc.array(fc.option(cells, { nil: null }), { maxLength: 40 });

  test('come back from a file and from the meta log as they were', () => {
    fc.assert(
      fc.property(vector, (values) => {
        const checked = checkColumn(column('c', type), values);
        const rows = { rowCount: values.length, columns: [checked] };
        const decoded = decodeRows(columns, encodeRows(columns, rows));
        expect(decoded).toEqual(rows);
        const inline = JSON.parse(JSON.stringify(encodeInline(columns, 'upsert', rows)));
        expect(decodeInline(columns, inline)).toEqual([checked]);
      }),
      { numRuns: 25 },
    );
  });
});

test('cells keep their value, minus zero and the shortest float among them', () => {
  const cells = [-0, 0.1, null, 1e300];
  expect(checkColumn(column('c', { name: 'DOUBLE' }), cells)).toEqual(cells);
  expect(checkColumn(column('c', { name: 'FLOAT' }), [0.1])).toEqual([0.1]);
  expect(checkColumn(column('c', { name: 'DATETIME' }), ['2024-02-29 00:00:00.500000'])).toEqual([
    '2024-02-29 00:00:00.500000',
  ]);
  expect(checkColumn(column('c', { name: 'DECIMAL', precision: 5, scale: 2 }), ['-0.00'])).toEqual([
    '0.00',
  ]);
});

test.each<readonly [SqlType, Cell]>([
  [{ name: 'TINYINT' }, 128],
  [{ name: 'BIGINT' }, 2n ** 63n],
  [{ name: 'LARGEINT' }, -(2n ** 127n) - 1n],
  [{ name: 'DOUBLE' }, Number.NaN],
  [{ name: 'DOUBLE' }, Number.POSITIVE_INFINITY],
  [{ name: 'FLOAT' }, 1e39],
  [{ name: 'DECIMAL', precision: 4, scale: 2 }, '100.00'],
  [{ name: 'DECIMAL', precision: 4, scale: 2 }, '1.0'],
  [{ name: 'DATE' }, '2023-02-29'],
  [{ name: 'BOOLEAN' }, 1],
  [{ name: 'VARCHAR', length: 3 }, 5],
])('%o refuses %s by name', (type, cell) => {
  expect(() => checkColumn(column('c', type), [cell])).toThrow(/column 'c' of type .* cannot hold/);
});

test('NULL is refused where a column does not allow it', () => {
  const strict = { ...column('c', { name: 'INT' }), isNullable: false };
  expect(() => checkColumn(strict, [null])).toThrow("column 'c' cannot be NULL");
});

test('plain tools see the logical types, and versions as a column of their own', () => {
  const columns = [
    column('d', { name: 'DATE' }),
    column('t', { name: 'DATETIME' }),
    column('m', { name: 'DECIMAL', precision: 20, scale: 3 }),
    column('s', { name: 'VARCHAR', length: 9 }),
  ];
  const cells = [['2024-02-29'], ['2024-02-29 01:02:03'], ['1.500'], ['x']];
  const bytes = encodeRows(columns, { rowCount: 1, columns: cells, versions: [7] });
  const { schema } = parquetMetadata(bytes);
  expect(schema.slice(1)).toMatchObject([
    { type: 'INT32', logical_type: { type: 'DATE' } },
    { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MICROS' } },
    { type: 'FIXED_LEN_BYTE_ARRAY', converted_type: 'DECIMAL', precision: 20, scale: 3 },
    { type: 'BYTE_ARRAY', logical_type: { type: 'STRING' } },
    { name: '__version', type: 'INT64', repetition_type: 'REQUIRED' },
  ]);
  expect(decodeRows(columns, bytes)).toEqual({ rowCount: 1, columns: cells, versions: [7] });
});

test('zero and minus zero stay two values in one file', () => {
  for (const name of ['FLOAT', 'DOUBLE'] as const) {
    const columns = [column('c', { name })];
    const rows = { rowCount: 4, columns: [[0, -0, 0, -0]] };
    expect(decodeRows(columns, encodeRows(columns, rows))).toEqual(rows);
  }
});

test('bytes that are no rowset file, and a column that is not there, are named', () => {
  const columns = [column('c', { name: 'INT' })];
  expect(() => decodeRows(columns, new Uint8Array(20))).toThrow(/not a readable rowset file/);
  const bytes = encodeRows(columns, { rowCount: 1, columns: [[1]] });
  expect(() => decodeRows([column('x', { name: 'INT' })], bytes)).toThrow("no column 'x'");
});

test('more rows than a row group come back in order', () => {
  const columns = [column('c', { name: 'BIGINT' })];
  const cells = Array.from({ length: 100_500 }, (_, row) => BigInt(row % 977));
  const rows = { rowCount: cells.length, columns: [cells] };
  expect(decodeRows(columns, encodeRows(columns, rows)).columns[0]).toEqual(cells);
});
