/** The `%` formats of date_format and from_unixtime, letter by letter. */
import { daysOfMicros, microsOfDays, partsOfDays } from '../../base/date-text.ts';
import { SimError } from '../../base/errors.ts';
import { dayOfYear, weekdayOf, weekOfYear } from './week.ts';

const TIME_LETTERS = 'HkhIlisSfpTr';
/** A longer result of date_format is NULL. */
const RESULT_CHARS_MAX = 128;

/** Java's forms that StarRocks accepts too. */
const JAVA_FORMATS: Readonly<Record<string, string>> = {
  yyyyMMdd: '%Y%m%d',
  'yyyy-MM-dd': '%Y-%m-%d',
  'yyyy-MM-dd HH:mm:ss': '%Y-%m-%d %H:%i:%s',
};

export const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;
/** From Monday on. */
export const WEEKDAYS = [
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
  'Sunday',
] as const;

/** The format in MySQL's letters. */
export function mysqlFormat(format: string): string {
  return JAVA_FORMATS[format] ?? format;
}

export function hasTimeOfDay(format: string): boolean {
  return Array.from(mysqlFormat(format).matchAll(/%(.)/g)).some(([, letter = '']) =>
    TIME_LETTERS.includes(letter),
  );
}

export function monthName(month: number): string {
  return MONTHS[month - 1] ?? '';
}

export function weekdayName(days: number): string {
  return WEEKDAYS[weekdayOf(days)] ?? '';
}

const pad = (value: number, width = 2): string => String(value).padStart(width, '0');

function ordinal(day: number): string {
  const isTeen = day >= 11 && day <= 13;
  return `${day}${isTeen ? 'th' : (['th', 'st', 'nd', 'rd'][day % 10] ?? 'th')}`;
}

interface Moment {
  readonly days: number;
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly micros: number;
}

const hour12 = ({ hour }: Moment): number => (hour % 12 === 0 ? 12 : hour % 12);
const half = ({ hour }: Moment): string => (hour < 12 ? 'AM' : 'PM');
const time = (hour: number, { minute, second }: Moment): string =>
  [hour, minute, second].map((part) => pad(part)).join(':');

const LETTERS: Readonly<Record<string, (at: Moment) => string>> = {
  Y: ({ year }) => pad(year, 4),
  y: ({ year }) => pad(year % 100),
  m: ({ month }) => pad(month),
  c: ({ month }) => String(month),
  M: ({ month }) => monthName(month),
  b: ({ month }) => monthName(month).slice(0, 3),
  d: ({ day }) => pad(day),
  e: ({ day }) => String(day),
  D: ({ day }) => ordinal(day),
  j: ({ days }) => pad(dayOfYear(days), 3),
  H: ({ hour }) => pad(hour),
  k: ({ hour }) => String(hour),
  h: (at) => pad(hour12(at)),
  I: (at) => pad(hour12(at)),
  l: (at) => String(hour12(at)),
  i: ({ minute }) => pad(minute),
  s: ({ second }) => pad(second),
  S: ({ second }) => pad(second),
  f: ({ micros }) => pad(micros, 6),
  p: half,
  r: (at) => `${time(hour12(at), at)} ${half(at)}`,
  T: (at) => time(at.hour, at),
  W: ({ days }) => weekdayName(days),
  a: ({ days }) => weekdayName(days).slice(0, 3),
  w: ({ days }) => String((weekdayOf(days) + 1) % 7),
  U: ({ days }) => pad(weekOfYear(days, 0).week),
  u: ({ days }) => pad(weekOfYear(days, 1).week),
  V: ({ days }) => pad(weekOfYear(days, 2).week),
  v: ({ days }) => pad(weekOfYear(days, 3).week),
  X: ({ days }) => pad(weekOfYear(days, 2).year, 4),
  x: ({ days }) => pad(weekOfYear(days, 3).year, 4),
  '%': () => '%',
};

/** A datetime in a format; null when the text is too long; refuses an unknown letter by name. */
export function formatMicros(functionName: string, micros: bigint, format: string): string | null {
  const days = daysOfMicros(micros);
  const inDay = Number(micros - microsOfDays(days));
  const seconds = Math.floor(inDay / 1_000_000);
  const at: Moment = {
    days,
    ...partsOfDays(days),
    hour: Math.floor(seconds / 3600),
    minute: Math.floor(seconds / 60) % 60,
    second: seconds % 60,
    micros: inDay % 1_000_000,
  };
  const text = mysqlFormat(format).replace(/%(.?)/gs, (_, letter: string) => {
    const print = LETTERS[letter];
    if (print !== undefined) return print(at);
    throw new SimError('unsupported', `${functionName} with '%${letter}' is not supported`);
  });
  return text.length > RESULT_CHARS_MAX ? null : text;
}
