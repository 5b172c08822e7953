/**
 * New partitions with their tablets: for CREATE TABLE, ADD PARTITION, TRUNCATE and RESTORE alike.
 * Ids come from a reserved run, backends from a chooser; nothing is created on a backend here.
 */
import { asId, type IndexId, type PartitionId, type PhysicalPartitionId } from '../base/ids.ts';
import type { IdRun } from './id-run.ts';
import type {
  Distribution,
  MaterializedIndex,
  OlapTable,
  Partition,
  PartitionList,
  PartitionRange,
  PhysicalPartition,
} from './model.ts';
import { makeTablets } from './tablet-columns.ts';

/** Distinct backends for each of so many tablets, flat; undefined when there are too few. */
export type BackendChooser = (
  tabletCount: number,
  replicationNum: number,
) => Float64Array | undefined;

export interface Placement {
  readonly ids: IdRun;
  readonly chooseBackends: BackendChooser;
  /** The default physical partition has the logical id: profile 3.3 (resolutions.md 6). */
  readonly physicalIdEqualsLogical: boolean;
}

export interface NewPartition {
  readonly name: string;
  readonly range?: PartitionRange;
  readonly list?: PartitionList;
  readonly distribution: Distribution;
  readonly replicationNum: number;
  readonly storageMedium?: 'HDD' | 'SSD';
}

/** A new partition is empty: this is the version it starts at (sql-surface.md 3.2). */
export const FIRST_VISIBLE_VERSION = 1;

/** Ids that `buildPartition` takes at most. */
export function countPartitionIds(
  partition: Pick<NewPartition, 'distribution' | 'replicationNum'>,
  indexCount: number,
): number {
  const tabletCount = partition.distribution.buckets * indexCount;
  return 2 + tabletCount * (1 + partition.replicationNum);
}

/** The two ids of a partition, in the order in which StarRocks takes them. */
export function takePartitionIds(placement: Placement): {
  readonly id: PartitionId;
  readonly physicalId: PhysicalPartitionId;
} {
  const id = placement.ids.next();
  const physicalId = placement.physicalIdEqualsLogical ? id : placement.ids.next();
  return { id: asId<PartitionId>(id), physicalId: asId<PhysicalPartitionId>(physicalId) };
}

/**
 * Tablets for one index: consecutive tablet ids, then consecutive replica ids.
 * Undefined when the chooser found too few backends.
 */
export function placeTablets(
  indexId: IndexId,
  tabletCount: number,
  replicationNum: number,
  placement: Placement,
): MaterializedIndex | undefined {
  const backendIds = placement.chooseBackends(tabletCount, replicationNum);
  if (backendIds === undefined) return undefined;
  const tablets = makeTablets({
    count: tabletCount,
    replication: replicationNum,
    firstTabletId: placement.ids.take(tabletCount),
    firstReplicaId: placement.ids.take(tabletCount * replicationNum),
    backendIds,
  });
  return Object.freeze({ indexId, tablets });
}

/**
 * An empty partition at version 1 with tablets for each index, base first.
 * Undefined when the chooser found too few backends.
 */
export function buildPartition(
  definition: NewPartition,
  indexIds: readonly IndexId[],
  placement: Placement,
  nowMs: number,
): Partition | undefined {
  return fillPartition(definition, takePartitionIds(placement), indexIds, placement, nowMs);
}

/** As `buildPartition`, with ids that were taken before. */
export function fillPartition(
  definition: NewPartition,
  ids: { readonly id: PartitionId; readonly physicalId: PhysicalPartitionId },
  indexIds: readonly IndexId[],
  placement: Placement,
  nowMs: number,
): Partition | undefined {
  const { distribution, replicationNum, range, list } = definition;
  const physical = emptyPhysical(definition, ids, indexIds, placement, nowMs);
  if (physical === undefined) return undefined;
  return Object.freeze({
    id: ids.id,
    name: definition.name,
    physical: [physical],
    distribution,
    replicationNum,
    storageMedium: definition.storageMedium ?? 'HDD',
    isInMemory: false,
    ...(range === undefined ? {} : { range }),
    ...(list === undefined ? {} : { list }),
  });
}

/**
 * An empty physical partition at version 1, with tablets for each index, base first. Undefined when
 * the chooser found too few backends.
 */
export function emptyPhysical(
  { distribution, replicationNum }: Pick<NewPartition, 'distribution' | 'replicationNum'>,
  ids: { readonly id: PartitionId; readonly physicalId: PhysicalPartitionId },
  indexIds: readonly IndexId[],
  placement: Placement,
  nowMs: number,
): PhysicalPartition | undefined {
  const indexes: MaterializedIndex[] = [];
  for (const indexId of indexIds) {
    const index = placeTablets(indexId, distribution.buckets, replicationNum, placement);
    if (index === undefined) return undefined;
    indexes.push(index);
  }
  return Object.freeze({
    id: ids.physicalId,
    parentId: ids.id,
    visibleVersion: FIRST_VISIBLE_VERSION,
    visibleVersionTimeMs: nowMs,
    nextVersion: FIRST_VISIBLE_VERSION + 1,
    indexes,
    lagging: new Map(),
  });
}

/** The index ids of a table in the order of a physical partition: base first. */
export function indexIdsOf(table: Pick<OlapTable, 'baseIndexId' | 'indexMetas'>): IndexId[] {
  const rollups = table.indexMetas.map((meta) => meta.indexId);
  return [table.baseIndexId, ...rollups.filter((id) => id !== table.baseIndexId)];
}

/** What TRUNCATE puts in the place of a partition: the same shape, without rows. */
export function emptyCopyOf(partition: Partition): NewPartition {
  const { name, distribution, replicationNum, storageMedium, range, list } = partition;
  return {
    name,
    distribution,
    replicationNum,
    storageMedium,
    ...(range === undefined ? {} : { range }),
    ...(list === undefined ? {} : { list }),
  };
}
