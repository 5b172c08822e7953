/** `restore_history`: one row for each run of a restore (BR-HIST). */
import { cell } from '../connection/connection.ts';
import { clipped, quoteValue } from '../connection/sql-text.ts';
import { insertRow, type Ops, opsTable } from './ops.ts';
import { STRING_BYTES_MAX } from './tables.ts';

export interface RestoreEnding {
  readonly jobId: string;
  readonly label: string;
  readonly type: 'database' | 'table' | 'partition';
  readonly status: string;
  readonly repository: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly error: string | undefined;
  readonly checksum: string | undefined;
}

const TABLE = 'restore_history';

/** `undefined` if the run has no row yet. */
export async function restoreStatus(ops: Ops, jobId: string): Promise<string | undefined> {
  const rows = await ops.connection.query(
    `SELECT status FROM ${opsTable(ops, TABLE)} WHERE job_id = ${quoteValue(jobId)}`,
  );
  return rows.map((row) => cell(row, 'status'))[0];
}

export async function writeRestoreHistory(ops: Ops, ending: RestoreEnding): Promise<void> {
  await insertRow(ops, TABLE, {
    job_id: ending.jobId,
    backup_label: ending.label,
    restore_type: ending.type,
    status: ending.status,
    repository: ending.repository,
    started_at: ending.startedAt,
    finished_at: ending.finishedAt,
    error_message: ending.error === undefined ? null : clipped(ending.error, STRING_BYTES_MAX),
    verification_checksum: ending.checksum ?? null,
  });
}

/** What the job ids of drills begin with: a trial is no restore that anybody relied on. */
export const DRILL_START = 'drill:';

/** Oldest first. */
export async function readRestoreHistory(ops: Ops): Promise<readonly RestoreEnding[]> {
  const rows = await ops.connection.query(
    'SELECT job_id, backup_label, restore_type, status, repository, started_at, finished_at, ' +
      `error_message, verification_checksum FROM ${opsTable(ops, 'restore_history')} ` +
      'ORDER BY started_at, job_id',
  );
  return rows.map((row) => ({
    jobId: cell(row, 'job_id'),
    label: cell(row, 'backup_label'),
    type: cell(row, 'restore_type') as RestoreEnding['type'],
    status: cell(row, 'status'),
    repository: cell(row, 'repository'),
    startedAt: cell(row, 'started_at').slice(0, 19),
    finishedAt: cell(row, 'finished_at').slice(0, 19),
    error: row['error_message'] ?? undefined,
    checksum: row['verification_checksum'] ?? undefined,
  }));
}
