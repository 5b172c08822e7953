/** What a load stores of a value, and what it refuses. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { castCell, floatCell } from '../../../src/base/cast-cell.ts';
import { dateText, dateTimeText, parseDate, parseDateTime } from '../../../src/base/date-text.ts';
import { doubleText } from '../../../src/base/double-text.ts';
import type { Cell, SqlType } from '../../../src/base/sql-type.ts';

const TEXT: SqlType = { name: 'VARCHAR', length: 100 };
const DECIMAL: SqlType = { name: 'DECIMAL', precision: 5, scale: 2 };

const STORED: readonly (readonly [Cell, SqlType, SqlType, Cell])[] = [
  [null, TEXT, { name: 'INT' }, null],
  ['12', TEXT, { name: 'INT' }, 12],
  [300, { name: 'SMALLINT' }, { name: 'BIGINT' }, 300n],
  ['12.7', DECIMAL, { name: 'INT' }, 12],
  ['12.345', { name: 'DECIMAL', precision: 5, scale: 3 }, DECIMAL, '12.35'],
  ['-12.345', { name: 'DECIMAL', precision: 5, scale: 3 }, DECIMAL, '-12.35'],
  [7, { name: 'TINYINT' }, DECIMAL, '7.00'],
  [99.995, { name: 'DOUBLE' }, DECIMAL, '100.00'],
  ['2024-1-2', TEXT, { name: 'DATE' }, '2024-01-02'],
  ['20240102', TEXT, { name: 'DATE' }, '2024-01-02'],
  ['2024-01-02 3:04:05', TEXT, { name: 'DATE' }, '2024-01-02'],
  ['2024-1-2 3:4:5.60', TEXT, { name: 'DATETIME' }, '2024-01-02 03:04:05.600000'],
  ['2024-01-02', { name: 'DATE' }, { name: 'DATETIME' }, '2024-01-02 00:00:00'],
  [5, { name: 'TINYINT' }, TEXT, '5'],
  [1e16, { name: 'DOUBLE' }, TEXT, '1e+16'],
  [true, { name: 'BOOLEAN' }, TEXT, '1'],
  [0.1, { name: 'DOUBLE' }, { name: 'FLOAT' }, 0.1],
  ['true', TEXT, { name: 'BOOLEAN' }, true],
  ['[1]', TEXT, { name: 'JSON' }, '[1]'],
  ['äöü', TEXT, { name: 'VARCHAR', length: 6 }, 'äöü'],
];

test.each(STORED)('%s of %o as %o is stored as %s', (cell, from, to, expected) => {
  expect(castCell(cell, from, to, 'c')).toEqual(expected);
});

const REFUSED: readonly (readonly [Cell, SqlType, SqlType, RegExp])[] = [
  [300, { name: 'SMALLINT' }, { name: 'TINYINT' }, /value '300' of column 'c' is not a tinyint/],
  [2n ** 31n, { name: 'BIGINT' }, { name: 'INT' }, /2147483648/],
  ['x', TEXT, { name: 'INT' }, /'x' of column 'c' is not a int/],
  ['12.5', TEXT, { name: 'INT' }, /'12.5'/],
  ['2024-02-30', TEXT, { name: 'DATE' }, /'2024-02-30' of column 'c' is not a date/],
  ['999.995', TEXT, DECIMAL, /decimal\(5, 2\)/],
  ['{', TEXT, { name: 'JSON' }, /json/],
  ['äöü', TEXT, { name: 'CHAR', length: 5 }, /String 'äöü'\(length=6\) is too long/],
];

test.each(REFUSED)('%s of %o as %o is refused', (cell, from, to, text) => {
  const error = expect.objectContaining({ code: 'rows-filtered' });
  expect(() => castCell(cell, from, to, 'c')).toThrow(error);
  expect(() => castCell(cell, from, to, 'c')).toThrow(text);
});

test('days and microseconds come back from their texts', () => {
  fc.assert(
    fc.property(fc.integer({ min: -719_528, max: 2_932_896 }), (days) => {
      expect(parseDate(dateText(days))).toBe(days);
      expect(dateText(days)).toBe(new Date(days * 86_400_000).toISOString().slice(0, 10));
    }),
  );
  fc.assert(
    fc.property(
      fc.bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n }),
      (micros) => {
        expect(parseDateTime(dateTimeText(micros))).toBe(micros);
      },
    ),
  );
});

test('floating numbers print with as few digits as tell them apart', () => {
  expect(floatCell(Math.fround(2.34567))).toBe(2.34567);
  expect([1, 1.5, 1e15, 1.5e16, 0.0001, 0.00001, -0, Number.NaN].map(doubleText)).toEqual([
    '1',
    '1.5',
    '1000000000000000',
    '1.5e+16',
    '0.0001',
    '1e-05',
    '-0',
    'nan',
  ]);
});
