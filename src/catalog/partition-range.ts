/**
 * Ranges of partitions: whether two meet or are equal, and how one is printed. Columns are always
 * the table's partition columns, in order.
 */
import { present } from '../base/assert.ts';
import type { Column, OlapTable, PartitionRange } from './model.ts';
import { comparableKey, compareKeys, keyText } from './range-key.ts';

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

/**
 * `[types: [DATE]; keys: [2024-01-01]; ..types: [DATE]; keys: [2024-01-02]; )`: the Range cell of
 * SHOW PARTITIONS (sql-surface.md 4.5). MIN prints as the lowest value, MAXVALUE as that word.
 */
export function rangeText(range: PartitionRange, columns: readonly Column[]): string {
  return `[${keyText(range.lower, columns)}..${keyText(range.upper, columns)})`;
}
