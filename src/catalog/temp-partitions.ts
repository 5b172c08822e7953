/**
 * Temporary partitions of a table: loaded beside the others, then put in the place of some of them
 * (sql-surface.md 3.4). Pure changes; callers checked what a user may do.
 */
import { assert, present } from '../base/assert.ts';
import type { OlapTable, Partition } from './model.ts';

/** Adds temporary partitions behind those that are there; one with the same id stays. */
export function withTempPartitionsAdded(
  table: OlapTable,
  partitions: readonly Partition[],
): OlapTable {
  const tempPartitions = new Map(table.tempPartitions);
  for (const partition of partitions) {
    const here = tempPartitions.get(partition.name);
    const isNew = here === undefined || here.id === partition.id;
    assert(isNew, `temporary partition ${partition.name} of ${table.name} is not there yet`);
    if (here === undefined) tempPartitions.set(partition.name, partition);
  }
  return Object.freeze({ ...table, tempPartitions });
}

/** Without the temporary partition; the same table if it has none of that name. */
export function withTempPartitionDropped(table: OlapTable, name: string): OlapTable {
  if (!table.tempPartitions.has(name)) return table;
  const tempPartitions = new Map(table.tempPartitions);
  tempPartitions.delete(name);
  return Object.freeze({ ...table, tempPartitions });
}

export interface Replacement {
  readonly partitionNames: readonly string[];
  readonly tempPartitionNames: readonly string[];
  /** What the temporary partitions are called afterwards, by position. */
  readonly newNames: readonly string[];
}

/**
 * Temporary partitions in the place of others, which are gone then. Where the temporary ones are
 * gone already this has been done, and the table stays as it is.
 */
export function withTempPartitionsInPlace(table: OlapTable, replacement: Replacement): OlapTable {
  const { partitionNames, tempPartitionNames, newNames } = replacement;
  if (!tempPartitionNames.every((name) => table.tempPartitions.has(name))) return table;
  const partitions = new Map(table.partitions);
  const tempPartitions = new Map(table.tempPartitions);
  for (const name of partitionNames) partitions.delete(name);
  for (const [at, tempName] of tempPartitionNames.entries()) {
    const name = present(newNames[at], `a name for temporary partition ${tempName}`);
    const partition = present(tempPartitions.get(tempName), `temporary partition ${tempName}`);
    assert(!partitions.has(name), `the partition name ${name} of ${table.name} is free`);
    tempPartitions.delete(tempName);
    partitions.set(name, Object.freeze({ ...partition, name }));
  }
  return Object.freeze({ ...table, partitions, tempPartitions });
}
