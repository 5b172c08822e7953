/**
 * Dates and times of day as cells hold them: `yyyy-MM-dd` and `yyyy-MM-dd HH:mm:ss[.ffffff]`, in
 * the calendar that is Gregorian for ever, without zones. A date is a count of days since
 * 1970-01-01, a datetime one of microseconds.
 */

const DAY_MICROS = 86_400_000_000n;
const DAY_SECONDS = 86_400;
// Groups: year, separator, month, day, hour, minute, second, fraction.
const TEXT_FORM =
  /^\s*(\d{4})([-/])(\d{1,2})\2(\d{1,2})(?:[ T]+(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d+))?)?)?\s*$/;
const DIGIT_FORM = /^\s*(\d{4})()(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2}))?\s*$/;

export interface DateParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** Days since 1970-01-01 of a day that exists. */
export function daysOf({ year, month, day }: DateParts): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

export function partsOfDays(days: number): DateParts {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthIndex = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthIndex + 2) / 5) + 1;
  const month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

/** How many days a month has. */
export function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

const pad = (value: number, width: number): string => String(value).padStart(width, '0');

/** `yyyy-MM-dd`. */
export function dateText(days: number): string {
  const { year, month, day } = partsOfDays(days);
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
}

/** `yyyy-MM-dd HH:mm:ss`, with `.ffffff` only when the fraction is not zero. */
export function dateTimeText(micros: bigint): string {
  let rest = micros % DAY_MICROS;
  if (rest < 0n) rest += DAY_MICROS;
  const date = dateText(Number((micros - rest) / DAY_MICROS));
  const inDay = Number(rest);
  const seconds = Math.floor(inDay / 1_000_000);
  const fraction = inDay % 1_000_000;
  const time = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const text = `${date} ${time.map((part) => pad(part, 2)).join(':')}`;
  return fraction === 0 ? text : `${text}.${pad(fraction, 6)}`;
}

const DIGIT_ZERO = 48;

/** The number that `count` digits from `at` make; NaN if one of them is none. */
function digitsAt(text: string, at: number, count: number): number {
  let value = 0;
  for (let index = at; index < at + count; index += 1) {
    const digit = text.charCodeAt(index) - DIGIT_ZERO;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

/**
 * Days of a text that begins with exactly `yyyy-MM-dd`, as nearly all do; undefined for every
 * other form, which the general parser then looks at. Large loads spend their time here.
 */
function canonicalDays(text: string): number | undefined {
  if (text.length < 10 || text[4] !== '-' || text[7] !== '-') return undefined;
  const year = digitsAt(text, 0, 4);
  const month = digitsAt(text, 5, 2);
  const day = digitsAt(text, 8, 2);
  const exists = month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
  return exists && !Number.isNaN(year) ? daysOf({ year, month, day }) : undefined;
}

/** Whether a text is a day that exists, written as cells hold it. */
export function isCanonicalDate(text: string): boolean {
  return text.length === 10 && canonicalDays(text) !== undefined;
}

/** Seconds of ` HH:mm:ss` at the end of a text of 19 characters. */
function canonicalSeconds(text: string): number | undefined {
  if (text[10] !== ' ' || text[13] !== ':' || text[16] !== ':') return undefined;
  const hour = digitsAt(text, 11, 2);
  const minute = digitsAt(text, 14, 2);
  const second = digitsAt(text, 17, 2);
  return hour <= 23 && minute <= 59 && second <= 59
    ? hour * 3600 + minute * 60 + second
    : undefined;
}

/**
 * Microseconds of a date or datetime text: `2024-1-2`, `2024/01/02 3:04:05.6`, `20240102`,
 * `20240102030405`. Undefined for any other form and for a day or time that does not exist.
 */
export function parseDateTime(text: string): bigint | undefined {
  if (text.length === 10 || text.length === 19) {
    const days = canonicalDays(text);
    const seconds = text.length === 10 ? 0 : canonicalSeconds(text);
    if (days !== undefined && seconds !== undefined) {
      return BigInt(days * DAY_SECONDS + seconds) * 1_000_000n;
    }
  }
  return parseAnyForm(text);
}

function parseAnyForm(text: string): bigint | undefined {
  const match = TEXT_FORM.exec(text) ?? DIGIT_FORM.exec(text);
  if (match === null) return undefined;
  const part = (index: number): number => Number(match[index] ?? 0);
  const year = part(1);
  const month = part(3);
  const day = part(4);
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  if (part(5) > 23 || part(6) > 59 || part(7) > 59) return undefined;
  const fraction = BigInt((match[8] ?? '').slice(0, 6).padEnd(6, '0'));
  const seconds = part(5) * 3600 + part(6) * 60 + part(7);
  return (
    BigInt(daysOf({ year, month, day })) * DAY_MICROS + BigInt(seconds) * 1_000_000n + fraction
  );
}

/** Days of a date or datetime text, its time of day cut off. */
export function parseDate(text: string): number | undefined {
  if (text.length === 10) {
    const days = canonicalDays(text);
    if (days !== undefined) return days;
  }
  const micros = parseDateTime(text);
  return micros === undefined ? undefined : daysOfMicros(micros);
}

/** The day a datetime is on. */
export function daysOfMicros(micros: bigint): number {
  let rest = micros % DAY_MICROS;
  if (rest < 0n) rest += DAY_MICROS;
  return Number((micros - rest) / DAY_MICROS);
}

export function microsOfDays(days: number): bigint {
  return BigInt(days) * DAY_MICROS;
}
