/**
 * Ranges out of what CREATE TABLE and ADD PARTITION say: VALUES LESS THAN, fixed ranges, and
 * START END EVERY with its automatic names (sql-surface.md 3.2 and 3.3; `RangePartitionInfo`,
 * `MultiRangePartitionDesc`). Definitions are plain data of the shape that the parser produces.
 */
import { SimError } from '../base/errors.ts';
import {
  type CalendarUnit,
  compareMoments,
  dateText,
  dateTimeText,
  digits,
  type Moment,
  parseMoment,
  plus,
  startOf,
  weekOfMonday,
} from './calendar.ts';
import type { Column, PartitionRange, RangeKey } from './model.ts';
import { isPartitionName } from './names.ts';
import { rangeText } from './partition-range.ts';
import {
  comparableKey,
  compareKeys,
  isRangeColumn,
  minimumText,
  normalizedKeyText,
} from './range-key.ts';

/** FE config `max_partitions_in_one_batch`. */
export const PARTITIONS_IN_ONE_BATCH_MAX = 4096;

export type BoundDefinition = readonly (
  | { readonly kind: 'value'; readonly text: string }
  | { readonly kind: 'maxvalue' }
)[];

export type RangeDefinition =
  | {
      readonly kind: 'less-than';
      readonly name: string;
      readonly ifNotExists: boolean;
      readonly upper: BoundDefinition;
      readonly properties: ReadonlyMap<string, string>;
    }
  | {
      readonly kind: 'fixed';
      readonly name: string;
      readonly ifNotExists: boolean;
      readonly lower: BoundDefinition;
      readonly upper: BoundDefinition;
      readonly properties: ReadonlyMap<string, string>;
    }
  | {
      readonly kind: 'batch';
      readonly start: string;
      readonly end: string;
      readonly step: number;
      readonly unit: string | undefined;
    };

export interface NamedRange {
  readonly name: string;
  readonly range: PartitionRange;
}

export interface DefinedRange extends NamedRange {
  readonly properties: ReadonlyMap<string, string>;
}

type SingleDefinition = Exclude<RangeDefinition, { kind: 'batch' }>;

/**
 * The new ranges of the definitions, in their order, beside those that exist already.
 * An existing name with IF NOT EXISTS is left out. Errors: `duplicate-partition`,
 * `bad-partition-name`, `bad-partition-range` (bad value, empty range, intersection, bad batch).
 */
export function definedRanges(
  definitions: readonly RangeDefinition[],
  columns: readonly Column[],
  existing: readonly NamedRange[],
): readonly DefinedRange[] {
  const all: NamedRange[] = [...existing].sort((a, b) => compareUpper(a.range, b.range, columns));
  const names = new Set(existing.map((one) => one.name));
  const made: DefinedRange[] = [];
  for (const definition of definitions) {
    const singles = definition.kind === 'batch' ? batchOf(definition, columns) : [definition];
    for (const single of singles) {
      if (!isPartitionName(single.name)) {
        throw new SimError('bad-partition-name', `Incorrect partition name '${single.name}'`);
      }
      if (names.has(single.name)) {
        if (single.ifNotExists) continue;
        throw new SimError('duplicate-partition', `Duplicate partition name ${single.name}`);
      }
      const range = insertRange(single, columns, all);
      names.add(single.name);
      made.push({ name: single.name, range, properties: single.properties });
    }
  }
  return made;
}

/** Throws `bad-partition-range` unless tables may be partitioned by ranges of the column. */
export function checkRangeColumn(column: Column): void {
  if (isRangeColumn(column)) return;
  const what = `Column[${column.name}] type[${column.type.name}]`;
  throw new SimError('bad-partition-range', `${what} cannot be a range partition key.`);
}

function compareUpper(a: PartitionRange, b: PartitionRange, columns: readonly Column[]): number {
  return compareKeys(comparableKey(a.upper, columns), comparableKey(b.upper, columns));
}

/** Makes the range of a definition, checks it against its neighbours, and puts it among them. */
function insertRange(
  definition: SingleDefinition,
  columns: readonly Column[],
  sorted: NamedRange[],
): PartitionRange {
  const upper = boundKey(definition.upper, columns);
  const upperKey = comparableKey(upper, columns);
  if (compareKeys(upperKey, comparableKey(minimumKey(columns), columns)) === 0) {
    const text = 'MIN VALUE';
    throw bad(`Partition's upper value should not be ${text}: ${definition.name}`);
  }
  let at = 0;
  let high = sorted.length;
  while (at < high) {
    const middle = (at + high) >> 1;
    const one = sorted[middle];
    if (one === undefined) break;
    if (compareKeys(comparableKey(one.range.upper, columns), upperKey) < 0) at = middle + 1;
    else high = middle;
  }
  const previous = sorted[at - 1]?.range;
  const next = sorted[at]?.range;
  const lower =
    definition.kind === 'fixed'
      ? boundKey(definition.lower, columns)
      : (previous?.upper ?? minimumKey(columns));
  const lowerKey = comparableKey(lower, columns);
  if (compareKeys(lowerKey, upperKey) >= 0) {
    throw bad('Invalid range value format: The lower values must smaller than upper values');
  }
  const range: PartitionRange = Object.freeze({ lower, upper });
  for (const neighbour of [previous, next]) {
    if (neighbour === undefined) continue;
    const isApart =
      compareKeys(comparableKey(neighbour.upper, columns), lowerKey) <= 0 ||
      compareKeys(upperKey, comparableKey(neighbour.lower, columns)) <= 0;
    if (isApart) continue;
    const texts = [rangeText(range, columns), rangeText(neighbour, columns)];
    throw bad(`Range ${texts[0]} is intersected with range: ${texts[1]}`);
  }
  sorted.splice(at, 0, { name: definition.name, range });
  return range;
}

function minimumKey(columns: readonly Column[]): RangeKey {
  return columns.map(() => ({ kind: 'min' }) as const);
}

/** Missing values at the end are MIN; MAXVALUE alone is the end of all columns. */
function boundKey(bound: BoundDefinition, columns: readonly Column[]): RangeKey {
  if (bound.length > columns.length || bound.length === 0) {
    throw bad(
      `Invalid range value format: ${columns.length} partition columns, ${bound.length} values`,
    );
  }
  if (bound.length === 1 && bound[0]?.kind === 'maxvalue') {
    return columns.map(() => ({ kind: 'max' }) as const);
  }
  return columns.map((column, index) => {
    const part = bound[index];
    if (part === undefined) return { kind: 'min' };
    if (part.kind === 'maxvalue') return { kind: 'max' };
    const text = normalizedKeyText(part.text, column);
    return text === minimumText(column) ? { kind: 'min' } : { kind: 'value', text };
  });
}

function bad(text: string): SimError {
  return new SimError('bad-partition-range', text);
}

type BatchDefinition = Extract<RangeDefinition, { kind: 'batch' }>;

function batchOf(batch: BatchDefinition, columns: readonly Column[]): readonly SingleDefinition[] {
  const column = columns[0];
  if (column === undefined || columns.length !== 1) {
    throw bad('Batch build partition only support single range column.');
  }
  if (!Number.isInteger(batch.step) || batch.step <= 0) {
    throw bad('The interval of the batch partitions must be a whole number greater than 0.');
  }
  const isDate = column.type.name === 'DATE' || column.type.name === 'DATETIME';
  const singles = isDate ? dateBatch(batch, column) : numberBatch(batch);
  return singles.map(({ name, lower, upper }) => ({
    kind: 'fixed',
    name,
    ifNotExists: false,
    lower: [{ kind: 'value', text: lower }],
    upper: [{ kind: 'value', text: upper }],
    properties: new Map(),
  }));
}

interface BatchItem {
  readonly name: string;
  readonly lower: string;
  readonly upper: string;
}

const MISMATCH = 'but START or END does not type match.';

function numberBatch(batch: BatchDefinition): readonly BatchItem[] {
  if (batch.unit !== undefined) throw bad(`Batch build partition EVERY is date type ${MISMATCH}`);
  const isNumber = (text: string): boolean => /^[+-]?\d+$/.test(text);
  if (!isNumber(batch.start) || !isNumber(batch.end)) {
    throw bad(`Batch build partition EVERY is number type ${MISMATCH}`);
  }
  const end = BigInt(batch.end);
  const step = BigInt(batch.step);
  const items: BatchItem[] = [];
  for (let begin = BigInt(batch.start); begin < end; begin += step) {
    if (items.length === PARTITIONS_IN_ONE_BATCH_MAX) throw tooMany();
    items.push({ name: `p${begin}`, lower: String(begin), upper: String(begin + step) });
  }
  if (items.length === 0) {
    throw bad('Batch build partition start value should less then end value.');
  }
  return items;
}

const UNITS: readonly string[] = ['HOUR', 'DAY', 'WEEK', 'MONTH', 'YEAR'];

function isUnit(text: string): text is CalendarUnit {
  return UNITS.includes(text);
}

function dateBatch(batch: BatchDefinition, column: Column): readonly BatchItem[] {
  if (batch.unit === undefined) throw bad('Unknown timeunit for batch build partition.');
  const unit = batch.unit.toUpperCase();
  if (!isUnit(unit)) {
    throw bad(`Batch build partition does not support time interval type: ${batch.unit}`);
  }
  const text = column.type.name === 'DATE' ? dateText : dateTimeText;
  if (unit === 'HOUR' && column.type.name === 'DATE') {
    throw bad('Batch build partition for hour interval only supports DATETIME partition columns.');
  }
  let begin = parseMoment(batch.start);
  const end = parseMoment(batch.end);
  if (begin === undefined || end === undefined) {
    throw bad(`Batch build partition EVERY is date type ${MISMATCH}`);
  }
  const items: BatchItem[] = [];
  while (compareMoments(begin, end) < 0) {
    if (items.length === PARTITIONS_IN_ONE_BATCH_MAX) throw tooMany();
    let next: Moment = plus(unit, startOf(unit, begin), batch.step);
    if (unit !== 'DAY' && compareMoments(next, end) > 0) next = end;
    items.push({ name: automaticName(unit, begin), lower: text(begin), upper: text(next) });
    begin = next;
  }
  if (items.length === 0) {
    throw bad('Batch build partition start date should less than end date.');
  }
  return items;
}

function tooMany(): SimError {
  const limit = PARTITIONS_IN_ONE_BATCH_MAX;
  return new SimError('limit-reached', `The number of batch partitions should not exceed:${limit}`);
}

/** `p2024010113`, `p20240101`, `p2024_05`, `p202401`, `p2024` (sql-surface.md 3.3). */
export function automaticName(unit: CalendarUnit, moment: Moment): string {
  if (unit === 'WEEK') {
    const monday = startOf('WEEK', moment);
    return `p${digits(monday.year, 4)}_${digits(weekOfMonday(monday), 2)}`;
  }
  const parts = [digits(moment.year, 4)];
  if (unit !== 'YEAR') parts.push(digits(moment.month, 2));
  if (unit === 'DAY' || unit === 'HOUR') parts.push(digits(moment.day, 2));
  if (unit === 'HOUR') parts.push(digits(moment.hour, 2));
  return `p${parts.join('')}`;
}
