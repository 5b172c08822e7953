/**
 * Changes of a table as pure functions: each gives a new table that shares what did not change.
 * Nothing here checks what a user may do; callers did, and what cannot be is a `bug`.
 */
import { assert } from '../base/assert.ts';
import type { PartitionId, PhysicalPartitionId, ReplicaId } from '../base/ids.ts';
import type { MaterializedViewInfo, MvId } from './materialized-view.ts';
import type { OlapTable, Partition, PhysicalPartition, ReplicaLag, TableState } from './model.ts';
import type { CommitRecord } from './records.ts';

const NO_LAG: ReadonlyMap<ReplicaId, ReplicaLag> = new Map();

export function withState(table: OlapTable, state: TableState): OlapTable {
  return table.state === state ? table : Object.freeze({ ...table, state });
}

/** Adds partitions behind those that are there. One that is there with the same id stays. */
export function withPartitionsAdded(table: OlapTable, partitions: readonly Partition[]): OlapTable {
  const all = new Map(table.partitions);
  for (const partition of partitions) {
    const present = all.get(partition.name);
    const isNew = present === undefined || present.id === partition.id;
    assert(isNew, `partition ${partition.name} of ${table.name} is not there yet`);
    if (present === undefined) all.set(partition.name, partition);
  }
  return all.size === table.partitions.size ? table : withPartitions(table, all);
}

/** With properties in the place of those with the same keys. */
export function withProperties(
  table: OlapTable,
  properties: ReadonlyMap<string, string>,
): OlapTable {
  const isThere = [...properties].every(([key, value]) => table.properties.get(key) === value);
  if (isThere) return table;
  return Object.freeze({ ...table, properties: new Map([...table.properties, ...properties]) });
}

/** Without the partition; the same table if it has none of that name. */
export function withPartitionDropped(table: OlapTable, name: string): OlapTable {
  if (!table.partitions.has(name)) return table;
  const all = new Map(table.partitions);
  all.delete(name);
  return withPartitions(table, all);
}

/** The partition under another name, in its place. */
export function withPartitionRenamed(table: OlapTable, name: string, newName: string): OlapTable {
  const all = [...table.partitions].map(([key, partition]): [string, Partition] =>
    key === name ? [newName, Object.freeze({ ...partition, name: newName })] : [key, partition],
  );
  return withPartitions(table, new Map(all));
}

/** New partitions in the places of those with the same names, all of which must be there. */
export function withPartitionsReplaced(
  table: OlapTable,
  partitions: readonly Partition[],
): OlapTable {
  const all = new Map(table.partitions);
  for (const partition of partitions) {
    assert(all.has(partition.name), `partition ${partition.name} of ${table.name} is there`);
    all.set(partition.name, partition);
  }
  return withPartitions(table, all);
}

/** Another physical partition behind those of the logical one; one that is there stays. */
export function withPhysicalAdded(
  table: OlapTable,
  partitionId: PartitionId,
  physical: PhysicalPartition,
): OlapTable {
  const all = new Map(table.partitions);
  for (const [name, partition] of all) {
    if (partition.id !== partitionId) continue;
    if (partition.physical.some((one) => one.id === physical.id)) return table;
    const parts = [...partition.physical, physical];
    all.set(name, Object.freeze({ ...partition, physical: parts }));
    return withPartitions(table, all);
  }
  return table;
}

/**
 * An overwrite is complete: new partitions in the places of those with the same names or behind
 * the others, and without the dropped ones.
 */
export function withPartitionsOverwritten(
  table: OlapTable,
  partitions: readonly Partition[],
  dropped: readonly string[],
): OlapTable {
  const all = new Map(table.partitions);
  for (const name of dropped) all.delete(name);
  for (const partition of partitions) all.set(partition.name, partition);
  return withPartitions(table, all);
}

export function withMaterializedView(table: OlapTable, info: MaterializedViewInfo): OlapTable {
  return Object.freeze({ ...table, materializedView: info });
}

/** The table with other views over it; each stands there once, in the order given. */
export function withRelatedViews(table: OlapTable, related: readonly MvId[]): OlapTable {
  const unique = related.filter((one, at) => related.findIndex((id) => isSameMv(id, one)) === at);
  const { relatedMaterializedViews: _before, ...others } = table;
  return Object.freeze(
    unique.length === 0 ? others : { ...others, relatedMaterializedViews: unique },
  );
}

export function isSameMv(a: MvId, b: MvId): boolean {
  return a.dbId === b.dbId && a.tableId === b.tableId;
}

function withPartitions(table: OlapTable, partitions: ReadonlyMap<string, Partition>): OlapTable {
  return Object.freeze({ ...table, partitions });
}

/**
 * The table under another name. Its base index follows, and so does the single partition of an
 * unpartitioned table (resolutions.md 37, restore-jobs.md 3.4 step 5).
 */
export function renamed(table: OlapTable, newName: string): OlapTable {
  if (table.name === newName) return table;
  const indexMetas = table.indexMetas.map((meta) =>
    meta.indexId === table.baseIndexId ? Object.freeze({ ...meta, name: newName }) : meta,
  );
  let { partitions } = table;
  const [only] = partitions.values();
  if (table.partitionBy.kind === 'UNPARTITIONED' && partitions.size === 1 && only !== undefined) {
    partitions = new Map([[newName, Object.freeze({ ...only, name: newName })]]);
  }
  return Object.freeze({
    ...table,
    name: newName,
    indexMetas,
    partitions,
    ...(table.materializedView === undefined
      ? {}
      : { materializedView: renamedExpr(table.materializedView, newName) }),
  });
}

/** The partition expression of a view names the view itself. */
function renamedExpr(info: MaterializedViewInfo, tableName: string): MaterializedViewInfo {
  const { partitionExpr } = info;
  if (partitionExpr === undefined) return info;
  return Object.freeze({ ...info, partitionExpr: { ...partitionExpr, tableName } });
}

/**
 * A load became visible. A version that is there already changes nothing, and neither do
 * partitions that were dropped meanwhile. A replica that failed stays behind, at the version it
 * has, with the commit's version as its last failed one; one that lagged before still does.
 */
export function withCommittedVersions(
  table: OlapTable,
  committed: CommitRecord['partitions'],
  commitTimeMs: number,
): OlapTable {
  const byId = new Map(committed.map((one) => [one.physicalPartitionId, one]));
  return withPhysical(table, byId, (physical, commit) => {
    if (commit.version <= physical.visibleVersion) return physical;
    let { lagging } = physical;
    if (commit.failedReplicas.length > 0) {
      const more = new Map(lagging);
      for (const id of commit.failedReplicas) {
        const version = lagging.get(id)?.version ?? physical.visibleVersion;
        more.set(id, Object.freeze({ version, lastFailedVersion: commit.version }));
      }
      lagging = more;
    }
    return {
      ...physical,
      visibleVersion: commit.version,
      visibleVersionTimeMs: commitTimeMs,
      nextVersion: Math.max(physical.nextVersion, commit.version + 1),
      lagging,
    };
  });
}

/**
 * A restore put these versions in place: they may be lower than before; the next version follows,
 * and no replica counts as behind or failed (restore-jobs.md 5.1 step 4). Ids that are gone are
 * passed over.
 */
export function withRestoredVersions(
  table: OlapTable,
  versions: ReadonlyMap<PhysicalPartitionId, number>,
  nowMs: number,
): OlapTable {
  return withPhysical(table, versions, (physical, version) => ({
    ...physical,
    visibleVersion: version,
    visibleVersionTimeMs: nowMs,
    nextVersion: version + 1,
    lagging: NO_LAG,
  }));
}

/**
 * Changes those physical partitions that `inputs` names. The same table when none is there, or
 * when `change` gives back each as it was.
 */
function withPhysical<T>(
  table: OlapTable,
  inputs: ReadonlyMap<PhysicalPartitionId, T>,
  change: (physical: PhysicalPartition, input: T) => PhysicalPartition,
): OlapTable {
  const partitions = withPhysicalIn(table.partitions, inputs, change);
  const tempPartitions = withPhysicalIn(table.tempPartitions, inputs, change);
  if (partitions === table.partitions && tempPartitions === table.tempPartitions) return table;
  return Object.freeze({ ...table, partitions, tempPartitions });
}

function withPhysicalIn<T>(
  partitions: ReadonlyMap<string, Partition>,
  inputs: ReadonlyMap<PhysicalPartitionId, T>,
  change: (physical: PhysicalPartition, input: T) => PhysicalPartition,
): ReadonlyMap<string, Partition> {
  let changed: Map<string, Partition> | undefined;
  for (const [name, partition] of partitions) {
    if (!partition.physical.some((one) => inputs.has(one.id))) continue;
    const physical = partition.physical.map((one) => {
      const input = inputs.get(one.id);
      return input === undefined ? one : Object.freeze(change(one, input));
    });
    if (physical.every((one, at) => one === partition.physical[at])) continue;
    changed ??= new Map(partitions);
    changed.set(name, Object.freeze({ ...partition, physical }));
  }
  return changed ?? partitions;
}

/**
 * What a backup keeps of a table: the chosen partitions (all without a choice) in their order, no
 * temporary ones, state NORMAL (backup-jobs.md 2.3 step 7). Shares everything below the table.
 */
export function selectivelyCopied(
  table: OlapTable,
  partitionNames: readonly string[] | undefined,
): OlapTable {
  let { partitions } = table;
  if (partitionNames !== undefined) {
    const chosen = new Set(partitionNames);
    for (const name of chosen) assert(partitions.has(name), `partition ${name} of ${table.name}`);
    partitions = new Map([...partitions].filter(([name]) => chosen.has(name)));
  }
  return Object.freeze({ ...table, state: 'NORMAL', partitions, tempPartitions: new Map() });
}
