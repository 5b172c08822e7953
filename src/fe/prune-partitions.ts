/** Which partitions can hold rows that a DELETE is about, as far as their bounds tell. */

import { castCell } from '../base/cast-cell.ts';
import type { Cell } from '../base/sql-type.ts';
import type { Column, OlapTable, Partition, RangeKey } from '../catalog/model.ts';
import { partitionColumns } from '../catalog/partition-range.ts';
import { compareStored } from './compare-stored.ts';
import { type DeleteCondition, isMatch } from './delete-conditions.ts';

/** All for a condition on other columns; never one too few. */
export function prunedPartitions(
  table: OlapTable,
  conditions: readonly DeleteCondition[],
): readonly Partition[] {
  const columns = partitionColumns(table);
  return [...table.partitions.values()].filter((partition) =>
    conditions.every((condition) => mayHold(partition, columns, condition)),
  );
}

function mayHold(
  { range, list }: Partition,
  columns: readonly Column[],
  condition: DeleteCondition,
): boolean {
  const at = columns.findIndex((column) => column.name === condition.column.name);
  const column = columns[at];
  if (column === undefined) return true;
  if (list !== undefined) {
    return list.some((values) => isMatch(condition, stored(values[at] ?? null, column)));
  }
  // The first column of several bounds nothing by itself at the upper end.
  if (range === undefined || columns.length > 1) return true;
  return mayHoldInRange(boundOf(range.lower, column), boundOf(range.upper, column), condition);
}

/** Bounds are null where the line has no end. */
function mayHoldInRange(
  lower: Cell,
  upper: Cell,
  { column: { type }, test }: DeleteCondition,
): boolean {
  if (test.kind === 'is-null') return test.negated || lower === null;
  const isAbove = (value: Cell): boolean =>
    value !== null && (lower === null || compareStored(type, value, lower) >= 0);
  const isBelow = (value: Cell): boolean =>
    value !== null && (upper === null || compareStored(type, value, upper) < 0);
  if (test.kind === 'in') {
    return test.negated || test.values.some((value) => isAbove(value) && isBelow(value));
  }
  const { operator, value } = test;
  switch (operator) {
    case '=':
      return isAbove(value) && isBelow(value);
    case '<':
    case '<=':
      return isAbove(value);
    case '>':
    case '>=':
      return isBelow(value);
    default:
      return true;
  }
}

function boundOf([first]: RangeKey, column: Column): Cell {
  return first?.kind === 'value' ? stored(first.text, column) : null;
}

/** Bounds and list values are texts in the form of cells. */
function stored(text: string | null, column: Column): Cell {
  return castCell(text, { name: 'VARCHAR' }, column.type, column.name);
}
