/**
 * The part of a job that changes with every report and is lost with the frontend: unfinished tasks,
 * progress, task errors, backend snapshots as they come in. One mutable object per job, so that a
 * report costs the same however many tablets there are; it freezes into the job when a state is
 * logged.
 */
import type { Signature, TabletId } from '../base/ids.ts';
import type { AgentTask } from '../protocol/agent-task.ts';
import type { SnapshotInfo } from './snapshot-info.ts';

export interface TaskProgress {
  readonly finished: number;
  readonly total: number;
}

export interface JobRuntime {
  /** Tasks awaited, by signature; the ones that the agent task queue holds, not copies. */
  readonly unfinished: Map<Signature, AgentTask>;
  readonly progress: Map<Signature, TaskProgress>;
  readonly taskErrMsg: Map<Signature, string>;
  /** SNAPSHOTING: collected so far, by signature. */
  snapshots: Map<Signature, SnapshotInfo>;
  /** UPLOADING: what is uploaded; the job's own map, since it may be very large. */
  uploading: ReadonlyMap<TabletId, SnapshotInfo>;
  /** With the quirk `matchedUploadsStayMatched`: names that reports are compared with instead. */
  readonly matchedFiles: Map<TabletId, readonly string[]>;
  /** Names with checksum per uploaded tablet. */
  readonly uploadedFiles: Map<TabletId, readonly string[]>;
  /** Backup: local directory of `__meta` and `__info`, if this process made it. */
  localDirectory: string | undefined;
}

/** What a step may see of the runtime. */
export interface RuntimeView {
  readonly unfinished: ReadonlyMap<Signature, AgentTask>;
  readonly snapshots: ReadonlyMap<Signature, SnapshotInfo>;
  readonly uploadedFiles: ReadonlyMap<TabletId, readonly string[]>;
  readonly localDirectory: string | undefined;
}

/** As it is after a restart: only the errors that the job carries are known. */
export function runtimeOf(taskErrMsg: ReadonlyMap<Signature, string>): JobRuntime {
  return {
    unfinished: new Map(),
    progress: new Map(),
    taskErrMsg: new Map(taskErrMsg),
    snapshots: new Map(),
    uploading: new Map(),
    matchedFiles: new Map(),
    uploadedFiles: new Map(),
    localDirectory: undefined,
  };
}

/**
 * Begins to wait for `tasks`, which upload `snapshots` if they are uploads, and forgets what was
 * known of earlier tasks (backup-jobs.md 2.2, restore-jobs.md 2.2).
 */
export function awaitTasks(
  runtime: JobRuntime,
  tasks: readonly AgentTask[],
  snapshots: ReadonlyMap<TabletId, SnapshotInfo>,
): void {
  runtime.unfinished.clear();
  runtime.progress.clear();
  runtime.taskErrMsg.clear();
  runtime.uploadedFiles.clear();
  runtime.matchedFiles.clear();
  runtime.snapshots = new Map();
  runtime.uploading = snapshots;
  for (const task of tasks) runtime.unfinished.set(task.signature, task);
}

/** The id that SHOW prints beside a signature: a tablet where the task is one tablet's. */
export function shownId(task: AgentTask): number {
  const isTabletTask =
    task.type === 'MOVE' || (task.type === 'MAKE_SNAPSHOT' && task.isRestoreTask);
  return isTabletTask ? task.tabletId : task.backendId;
}
