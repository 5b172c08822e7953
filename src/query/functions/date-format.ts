/**
 * The `%` formats of date_format, str_to_date and from_unixtime: printed here for the interpreter,
 * and put into DuckDB's letters for the rest.
 */
import { daysOf, daysOfMicros, microsOfDays, partsOfDays } from '../../base/date-text.ts';
import { SimError } from '../../base/errors.ts';

/** MySQL's letter -> strftime's words; what is missing is refused. */
const LETTERS: Readonly<Record<string, string>> = {
  Y: '%Y',
  y: '%y',
  m: '%m',
  c: '%-m',
  M: '%B',
  b: '%b',
  d: '%d',
  e: '%-d',
  j: '%j',
  H: '%H',
  k: '%-H',
  h: '%I',
  I: '%I',
  l: '%-I',
  i: '%M',
  s: '%S',
  S: '%S',
  f: '%f',
  p: '%p',
  W: '%A',
  a: '%a',
  T: '%H:%M:%S',
  r: '%I:%M:%S %p',
  '%': '%%',
};
const TIME_LETTERS = 'HkhIlisSfpTr';

/** Java's forms that StarRocks accepts too. */
const JAVA_FORMATS: Readonly<Record<string, string>> = {
  yyyyMMdd: '%Y%m%d',
  'yyyy-MM-dd': '%Y-%m-%d',
  'yyyy-MM-dd HH:mm:ss': '%Y-%m-%d %H:%i:%s',
};

const MONTHS = [
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
];
const WEEKDAYS = ['Thursday', 'Friday', 'Saturday', 'Sunday', 'Monday', 'Tuesday', 'Wednesday'];

/** The format in DuckDB's letters; refuses a letter that has no exact match, by name. */
export function strftimeFormat(functionName: string, format: string): string {
  const mysql = JAVA_FORMATS[format] ?? format;
  return mysql.replace(/%(.?)/gs, (_, letter: string) => {
    const known = LETTERS[letter];
    if (known !== undefined) return known;
    throw new SimError('unsupported', `${functionName} with '%${letter}' is not supported`);
  });
}

export function hasTimeOfDay(format: string): boolean {
  const mysql = JAVA_FORMATS[format] ?? format;
  return Array.from(mysql.matchAll(/%(.)/g)).some(([, letter = '']) =>
    TIME_LETTERS.includes(letter),
  );
}

export function monthName(month: number): string {
  return MONTHS[month - 1] ?? '';
}

/** 0 is Monday. */
export function weekdayOf(days: number): number {
  return (((days + 3) % 7) + 7) % 7;
}

export function weekdayName(days: number): string {
  return WEEKDAYS[((days % 7) + 7) % 7] ?? '';
}

export function dayOfYear(days: number): number {
  const { year } = partsOfDays(days);
  return days - daysOf({ year, month: 1, day: 1 }) + 1;
}

const pad = (value: number, width = 2): string => String(value).padStart(width, '0');

/** A datetime in a format that `strftimeFormat` accepts. */
export function formatMicros(micros: bigint, format: string): string {
  const days = daysOfMicros(micros);
  const { year, month, day } = partsOfDays(days);
  const inDay = Number(micros - microsOfDays(days));
  const seconds = Math.floor(inDay / 1_000_000);
  const hour = Math.floor(seconds / 3600);
  const print: Readonly<Record<string, () => string>> = {
    '%Y': () => pad(year, 4),
    '%y': () => pad(year % 100),
    '%m': () => pad(month),
    '%-m': () => String(month),
    '%B': () => monthName(month),
    '%b': () => monthName(month).slice(0, 3),
    '%d': () => pad(day),
    '%-d': () => String(day),
    '%j': () => pad(dayOfYear(days), 3),
    '%H': () => pad(hour),
    '%-H': () => String(hour),
    '%I': () => pad(hour % 12 === 0 ? 12 : hour % 12),
    '%-I': () => String(hour % 12 === 0 ? 12 : hour % 12),
    '%M': () => pad(Math.floor(seconds / 60) % 60),
    '%S': () => pad(seconds % 60),
    '%f': () => pad(inDay % 1_000_000, 6),
    '%p': () => (hour < 12 ? 'AM' : 'PM'),
    '%A': () => weekdayName(days),
    '%a': () => weekdayName(days).slice(0, 3),
    '%%': () => '%',
  };
  return strftimeFormat('date_format', format).replace(/%-?./gs, (word) => print[word]?.() ?? word);
}
