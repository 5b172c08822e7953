/**
 * Which partition a row belongs to, and the order in which partitions are shown. Columns are
 * always the table's partition columns, in order.
 */
import { present } from '../base/assert.ts';
import type { Cell } from '../base/sql-type.ts';
import type { Column, Partition, PartitionRange } from './model.ts';
import { listKey } from './partition-list.ts';
import { type ComparableKey, comparableCells, comparableKey, compareKeys } from './range-key.ts';

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
  const first = partitions.values().next().value;
  if (columns.length === 0 || first === undefined) return first;
  return first.list === undefined
    ? partitionInRange(partitions, columns, cells)
    : partitionWithValues(partitions, cells);
}

/** By the values of list partitions, made once for each state of a table. */
const listIndexes = new WeakMap<ReadonlyMap<string, Partition>, ReadonlyMap<string, Partition>>();

function partitionWithValues(
  partitions: ReadonlyMap<string, Partition>,
  cells: readonly Cell[],
): Partition | undefined {
  let index = listIndexes.get(partitions);
  if (index === undefined) {
    index = new Map(
      [...partitions.values()].flatMap((partition) =>
        (partition.list ?? []).map((values) => [listKey(values), partition] as const),
      ),
    );
    listIndexes.set(partitions, index);
  }
  return index.get(listKey(cells));
}

function partitionInRange(
  partitions: ReadonlyMap<string, Partition>,
  columns: readonly Column[],
  cells: readonly Cell[],
): Partition | undefined {
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
  const all = [...partitions.values()];
  if (columns.length === 0 || all.some((partition) => partition.list !== undefined)) return all;
  return sortEntries(partitions, columns).map((entry) => entry.partition);
}
