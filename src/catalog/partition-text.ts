/** What a partition takes, as text: the cell `Range` or `List` of SHOW PARTITIONS. */
import type { OlapTable, Partition } from './model.ts';
import { listText } from './partition-list.ts';
import { partitionColumns, rangeText } from './partition-range.ts';

/** Empty for the partition of an unpartitioned table. */
export function partitionText(table: OlapTable, { range, list }: Partition): string {
  if (list !== undefined) return listText(list, table.partitionBy);
  return range === undefined ? '' : rangeText(range, partitionColumns(table));
}
