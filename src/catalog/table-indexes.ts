/** Rollups of a table that come and go, as pure functions that share what did not change. */
import { assert } from '../base/assert.ts';
import { asId, type IndexId, type PhysicalPartitionId, type ReplicaId } from '../base/ids.ts';
import type { MaterializedIndexMeta, OlapTable, Partition, PhysicalPartition } from './model.ts';

/** `parts` hold the index alone, one for each physical partition. An index that is there stays. */
export function withIndexAdded(
  table: OlapTable,
  meta: MaterializedIndexMeta,
  parts: readonly PhysicalPartition[],
): OlapTable {
  if (table.indexMetas.some((one) => one.indexId === meta.indexId)) return table;
  const added = new Map<PhysicalPartitionId, PhysicalPartition>(parts.map((one) => [one.id, one]));
  return withEachPhysical({ ...table, indexMetas: [...table.indexMetas, meta] }, (physical) => {
    const indexes = added.get(physical.id)?.indexes;
    assert(indexes !== undefined, `index ${meta.name} covers partition ${physical.id}`);
    return Object.freeze({ ...physical, indexes: [...physical.indexes, ...indexes] });
  });
}

/** Without the rollup; the same table if it has none of that id. */
export function withIndexDropped(table: OlapTable, indexId: IndexId): OlapTable {
  const indexMetas = table.indexMetas.filter((meta) => meta.indexId !== indexId);
  if (indexMetas.length === table.indexMetas.length) return table;
  assert(indexId !== table.baseIndexId, `${table.name} keeps its base index`);
  return withEachPhysical({ ...table, indexMetas }, (physical) => {
    const gone = physical.indexes.find((index) => index.indexId === indexId);
    const lagging = new Map(physical.lagging);
    for (const id of gone?.tablets.replicaIds ?? []) lagging.delete(asId<ReplicaId>(id));
    const indexes = physical.indexes.filter((index) => index !== gone);
    return Object.freeze({ ...physical, indexes, lagging });
  });
}

function withEachPhysical(
  table: OlapTable,
  change: (physical: PhysicalPartition) => PhysicalPartition,
): OlapTable {
  const changed = (partitions: ReadonlyMap<string, Partition>): ReadonlyMap<string, Partition> =>
    new Map(
      [...partitions].map(([name, partition]) => [
        name,
        Object.freeze({ ...partition, physical: partition.physical.map(change) }),
      ]),
    );
  return Object.freeze({
    ...table,
    partitions: changed(table.partitions),
    tempPartitions: changed(table.tempPartitions),
  });
}
