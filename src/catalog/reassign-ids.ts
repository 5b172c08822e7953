/**
 * New ids for what comes out of a snapshot: a whole table (restore-jobs.md 3.7) or a partition
 * that an existing table lacks (3.6). Versions, order and numbers of tablets stay; replicas are
 * placed anew. Pure: ids come from a reserved run, backends from a chooser.
 */
import { present } from '../base/assert.ts';
import {
  asId,
  type IndexId,
  type PartitionId,
  type PhysicalPartitionId,
  type TableId,
} from '../base/ids.ts';
import { type Placement, placeTablets } from './build-partition.ts';
import type { MaterializedIndex, OlapTable, Partition, PhysicalPartition } from './model.ts';

/** Physical partition id in the snapshot -> here. */
export type PhysicalIdMapping = ReadonlyMap<PhysicalPartitionId, PhysicalPartitionId>;

export interface ReassignedTable {
  readonly table: OlapTable;
  readonly newPhysicalIds: PhysicalIdMapping;
}

export interface ReassignedPartition {
  readonly partition: Partition;
  readonly newPhysicalIds: PhysicalIdMapping;
}

/** Ids that `reassignIds` takes at most. */
export function countIdsNeeded(table: OlapTable, replicationNum: number): number {
  let count = 1 + table.indexMetas.length;
  for (const partition of table.partitions.values()) {
    count += countPartitionIdsNeeded(partition, replicationNum);
  }
  return count;
}

/** Ids that `newPartitionFor` takes at most. */
export function countPartitionIdsNeeded(partition: Partition, replicationNum: number): number {
  let count = 1 + partition.physical.length;
  for (const { indexes } of partition.physical) {
    for (const { tablets } of indexes) count += tablets.count * (1 + replicationNum);
  }
  return count;
}

/**
 * The remote table as a new one of this cluster, still under its own name and in state NORMAL.
 * Undefined when the chooser found too few backends.
 */
export function reassignIds(
  remote: OlapTable,
  replicationNum: number,
  placement: Placement,
): ReassignedTable | undefined {
  const { ids } = placement;
  const id = asId<TableId>(ids.next());
  const newIndexIds = new Map<IndexId, IndexId>();
  for (const meta of remote.indexMetas) newIndexIds.set(meta.indexId, asId<IndexId>(ids.next()));
  const indexIdOf = (old: IndexId): IndexId => present(newIndexIds.get(old), `index ${old}`);
  const newPhysicalIds = new Map<PhysicalPartitionId, PhysicalPartitionId>();
  const partitions = new Map<string, Partition>();
  for (const partition of remote.partitions.values()) {
    const renewed = renewPartition(partition, replicationNum, placement, indexIdOf);
    if (renewed === undefined) return undefined;
    partitions.set(partition.name, renewed.partition);
    for (const [old, fresh] of renewed.newPhysicalIds) newPhysicalIds.set(old, fresh);
  }
  const table: OlapTable = Object.freeze({
    ...remote,
    id,
    state: 'NORMAL',
    baseIndexId: indexIdOf(remote.baseIndexId),
    indexMetas: remote.indexMetas.map((meta) =>
      Object.freeze({ ...meta, indexId: indexIdOf(meta.indexId) }),
    ),
    partitions,
    tempPartitions: new Map(),
    properties: new Map([...remote.properties, ['replication_num', String(replicationNum)]]),
  });
  return { table, newPhysicalIds };
}

export interface NewPartitionRequest {
  /** The existing table that lacks the partition; its index ids are used, matched by name. */
  readonly local: OlapTable;
  readonly remote: OlapTable;
  readonly partition: Partition;
  readonly replicationNum: number;
  readonly placement: Placement;
}

/**
 * The remote partition as a new one of an existing table, with its range and data property
 * (restore-jobs.md 3.6). Undefined when the chooser found too few backends.
 */
export function newPartitionFor(request: NewPartitionRequest): ReassignedPartition | undefined {
  const { local, remote, partition, replicationNum, placement } = request;
  return renewPartition(partition, replicationNum, placement, (remoteId) => {
    const isBase = remoteId === remote.baseIndexId;
    const name = remote.indexMetas.find((meta) => meta.indexId === remoteId)?.name;
    const twin = local.indexMetas.find((meta) => meta.name === name);
    return isBase ? local.baseIndexId : present(twin, `index ${name} of ${local.name}`).indexId;
  });
}

function renewPartition(
  partition: Partition,
  replicationNum: number,
  placement: Placement,
  indexIdOf: (old: IndexId) => IndexId,
): ReassignedPartition | undefined {
  const id = asId<PartitionId>(placement.ids.next());
  const newPhysicalIds = new Map<PhysicalPartitionId, PhysicalPartitionId>();
  const physical: PhysicalPartition[] = [];
  for (const one of partition.physical) {
    const isDefault = physical.length === 0;
    const sharesId = isDefault && placement.physicalIdEqualsLogical;
    const physicalId = asId<PhysicalPartitionId>(sharesId ? id : placement.ids.next());
    newPhysicalIds.set(one.id, physicalId);
    const indexes: MaterializedIndex[] = [];
    for (const { indexId, tablets } of one.indexes) {
      const index = placeTablets(indexIdOf(indexId), tablets.count, replicationNum, placement);
      if (index === undefined) return undefined;
      indexes.push(index);
    }
    physical.push(
      Object.freeze({
        ...one,
        id: physicalId,
        parentId: id,
        nextVersion: one.visibleVersion + 1,
        indexes,
        lagging: new Map(),
      }),
    );
  }
  return {
    partition: Object.freeze({ ...partition, id, physical, replicationNum }),
    newPhysicalIds,
  };
}
