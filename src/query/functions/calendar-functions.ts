/** Functions on weeks, on days counted or looked for, on slices of time and on zones. */
import {
  dateText,
  dateTimeText,
  daysInMonth,
  daysOf,
  daysOfMicros,
  microsOfDays,
  parseDateTime,
  partsOfDays,
} from '../../base/date-text.ts';
import { SimError } from '../../base/errors.ts';
import type { Cell, SqlType } from '../../base/sql-type.ts';
import { isTimeZone } from '../../base/time-zone.ts';
import { epochSecOfWall, wallMicros } from '../time-zone.ts';
import { BIGINT, DATE, DATETIME, INT, STRING } from '../types.ts';
import { WEEKDAYS } from './date-format.ts';
import { type CallArgument, type FunctionSpec, fixed } from './function-spec.ts';
import { weekdayOf, weekOfYear, yearAndWeek } from './week.ts';

const DAYS_MAX = daysOf({ year: 9999, month: 12, day: 31 });
const DAYS_MIN = daysOf({ year: 0, month: 1, day: 1 });
/** What to_days gives for 1970-01-01. */
const EPOCH_DAY_NUMBER = 719_528;

const microsOf = (cell: Cell | undefined): bigint => parseDateTime(String(cell)) ?? 0n;
const daysOfCell = (cell: Cell | undefined): number => daysOfMicros(microsOf(cell));

function dayCell(days: number): Cell {
  return days >= DAYS_MIN && days <= DAYS_MAX ? dateText(days) : null;
}

/** A number made of the day; with a second argument it is the mode. */
const ofDay = (name: string, value: (days: number, mode: number) => number, hasMode = false) =>
  fixed(name, hasMode ? [DATETIME, INT] : [DATETIME], INT, {
    argsMin: 1,
    evaluate: ([d, mode]) => value(daysOfCell(d), Number(mode ?? 0)),
  });

function makeDate([year, day]: readonly Cell[]): Cell {
  const [y, n] = [Number(year), Number(day)];
  if (y < 0 || y > 9999 || n < 1) return null;
  const days = daysOf({ year: y, month: 1, day: 1 }) + n - 1;
  return partsOfDays(days).year === y ? dayCell(days) : null;
}

/** 0 is Monday; a day may be written whole or with its first two or three letters. */
function weekdayNamed(functionName: string, text: Cell | undefined): number {
  const word = String(text);
  const index = WEEKDAYS.findIndex((day) => [day, day.slice(0, 2), day.slice(0, 3)].includes(word));
  if (index >= 0) return index;
  throw new SimError('analysis', `${functionName} not supported in dow_string '${word}'`);
}

const nearDay = (name: string, sign: 1 | -1): FunctionSpec =>
  fixed(name, [DATETIME, STRING], DATE, {
    evaluate: ([d, text]) => {
      const days = daysOfCell(d);
      const away = sign * (weekdayNamed(name.toLowerCase(), text) - weekdayOf(days));
      return dayCell(days + sign * (away <= 0 ? away + 7 : away));
    },
  });

const LAST_MONTHS: Readonly<Record<string, (month: number) => number>> = {
  month: (month) => month,
  quarter: (month) => Math.ceil(month / 3) * 3,
  year: () => 12,
};

function lastDay([d, unit]: readonly Cell[]): Cell {
  const { year, month } = partsOfDays(daysOfCell(d));
  const last = LAST_MONTHS[String(unit ?? 'month').toLowerCase()];
  if (last === undefined) {
    throw new SimError('analysis', 'last_day unit should be month, quarter or year');
  }
  const of = last(month);
  return dayCell(daysOf({ year, month: of, day: daysInMonth(year, of) }));
}

const toIso8601: FunctionSpec = Object.freeze({
  name: 'TO_ISO8601',
  argsMin: 1,
  argsMax: 1,
  types: ([given]: readonly CallArgument[]) => ({
    args: [given?.type.name === 'DATE' ? DATE : DATETIME],
    result: STRING,
  }),
  evaluate: ([d]: readonly Cell[]) => {
    const text = String(d);
    if (!text.includes(' ')) return text;
    return `${text.replace(' ', 'T')}${text.includes('.') ? '' : '.000000'}`;
  },
});

const TIME_OF_DAY = /^\s*(-?)(\d{1,3}):([0-5]?\d):([0-5]?\d)(?:\.\d+)?\s*$/;

function timeToSec([text]: readonly Cell[]): Cell {
  const match = TIME_OF_DAY.exec(String(text));
  if (match === null) return null;
  const [, sign, hours, minutes, seconds] = match;
  const total = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return BigInt(sign === '-' ? -total : total);
}

function convertZone([d, from, to]: readonly Cell[]): Cell {
  const [source, target] = [String(from), String(to)];
  if (!isTimeZone(source) || !isTimeZone(target)) return null;
  const micros = microsOf(d);
  const inSecond = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const epochSec = epochSecOfWall(source, micros - inSecond);
  return dateTimeText(wallMicros(target, epochSec * 1000) + inSecond);
}

const SLICE_MONTHS: Readonly<Record<string, number>> = { YEAR: 12, QUARTER: 3, MONTH: 1 };
const SLICE_MICROS: Readonly<Record<string, bigint>> = {
  WEEK: 604_800_000_000n,
  DAY: 86_400_000_000n,
  HOUR: 3_600_000_000n,
  MINUTE: 60_000_000n,
  SECOND: 1_000_000n,
  MILLISECOND: 1000n,
  MICROSECOND: 1n,
};
/** Slices are counted from the first day of year 1. */
const SLICE_ORIGIN = microsOfDays(daysOf({ year: 1, month: 1, day: 1 }));

function sliced(micros: bigint, count: number, unit: string, isCeil: boolean): bigint | undefined {
  const extra = isCeil ? 1 : 0;
  const months = SLICE_MONTHS[unit];
  if (micros < SLICE_ORIGIN) return undefined;
  if (months !== undefined) {
    const { year, month } = partsOfDays(daysOfMicros(micros));
    const size = months * count;
    const slice = Math.floor(((year - 1) * 12 + month - 1) / size) + extra;
    const at = slice * size;
    return microsOfDays(daysOf({ year: 1 + Math.floor(at / 12), month: (at % 12) + 1, day: 1 }));
  }
  const size = (SLICE_MICROS[unit] ?? 1n) * BigInt(count);
  return SLICE_ORIGIN + ((micros - SLICE_ORIGIN) / size + BigInt(extra)) * size;
}

/** Arguments: a date, how many of the unit, the unit, FLOOR or CEIL. */
function slice(name: string, type: SqlType): FunctionSpec {
  return fixed(name, [DATETIME, INT, STRING, STRING], type, {
    evaluate: ([d, count, unit, boundary]) => {
      if (Number(count) < 1) {
        throw new SimError('analysis', `${name.toLowerCase()} requires second parameter > 0`);
      }
      const at = sliced(microsOf(d), Number(count), String(unit), boundary === 'CEIL');
      if (at === undefined || daysOfMicros(at) > DAYS_MAX) return null;
      return type.name === 'DATE' ? dateText(daysOfMicros(at)) : dateTimeText(at);
    },
  });
}

export const TIME_SLICE: FunctionSpec = slice('TIME_SLICE', DATETIME);
export const DATE_SLICE: FunctionSpec = slice('DATE_SLICE', DATE);

export const CALENDAR_FUNCTIONS: readonly FunctionSpec[] = [
  ofDay('WEEK', (days, mode) => weekOfYear(days, mode).week, true),
  ofDay('WEEKOFYEAR', (days) => weekOfYear(days, 3).week),
  ofDay('WEEK_ISO', (days) => weekOfYear(days, 3).week),
  ofDay('DAYOFWEEK_ISO', (days) => weekdayOf(days) + 1),
  ofDay(
    'YEARWEEK',
    (days, mode) => {
      const { year, week } = yearAndWeek(days, mode);
      return year * 100 + week;
    },
    true,
  ),
  fixed('MAKEDATE', [INT, INT], DATE, { evaluate: makeDate }),
  fixed('FROM_DAYS', [INT], DATE, {
    evaluate: ([n]) => dayCell(Number(n) - EPOCH_DAY_NUMBER),
  }),
  nearDay('NEXT_DAY', 1),
  nearDay('PREVIOUS_DAY', -1),
  fixed('LAST_DAY', [DATETIME, STRING], DATE, { argsMin: 1, evaluate: lastDay }),
  toIso8601,
  fixed('TIME_TO_SEC', [STRING], BIGINT, { evaluate: timeToSec }),
  fixed('CONVERT_TZ', [DATETIME, STRING, STRING], DATETIME, { evaluate: convertZone }),
];
