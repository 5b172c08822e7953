/**
 * Ranges of partitions: whether two meet or are equal, which one a row belongs to, and how one is
 * printed. Columns are always the table's partition columns, in order.
 */
import { present } from '../base/assert.ts';
import type { Cell } from '../base/sql-type.ts';
import type { Column, OlapTable, Partition, PartitionRange } from './model.ts';
import {
  type ComparableKey,
  comparableCells,
  comparableKey,
  compareKeys,
  keyText,
} from './range-key.ts';

/** The partition columns of a table, in order; none for an unpartitioned one. */
export function partitionColumns(table: OlapTable): readonly Column[] {
  if (table.partitionBy.kind === 'UNPARTITIONED') return [];
  const schema = table.indexMetas.find((meta) => meta.indexId === table.baseIndexId)?.schema ?? [];
  return table.partitionBy.columns.map((name) => {
    const column = schema.find((one) => one.name.toLowerCase() === name.toLowerCase());
    return present(column, `partition column ${name} of ${table.name}`);
  });
}

/** Negative, zero or positive: by lower bound, then by upper bound. */
export function compareRanges(
  a: PartitionRange,
  b: PartitionRange,
  columns: readonly Column[],
): number {
  return (
    compareKeys(comparableKey(a.lower, columns), comparableKey(b.lower, columns)) ||
    compareKeys(comparableKey(a.upper, columns), comparableKey(b.upper, columns))
  );
}

/** Whether some key is in both. Ranges that only touch do not intersect. */
export function rangesIntersect(
  a: PartitionRange,
  b: PartitionRange,
  columns: readonly Column[],
): boolean {
  return (
    compareKeys(comparableKey(a.lower, columns), comparableKey(b.upper, columns)) < 0 &&
    compareKeys(comparableKey(b.lower, columns), comparableKey(a.upper, columns)) < 0
  );
}

/** Whether both hold the same keys; MIN equals the lowest value of a type. */
export function rangesEqual(
  a: PartitionRange,
  b: PartitionRange,
  columns: readonly Column[],
): boolean {
  return compareRanges(a, b, columns) === 0;
}

interface Bounds {
  readonly lower: ComparableKey;
  readonly upper: ComparableKey;
}

interface RangeEntry extends Bounds {
  readonly partition: Partition;
}

/** A range object outlives the loads of its partition and always means the same columns. */
const boundsOfRange = new WeakMap<PartitionRange, Bounds>();

function boundsOf(range: PartitionRange, columns: readonly Column[]): Bounds {
  let bounds = boundsOfRange.get(range);
  if (bounds === undefined) {
    const { lower, upper } = range;
    bounds = { lower: comparableKey(lower, columns), upper: comparableKey(upper, columns) };
    boundsOfRange.set(range, bounds);
  }
  return bounds;
}

/** Sorted once for each state of a table; a map of partitions never changes. */
const sortedRanges = new WeakMap<ReadonlyMap<string, Partition>, readonly RangeEntry[]>();

/**
 * The partition that takes a row with these values of the partition columns; undefined when there
 * is none. An unpartitioned table has one for all rows.
 */
export function partitionForRow(
  partitions: ReadonlyMap<string, Partition>,
  columns: readonly Column[],
  cells: readonly Cell[],
): Partition | undefined {
  if (columns.length === 0) return partitions.values().next().value;
  let entries = sortedRanges.get(partitions);
  if (entries === undefined) {
    entries = sortEntries(partitions, columns);
    sortedRanges.set(partitions, entries);
  }
  const key = comparableCells(cells, columns);
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const entry = present(entries[middle], 'an entry inside the list');
    if (compareKeys(entry.upper, key) <= 0) low = middle + 1;
    else high = middle;
  }
  const found = entries[low];
  return found !== undefined && compareKeys(found.lower, key) <= 0 ? found.partition : undefined;
}

function sortEntries(
  partitions: ReadonlyMap<string, Partition>,
  columns: readonly Column[],
): readonly RangeEntry[] {
  const entries: RangeEntry[] = [];
  for (const partition of partitions.values()) {
    if (partition.range === undefined) continue;
    const { lower, upper } = boundsOf(partition.range, columns);
    entries.push({ lower, upper, partition });
  }
  return entries.sort((a, b) => compareKeys(a.upper, b.upper));
}

/** Partitions in the order of SHOW PARTITIONS: range tables by range, others as created. */
export function partitionsInOrder(
  partitions: ReadonlyMap<string, Partition>,
  columns: readonly Column[],
): readonly Partition[] {
  const list = [...partitions.values()];
  if (columns.length === 0) return list;
  return sortEntries(partitions, columns).map((entry) => entry.partition);
}

/**
 * `[types: [DATE]; keys: [2024-01-01]; ..types: [DATE]; keys: [2024-01-02]; )`: the Range cell of
 * SHOW PARTITIONS (sql-surface.md 4.5). MIN prints as the lowest value, MAXVALUE as that word.
 */
export function rangeText(range: PartitionRange, columns: readonly Column[]): string {
  return `[${keyText(range.lower, columns)}..${keyText(range.upper, columns)})`;
}
