/** How long a snapshot is kept: texts, and the moments they lead to. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDateTime, parseDateTime, plusLocalTime } from '../../../src/base/time-zone.ts';
import { checkTtl, expireTimeOf, parseTtl } from '../../../src/jobs/snapshot-ttl.ts';

const DAY_MS = 86_400_000;

function at(text: string, zone = 'UTC'): number {
  const ms = parseDateTime(text, zone);
  if (ms === undefined) throw new Error(text);
  return ms;
}

describe('a ttl', () => {
  it.each([
    ['7 DAY', { months: 0, days: 7, ms: 0 }],
    ['7 days', { months: 0, days: 7, ms: 0 }],
    ['2 Weeks', { months: 0, days: 14, ms: 0 }],
    ['1 MONTH', { months: 1, days: 0, ms: 0 }],
    ['1 YEAR 2 MONTHS 3 DAYS', { months: 14, days: 3, ms: 0 }],
    ['12 HOUR', { months: 0, days: 0, ms: DAY_MS / 2 }],
    ['1 DAY 12 HOURS', { months: 0, days: 0, ms: 1.5 * DAY_MS }],
    ['2 HOUR -30 MINUTE', { months: 0, days: 0, ms: 90 * 60_000 }],
    ['+1 second', { months: 0, days: 0, ms: 1000 }],
    ['\t3   minutes ', { months: 0, days: 0, ms: 180_000 }],
  ])('%j is understood', (text, ttl) => {
    expect(parseTtl(text)).toEqual(ttl);
  });

  it.each(['', '   '])('%j keeps for ever', (text) => {
    expect(parseTtl(text)).toBeUndefined();
    expect(expireTimeOf(1000, text, 'UTC')).toBeUndefined();
  });

  it.each([
    '7d',
    '7',
    'DAY',
    '7 PARSEC',
    'forever',
    '7DAY',
    '1.5 DAY',
    '7 DAY 1',
    '1 MONTH 12 HOUR',
    '1 QUARTER',
    '7 DAYSS',
    "1 DAY'",
  ])('%j is no duration', (text) => {
    expect(() => parseTtl(text)).toThrow(
      expect.objectContaining({ code: 'analysis', message: `Invalid ttl: '${text}'` }),
    );
  });

  it.each([
    '0 DAY',
    '-1 DAY',
    '0 HOUR 0 MINUTE',
    '1 YEAR -1 MONTH',
    '1 HOUR -60 MINUTES',
    '-0 DAY',
  ])('%j is not positive', (text) => {
    expect(() => parseTtl(text)).toThrow(
      expect.objectContaining({ code: 'analysis', message: expect.stringMatching(/positive/) }),
    );
  });

  it('may not lead beyond what can be shown', () => {
    checkTtl('7000 YEAR', at('2025-01-01 00:00:00'), 'UTC');
    for (const text of ['8000 YEAR', '9999999999 DAYS', '9999999999 HOURS', '2147483647 YEARS']) {
      expect(() => checkTtl(text, at('2025-01-01 00:00:00'), 'UTC')).toThrow(/the year 9999/);
    }
  });
});

describe('the moment of expiry', () => {
  it.each([
    ['7 DAY', '2026-02-07 10:00:00'],
    ['12 HOUR', '2026-01-31 22:00:00'],
    ['1 MONTH', '2026-02-28 10:00:00'],
    ['1 MONTH 1 DAY', '2026-03-01 10:00:00'],
    ['25 MONTH', '2028-02-29 10:00:00'],
    ['1 YEAR', '2027-01-31 10:00:00'],
  ])('of %s after 2026-01-31 10:00 is %s', (ttl, expected) => {
    expect(expireTimeOf(at('2026-01-31 10:00:00'), ttl, 'UTC')).toBe(at(expected));
    for (const zone of ['Asia/Shanghai', '-03:30']) {
      const expire = expireTimeOf(at('2026-01-31 10:00:00', zone), ttl, zone);
      expect(formatDateTime(expire ?? 0, zone)).toBe(expected);
    }
  });

  it('is reckoned in local time, also where the clocks change meanwhile', () => {
    const zone = 'Europe/Berlin';
    // 2026-03-29 02:30 does not exist there, 2026-10-25 02:30 exists twice.
    expect(expireTimeOf(at('2026-03-28 02:30:00', zone), '1 DAY', zone)).toBe(
      at('2026-03-29 03:30:00', zone),
    );
    expect(expireTimeOf(at('2026-10-24 02:30:00', zone), '1 DAY', zone)).toBe(
      at('2026-10-25 02:30:00', '+02:00'),
    );
    expect(expireTimeOf(at('2026-03-28 12:00:00', zone), '24 HOUR', zone)).toBe(
      at('2026-03-29 12:00:00', zone),
    );
  });

  it('invariant 29: is after the end of the backup', () => {
    const units = fc.constantFrom('DAY', 'WEEKS', 'MONTH', 'YEARS', 'HOUR', 'MINUTES');
    const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns', '+14:00');
    const finishes = fc.integer({ min: 1_600_000_000_000, max: 4_000_000_000_000 });
    fc.assert(
      fc.property(
        finishes,
        fc.integer({ min: 120, max: 400 }),
        units,
        zones,
        (ms, n, unit, zone) => {
          expect(expireTimeOf(ms, `${n} ${unit}`, zone)).toBeGreaterThan(ms);
        },
      ),
    );
  });

  it('days are days of the calendar: a time of day stays', () => {
    const span = fc.record({
      months: fc.integer({ min: 0, max: 400 }),
      days: fc.integer({ min: 0, max: 400 }),
      ms: fc.constant(0),
    });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000_000 }), span, (ms, plus) => {
        const time = (one: number): string => formatDateTime(one, '+05:45').slice(11);
        expect(time(plusLocalTime(ms, '+05:45', plus))).toBe(time(ms));
      }),
    );
  });
});
