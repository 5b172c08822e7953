/**
 * All backup and restore jobs of a cluster: takes statements, moves jobs on at every tick, takes in
 * what backends report, and keeps the last job of each database (backup-jobs.md 1.5, 2, 3, 6).
 * Everything it needs of the frontend comes in as `JobPorts`.
 */

import { assert } from '../base/assert.ts';
import { asSimError, SimError } from '../base/errors.ts';
import type { DbId, RepositoryId } from '../base/ids.ts';
import { Mutex } from '../base/lock.ts';
import { attempt, type Op } from '../base/op.ts';
import { makeDirectoryDurably } from '../base/write-file.ts';
import type { JsonText } from '../catalog/json-chunks.ts';
import {
  type AgentTask,
  type FinishTaskRequest,
  type SnapshotLoaderReport,
  STATUS_OK,
  type TaskStatus,
} from '../protocol/agent-task.ts';
import { SnapshotRetentionCache } from '../repository/snapshot-retention-cache.ts';
import { failed } from '../repository/status.ts';
import { isCatalogJob, isExpired, isTerminal, type JobKind } from './abstract-job.ts';
import { type Cleaner, CleanFailures, cleanExpiredSnapshots } from './clean-snapshots.ts';
import { type DropSnapshotRequest, dropSnapshots } from './drop-snapshot.ts';
import { decodeJobs, encodeJobs } from './job-codec.ts';
import { type Job, KIND_NAMES, rowOf, userCancelStatus } from './job-machine.ts';
import type { JobRuntime } from './job-runtime.ts';
import { JobSlot, type JobSlots, slotsInOrder } from './job-slots.ts';
import { MvRestores } from './mv/mv-restores.ts';
import type { JobPorts } from './ports.ts';
import type { JobRecord } from './records.ts';
import { applyJob } from './replay-job.ts';
import { cancelSlot, runJob } from './run-job.ts';
import { SubmissionLock } from './submission-lock.ts';
import { type BackupRequest, type Submission, submitBackup } from './submit-backup.ts';
import { type RestoreRequest, submitRestore } from './submit-restore.ts';
import {
  isJobTask,
  type JobTask,
  jobKindOf,
  type ReportVerdict,
  takeReport,
} from './task-reports.ts';

/** A job with what is known of its tasks, for SHOW. */
export interface JobView {
  readonly job: Job;
  readonly runtime: Pick<JobRuntime, 'unfinished' | 'progress' | 'taskErrMsg'>;
}

/** What the task queue does with the entry of a finished task, and what the backend is told. */
export type FinishVerdict = Exclude<ReportVerdict, 'give-up-job'>;

const GIVE_UP: TaskStatus = Object.freeze({ code: 'CANCELLED', errorMsgs: [] });

export interface BackupHandler {
  /** One cycle: each job in the order of database ids, each at most one state further. */
  tick(): Op<void>;
  /** The job is logged and in its slot; throws as sql-surface.md 5.1 E says. */
  submitBackup(request: BackupRequest): Op<void>;
  /** The same for sql-surface.md 5.2 E. */
  submitRestore(request: RestoreRequest): Op<void>;
  /** Done when it returns. `common-error` when there is nothing of that kind to cancel. */
  cancel(kind: JobKind, dbId: DbId): Op<void>;
  /** Takes in the end of a task that the queue holds. */
  finishTask(task: AgentTask, request: FinishTaskRequest): Op<FinishVerdict>;
  /** Whether no step, cancel or statement is at work on the job of a database. */
  isIdle(dbId: DbId): boolean;
  /** As `finishTask`, at once: of a task that ended well, whose job is idle. */
  takeSuccess(task: AgentTask, request: FinishTaskRequest): FinishVerdict;
  /** Takes in progress; CANCELLED when no live job waits for the task. */
  reportSnapshotLoader(report: SnapshotLoaderReport): TaskStatus;
  job(dbId: DbId): JobView | undefined;
  /** In the order of database ids. */
  jobs(): readonly JobView[];
  /** What is remembered of the snapshots in the repositories. */
  readonly retentions: SnapshotRetentionCache;
  /** The snapshots are gone when it returns; `common-error` as resolutions.md 9 says. */
  dropSnapshots(request: DropSnapshotRequest): Op<void>;
  /** One round of deleting what has outlived its `ttl`. */
  cleanExpiredSnapshots(): Op<void>;
  hasUnfinishedJobFor(repositoryId: RepositoryId): boolean;
  /** A restore has changed the catalog in ways that only a later record tells (ports.ts). */
  hasUnloggedCatalogChanges(): boolean;
  /** Runs `body` while no job can be submitted; `common-error` after 10 s of waiting. */
  withSubmissionLock<T>(body: () => Op<T>): Op<T>;
  /** Forgets terminal jobs older than the retention. */
  purge(): Op<void>;
  /**
   * Puts a logged record in place: on the leader once it is on disk, and at replay. Throws
   * `metadata-unreadable` for a state that no row of the transition table is for.
   */
  apply(record: JobRecord): void;
  /** The jobs as the log has them. */
  encodeImage(): JsonText;
  /** Jobs of an image, but for expired ones; throws like `apply`. */
  loadImage(json: unknown): void;
}

export function createBackupHandler(ports: JobPorts): BackupHandler {
  const slots: JobSlots = new Map();
  const ticking = new Mutex();
  const submitting = new SubmissionLock(ports.clock);
  const submission: Submission = {
    ports,
    hold: (body) => submitting.hold(body),
    checkSlotFree: (dbId) => checkSlotFree(slots.get(dbId)),
  };
  const retentions = new SnapshotRetentionCache();
  const keeper = { ports, slots, retentions };
  const cleaner: Cleaner = { keeper, lock: submitting, failures: new CleanFailures() };
  const views = new MvRestores(ports);
  let isReady = false;

  const isOld = (job: Job): boolean =>
    isExpired(job, ports.clock.now(), ports.config.historyJobKeepMaxSecond);

  function* visit(slot: JobSlot): Op<void> {
    const { job } = slot;
    yield* runJob(ports, slot);
    yield* views.afterVisit(job, slot.job);
  }

  function* tickAlone(): Op<void> {
    if (!isReady) {
      yield* makeDirectoryDurably(ports.files, `${ports.tmpDir}/backup`);
      yield* makeDirectoryDurably(ports.files, `${ports.tmpDir}/restore`);
      isReady = true;
    }
    if (ports.traits.quirks.exceptionSkipsLaterJobs) yield* visitUntilFailure();
    else yield* visitAll();
  }

  /** As StarRocks: the exception of one job is the end of the tick (restore-jobs.md 9 #37). */
  function* visitUntilFailure(): Op<void> {
    for (const slot of slotsInOrder(slots)) yield* slot.hold(() => visit(slot));
  }

  /** Every job has its turn; then the first failure is thrown, with what else failed in the log. */
  function* visitAll(): Op<void> {
    const errors: unknown[] = [];
    for (const slot of slotsInOrder(slots)) {
      const outcome = yield* attempt(slot.hold(() => visit(slot)));
      if (outcome.ok) continue;
      errors.push(outcome.error);
      if (errors.length === 1) continue;
      const { code, message: text } = asSimError(outcome.error);
      ports.logger.log('error', 'a tick failed for one more job', { code, text });
    }
    if (errors.length > 0) throw errors[0];
  }

  return Object.freeze({
    tick: () => ticking.hold(tickAlone),
    submitBackup: (request: BackupRequest) => submitBackup(submission, request),
    submitRestore: (request: RestoreRequest) => submitRestore(submission, request),
    cancel: (kind: JobKind, dbId: DbId) => cancel(ports, slots.get(dbId), kind),
    finishTask: (task: AgentTask, request: FinishTaskRequest) =>
      finishTask(ports, slots.get(task.dbId), task, request),
    isIdle: (dbId: DbId) => slots.get(dbId)?.isIdle !== false,
    takeSuccess: (task: AgentTask, request: FinishTaskRequest) =>
      takeSuccess(ports, slots.get(task.dbId), task, request),
    reportSnapshotLoader: (report: SnapshotLoaderReport) => takeProgress(ports, slots, report),
    job: (dbId: DbId) => slots.get(dbId),
    jobs: () => slotsInOrder(slots),
    retentions,
    dropSnapshots: (request: DropSnapshotRequest) =>
      submitting.hold(() => dropSnapshots(keeper, request)),
    cleanExpiredSnapshots: () => cleanExpiredSnapshots(cleaner),
    hasUnfinishedJobFor: (repositoryId: RepositoryId) =>
      [...slots.values()].some(({ job }) => job.repoId === repositoryId && !isTerminal(job.state)),
    hasUnloggedCatalogChanges: () =>
      [...slots.values()].some(
        ({ job }) =>
          job.type === 'RESTORE' && (job.state === 'PENDING' || job.state === 'SNAPSHOTING'),
      ),
    withSubmissionLock: <T>(body: () => Op<T>) => submitting.hold(body),
    purge: () =>
      submitting.hold(function* () {
        for (const [dbId, slot] of slots) {
          if (!isOld(slot.job)) continue;
          slots.delete(dbId);
          views.discard(slot.job);
        }
        views.discardOld([...slots.values()].map((slot) => slot.job));
      }),
    apply: (record: JobRecord) => applyJob(ports, slots, views, record.job),
    encodeImage: () => encodeJobs([...slots.values()].map((slot) => slot.loggedJob)),
    loadImage(json: unknown): void {
      for (const job of decodeJobs(json)) {
        rowOf(ports.machines, job);
        if (isOld(job)) continue;
        slots.set(job.dbId, new JobSlot(job));
        views.note(job);
      }
    },
  });
}

function checkSlotFree(slot: JobSlot | undefined): void {
  if (slot === undefined || isTerminal(slot.job.state)) return;
  throw new SimError(
    'common-error',
    isCatalogJob(slot.job)
      ? 'Can only run one backup or restore job of external catalogs at same time in a cluster'
      : 'Can only run one backup or restore job of a database at same time',
    { hint: 'wait for the running job or cancel it' },
  );
}

/** The word "job" is missing for RESTORE, as in StarRocks (restore-jobs.md 9 #6). */
const NOTHING_TO_CANCEL: Readonly<Record<JobKind, string>> = Object.freeze({
  BACKUP: 'No backup job is currently running',
  RESTORE: 'No restore is currently running',
});

function* cancel(ports: JobPorts, slot: JobSlot | undefined, kind: JobKind): Op<void> {
  if (slot === undefined || slot.job.type !== kind) {
    throw new SimError('common-error', NOTHING_TO_CANCEL[kind]);
  }
  yield* slot.hold(function* () {
    const { job } = slot;
    if (isTerminal(job.state)) {
      throw new SimError(
        'common-error',
        `Failed to cancel ${KIND_NAMES[kind]} job: job with label ${job.label} is ${job.state}`,
      );
    }
    yield* cancelSlot(ports, slot, userCancelStatus(job));
  });
}

function* finishTask(
  ports: JobPorts,
  slot: JobSlot | undefined,
  task: AgentTask,
  request: FinishTaskRequest,
): Op<FinishVerdict> {
  if (!isJobTask(task) || slot === undefined) return 'remove';
  yield* slot.whenIdle();
  const verdict = judge(ports, slot, task, request);
  if (verdict !== 'give-up-job') return verdict;
  yield* slot.hold(() =>
    cancelSlot(
      ports,
      slot,
      failed('OLAP_VERSION_ALREADY_MERGED', `version of tablet ${task.signature} already merged`),
    ),
  );
  return 'cancelled';
}

function takeSuccess(
  ports: JobPorts,
  slot: JobSlot | undefined,
  task: AgentTask,
  request: FinishTaskRequest,
): FinishVerdict {
  if (!isJobTask(task) || slot === undefined) return 'remove';
  const verdict = judge(ports, slot, task, request);
  assert(verdict !== 'give-up-job', 'no job is given up for a success');
  return verdict;
}

function judge(
  { traits }: JobPorts,
  slot: JobSlot,
  task: JobTask,
  request: FinishTaskRequest,
): ReportVerdict {
  const { job } = slot;
  if (job.type !== jobKindOf(task)) return 'remove';
  if (isTerminal(job.state)) return 'cancelled';
  if (job.jobId !== task.jobId) return task.type === 'UPLOAD' ? 'keep' : 'cancelled';
  const isLate = request.jobId !== undefined && request.jobId !== job.jobId;
  if (isLate && !traits.quirks.lateSnapshotsCount) return 'cancelled';
  return takeReport(job, slot.runtime, task, request, traits.quirks);
}

function takeProgress(
  { traits }: JobPorts,
  slots: JobSlots,
  report: SnapshotLoaderReport,
): TaskStatus {
  const kind: JobKind = report.type === 'UPLOAD' ? 'BACKUP' : 'RESTORE';
  for (const { job, runtime } of slots.values()) {
    if (job.type !== kind || job.jobId !== report.jobId || isTerminal(job.state)) continue;
    const isAwaited = runtime.unfinished.has(report.taskId);
    if (!isAwaited && !traits.quirks.strayProgressIsTaken) return GIVE_UP;
    runtime.progress.set(report.taskId, {
      finished: report.finishedNum,
      total: report.totalNum,
    });
    return STATUS_OK;
  }
  return GIVE_UP;
}
