import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  calendarFields,
  formatDateTime,
  formatTimestampLabel,
  isTimeZone,
  offsetMs,
  parseDateTime,
} from '../../../src/base/time-zone.ts';

const MS = 1_700_000_000_123;
const NEW_YORK = 'America/New_York';

describe('an instant', () => {
  test.each([
    ['UTC', '2023-11-14-22-13-20-123'],
    ['Asia/Shanghai', '2023-11-15-06-13-20-123'],
    ['+08:00', '2023-11-15-06-13-20-123'],
    ['CST', '2023-11-15-06-13-20-123'],
    ['-03:30', '2023-11-14-18-43-20-123'],
    ['Asia/Kathmandu', '2023-11-15-03-58-20-123'],
  ])('in %s names a snapshot %s', (zone, label) => {
    expect(formatTimestampLabel(MS, zone)).toBe(label);
    const [year, month, day, hour, minute, second] = label.split('-');
    expect(formatDateTime(MS, zone)).toBe(`${year}-${month}-${day} ${hour}:${minute}:${second}`);
  });

  test('has the fields of a calendar', () => {
    expect(calendarFields(MS, 'UTC')).toEqual({
      year: 2023,
      month: 11,
      day: 14,
      hour: 22,
      minute: 13,
      second: 20,
      millisecond: 123,
      weekday: 2,
    });
    expect(formatDateTime(-1, 'UTC')).toBe('1969-12-31 23:59:59');
    expect(formatDateTime(Date.UTC(2024, 1, 29), 'UTC')).toBe('2024-02-29 00:00:00');
  });

  test('follows the clocks of its zone to the second', () => {
    const spring = Date.UTC(2024, 2, 10, 7);
    expect(formatDateTime(spring - 1000, NEW_YORK)).toBe('2024-03-10 01:59:59');
    expect(formatDateTime(spring, NEW_YORK)).toBe('2024-03-10 03:00:00');
    const autumn = Date.UTC(2024, 10, 3, 6);
    expect(formatDateTime(autumn - 1000, NEW_YORK)).toBe('2024-11-03 01:59:59');
    expect(formatDateTime(autumn, NEW_YORK)).toBe('2024-11-03 01:00:00');
    // Half an hour of summer time, and a zone that went over the date line.
    expect(offsetMs(Date.UTC(2024, 0, 1), 'Australia/Lord_Howe')).toBe(11 * 3_600_000);
    expect(offsetMs(Date.UTC(2024, 6, 1), 'Australia/Lord_Howe')).toBe(10.5 * 3_600_000);
    expect(formatDateTime(Date.UTC(2011, 11, 30, 10), 'Pacific/Apia')).toBe('2011-12-31 00:00:00');
  });
});

describe('a text', () => {
  test.each([
    ['2023-11-15 06:13:20', 'Asia/Shanghai', 1_700_000_000_000],
    ['2023-11-15T06:13:20.123456', '+08:00', MS],
    [' 2023-11-14 ', 'UTC', Date.UTC(2023, 10, 14)],
    ['0001-01-01 00:00:00', 'UTC', -62_135_596_800_000],
  ])('%s in %s is an instant', (text, zone, ms) => {
    expect(parseDateTime(text, zone)).toBe(ms);
  });

  test('of a time that the clocks skip is moved on, of one shown twice the first is meant', () => {
    expect(parseDateTime('2024-03-10 02:30:00', NEW_YORK)).toBe(Date.UTC(2024, 2, 10, 7, 30));
    expect(parseDateTime('2024-11-03 01:30:00', NEW_YORK)).toBe(Date.UTC(2024, 10, 3, 5, 30));
  });

  test.each([
    '',
    '2023-02-29',
    '2023-13-01',
    '2023-00-10',
    '2023-01-00',
    '2023-01-01 24:00:00',
    '2023-01-01 00:60:00',
    '2023-01-01 00:00',
    '23-01-01',
    'now',
  ])('%j is none', (text) => {
    expect(parseDateTime(text, 'UTC')).toBeUndefined();
  });

  test('written by us is read back as the same second', () => {
    const zone = fc.constantFrom('UTC', '-11:45', 'Asia/Shanghai', 'Asia/Kolkata', 'Europe/Moscow');
    const seconds = fc.integer({ min: 946_684_800, max: 1_893_456_000 });
    fc.assert(
      fc.property(zone, seconds, (name, second) => {
        const text = formatDateTime(second * 1000, name);
        const back = parseDateTime(text, name);
        expect(back).toBeDefined();
        expect(formatDateTime(back ?? 0, name)).toBe(text);
        expect(Math.abs((back ?? 0) - second * 1000)).toBeLessThanOrEqual(3_600_000);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a time zone', () => {
  test.each(['UTC', 'CST', 'PRC', 'Asia/Tokyo', '+08:00', '-8:00', '+14:00', '-12:00'])(
    '%s is one',
    (text) => expect(isTimeZone(text)).toBe(true),
  );

  test.each([
    '',
    'SYSTEM',
    'Mars/Base',
    '+14:01',
    '-12:01',
    '+08',
    '+08:60',
    '08:00',
    'constructor',
  ])('%j is none', (text) => {
    expect(isTimeZone(text)).toBe(false);
    expect(() => offsetMs(0, text)).toThrow(`Unknown or incorrect time zone: '${text}'`);
  });
});
