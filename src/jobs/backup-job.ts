/** A BACKUP job: its states and its data (backup-jobs.md 1.2, 2). */

import type { Millis } from '../base/clock.ts';
import { type DbId, NO_JOB_ID, type RepositoryId, type TabletId } from '../base/ids.ts';
import type { ExternalCatalog, UserFunction } from '../catalog/model.ts';
import type { BackupMeta } from '../repository/meta-info.ts';
import { OK } from '../repository/status.ts';
import { type AbstractJob, UNSET_MS } from './abstract-job.ts';
import type { SnapshotInfo } from './snapshot-info.ts';
import { NO_SNAPSHOTS } from './tablet-snapshots.ts';

export const BACKUP_STATES = [
  'PENDING',
  'SNAPSHOTING',
  'UPLOAD_SNAPSHOT',
  'UPLOADING',
  'SAVE_META',
  'UPLOAD_INFO',
  'FINISHED',
  'CANCELLED',
] as const;
export type BackupState = (typeof BACKUP_STATES)[number];

/** An object to back up; without partitions, all of them. */
export interface BackupTableRef {
  readonly dbName: string;
  readonly tableName: string;
  readonly partitionNames?: readonly string[];
  /** TEMPORARY PARTITION (...): known, and refused when the job is submitted. */
  readonly hasTemporaryPartitions?: boolean;
}

export interface BackupJob extends AbstractJob {
  readonly type: 'BACKUP';
  readonly state: BackupState;
  readonly tableRefs: readonly BackupTableRef[];
  /** How long the snapshot is to be kept, as written; undefined: for ever. */
  readonly ttl: string | undefined;
  /** As they were when the statement came in; with names, all overloads. */
  readonly backupFunctions: readonly UserFunction[];
  /** Not empty in a job of external catalogs, and then nothing else. */
  readonly backupCatalogs: readonly ExternalCatalog[];
  readonly snapshotFinishedTimeMs: Millis;
  readonly snapshotUploadFinishedTimeMs: Millis;
  /** Filled from UPLOAD_SNAPSHOT to the end of SAVE_META; a cancel keeps it. */
  readonly snapshotInfos: ReadonlyMap<TabletId, SnapshotInfo>;
  /** From SNAPSHOTING to the end of SAVE_META; a cancel keeps it. */
  readonly backupMeta: BackupMeta | undefined;
  readonly localMetaInfoFilePath: string | undefined;
  readonly localJobInfoFilePath: string | undefined;
}

export interface NewBackupJob {
  readonly repoId: RepositoryId;
  readonly label: string;
  readonly dbId: DbId;
  readonly dbName: string;
  readonly createTimeMs: Millis;
  readonly timeoutMs: number;
  readonly tableRefs: readonly BackupTableRef[];
  readonly ttl: string | undefined;
  readonly backupFunctions: readonly UserFunction[];
  readonly backupCatalogs: readonly ExternalCatalog[];
}

export function newBackupJob(fields: NewBackupJob): BackupJob {
  return Object.freeze({
    type: 'BACKUP',
    ...fields,
    state: 'PENDING',
    jobId: NO_JOB_ID,
    status: OK,
    finishedTimeMs: UNSET_MS,
    taskErrMsg: new Map(),
    snapshotFinishedTimeMs: UNSET_MS,
    snapshotUploadFinishedTimeMs: UNSET_MS,
    snapshotInfos: NO_SNAPSHOTS,
    backupMeta: undefined,
    localMetaInfoFilePath: undefined,
    localJobInfoFilePath: undefined,
  });
}
