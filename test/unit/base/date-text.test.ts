import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  dateText,
  dateTimeText,
  isCanonicalDate,
  parseDate,
  parseDateTime,
} from '../../../src/base/date-text.ts';

const DAYS = fc.integer({ min: -719_528, max: 2_932_896 });

describe('a date', () => {
  test('is the same day in its canonical text and in any other form', () => {
    fc.assert(
      fc.property(DAYS, (days) => {
        const text = dateText(days);
        const [year = '', month = '', day = ''] = text.split('-');
        expect(isCanonicalDate(text)).toBe(true);
        expect(parseDate(text)).toBe(days);
        expect(parseDate(`${year}/${Number(month)}/${Number(day)}`)).toBe(days);
        expect(parseDate(`${year}${month}${day}`)).toBe(days);
        expect(parseDate(` ${text} `)).toBe(days);
      }),
    );
  });

  test.each(['2024-02-30', '2023-02-29', '2024-13-01', '2024-00-10', '2024-01-00', 'abcd-01-01'])(
    '%s does not exist',
    (text) => {
      expect(parseDate(text)).toBeUndefined();
      expect(isCanonicalDate(text)).toBe(false);
    },
  );
});

describe('a datetime', () => {
  test('is the same moment in its canonical text and in any other form', () => {
    const micros = fc.bigInt({ min: -62_167_219_200_000_000n, max: 253_402_300_799_999_999n });
    fc.assert(
      fc.property(micros, (value) => {
        const text = dateTimeText(value);
        expect(parseDateTime(text)).toBe(value);
        expect(parseDateTime(` ${text}`)).toBe(value);
      }),
    );
  });

  test.each(['2024-01-01 24:00:00', '2024-01-01 00:60:00', '2024-01-01 00:00:6x'])(
    '%s does not exist',
    (text) => {
      expect(parseDateTime(text)).toBeUndefined();
    },
  );
});
