/**
 * What the end of an agent task means for the job it belongs to (backup-jobs.md 4.2, 4.3;
 * restore-jobs.md 4.5). Changes nothing but the job's runtime.
 */

import { present } from '../base/assert.ts';
import { asId, type TabletId } from '../base/ids.ts';
import type { Quirks } from '../base/quirks.ts';
import type {
  AgentTask,
  DownloadTask,
  FinishTaskRequest,
  MakeSnapshotTask,
  MoveTask,
  UploadTask,
} from '../protocol/agent-task.ts';
import type { JobKind } from './abstract-job.ts';
import type { Job } from './job-machine.ts';
import type { JobRuntime } from './job-runtime.ts';

/**
 * What becomes of the queue entry, and the answer: `remove` and `keep` answer OK, `cancelled` keeps
 * the entry and tells the backend to give up. `give-up-job` cancels the job at once.
 */
export type ReportVerdict = 'remove' | 'keep' | 'cancelled' | 'give-up-job';

/** The kind of job that a task belongs to; undefined for tasks that no job waits for this way. */
export function jobKindOf(task: AgentTask): JobKind | undefined {
  switch (task.type) {
    case 'MAKE_SNAPSHOT':
      return task.isRestoreTask ? 'RESTORE' : 'BACKUP';
    case 'UPLOAD':
      return 'BACKUP';
    case 'DOWNLOAD':
    case 'MOVE':
      return 'RESTORE';
    default:
      return undefined;
  }
}

export type JobTask = MakeSnapshotTask | UploadTask | DownloadTask | MoveTask;

export function isJobTask(task: AgentTask): task is JobTask {
  return jobKindOf(task) !== undefined;
}

/** Takes in a report for a live job of the right kind, database and id. */
export function takeReport(
  job: Job,
  runtime: JobRuntime,
  task: JobTask,
  request: FinishTaskRequest,
  quirks: Quirks,
): ReportVerdict {
  if (task.type === 'UPLOAD' && job.state !== 'UPLOADING') return 'keep';
  if (request.status.code !== 'OK') return takeFailure(runtime, task, request);
  if (!runtime.unfinished.has(task.signature)) return 'keep';
  switch (task.type) {
    case 'MAKE_SNAPSHOT':
      return takeSnapshot(runtime, task, request);
    case 'UPLOAD':
      return takeUpload(runtime, task, request, quirks);
    case 'DOWNLOAD':
      return takeDownload(runtime, task, request);
    case 'MOVE':
      return end(runtime, task, true);
  }
}

/** The task stays queued and is sent again; the only fatal error is a backup snapshot's. */
function takeFailure(
  runtime: JobRuntime,
  task: JobTask,
  request: FinishTaskRequest,
): ReportVerdict {
  const { code, errorMsgs } = request.status;
  runtime.taskErrMsg.set(task.signature, errorMsgs.join(','));
  const isFatal =
    task.type === 'MAKE_SNAPSHOT' &&
    !task.isRestoreTask &&
    code === 'OLAP_ERR_VERSION_ALREADY_MERGED';
  return isFatal ? 'give-up-job' : 'keep';
}

function takeSnapshot(
  runtime: JobRuntime,
  task: MakeSnapshotTask,
  request: FinishTaskRequest,
): ReportVerdict {
  const { snapshotPath, snapshotFiles } = request;
  if (snapshotPath === undefined) return 'cancelled';
  if (snapshotFiles === undefined && !task.isRestoreTask) return 'cancelled';
  runtime.snapshots.add({
    dbId: task.dbId,
    tblId: task.tableId,
    partitionId: task.partitionId,
    indexId: task.indexId,
    tabletId: task.tabletId,
    beId: task.backendId,
    schemaHash: task.schemaHash,
    path: snapshotPath,
    files: task.isRestoreTask ? [] : (snapshotFiles ?? []),
  });
  return end(runtime, task, true);
}

/**
 * Every tablet that is reported must list exactly the files of its snapshot; a tablet that is not
 * reported is taken on trust (backup-jobs.md 9 Q15). A mismatch leaves no message (Q23), and a
 * success leaves the task's last error in place (Q3).
 */
function takeUpload(
  runtime: JobRuntime,
  task: UploadTask,
  request: FinishTaskRequest,
  quirks: Quirks,
): ReportVerdict {
  const reported = request.tabletFiles;
  if (reported === undefined || reported.size === 0) return 'keep';
  for (const [tabletId, files] of reported) {
    const expected = expectedNames(runtime, tabletId);
    if (expected === undefined || !hasFiles(files, expected)) return 'keep';
    // The names with checksums are what the next report is compared with (backup-jobs.md 9 Q14).
    if (quirks.matchedUploadsStayMatched) runtime.matchedFiles.set(tabletId, files);
  }
  const { uploading, uploadedFiles } = runtime;
  for (const [tabletId, files] of reported) {
    uploadedFiles.set(present(uploading.positionOf(tabletId), 'a tablet of the job'), files);
  }
  return end(runtime, task, false);
}

/** One name may come without an array around it. */
function expectedNames(
  runtime: JobRuntime,
  tabletId: TabletId,
): string | readonly string[] | undefined {
  const { matchedFiles, uploading } = runtime;
  const matched = matchedFiles.size === 0 ? undefined : matchedFiles.get(tabletId);
  if (matched !== undefined) return matched;
  const position = uploading.positionOf(tabletId);
  return position === undefined ? undefined : uploading.namesAt(position);
}

/** Names as uploaded carry `.<md5>`; usually they come in the order of the snapshot. */
function hasFiles(uploaded: readonly string[], expected: string | readonly string[]): boolean {
  if (typeof expected === 'string') {
    const isIt = uploaded.length === 1 && isUploadOf(uploaded[0] ?? '', expected);
    return isIt || hasFiles(uploaded, [expected]);
  }
  if (uploaded.length !== expected.length) return false;
  if (expected.every((name, at) => isUploadOf(uploaded[at] ?? '', name))) return true;
  const names = new Set(uploaded.map((name) => name.slice(0, name.lastIndexOf('.'))));
  return expected.every((name) => names.has(name));
}

function isUploadOf(uploaded: string, name: string): boolean {
  return uploaded.lastIndexOf('.') === name.length && uploaded.startsWith(name);
}

/** A downloaded tablet must be one that this backend was asked for. */
function takeDownload(
  runtime: JobRuntime,
  task: DownloadTask,
  request: FinishTaskRequest,
): ReportVerdict {
  const tablets = request.downloadedTabletIds;
  if (tablets === undefined) return 'keep';
  const asked = new Set<TabletId>();
  for (const path of task.srcDest.values()) asked.add(tabletOf(path));
  return tablets.every((tabletId) => asked.has(tabletId)) ? end(runtime, task, true) : 'keep';
}

/** `<snapshot>/<tablet>/<schema hash>` */
function tabletOf(path: string): TabletId {
  const segments = path.split('/');
  return asId<TabletId>(Number(segments[segments.length - 2]));
}

function end(runtime: JobRuntime, task: JobTask, clearsError: boolean): ReportVerdict {
  runtime.unfinished.delete(task.signature);
  if (runtime.progress.size > 0) runtime.progress.delete(task.signature);
  if (clearsError && runtime.taskErrMsg.size > 0) runtime.taskErrMsg.delete(task.signature);
  return 'remove';
}
