/**
 * What backup and restore jobs have in common, and what is known of a job only while its frontend
 * lives. A job itself is frozen data; every change makes a new one (backup-jobs.md 1.1).
 */
import type { Millis } from '../base/clock.ts';
import { asId, type DbId, type JobId, type RepositoryId, type Signature } from '../base/ids.ts';
import type { Status } from '../repository/status.ts';

export type JobKind = 'BACKUP' | 'RESTORE';

/**
 * The one slot for jobs of external catalogs, which belong to no database (backup-jobs.md 1.5).
 * Such a job has this as its database id, and no database name.
 */
export const EXTERNAL_CATALOG_SLOT: DbId = asId<DbId>(-1);

export function isCatalogJob(job: Pick<AbstractJob, 'dbId'>): boolean {
  return job.dbId === EXTERNAL_CATALOG_SLOT;
}

/** "Not yet" of every time of a job. */
export const UNSET_MS = -1;

export interface AbstractJob {
  readonly type: JobKind;
  readonly repoId: RepositoryId;
  /** -1 before the first PENDING step; another one after every PENDING step. */
  readonly jobId: JobId;
  readonly label: string;
  readonly dbId: DbId;
  readonly dbName: string;
  readonly status: Status;
  /** When the statement came in; origin of the timeout and of the snapshot's timestamp. */
  readonly createTimeMs: Millis;
  /** Also set by a cancel. */
  readonly finishedTimeMs: Millis;
  readonly timeoutMs: number;
  /** Errors of tasks as of the last logged state; the live ones are in the runtime. */
  readonly taskErrMsg: ReadonlyMap<Signature, string>;
}

export function isTerminal(state: string): boolean {
  return state === 'FINISHED' || state === 'CANCELLED';
}

/** Strictly longer than its timeout ago (backup-jobs.md 2.4). */
export function isTimedOut(job: AbstractJob, nowMs: Millis): boolean {
  return nowMs - job.createTimeMs > job.timeoutMs;
}

/** A terminal job older than the retention is forgotten (backup-jobs.md 2.6). */
export function isExpired(
  job: AbstractJob & { readonly state: string },
  nowMs: Millis,
  keepMaxSec: number,
): boolean {
  return isTerminal(job.state) && (nowMs - job.finishedTimeMs) / 1000 > keepMaxSec;
}
