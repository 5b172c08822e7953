/** Functions on dates and times of day; what depends on the zone gets it as a literal argument. */
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
import { epochSecOfWall, fixedOffsetSec, ianaName, wallMicros } from '../time-zone.ts';
import { BIGINT, DATE, DATETIME, INT, SMALLINT, STRING, TINYINT } from '../types.ts';
import { formatMicros, hasTimeOfDay, monthName, weekdayName } from './date-format.ts';
import { parseMicros } from './date-parse.ts';
import {
  type CallArgument,
  type CallTypes,
  type FunctionSpec,
  fixed,
  literalText,
  quoteText,
} from './function-spec.ts';
import { dayOfYear, weekdayOf } from './week.ts';

const DAY_MICROS = 86_400_000_000n;
/** The last moment a DATETIME can hold. */
const MICROS_MAX = 253_402_300_799_999_999n;
const UNIX_SEC_MAX = 253_402_243_199;

const microsOf = (cell: Cell | undefined): bigint => parseDateTime(String(cell)) ?? 0n;
const daysOfCell = (cell: Cell | undefined): number => daysOfMicros(microsOf(cell));

function part(name: string, result: SqlType, duckdb: string, value: (micros: bigint) => number) {
  return fixed(name, [DATETIME], result, {
    duckdb: ([d]) => `CAST(${duckdb.replace('?', d ?? '')} AS ${result.name})`,
    evaluate: ([d]) => value(microsOf(d)),
  });
}

const inDay = (micros: bigint, unitMicros: bigint, count: bigint): number =>
  Number(((micros - microsOfDays(daysOfMicros(micros))) / unitMicros) % count);
const civil = (micros: bigint): ReturnType<typeof partsOfDays> => partsOfDays(daysOfMicros(micros));

/** Months or microseconds in one step of a unit, with StarRocks' names for adding it. */
const UNITS: Readonly<Record<string, { months: number } | { micros: bigint }>> = {
  YEAR: { months: 12 },
  QUARTER: { months: 3 },
  MONTH: { months: 1 },
  WEEK: { micros: 7n * DAY_MICROS },
  DAY: { micros: DAY_MICROS },
  HOUR: { micros: 3_600_000_000n },
  MINUTE: { micros: 60_000_000n },
  SECOND: { micros: 1_000_000n },
  MILLISECOND: { micros: 1000n },
  MICROSECOND: { micros: 1n },
};

function shifted(micros: bigint, unit: string, count: number): Cell {
  const step = UNITS[unit] ?? { micros: 0n };
  let moved: bigint;
  if ('micros' in step) {
    moved = micros + step.micros * BigInt(count);
  } else {
    const days = daysOfMicros(micros);
    const { year, month, day } = partsOfDays(days);
    const months = year * 12 + month - 1 + step.months * count;
    const to = { year: Math.floor(months / 12), month: (((months % 12) + 12) % 12) + 1 };
    const last = daysInMonth(to.year, to.month);
    const target = daysOf({ ...to, day: Math.min(day, last) });
    moved = microsOfDays(target) + (micros - microsOfDays(days));
  }
  return moved > MICROS_MAX || civil(moved).year < 0 ? null : dateTimeText(moved);
}

/** `d + INTERVAL n unit`: the arguments are a datetime and a count. */
function shift(name: string, unit: string, sign: 1 | -1): FunctionSpec {
  const step = UNITS[unit] ?? { micros: 0n };
  return fixed(name, [DATETIME, INT], DATETIME, {
    duckdb: ([d, n]) => {
      const count = `${sign === -1 ? '-' : ''}CAST(${n} AS BIGINT)`;
      const interval =
        'months' in step
          ? `to_months(CAST(${count} * ${step.months} AS INTEGER))`
          : `to_microseconds(${count} * ${step.micros})`;
      return `sr_in_range(${d} + ${interval})`;
    },
    evaluate: ([d, n]) => shifted(microsOf(d), unit, sign * Number(n)),
  });
}

const shifts = new Map<string, FunctionSpec>();
for (const unit of Object.keys(UNITS)) {
  const plural = `${unit}S`;
  shifts.set(`${plural}_ADD`, shift(`${plural}_ADD`, unit, 1));
  shifts.set(`${plural}_SUB`, shift(`${plural}_SUB`, unit, -1));
}

/** The function that adds (or takes away) so many of a unit; refuses units StarRocks has not. */
export function shiftFunction(unit: string, isAdding: boolean): FunctionSpec {
  const found = shifts.get(`${unit.toUpperCase()}S_${isAdding ? 'ADD' : 'SUB'}`);
  if (found !== undefined) return found;
  throw new SimError('unsupported', `INTERVAL with unit '${unit}' is not supported`);
}

const TRUNC_UNITS = ['YEAR', 'QUARTER', 'MONTH', 'WEEK', 'DAY', 'HOUR', 'MINUTE', 'SECOND'];

function truncated(micros: bigint, unit: string): bigint {
  const step = UNITS[unit];
  const days = daysOfMicros(micros);
  if (unit === 'WEEK') return microsOfDays(days - weekdayOf(days));
  if (step !== undefined && 'micros' in step) {
    const rest = ((micros % step.micros) + step.micros) % step.micros;
    return micros - rest;
  }
  const { year, month } = partsOfDays(days);
  const first = unit === 'YEAR' ? 1 : unit === 'QUARTER' ? month - ((month - 1) % 3) : month;
  return microsOfDays(daysOf({ year, month: first, day: 1 }));
}

const dateTrunc: FunctionSpec = Object.freeze({
  name: 'DATE_TRUNC',
  argsMin: 2,
  argsMax: 2,
  types: ([unit, value]: readonly CallArgument[]): CallTypes => {
    const word = literalText('date_trunc', 'the unit', unit).toUpperCase();
    if (!TRUNC_UNITS.includes(word)) {
      throw new SimError('analysis', `date_trunc function can't support argument: ${word}`);
    }
    const type = value?.type.name === 'DATE' ? DATE : DATETIME;
    return { args: [STRING, type], result: type };
  },
  duckdb: ([unit, d]: readonly string[], { result }: CallTypes) =>
    `CAST(date_trunc(${unit}, ${d}) AS ${result.name === 'DATE' ? 'DATE' : 'TIMESTAMP'})`,
  evaluate: ([unit, d]: readonly Cell[], { result }: CallTypes) => {
    const micros = truncated(microsOf(d), String(unit).toUpperCase());
    return result.name === 'DATE' ? dateText(daysOfMicros(micros)) : dateTimeText(micros);
  },
});

const dateFormat = fixed('DATE_FORMAT', [DATETIME, STRING], STRING, {
  evaluate: ([d, format]) => formatMicros('date_format', microsOf(d), String(format)),
});

/** A written format tells whether there is a time of day; one that is computed may have one. */
const strToDate = (name: string): FunctionSpec =>
  Object.freeze({
    name,
    argsMin: 2,
    argsMax: 2,
    types: ([, format]: readonly CallArgument[]): CallTypes => {
      const written = typeof format?.literal === 'string' ? format.literal : undefined;
      const isDate = name === 'STR2DATE' || (written !== undefined && !hasTimeOfDay(written));
      return { args: [STRING, STRING], result: isDate ? DATE : DATETIME };
    },
    evaluate: ([text, format]: readonly Cell[], { result }: CallTypes) => {
      const micros = parseMicros(String(text), String(format));
      if (micros === undefined) return null;
      return result.name === 'DATE' ? dateText(daysOfMicros(micros)) : dateTimeText(micros);
    },
  });

/** Arguments: a datetime, the zone. */
export const UNIX_TIMESTAMP_IN_ZONE: FunctionSpec = fixed(
  'UNIX_TIMESTAMP',
  [DATETIME, STRING],
  BIGINT,
  {
    duckdb: ([d], _, [, zone]) => {
      const name = literalText('unix_timestamp', 'the zone', zone);
      const offset = fixedOffsetSec(name);
      const instant = offset === undefined ? `timezone(${quoteText(ianaName(name))}, ${d})` : d;
      const seconds = `CAST(floor(epoch(${instant})) AS BIGINT)`;
      const nullIfNull = `CASE WHEN ${d} IS NULL THEN NULL ELSE 0 END`;
      return `greatest(0, ${seconds} - ${offset ?? 0}) + ${nullIfNull}`;
    },
    evaluate: ([d, zone]) => BigInt(Math.max(0, epochSecOfWall(String(zone), microsOf(d)))),
  },
);

/** Arguments: seconds since 1970, the zone, the format. */
export const FROM_UNIXTIME_IN_ZONE: FunctionSpec = fixed(
  'FROM_UNIXTIME',
  [BIGINT, STRING, STRING],
  STRING,
  {
    evaluate: ([n, zone, format]) => {
      const seconds = Number(n);
      if (seconds < 0 || seconds > UNIX_SEC_MAX) return null;
      const wall = wallMicros(String(zone), seconds * 1000);
      return formatMicros('from_unixtime', wall, String(format));
    },
  },
);

const difference = (name: string, unitMicros: bigint): FunctionSpec =>
  fixed(name, [DATETIME, DATETIME], BIGINT, {
    duckdb: ([a, b]) => `((epoch_us(${a}) - epoch_us(${b})) // ${unitMicros})`,
    evaluate: ([a, b]) => (microsOf(a) - microsOf(b)) / unitMicros,
  });

const monthsBetween = (name: string, monthsInUnit: number): FunctionSpec =>
  fixed(name, [DATETIME, DATETIME], BIGINT, {
    duckdb: ([a, b]) => `(sr_months(${a}, ${b}) // ${monthsInUnit})`,
    evaluate: ([a, b]) => BigInt(Math.trunc(wholeMonths(microsOf(a), microsOf(b)) / monthsInUnit)),
  });

/** Months from `b` to `a` that are over: the day and time of the month must have been reached. */
function wholeMonths(a: bigint, b: bigint): number {
  const [to, from] = [civil(a), civil(b)];
  const months = (to.year - from.year) * 12 + to.month - from.month;
  const inMonth = (micros: bigint, { year, month }: ReturnType<typeof civil>): bigint =>
    micros - microsOfDays(daysOf({ year, month, day: 1 }));
  const [late, early] = [inMonth(a, to), inMonth(b, from)];
  if (a > b && late < early) return months - 1;
  return a < b && late > early ? months + 1 : months;
}

const toDate = (name: string): FunctionSpec =>
  fixed(name, [DATE], DATE, { duckdb: ([d]) => d ?? '', evaluate: ([d]) => d ?? null });

const dayFunction = (name: string): FunctionSpec =>
  part(name, TINYINT, 'day(?)', (m) => civil(m).day);

export const DATE_FUNCTIONS: readonly FunctionSpec[] = [
  ...shifts.values(),
  dateTrunc,
  dateFormat,
  strToDate('STR_TO_DATE'),
  strToDate('STR2DATE'),
  toDate('DATE'),
  toDate('TO_DATE'),
  part('YEAR', SMALLINT, 'year(?)', (m) => civil(m).year),
  part('QUARTER', INT, 'quarter(?)', (m) => Math.ceil(civil(m).month / 3)),
  part('MONTH', TINYINT, 'month(?)', (m) => civil(m).month),
  dayFunction('DAY'),
  dayFunction('DAYOFMONTH'),
  part('HOUR', TINYINT, 'hour(?)', (m) => inDay(m, 3_600_000_000n, 24n)),
  part('MINUTE', TINYINT, 'minute(?)', (m) => inDay(m, 60_000_000n, 60n)),
  part('SECOND', TINYINT, 'second(?)', (m) => inDay(m, 1_000_000n, 60n)),
  part('DAYOFYEAR', INT, 'dayofyear(?)', (m) => dayOfYear(daysOfMicros(m))),
  part('DAYOFWEEK', INT, '(dayofweek(?) + 1)', (m) => ((weekdayOf(daysOfMicros(m)) + 1) % 7) + 1),
  part('WEEKDAY', INT, '(isodow(?) - 1)', (m) => weekdayOf(daysOfMicros(m))),
  fixed('DAYNAME', [DATETIME], STRING, {
    duckdb: ([d]) => `dayname(${d})`,
    evaluate: ([d]) => weekdayName(daysOfCell(d)),
  }),
  fixed('MONTHNAME', [DATETIME], STRING, {
    duckdb: ([d]) => `monthname(${d})`,
    evaluate: ([d]) => monthName(civil(microsOf(d)).month),
  }),
  fixed('DATEDIFF', [DATETIME, DATETIME], INT, {
    duckdb: ([a, b]) => `CAST(datediff('day', CAST(${b} AS DATE), CAST(${a} AS DATE)) AS INTEGER)`,
    evaluate: ([a, b]) => daysOfCell(a) - daysOfCell(b),
  }),
  fixed('TO_DAYS', [DATE], INT, {
    duckdb: ([d]) => `CAST(datediff('day', DATE '1970-01-01', ${d}) + 719528 AS INTEGER)`,
    evaluate: ([d]) => daysOfCell(d) + 719_528,
  }),
  difference('DAYS_DIFF', DAY_MICROS),
  difference('WEEKS_DIFF', 7n * DAY_MICROS),
  difference('HOURS_DIFF', 3_600_000_000n),
  difference('MINUTES_DIFF', 60_000_000n),
  difference('SECONDS_DIFF', 1_000_000n),
  difference('MILLISECONDS_DIFF', 1000n),
  monthsBetween('MONTHS_DIFF', 1),
  monthsBetween('QUARTERS_DIFF', 3),
  monthsBetween('YEARS_DIFF', 12),
];
