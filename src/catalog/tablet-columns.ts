/**
 * Tablets of an index as columns: making them and looking at one of them as if it were an object.
 * Views are made when asked for and not kept; loops over many tablets read the columns themselves.
 */
import { assert } from '../base/assert.ts';
import { asId, type BackendId, type ReplicaId, type TabletId } from '../base/ids.ts';
import type { PhysicalPartition, ReplicaLag, TabletColumns } from './model.ts';

export interface TabletColumnsSpec {
  readonly count: number;
  readonly replication: number;
  /** Tablets get consecutive ids from here, in bucket order. */
  readonly firstTabletId: number;
  /** Replicas get consecutive ids from here, tablet by tablet. */
  readonly firstReplicaId: number;
  /** `replication` distinct backends for each tablet, flat. Kept, not copied. */
  readonly backendIds: Float64Array;
}

export interface ReplicaView {
  readonly replicaId: ReplicaId;
  readonly backendId: BackendId;
}

export interface TabletView {
  readonly tabletId: TabletId;
  readonly replicas: readonly ReplicaView[];
}

/** New tablets with consecutive ids on the given backends. */
export function makeTablets(spec: TabletColumnsSpec): TabletColumns {
  const { count, replication, firstTabletId, firstReplicaId, backendIds } = spec;
  const replicaCount = count * replication;
  assert(backendIds.length === replicaCount, 'one backend for each replica');
  const tabletIds = new Float64Array(count);
  for (let at = 0; at < count; at += 1) tabletIds[at] = firstTabletId + at;
  const replicaIds = new Float64Array(replicaCount);
  for (let at = 0; at < replicaCount; at += 1) replicaIds[at] = firstReplicaId + at;
  return Object.freeze({ count, replication, tabletIds, replicaIds, backendIds });
}

export function tabletIdAt(columns: TabletColumns, index: number): TabletId {
  const id = columns.tabletIds[index];
  assert(id !== undefined, `a tablet at ${index}`);
  return asId<TabletId>(compact(id));
}

/**
 * The same number as V8 stores it best: what comes out of a typed array is a boxed double, which
 * costs room in every object and time in every map that takes it as a key.
 */
function compact(id: number): number {
  return id < COMPACT_MAX ? id | 0 : id;
}

const COMPACT_MAX = 2 ** 31;

/** The replicas of the tablet at `index`, in the order in which they were placed. */
export function replicasOf(columns: TabletColumns, index: number): readonly ReplicaView[] {
  const replicas: ReplicaView[] = [];
  const begin = index * columns.replication;
  for (let at = begin; at < begin + columns.replication; at += 1) {
    const replicaId = columns.replicaIds[at];
    const backendId = columns.backendIds[at];
    assert(replicaId !== undefined && backendId !== undefined, `a replica at ${at}`);
    replicas.push({
      replicaId: asId<ReplicaId>(compact(replicaId)),
      backendId: asId<BackendId>(compact(backendId)),
    });
  }
  return replicas;
}

export function tabletAt(columns: TabletColumns, index: number): TabletView {
  return { tabletId: tabletIdAt(columns, index), replicas: replicasOf(columns, index) };
}

/** All tablets in bucket order; a view at a time. */
export function* tabletsOf(columns: TabletColumns): Iterable<TabletView> {
  for (let index = 0; index < columns.count; index += 1) yield tabletAt(columns, index);
}

/** Where a replica stands: behind or failed if it is listed so, else at the visible version. */
export function replicaLag(partition: PhysicalPartition, replicaId: ReplicaId): ReplicaLag {
  return (
    partition.lagging.get(replicaId) ?? { version: partition.visibleVersion, lastFailedVersion: -1 }
  );
}

/**
 * The replica that a backup reads: the lowest id without a failed version and at the visible
 * version at least; undefined when there is none (backup-jobs.md 4.1).
 */
export function replicaForBackup(
  partition: PhysicalPartition,
  columns: TabletColumns,
  index: number,
): ReplicaView | undefined {
  let best: ReplicaView | undefined;
  for (const replica of replicasOf(columns, index)) {
    if (best !== undefined && best.replicaId < replica.replicaId) continue;
    const { version, lastFailedVersion } = replicaLag(partition, replica.replicaId);
    if (lastFailedVersion < 0 && version >= partition.visibleVersion) best = replica;
  }
  return best;
}
