/**
 * The part of a job that changes with every report and is lost with the frontend: unfinished tasks,
 * progress, task errors, backend snapshots as they come in. One mutable object per job, so that a
 * report costs the same however many tablets there are; it freezes into the job when a state is
 * logged.
 */
import type { Signature, TabletId } from '../base/ids.ts';
import type { AgentTask } from '../protocol/agent-task.ts';
import { AwaitedTasks } from './awaited-tasks.ts';
import { NameLists } from './name-lists.ts';
import { NO_SNAPSHOTS, SnapshotColumns, type TabletSnapshots } from './tablet-snapshots.ts';

export interface TaskProgress {
  readonly finished: number;
  readonly total: number;
}

export interface JobRuntime {
  /** Tasks awaited. */
  unfinished: AwaitedTasks;
  readonly progress: Map<Signature, TaskProgress>;
  readonly taskErrMsg: Map<Signature, string>;
  /** SNAPSHOTING: collected so far; a task reports its end once. */
  snapshots: SnapshotColumns;
  /** UPLOADING: what is uploaded; the job's own, since they may be very many. */
  uploading: TabletSnapshots;
  /** With the quirk `matchedUploadsStayMatched`: names that reports are compared with instead. */
  readonly matchedFiles: Map<TabletId, readonly string[]>;
  /** Names with checksum of the uploaded tablets, by position in `uploading`. */
  uploadedFiles: NameLists;
  /** Backup: local directory of `__meta` and `__info`, if this process made it. */
  localDirectory: string | undefined;
}

/** What a step may see of the runtime. */
export interface RuntimeView {
  readonly unfinished: AwaitedTasks;
  readonly snapshots: SnapshotColumns;
  readonly uploadedFiles: NameLists;
  readonly localDirectory: string | undefined;
}

/** As it is after a restart: only the errors that the job carries are known. */
export function runtimeOf(taskErrMsg: ReadonlyMap<Signature, string>): JobRuntime {
  return {
    unfinished: new AwaitedTasks([]),
    progress: new Map(),
    taskErrMsg: new Map(taskErrMsg),
    snapshots: new SnapshotColumns(),
    uploading: NO_SNAPSHOTS,
    matchedFiles: new Map(),
    uploadedFiles: new NameLists(),
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
  snapshots: TabletSnapshots,
): void {
  runtime.unfinished = new AwaitedTasks(tasks);
  runtime.progress.clear();
  runtime.taskErrMsg.clear();
  runtime.uploadedFiles = new NameLists(snapshots.size);
  runtime.matchedFiles.clear();
  runtime.snapshots = new SnapshotColumns(tasks.length);
  runtime.uploading = snapshots;
}

/** The id that SHOW prints beside a signature: a tablet where the task is one tablet's. */
export function shownId(task: AgentTask): number {
  const isTabletTask =
    task.type === 'MOVE' || (task.type === 'MAKE_SNAPSHOT' && task.isRestoreTask);
  return isTabletTask ? task.tabletId : task.backendId;
}
