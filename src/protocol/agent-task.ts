/**
 * Orders of the frontend to a backend, and the reports that come back: the role of StarRocks'
 * AgentService messages. Field names follow the thrift ones (repository.md 7.1, backup-jobs.md 4,
 * restore-jobs.md 4). A message holds data only, so that a backend may live in another process. A
 * task may be a view of what many share (jobs/tablet-tasks.ts): its fields are read by name, and a
 * copy made by spreading would lack them.
 */
import type {
  BackendId,
  DbId,
  IndexId,
  JobId,
  PhysicalPartitionId,
  ReplicaId,
  Signature,
  TableId,
  TabletId,
} from '../base/ids.ts';
import type { TabletSchema } from './tablet-schema.ts';

interface TaskHead {
  readonly backendId: BackendId;
  readonly signature: Signature;
  readonly dbId: DbId;
}

/** Bytes without rows for a tablet of a benchmark, in files as alike in size as can be. */
export interface TabletFill {
  readonly sizeBytes: number;
  readonly fileCount: number;
}

/** A new, empty tablet replica, or in a restore one that stands at `version` already. */
export interface CreateReplicaTask extends TaskHead {
  readonly type: 'CREATE';
  readonly tableId: TableId;
  readonly partitionId: PhysicalPartitionId;
  readonly indexId: IndexId;
  readonly tabletId: TabletId;
  readonly replicaId: ReplicaId;
  readonly version: number;
  readonly schema: TabletSchema;
  readonly isRestoreTask: boolean;
  /** Absent for a tablet of rows. */
  readonly fill?: TabletFill;
}

export interface DropReplicaTask extends TaskHead {
  readonly type: 'DROP';
  readonly tabletId: TabletId;
}

export interface MakeSnapshotTask extends TaskHead {
  readonly type: 'MAKE_SNAPSHOT';
  readonly jobId: JobId;
  readonly tableId: TableId;
  readonly partitionId: PhysicalPartitionId;
  readonly indexId: IndexId;
  readonly tabletId: TabletId;
  readonly version: number;
  readonly schemaHash: number;
  /** How long the snapshot directory may live; part of its name. */
  readonly timeoutSec: number;
  readonly listFiles: boolean;
  readonly isRestoreTask: boolean;
}

/** Where a repository's bytes are: what a backend needs to open it itself. */
export interface RemoteStorage {
  readonly location: string;
  /** '' when the repository has no broker. */
  readonly brokerName: string;
  readonly properties: Readonly<Record<string, string>>;
}

export interface UploadTask extends TaskHead {
  readonly type: 'UPLOAD';
  readonly jobId: JobId;
  /** Local tablet snapshot directory -> remote tablet directory. */
  readonly srcDest: ReadonlyMap<string, string>;
  readonly storage: RemoteStorage;
}

export interface DownloadTask extends TaskHead {
  readonly type: 'DOWNLOAD';
  readonly jobId: JobId;
  /** Remote tablet directory -> local tablet snapshot directory. */
  readonly srcDest: ReadonlyMap<string, string>;
  readonly storage: RemoteStorage;
}

export interface MoveTask extends TaskHead {
  readonly type: 'MOVE';
  readonly jobId: JobId;
  readonly tabletId: TabletId;
  readonly schemaHash: number;
  /** The tablet directory inside a backend snapshot. */
  readonly src: string;
}

export interface ReleaseSnapshotTask extends TaskHead {
  readonly type: 'RELEASE_SNAPSHOT';
  readonly snapshotPath: string;
}

export type AgentTask =
  | CreateReplicaTask
  | DropReplicaTask
  | MakeSnapshotTask
  | UploadTask
  | DownloadTask
  | MoveTask
  | ReleaseSnapshotTask;

export const TASK_TYPES = [
  'CREATE',
  'DROP',
  'MAKE_SNAPSHOT',
  'UPLOAD',
  'DOWNLOAD',
  'MOVE',
  'RELEASE_SNAPSHOT',
] as const;
export type TaskType = AgentTask['type'];

export type TaskStatusCode =
  | 'OK'
  | 'RUNTIME_ERROR'
  | 'CANCELLED'
  | 'TOO_MANY_TASKS'
  | 'OLAP_ERR_VERSION_ALREADY_MERGED';

export interface TaskStatus {
  readonly code: TaskStatusCode;
  readonly errorMsgs: readonly string[];
}

export const STATUS_OK: TaskStatus = Object.freeze({ code: 'OK', errorMsgs: [] });

/** The end of a task on a backend (TFinishTaskRequest). */
export interface FinishTaskRequest {
  readonly backendId: BackendId;
  readonly type: TaskType;
  readonly signature: Signature;
  readonly status: TaskStatus;
  /**
   * MAKE_SNAPSHOT: the job that ordered it, which tells late reports of an earlier attempt, since
   * the signature is the tablet's. StarRocks does not have this (backup-jobs.md 9 Q2).
   */
  readonly jobId?: JobId;
  /** MAKE_SNAPSHOT: the root, up to and with the directory named after time, number and timeout. */
  readonly snapshotPath?: string;
  /** MAKE_SNAPSHOT: bare file names below `<root>/<tablet>/<schema hash>`. */
  readonly snapshotFiles?: readonly string[];
  /** UPLOAD, also after a failure: per tablet the names with their md5 suffix. */
  readonly tabletFiles?: ReadonlyMap<TabletId, readonly string[]>;
  /** DOWNLOAD, also after a failure: the local tablets that were touched. */
  readonly downloadedTabletIds?: readonly TabletId[];
}

/** How far an upload or download task is; the unit is tablets of the task. */
export interface SnapshotLoaderReport {
  readonly backendId: BackendId;
  readonly jobId: JobId;
  readonly taskId: Signature;
  readonly type: 'UPLOAD' | 'DOWNLOAD';
  readonly finishedNum: number;
  readonly totalNum: number;
}

/** What a backend is running now; the frontend sends again what it queued and does not see here. */
export interface TaskReport {
  readonly backendId: BackendId;
  readonly tasks: readonly { readonly type: TaskType; readonly signature: Signature }[];
}
