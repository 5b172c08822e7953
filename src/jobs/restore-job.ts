/** A RESTORE job: its states and its data (restore-jobs.md 1.2, 2). */
import type { Millis } from '../base/clock.ts';
import {
  type DbId,
  NO_JOB_ID,
  type PhysicalPartitionId,
  type RepositoryId,
  type TableId,
} from '../base/ids.ts';
import type { Partition, Table } from '../catalog/model.ts';
import type { BackupJobInfo } from '../repository/job-info.ts';
import type { BackupMeta } from '../repository/meta-info.ts';
import type { Status } from '../repository/status.ts';
import { type AbstractJob, UNSET_MS } from './abstract-job.ts';
import { EMPTY_MAPPING, type FileMapping } from './file-mapping.ts';
import { type MetaObjects, NO_OBJECTS } from './meta-objects.ts';
import type { SnapshotInfo } from './snapshot-info.ts';

export const RESTORE_STATES = [
  'PENDING',
  'SNAPSHOTING',
  'DOWNLOAD',
  'DOWNLOADING',
  'COMMIT',
  'COMMITTING',
  'FINISHED',
  'CANCELLED',
] as const;
export type RestoreState = (typeof RESTORE_STATES)[number];

/** A partition that the job adds to a table that was there before. */
export interface RestoredPartition {
  readonly tableName: string;
  readonly partition: Partition;
}

/** Backed-up versions by physical partition, for tables that were there before. */
export type RestoredVersionInfo = ReadonlyMap<TableId, ReadonlyMap<PhysicalPartitionId, number>>;

export interface RestoreJob extends AbstractJob {
  readonly type: 'RESTORE';
  readonly state: RestoreState;
  readonly backupTimestamp: string;
  /** Only the objects asked for. */
  readonly jobInfo: BackupJobInfo;
  /** Names in the snapshot -> names here, where they differ. */
  readonly tblAlias: ReadonlyMap<string, string>;
  /** Shown, without effect (restore-jobs.md 9 #1). */
  readonly allowLoad: boolean;
  /** Undefined when `__meta` could not be read; the first step then cancels, with the status. */
  readonly backupMeta: BackupMeta | undefined;
  readonly fileMapping: FileMapping;
  readonly metaPreparedTimeMs: Millis;
  readonly snapshotFinishedTimeMs: Millis;
  readonly downloadFinishedTimeMs: Millis;
  readonly restoreReplicationNum: number;
  readonly restoredPartitions: readonly RestoredPartition[];
  /** Tables that the job creates, under their names here. */
  readonly restoredTbls: readonly Table[];
  readonly restoredVersionInfo: RestoredVersionInfo;
  readonly snapshotInfos: readonly SnapshotInfo[];
  /** Objects without data that the job puts in place, and those that stood there before. */
  readonly restoredObjects: MetaObjects;
  readonly replacedObjects: MetaObjects;
}

export interface NewRestoreJob {
  readonly repoId: RepositoryId;
  readonly label: string;
  readonly dbId: DbId;
  readonly dbName: string;
  readonly createTimeMs: Millis;
  readonly timeoutMs: number;
  readonly backupTimestamp: string;
  readonly jobInfo: BackupJobInfo;
  readonly tblAlias: ReadonlyMap<string, string>;
  readonly allowLoad: boolean;
  readonly backupMeta: BackupMeta | undefined;
  /** Why there is no metadata, if there is none. */
  readonly status: Status;
  readonly restoreReplicationNum: number;
}

export function newRestoreJob(fields: NewRestoreJob): RestoreJob {
  return Object.freeze({
    type: 'RESTORE',
    ...fields,
    state: 'PENDING',
    jobId: NO_JOB_ID,
    finishedTimeMs: UNSET_MS,
    taskErrMsg: new Map(),
    fileMapping: EMPTY_MAPPING,
    metaPreparedTimeMs: UNSET_MS,
    snapshotFinishedTimeMs: UNSET_MS,
    downloadFinishedTimeMs: UNSET_MS,
    restoredPartitions: [],
    restoredTbls: [],
    restoredVersionInfo: new Map(),
    snapshotInfos: [],
    restoredObjects: NO_OBJECTS,
    replacedObjects: NO_OBJECTS,
  });
}

/** The name here of a table of the snapshot. */
export function aliasOf(job: Pick<RestoreJob, 'tblAlias'>, name: string): string {
  return job.tblAlias.get(name) ?? name;
}
