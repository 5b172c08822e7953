import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compareMoments,
  dateTimeText,
  parseMoment,
  plus,
  startOf,
} from '../../../src/catalog/calendar.ts';
import {
  isColumnName,
  isDatabaseName,
  isLoadLabel,
  isPartitionName,
  isRepositoryName,
  isTableName,
} from '../../../src/catalog/names.ts';

describe('names', () => {
  test.each([
    [isDatabaseName, ['a', 'sales-2024', '_1x', `a${'b'.repeat(255)}`, 'a!@#$%^&<>=+~'], true],
    [isDatabaseName, ['', '1a', '__x', '_', 'a b', 'a.b', `a${'b'.repeat(256)}`, 'ä'], false],
    [isTableName, ['1', 'a b', '表', '😀'.repeat(1024), 'a\nb'], true],
    [isTableName, ['', 'a\0', 'x'.repeat(1025)], false],
    [isColumnName, ['1', 'a b', '__opx', 'x'.repeat(1024)], true],
    [isColumnName, ['', 'a=b', 'a<b', 'a>b', 'a!', 'a*', '__op', '__ROW', 'x\0'], false],
    [isPartitionName, ['p1', '_1', `p${'x'.repeat(63)}`], true],
    [isPartitionName, ['', '1p', '_', '__a', 'p-1', 'placeholder_1', `p${'x'.repeat(64)}`], false],
    [isRepositoryName, ['nightly', '_0'], true],
    [isRepositoryName, ['a-b', 'a.b', '', 'a\n'], false],
    [isLoadLabel, ['-', 'a-b_c', 'x'.repeat(128)], true],
    [isLoadLabel, ['', 'a b', 'x'.repeat(129), 'ä'], false],
  ])('%o of %j: %s', (check, names, expected) => {
    for (const name of names) expect([name, check(name)]).toEqual([name, expected]);
  });
});

describe('calendar', () => {
  const SECONDS = fc.integer({ min: -62_000_000_000, max: 253_000_000_000 });
  const textOf = (date: Date): string => date.toISOString().slice(0, 19).replace('T', ' ');

  test('reads and prints what ISO does', () => {
    fc.assert(
      fc.property(SECONDS, (seconds) => {
        const text = textOf(new Date(seconds * 1000));
        const moment = parseMoment(text);
        expect(moment === undefined ? '' : dateTimeText(moment)).toBe(text);
      }),
    );
  });

  test('adds hours, days and weeks as seconds do, and compares alike', () => {
    fc.assert(
      fc.property(SECONDS, fc.integer({ min: 0, max: 5000 }), (seconds, count) => {
        const moment = parseMoment(textOf(new Date(seconds * 1000)));
        if (moment === undefined) throw new Error('a date of ISO was not read');
        for (const [unit, length] of [
          ['HOUR', 3600],
          ['DAY', 86_400],
          ['WEEK', 604_800],
        ] as const) {
          const later = plus(unit, moment, count);
          const expected = textOf(new Date((seconds + count * length) * 1000));
          if (!expected.startsWith('+')) expect(dateTimeText(later)).toBe(expected);
          expect(Math.sign(compareMoments(later, moment))).toBe(count === 0 ? 0 : 1);
        }
      }),
    );
  });

  test('knows Mondays and the ends of months', () => {
    const at = (text: string) => parseMoment(text) ?? expect.fail(text);
    expect(dateTimeText(startOf('WEEK', at('2024-02-01 10:00:00')))).toBe('2024-01-29 00:00:00');
    expect(dateTimeText(startOf('WEEK', at('2024-01-29')))).toBe('2024-01-29 00:00:00');
    expect(dateTimeText(plus('MONTH', at('2024-01-31'), 1))).toBe('2024-02-29 00:00:00');
    expect(dateTimeText(plus('YEAR', at('2024-02-29'), 1))).toBe('2025-02-28 00:00:00');
    expect(dateTimeText(plus('MONTH', at('2023-12-15'), 1))).toBe('2024-01-15 00:00:00');
  });
});
