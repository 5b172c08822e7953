/**
 * Dates as StarRocks reads and counts them: no zone, years 0000 to 9999, Gregorian throughout.
 * A moment is the number of seconds since 0000-01-01 00:00:00, so that arithmetic is plain.
 */

const DAY_SECONDS = 86_400;
const HOUR_SECONDS = 3600;

export type CalendarUnit = 'HOUR' | 'DAY' | 'WEEK' | 'MONTH' | 'YEAR';

export interface Moment {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly microsecond: number;
}

export function isLeapYear(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

const DATE_TEXT =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,6}))?)?)?$/;
const DATE_KEY_TEXT = /^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2}))?$/;

/**
 * Reads `2024-1-1`, `2024-01-01 10:00:00[.ffffff]`, `20240101` and `20240101100000`;
 * undefined for anything else and for days that the calendar has not.
 */
export function parseMoment(text: string): Moment | undefined {
  const trimmed = text.trim();
  const match = DATE_TEXT.exec(trimmed) ?? DATE_KEY_TEXT.exec(trimmed);
  if (match === null) return undefined;
  const part = (index: number): number => Number(match[index] ?? 0);
  const moment: Moment = {
    year: part(1),
    month: part(2),
    day: part(3),
    hour: part(4),
    minute: part(5),
    second: part(6),
    microsecond: Number((match[7] ?? '').padEnd(6, '0')),
  };
  const isValid =
    moment.month >= 1 &&
    moment.month <= 12 &&
    moment.day >= 1 &&
    moment.day <= daysInMonth(moment.year, moment.month) &&
    moment.hour < 24 &&
    moment.minute < 60 &&
    moment.second < 60;
  return isValid ? moment : undefined;
}

/** `yyyy-MM-dd`. */
export function dateText(moment: Moment): string {
  return `${digits(moment.year, 4)}-${digits(moment.month, 2)}-${digits(moment.day, 2)}`;
}

/** `yyyy-MM-dd HH:mm:ss`, with `.ffffff` only when the fraction is not zero (`Cell`). */
export function dateTimeText(moment: Moment): string {
  const { hour, minute, second, microsecond } = moment;
  const time = `${digits(hour, 2)}:${digits(minute, 2)}:${digits(second, 2)}`;
  const fraction = microsecond === 0 ? '' : `.${digits(microsecond, 6)}`;
  return `${dateText(moment)} ${time}${fraction}`;
}

export function digits(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

export function isMidnight(moment: Moment): boolean {
  return moment.hour + moment.minute + moment.second + moment.microsecond === 0;
}

/** Negative, zero or positive, as `a` is before, at or after `b`. */
export function compareMoments(a: Moment, b: Moment): number {
  return secondsOf(a) - secondsOf(b) || a.microsecond - b.microsecond;
}

/** Days since 0000-01-01. */
function daysOf(year: number, month: number, day: number): number {
  const before = year - 1;
  const leapDays = Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400) + 1;
  let days = year * 365 + leapDays;
  for (let earlier = 1; earlier < month; earlier += 1) days += daysInMonth(year, earlier);
  return days + day - 1;
}

function secondsOf(moment: Moment): number {
  const days = daysOf(moment.year, moment.month, moment.day);
  return days * DAY_SECONDS + moment.hour * HOUR_SECONDS + moment.minute * 60 + moment.second;
}

function momentOfSeconds(seconds: number): Moment {
  const days = Math.floor(seconds / DAY_SECONDS);
  const rest = seconds - days * DAY_SECONDS;
  let year = Math.floor(days / 365.2425);
  while (daysOf(year + 1, 1, 1) <= days) year += 1;
  while (daysOf(year, 1, 1) > days) year -= 1;
  let month = 1;
  while (month < 12 && daysOf(year, month + 1, 1) <= days) month += 1;
  return {
    year,
    month,
    day: days - daysOf(year, month, 1) + 1,
    hour: Math.floor(rest / HOUR_SECONDS),
    minute: Math.floor((rest % HOUR_SECONDS) / 60),
    second: rest % 60,
    microsecond: 0,
  };
}

/** 0 is Sunday. 0000-01-01 was a Saturday. */
function dayOfWeek(moment: Moment): number {
  return (daysOf(moment.year, moment.month, moment.day) + 6) % 7;
}

/** The start of the unit that holds the moment; weeks start on Monday. */
export function startOf(unit: CalendarUnit, moment: Moment): Moment {
  const time = { minute: 0, second: 0, microsecond: 0 };
  if (unit === 'HOUR') return { ...moment, ...time };
  const day = { ...moment, ...time, hour: 0 };
  if (unit === 'WEEK') {
    const sinceMonday = (dayOfWeek(moment) + 6) % 7;
    return momentOfSeconds(secondsOf(day) - sinceMonday * DAY_SECONDS);
  }
  if (unit === 'MONTH') return { ...day, day: 1 };
  return unit === 'YEAR' ? { ...day, month: 1, day: 1 } : day;
}

/** `count` units later; a day that the month has not becomes its last. */
export function plus(unit: CalendarUnit, moment: Moment, count: number): Moment {
  switch (unit) {
    case 'HOUR':
      return momentOfSeconds(secondsOf(moment) + count * HOUR_SECONDS);
    case 'DAY':
      return momentOfSeconds(secondsOf(moment) + count * DAY_SECONDS);
    case 'WEEK':
      return momentOfSeconds(secondsOf(moment) + count * 7 * DAY_SECONDS);
    case 'MONTH':
    case 'YEAR': {
      const months = moment.year * 12 + moment.month - 1 + count * (unit === 'YEAR' ? 12 : 1);
      const year = Math.floor(months / 12);
      const month = (months % 12) + 1;
      return { ...moment, year, month, day: Math.min(moment.day, daysInMonth(year, month)) };
    }
  }
}

/**
 * The number of the week that starts with this Monday, as partition names carry it: week 1 holds
 * January 1, and a week that reaches into the next year is week 53 (`MultiRangePartitionDesc`).
 */
export function weekOfMonday(monday: Moment): number {
  const firstDay = { ...monday, month: 1, day: 1 };
  const days = daysOf(monday.year, monday.month, monday.day) - daysOf(monday.year, 1, 1);
  return Math.floor((days + dayOfWeek(firstDay)) / 7) + 1;
}
