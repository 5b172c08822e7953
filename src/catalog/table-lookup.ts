/** Finding parts of a table by id or name. Linear: tables have few indexes, and lookups are rare. */
import { present } from '../base/assert.ts';
import type { IndexId, PhysicalPartitionId } from '../base/ids.ts';
import type { MaterializedIndexMeta, OlapTable, Partition, PhysicalPartition } from './model.ts';

export function indexMetaOf(table: OlapTable, indexId: IndexId): MaterializedIndexMeta {
  const meta = table.indexMetas.find((one) => one.indexId === indexId);
  return present(meta, `index ${indexId} of table ${table.name}`);
}

export function baseIndexMeta(table: OlapTable): MaterializedIndexMeta {
  return indexMetaOf(table, table.baseIndexId);
}

/** StarRocks' name of what kind of table it is: part of the signature, and of what SHOW prints. */
export function tableTypeOf(table: OlapTable): 'OLAP' | 'MATERIALIZED_VIEW' {
  return table.materializedView === undefined ? 'OLAP' : 'MATERIALIZED_VIEW';
}

/** Formal and temporary partitions. */
export function* allPartitions(table: OlapTable): Iterable<Partition> {
  yield* table.partitions.values();
  yield* table.tempPartitions.values();
}

export function physicalPartitionById(
  table: OlapTable,
  id: PhysicalPartitionId,
): { readonly partition: Partition; readonly physical: PhysicalPartition } | undefined {
  for (const partition of allPartitions(table)) {
    const physical = partition.physical.find((one) => one.id === id);
    if (physical !== undefined) return { partition, physical };
  }
  return undefined;
}

/** The physical partition that stands for the logical one where only one is meant. */
export function defaultPhysical(partition: Partition): PhysicalPartition {
  return present(partition.physical[0], `physical partition of ${partition.name}`);
}
