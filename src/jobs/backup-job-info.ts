/**
 * `BackupJobInfo` of a backup: what its snapshot holds (backup-jobs.md 5). Indexes always stand
 * with their physical partition; the codec puts them where a release has them.
 */
import type { Millis } from '../base/clock.ts';
import type { TableId } from '../base/ids.ts';
import type {
  MaterializedIndex,
  OlapTable,
  Partition,
  PhysicalPartition,
} from '../catalog/model.ts';
import { defaultPhysical, indexMetaOf } from '../catalog/table-lookup.ts';
import type {
  BackupIndexInfo,
  BackupJobInfo,
  BackupPartitionInfo,
  BackupPhysicalPartitionInfo,
  BackupTableInfo,
} from '../repository/job-info.ts';
import type { BackupMeta } from '../repository/meta-info.ts';
import type { BackupJob } from './backup-job.ts';
import { expireTimeOf } from './snapshot-ttl.ts';
import type { StepView } from './transition.ts';

/** What is not in the metadata that was copied when the backup began. */
export interface WrapUp {
  /** From then on the snapshot's time to live counts. */
  readonly finishTimeMs: Millis;
  readonly autoIncrementIds: ReadonlyMap<TableId, number>;
}

export function jobInfoOf(
  job: BackupJob,
  meta: BackupMeta,
  { finishTimeMs, autoIncrementIds }: WrapUp,
  view: Pick<StepView, 'traits' | 'clusterId' | 'systemTimeZone'>,
): BackupJobInfo {
  const { traits } = view;
  const tables = new Map<string, BackupTableInfo>();
  for (const table of meta.tables.values()) {
    tables.set(table.name, tableInfo(table, autoIncrementIds.get(table.id)));
  }
  for (const { id, name } of meta.views.values()) {
    tables.set(name, { name, id, partitions: new Map() });
  }
  return {
    name: job.label,
    dbName: job.dbName,
    dbId: job.dbId,
    backupTimeMs: job.createTimeMs,
    tables,
    success: true,
    metaVersion: traits.metaVersion,
    starrocksMetaVersion: traits.starrocksMetaVersion,
    ...(traits.hasSnapshotRetention ? retentionOf(job, finishTimeMs, view) : {}),
  };
}

function retentionOf(
  { ttl }: BackupJob,
  finishTimeMs: Millis,
  { clusterId, systemTimeZone }: Pick<StepView, 'clusterId' | 'systemTimeZone'>,
): Pick<BackupJobInfo, 'clusterId' | 'finishTimeMs' | 'ttl' | 'expireTimeMs'> {
  const expireTimeMs = expireTimeOf(finishTimeMs, ttl, systemTimeZone);
  return {
    clusterId,
    finishTimeMs,
    ...(ttl === undefined ? {} : { ttl }),
    ...(expireTimeMs === undefined ? {} : { expireTimeMs }),
  };
}

function tableInfo(table: OlapTable, autoIncrementId: number | undefined): BackupTableInfo {
  const partitions = new Map<string, BackupPartitionInfo>();
  for (const partition of table.partitions.values()) {
    partitions.set(partition.name, partitionInfo(table, partition));
  }
  const { id, name } = table;
  return { name, id, ...(autoIncrementId === undefined ? {} : { autoIncrementId }), partitions };
}

function partitionInfo(table: OlapTable, partition: Partition): BackupPartitionInfo {
  const subPartitions = new Map<number, BackupPhysicalPartitionInfo>();
  for (const physical of partition.physical) {
    subPartitions.set(physical.id, physicalInfo(table, physical));
  }
  return {
    name: partition.name,
    id: partition.id,
    version: defaultPhysical(partition).visibleVersion,
    indexes: new Map(),
    subPartitions,
  };
}

function physicalInfo(table: OlapTable, physical: PhysicalPartition): BackupPhysicalPartitionInfo {
  const indexes = new Map<string, BackupIndexInfo>();
  for (const index of physical.indexes) {
    const info = indexInfo(table, index);
    indexes.set(info.name, info);
  }
  return { id: physical.id, version: physical.visibleVersion, indexes };
}

function indexInfo(table: OlapTable, index: MaterializedIndex): BackupIndexInfo {
  const meta = indexMetaOf(table, index.indexId);
  return {
    name: meta.name,
    id: index.indexId,
    schemaHash: meta.schemaHash,
    tabletIds: Array.from(index.tablets.tabletIds),
  };
}
