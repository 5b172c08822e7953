/**
 * What is asked of a job's row in its transition table, and the few things that are not the same
 * for both kinds of job. Runner, replay and reports know jobs only through this.
 */
import { SimError } from '../base/errors.ts';
import { failed, type Status } from '../repository/status.ts';
import { isCatalogJob, type JobKind } from './abstract-job.ts';
import type { BackupJob, BackupState } from './backup-job.ts';
import { type Effect, perform, type Steps } from './effects.ts';
import type { JobMachines } from './machines.ts';
import { droppedObject } from './restore-commit.ts';
import type { RestoreJob, RestoreState } from './restore-job.ts';
import { TabletSnapshots, tabletSnapshots } from './tablet-snapshots.ts';
import type { CancelPlan, StateRow, StepResult, StepView } from './transition.ts';

export type Job = BackupJob | RestoreJob;
export type JobState = BackupState | RestoreState;

/** A row of either table, for code that treats both kinds alike. */
export type JobRow = StateRow<JobState, Job>;

/**
 * The row of a job's state; throws `metadata-unreadable` for one that the table lacks, as a job has
 * that another table left behind. A table takes jobs of its kind only, hence the cast.
 */
export function rowOf(machines: JobMachines, job: Job): JobRow {
  const table = job.type === 'BACKUP' ? machines.backup : machines.restore;
  const row = Object.hasOwn(table, job.state) ? table[job.state] : undefined;
  if (row !== undefined) return row as unknown as JobRow;
  throw new SimError(
    'metadata-unreadable',
    `the ${KIND_NAMES[job.type]} job ${job.label} is in the state ${job.state}, ` +
      'which the transition table does not have',
    { hint: 'start the cluster with the table that the job was begun with' },
  );
}

/** Entering this state is a log record. */
export function isLogged(row: JobRow, job: Job): boolean {
  const { logged, ofCatalogs } = row;
  return isCatalogJob(job) ? (ofCatalogs?.logged ?? logged) : logged;
}

/** Why a step may not lead where it led, if it may not. */
export function strayStatus(row: JobRow, job: Job, next: Job): Status | undefined {
  const edges = isCatalogJob(job) ? (row.ofCatalogs?.next ?? row.next) : row.next;
  if (edges.includes(next.state)) return undefined;
  const text = `the step of ${job.state} leads to ${next.state}, which its row does not name`;
  return failed('COMMON_ERROR', text);
}

/** Backup leaves the text empty, restore names the label (resolutions.md 19). */
export function timeoutStatus(job: Job): Status {
  return failed('TIMEOUT', job.type === 'BACKUP' ? '' : `restore job ${job.label} timed out`);
}

export function userCancelStatus(job: Job): Status {
  const text = 'user cancelled';
  return failed(
    'COMMON_ERROR',
    job.type === 'BACKUP' ? text : `${text}, current state: ${job.state}`,
  );
}

export function missingRepositoryStatus(job: Job): Status {
  return failed('COMMON_ERROR', `failed to get repository: ${job.repoId}`);
}

/** What must hold before a step; a status cancels the job (restore-jobs.md 2.1 step 4). */
export function* guardJob(job: Job): Steps<Status | undefined> {
  if (job.type !== 'RESTORE' || job.state === 'PENDING' || isCatalogJob(job)) return undefined;
  const database = yield* perform({ do: 'lock-database', dbId: job.dbId, mode: 'read' });
  const status = droppedObject(job, database);
  yield* perform({ do: 'unlock-database' });
  return status;
}

/**
 * Gives a job up: tasks leave the queue, the state is logged, and after that the backends let go
 * of their snapshots (backup-jobs.md 2.5, restore-jobs.md 2.5). In this order a crash in between
 * never leaves a live job without its snapshots.
 */
export function* cancelJob(
  job: Job,
  plan: CancelPlan | undefined,
  status: Status,
  view: StepView,
): Steps<StepResult<Job>> {
  if (plan?.removesTasks !== undefined) {
    yield* perform({ do: 'remove-tasks', type: plan.removesTasks });
  }
  const finishedTimeMs = yield* perform({ do: 'read-clock' });
  const snapshots = heldSnapshots(job, view);
  const after: Effect[] = [];
  if (plan?.releasesSnapshots === true && snapshots.size > 0) {
    after.push({ do: 'send-releases', snapshots: snapshots.columns });
  }
  const directory = view.runtime.localDirectory;
  if (plan?.removesLocalFiles === true && directory !== undefined) {
    after.push({ do: 'remove-job-files', directory });
  }
  const ended = { state: 'CANCELLED', status, finishedTimeMs } as const;
  const cancelled: Job =
    job.type === 'BACKUP'
      ? { ...job, ...ended, snapshotInfos: snapshots }
      : { ...job, ...ended, snapshotInfos: [] };
  return { kind: 'move', job: cancelled, after };
}

/** Snapshots that backends are known to hold for the job. */
function heldSnapshots(job: Job, view: StepView): TabletSnapshots {
  if (job.state === 'SNAPSHOTING') return new TabletSnapshots(view.runtime.snapshots);
  if (job.type === 'BACKUP') return TabletSnapshots.of(job.snapshotInfos);
  return tabletSnapshots(job.snapshotInfos);
}

/** The same job with another status; OK again after a good retry (backup-jobs.md 2.5). */
export function withStatus(job: Job, status: Status): Job {
  if (job.status.code === status.code && job.status.msg === status.msg) return job;
  return { ...job, status };
}

export const KIND_NAMES: Readonly<Record<JobKind, string>> = Object.freeze({
  BACKUP: 'backup',
  RESTORE: 'restore',
});
