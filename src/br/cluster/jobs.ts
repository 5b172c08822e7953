/** The one job that a database shows: SHOW BACKUP and SHOW RESTORE, columns by name. */
import { type Connection, cell, type Row } from '../connection/connection.ts';
import { quoteName } from '../connection/sql-text.ts';
import { BrError, ServerError } from '../errors.ts';

export type JobKind = 'backup' | 'restore';

export interface Job {
  readonly kind: JobKind;
  /** `undefined` until the frontend has given it one: before its first step it shows -1. */
  readonly id: string | undefined;
  readonly label: string;
  readonly state: string;
  /** Times are texts in the zone of the cluster; `undefined` until they are known. */
  readonly createdAt: string | undefined;
  readonly snapshotFinishedAt: string | undefined;
  readonly finishedAt: string | undefined;
  readonly unfinishedTasks: string;
  readonly progress: string;
  /** Why it failed: `TaskErrMsg` and `Status`; empty while all is well. */
  readonly reason: string;
  readonly timeoutSeconds: number;
}

export function isDone(job: Job): boolean {
  return job.state === 'FINISHED' || job.state === 'CANCELLED' || job.state === 'FAILED';
}

/** `undefined` if the last job of the database is of the other kind, or there is none. */
export async function currentJob(
  connection: Connection,
  kind: JobKind,
  database: string,
): Promise<Job | undefined> {
  const show = `SHOW ${kind.toUpperCase()} FROM ${quoteName(database)}`;
  const rows = await connection.query(show);
  const row = rows.at(-1);
  return row === undefined ? undefined : jobOf(kind, row);
}

/** `ERR_BAD_DB_ERROR`, today's and that of older releases: gone since the databases were listed. */
const UNKNOWN_DATABASE: readonly number[] = [5501, 1049];

/**
 * Every database is asked, whatever another answers. `failed` if it is in none of those that
 * answered and one refused to: a job that cannot be seen must not be taken for none (W-40).
 */
export async function findJob(
  connection: Connection,
  kind: JobKind,
  label: string,
  databases: readonly string[],
): Promise<{ readonly database: string; readonly job: Job } | undefined> {
  const refusals: string[] = [];
  for (const database of databases) {
    try {
      const job = await currentJob(connection, kind, database);
      if (job?.label === label) return { database, job };
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      if (!UNKNOWN_DATABASE.includes(error.errno)) refusals.push(`${database}: ${error.message}`);
    }
  }
  if (refusals.length === 0) return undefined;
  throw new BrError('failed', `whether ${label} runs cannot be seen: ${refusals.join('; ')}`, {
    advice: [`the user must be allowed to SHOW ${kind.toUpperCase()} in every database`],
  });
}

/** What runs in a database now, of either kind. */
export async function runningJob(
  connection: Connection,
  database: string,
): Promise<Job | undefined> {
  for (const kind of ['backup', 'restore'] as const) {
    const job = await currentJob(connection, kind, database).catch(noneIfRefused);
    if (job !== undefined && !isDone(job)) return job;
  }
  return undefined;
}

function noneIfRefused(error: unknown): undefined {
  if (error instanceof ServerError) return undefined;
  throw error;
}

function jobOf(kind: JobKind, row: Row): Job {
  const id = cell(row, 'JobId');
  const status = cell(row, 'Status');
  const reasons = [cell(row, 'TaskErrMsg'), status === '[OK]' ? '' : status];
  return {
    kind,
    id: id === '-1' || id === '' ? undefined : id,
    label: cell(row, kind === 'backup' ? 'SnapshotName' : 'Label'),
    state: cell(row, 'State'),
    createdAt: time(row, 'CreateTime'),
    snapshotFinishedAt: time(row, 'SnapshotFinishedTime'),
    finishedAt: time(row, 'FinishedTime'),
    unfinishedTasks: cell(row, 'UnfinishedTasks'),
    progress: cell(row, 'Progress'),
    reason: reasons.filter((each) => each !== '').join('; '),
    timeoutSeconds: Number(cell(row, 'Timeout')),
  };
}

function time(row: Row, column: string): string | undefined {
  const text = cell(row, column).slice(0, 19);
  return /^\d{4}-/.test(text) ? text : undefined;
}

/** Tasks that are told by name at most. */
const TASKS_TOLD_MAX = 5;

/** The cell UnfinishedTasks, `id=backend, ...`, cut: a job has as many as there are tablets. */
export function tasksText(unfinishedTasks: string): string {
  const tasks = unfinishedTasks.split(', ');
  const more = tasks.length - TASKS_TOLD_MAX;
  return more > 0
    ? `${tasks.slice(0, TASKS_TOLD_MAX).join(', ')} and ${more} more`
    : unfinishedTasks;
}
