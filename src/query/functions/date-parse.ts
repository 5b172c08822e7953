/**
 * str_to_date: text read by a `%` format as StarRocks reads it. Blanks before a part are passed
 * over, text behind the format is ignored, and a text that ends early leaves the rest unset.
 */
import { daysInMonth, daysOf, microsOfDays, partsOfDays } from '../../base/date-text.ts';
import { MONTHS, mysqlFormat, WEEKDAYS } from './date-format.ts';
import { weekdayOf } from './week.ts';

interface Parsed {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  micros: number;
  isHour12: boolean;
  isAfternoon: boolean;
  dayOfYear: number;
  /** 1 is Monday; 0 is unset. */
  weekday: number;
  week: number;
  weekYear: number;
  isSundayFirst: boolean;
}

/** What is left of the text after a letter; undefined when the text has not what it asks for. */
type ReadLetter = (rest: string, into: Parsed) => string | undefined;

/** Up to `count` digits. */
const number =
  (count: number, set: (into: Parsed, value: number, digits: number) => void): ReadLetter =>
  (rest, into) => {
    const digits = new RegExp(`^\\d{1,${count}}`).exec(rest)?.[0];
    if (digits === undefined) return undefined;
    set(into, Number(digits), digits.length);
    return rest.slice(digits.length);
  };

/** One of several names, of which `chars` letters or all are written; case does not count. */
const name =
  (
    names: readonly string[],
    chars: number | undefined,
    set: (into: Parsed, index: number) => void,
  ): ReadLetter =>
  (rest, into) => {
    const words = names.map((word) => word.slice(0, chars).toLowerCase());
    const index = words.findIndex((word) => rest.toLowerCase().startsWith(word));
    if (index < 0) return undefined;
    set(into, index);
    return rest.slice(words[index]?.length);
  };

const hour12: ReadLetter = (rest, into) => {
  into.isHour12 = true;
  return number(2, (to, value) => {
    to.hour = value;
  })(rest, into);
};
const hour24 = number(2, (into, value) => {
  into.hour = value;
});
const second = number(2, (into, value) => {
  into.second = value;
});
const month = number(2, (into, value) => {
  into.month = value;
});
const day = number(2, (into, value) => {
  into.day = value;
});

const week = (isSundayFirst: boolean): ReadLetter =>
  number(2, (into, value) => {
    into.week = value;
    into.isSundayFirst = isSundayFirst;
  });
const weekYear = number(4, (into, value) => {
  into.weekYear = value;
});

const LETTERS: Readonly<Record<string, ReadLetter>> = {
  Y: number(4, (into, value) => {
    into.year = value;
  }),
  y: number(2, (into, value) => {
    into.year = value + (value >= 70 ? 1900 : 2000);
  }),
  m: month,
  c: month,
  M: name(MONTHS, undefined, (into, index) => {
    into.month = index + 1;
  }),
  b: name(MONTHS, 3, (into, index) => {
    into.month = index + 1;
  }),
  d: day,
  e: day,
  D: (rest, into) => day(rest, into)?.slice(2),
  H: hour24,
  k: hour24,
  h: hour12,
  I: hour12,
  l: hour12,
  i: number(2, (into, value) => {
    into.minute = value;
  }),
  s: second,
  S: second,
  f: number(6, (into, value, digits) => {
    into.micros = value * 10 ** (6 - digits);
  }),
  p: (rest, into) => {
    const half = /^[ap]m/i.exec(rest)?.[0];
    if (half === undefined || !into.isHour12) return undefined;
    into.isAfternoon = half.toLowerCase() === 'pm';
    return rest.slice(2);
  },
  W: name(WEEKDAYS, undefined, (into, index) => {
    into.weekday = index + 1;
  }),
  a: name(WEEKDAYS, 3, (into, index) => {
    into.weekday = index + 1;
  }),
  w: number(1, (into, value) => {
    into.weekday = value === 0 ? 7 : value;
  }),
  j: number(3, (into, value) => {
    into.dayOfYear = value;
  }),
  U: week(true),
  u: week(false),
  V: week(true),
  v: week(false),
  X: weekYear,
  x: weekYear,
  r: (rest, into) => read(rest, '%I:%i:%S %p', into),
  T: (rest, into) => read(rest, '%H:%i:%S', into),
  '%': (rest) => (rest.startsWith('%') ? rest.slice(1) : undefined),
};

function read(text: string, format: string, into: Parsed): string | undefined {
  let rest: string | undefined = text;
  for (const [word, letter] of format.matchAll(/%(.)|./gs)) {
    rest = rest.trimStart();
    if (rest === '') return rest;
    if (letter !== undefined) rest = LETTERS[letter]?.(rest, into);
    else if (word.trim() !== '') rest = rest.startsWith(word) ? rest.slice(word.length) : undefined;
    if (rest === undefined) return undefined;
  }
  return rest;
}

/** The day that the parts name; undefined when they name none. */
function dayOf(parsed: Parsed): number | undefined {
  const { year, dayOfYear, week: weekNumber, weekday, weekYear: ofYear } = parsed;
  if (weekNumber >= 0 && weekday > 0) {
    const counted = ofYear >= 0 ? ofYear : year;
    const first = daysOf({ year: counted, month: 1, day: 1 });
    if (parsed.isSundayFirst) {
      const from = (weekdayOf(first) + 1) % 7;
      return first + (from === 0 ? 0 : 7) - from + (weekNumber - 1) * 7 + (weekday % 7);
    }
    const from = weekdayOf(first);
    return first + (from <= 3 ? 0 : 7) - from + (weekNumber - 1) * 7 + weekday - 1;
  }
  if (dayOfYear > 0) {
    const days = daysOf({ year, month: 1, day: 1 }) + dayOfYear - 1;
    return partsOfDays(days).year === year ? days : undefined;
  }
  const { month: m, day: d } = parsed;
  if (m < 1 || m > 12 || d < 1 || d > daysInMonth(year, m)) return undefined;
  return daysOf({ year, month: m, day: d });
}

/** Microseconds since 1970 of a text in a format; undefined for a text that is not in it. */
export function parseMicros(text: string, format: string): bigint | undefined {
  const parsed: Parsed = {
    year: 0,
    month: 0,
    day: 0,
    hour: 0,
    minute: 0,
    second: 0,
    micros: 0,
    isHour12: false,
    isAfternoon: false,
    dayOfYear: 0,
    weekday: 0,
    week: -1,
    weekYear: -1,
    isSundayFirst: false,
  };
  if (read(text, mysqlFormat(format), parsed) === undefined) return undefined;
  const { isHour12, isAfternoon, minute, second: s, micros } = parsed;
  if (isHour12 && (parsed.hour < 1 || parsed.hour > 12)) return undefined;
  const hour = isHour12 ? (parsed.hour % 12) + (isAfternoon ? 12 : 0) : parsed.hour;
  const days = dayOf(parsed);
  if (days === undefined || hour > 23 || minute > 59 || s > 59) return undefined;
  const seconds = BigInt(hour * 3600 + minute * 60 + s);
  return microsOfDays(days) + seconds * 1_000_000n + BigInt(micros);
}
