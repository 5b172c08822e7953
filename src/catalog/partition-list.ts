/**
 * Values of list partitions: which columns may have them, how a row's values are compared with
 * them, and how they are printed (`ListPartitionInfo`). A value is the text of a cell, or null.
 */
import type { Cell } from '../base/sql-type.ts';
import type { Column, PartitionBy, PartitionList } from './model.ts';
import { isRangeColumn } from './range-key.ts';

/** Whole numbers, dates and texts. */
export function isListColumn({ type }: Pick<Column, 'type'>): boolean {
  return isRangeColumn({ type }) || type.name === 'VARCHAR' || type.name === 'CHAR';
}

/** Equal exactly for equal values, whether they stand in a partition or in a row. */
export function listKey(values: readonly Cell[]): string {
  let key = '';
  for (const value of values) {
    const text = value === null ? '' : String(value);
    key += value === null ? '-' : `${text.length}:${text}`;
  }
  return key;
}

/**
 * Whether values are written `('a', 'b')`; else each stands in parentheses of its own, as those
 * of several columns do, and those of partitions that loads make.
 */
export function hasSingleValues(partitionBy: PartitionBy): boolean {
  return (
    partitionBy.kind === 'LIST' && partitionBy.columns.length === 1 && !partitionBy.isAutomatic
  );
}

/** `('oslo', 'umea')`, or `(('2022-04-01', 'Houston'))`: the List cell of SHOW PARTITIONS. */
export function listText(list: PartitionList, partitionBy: PartitionBy): string {
  const isSingle = hasSingleValues(partitionBy);
  const rows = list.map((values) => {
    const texts = values.map(valueText).join(', ');
    return isSingle ? texts : `(${texts})`;
  });
  return `(${rows.join(', ')})`;
}

/** As a string literal that means the value again. */
function valueText(value: string | null): string {
  return value === null ? 'NULL' : `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
