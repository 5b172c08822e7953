/**
 * Pairs local tablets with those of a snapshot, index by name and tablet by position
 * (restore-jobs.md 3.8). Each local replica becomes one row of the file mapping, and one snapshot.
 */
import { asId, type BackendId, type TabletId } from '../base/ids.ts';
import type { OlapTable, PhysicalPartition } from '../catalog/model.ts';
import { indexMetaOf } from '../catalog/table-lookup.ts';
import { replicasOf, tabletIdAt } from '../catalog/tablet-columns.ts';
import type {
  BackupIndexInfo,
  BackupPartitionInfo,
  BackupPhysicalPartitionInfo,
} from '../repository/job-info.ts';
import { failed, type Status } from '../repository/status.ts';
import { type MappingRow, NO_REPLICA } from './file-mapping.ts';

/** A local replica, what fills it, and what its backend must know to make a snapshot of it. */
export interface PlannedReplica extends MappingRow {
  readonly tabletId: TabletId;
  readonly backendId: BackendId;
  readonly schemaHash: number;
  readonly version: number;
}

/** Where in a snapshot the content of one physical partition lies. */
export interface RemotePartition {
  readonly tableId: number;
  /** As it stands in the path: the logical id where the snapshot knows no physical ones. */
  readonly partitionId: number;
  readonly version: number;
  readonly indexes: ReadonlyMap<string, BackupIndexInfo>;
}

/** The entry for a partition that has one physical partition here (restore-jobs.md 3.8). */
export function onlyRemote(tableId: number, info: BackupPartitionInfo): RemotePartition {
  const [only] = info.subPartitions.values();
  if (only === undefined) {
    return { tableId, partitionId: info.id, version: info.version, indexes: info.indexes };
  }
  return remoteOf(tableId, only);
}

/** The entry for the physical partition that had this id in the snapshot. */
export function remoteWithId(
  tableId: number,
  info: BackupPartitionInfo,
  oldPhysicalId: number,
): RemotePartition | undefined {
  if (info.subPartitions.size <= 1) return onlyRemote(tableId, info);
  const entry = info.subPartitions.get(oldPhysicalId);
  return entry === undefined ? undefined : remoteOf(tableId, entry);
}

function remoteOf(tableId: number, entry: BackupPhysicalPartitionInfo): RemotePartition {
  const { id, version, indexes } = entry;
  return { tableId, partitionId: id, version, indexes };
}

/**
 * Adds a row for every replica of the physical partition. A status names the index whose tablets
 * cannot be paired; nothing was added for it then.
 */
export function addReplicas(
  planned: PlannedReplica[],
  table: OlapTable,
  physical: PhysicalPartition,
  remote: RemotePartition,
): Status | undefined {
  for (const index of physical.indexes) {
    const meta = indexMetaOf(table, index.indexId);
    const there = remote.indexes.get(meta.name);
    const { tablets } = index;
    if (there === undefined || there.tabletIds.length !== tablets.count) {
      return failed(
        'COMMON_ERROR',
        `index ${meta.name} of table ${table.name} has ${tablets.count} tablets here and ` +
          `${there?.tabletIds.length ?? 0} in the snapshot`,
      );
    }
    there.tabletIds.forEach((remoteTabletId, at) => {
      const tabletId = tabletIdAt(tablets, at);
      const remoteChain = {
        tableId: remote.tableId,
        partitionId: remote.partitionId,
        indexId: there.id,
        tabletId: remoteTabletId,
        replicaId: NO_REPLICA,
      };
      for (const { replicaId, backendId } of replicasOf(tablets, at)) {
        planned.push({
          local: {
            tableId: table.id,
            partitionId: physical.id,
            indexId: index.indexId,
            tabletId,
            replicaId,
          },
          remote: remoteChain,
          tabletId,
          backendId: asId(backendId),
          schemaHash: meta.schemaHash,
          version: physical.visibleVersion,
        });
      }
    });
  }
  return undefined;
}
