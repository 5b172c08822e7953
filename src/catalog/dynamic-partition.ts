/**
 * Dynamic partitions: what the `dynamic_partition.*` properties of a table ask for at a moment
 * (`DynamicPartitionUtil`, `DynamicPartitionScheduler`). Pure: says which partitions are due and
 * which are over.
 */
import { assert } from '../base/assert.ts';
import type { Millis } from '../base/clock.ts';
import { calendarFields } from '../base/time-zone.ts';
import {
  type CalendarUnit,
  compareMoments,
  dateText,
  dateTimeText,
  digits,
  type Moment,
  plus,
  startOf,
  weekOfMonday,
} from './calendar.ts';
import type { Column, OlapTable, PartitionRange } from './model.ts';
import { partitionColumns, rangesIntersect } from './partition-range.ts';
import { automaticName, type RangeDefinition } from './range-definition.ts';
import { comparableKey, compareKeys } from './range-key.ts';

export interface DynamicPartition {
  readonly isEnabled: boolean;
  readonly unit: CalendarUnit;
  /** Units before now that are kept; undefined: all. */
  readonly start: number | undefined;
  /** Units after now that are made. */
  readonly end: number;
  readonly prefix: string;
  readonly timeZone: string;
  /** Undefined: as the table. */
  readonly buckets: number | undefined;
  readonly replicationNum: number | undefined;
  /** Units before now that are made too. */
  readonly historyPartitionNum: number;
  /** 1 is Monday. */
  readonly startDayOfWeek: number;
  readonly startDayOfMonth: number;
}

export const DYNAMIC_PREFIX = 'dynamic_partition.';
/** What a table shows that keeps all its old partitions. */
export const START_NOT_SET = '-2147483648';

/** The settings of a table with checked properties; undefined without any. */
export function dynamicPartitionOf(
  properties: ReadonlyMap<string, string>,
): DynamicPartition | undefined {
  const text = (key: string): string | undefined => properties.get(`${DYNAMIC_PREFIX}${key}`);
  const number = (key: string): number | undefined => {
    const value = text(key);
    return value === undefined ? undefined : Number(value);
  };
  const unit = text('time_unit')?.toUpperCase();
  if (unit === undefined) return undefined;
  assert(isCalendarUnit(unit), `a unit of time, not ${unit}`);
  const buckets = number('buckets') ?? 0;
  const start = text('start') ?? START_NOT_SET;
  return {
    isEnabled: text('enable')?.toLowerCase() === 'true',
    unit,
    start: start === START_NOT_SET ? undefined : Number(start),
    end: number('end') ?? 0,
    prefix: text('prefix') ?? 'p',
    timeZone: text('time_zone') ?? 'UTC',
    buckets: buckets > 0 ? buckets : undefined,
    replicationNum: number('replication_num'),
    historyPartitionNum: number('history_partition_num') ?? 0,
    startDayOfWeek: number('start_day_of_week') ?? 1,
    startDayOfMonth: number('start_day_of_month') ?? 1,
  };
}

const UNITS: readonly CalendarUnit[] = ['HOUR', 'DAY', 'WEEK', 'MONTH', 'YEAR'];

export function isCalendarUnit(text: string): text is CalendarUnit {
  return UNITS.some((unit) => unit === text);
}

/** Definitions of the partitions that should be there and meet none that is. */
export function dueDynamicPartitions(
  table: OlapTable,
  dynamic: DynamicPartition,
  nowMs: Millis,
): readonly RangeDefinition[] {
  const [column] = partitionColumns(table);
  assert(column !== undefined, `${table.name} is partitioned by a column`);
  const now = momentIn(nowMs, dynamic.timeZone);
  const history = dynamic.historyPartitionNum;
  const first = history === 0 ? 0 : Math.max(dynamic.start ?? -history, -history);
  const due: RangeDefinition[] = [];
  for (let offset = first; offset <= dynamic.end; offset += 1) {
    const [lower, upper] = [border(dynamic, now, offset), border(dynamic, now, offset + 1)];
    const range = rangeOf(lower, upper, column);
    const isTaken = [...table.partitions.values()].some(
      (one) => one.range !== undefined && rangesIntersect(one.range, range, [column]),
    );
    if (isTaken) continue;
    due.push({
      kind: 'fixed',
      name: `${dynamic.prefix}${nameText(dynamic.unit, lower)}`,
      ifNotExists: true,
      lower: [{ kind: 'value', text: borderText(lower, column) }],
      upper: [{ kind: 'value', text: borderText(upper, column) }],
      properties: NO_PROPERTIES,
    });
  }
  return due;
}

const NO_PROPERTIES: ReadonlyMap<string, string> = new Map();

/** Names of the partitions that lie wholly before the first unit that is kept. */
export function overDynamicPartitions(
  table: OlapTable,
  dynamic: DynamicPartition,
  nowMs: Millis,
): readonly string[] {
  const [column] = partitionColumns(table);
  if (dynamic.start === undefined || column === undefined) return [];
  const first = border(dynamic, momentIn(nowMs, dynamic.timeZone), dynamic.start);
  const key = comparableKey([{ kind: 'value', text: borderText(first, column) }], [column]);
  return [...table.partitions.values()].flatMap(({ name, range }) => {
    const isOver =
      range !== undefined && compareKeys(comparableKey(range.upper, [column]), key) <= 0;
    return isOver ? [name] : [];
  });
}

function momentIn(nowMs: Millis, timeZone: string): Moment {
  const { year, month, day, hour, minute, second } = calendarFields(nowMs, timeZone);
  return { year, month, day, hour, minute, second, microsecond: 0 };
}

/** The start of the unit that is `offset` units from the present one. */
function border(dynamic: DynamicPartition, now: Moment, offset: number): Moment {
  const { unit } = dynamic;
  const start = startOf(unit, now);
  if (unit === 'WEEK') {
    const day = plus('DAY', start, dynamic.startDayOfWeek - 1);
    return plus('WEEK', day, compareMoments(day, now) > 0 ? offset - 1 : offset);
  }
  if (unit === 'MONTH') {
    const isBefore = now.day < dynamic.startDayOfMonth;
    const month = plus('MONTH', start, isBefore ? offset - 1 : offset);
    return { ...month, day: dynamic.startDayOfMonth };
  }
  return plus(unit, start, offset);
}

/** As a value of the partition column; whole numbers are dates as digits. */
function borderText(moment: Moment, column: Column): string {
  if (column.type.name === 'DATE') return dateText(moment);
  if (column.type.name === 'DATETIME') return dateTimeText(moment);
  return dateText(moment).replaceAll('-', '');
}

function rangeOf(lower: Moment, upper: Moment, column: Column): PartitionRange {
  const key = (moment: Moment) => [{ kind: 'value', text: borderText(moment, column) }] as const;
  return { lower: key(lower), upper: key(upper) };
}

function nameText(unit: CalendarUnit, start: Moment): string {
  if (unit !== 'WEEK') return automaticName(unit, start).slice(1);
  return `${digits(start.year, 4)}_${digits(weekOfMonday(start), 2)}`;
}
