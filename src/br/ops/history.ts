/** `backup_history`: one row for each label, written when its outcome is known (BR-HIST). */
import { cell, type Row } from '../connection/connection.ts';
import { clipped, quoteValue } from '../connection/sql-text.ts';
import { deleteRows, type Field, insertRow, type Ops, opsTable, SERVER_NOW } from './ops.ts';
import { STRING_BYTES_MAX } from './tables.ts';

export type FinalState = 'FINISHED' | 'FAILED' | 'CANCELLED' | 'TIMEOUT' | 'LOST';

export interface HistoryRow {
  readonly label: string;
  readonly type: string;
  readonly status: string;
  readonly repository: string;
  readonly startedAt: string;
  readonly finishedAt: string | undefined;
  readonly error: string | undefined;
}

export interface Ending {
  readonly label: string;
  readonly type: string;
  readonly status: FinalState;
  readonly repository: string;
  /** Times of the server; now where they are not known. */
  readonly startedAt: string | undefined;
  readonly finishedAt: string | undefined;
  readonly error: string | undefined;
}

const TABLE = 'backup_history';

export async function writeHistory(ops: Ops, ending: Ending): Promise<void> {
  const time = (text: string | undefined): Field => text ?? SERVER_NOW;
  await insertRow(ops, TABLE, {
    label: ending.label,
    backup_type: ending.type,
    status: ending.status,
    repository: ending.repository,
    started_at: time(ending.startedAt),
    finished_at: time(ending.finishedAt),
    error_message: ending.error === undefined ? null : clipped(ending.error, STRING_BYTES_MAX),
  });
}

/** Oldest first. */
export async function readHistory(ops: Ops): Promise<readonly HistoryRow[]> {
  return await selected(ops, '');
}

export async function historyOf(ops: Ops, label: string): Promise<HistoryRow | undefined> {
  return (await selected(ops, `WHERE label = ${quoteValue(label)}`))[0];
}

export async function deleteHistory(ops: Ops, label: string): Promise<void> {
  await deleteRows(ops, TABLE, `label = ${quoteValue(label)}`);
}

async function selected(ops: Ops, where: string): Promise<readonly HistoryRow[]> {
  const rows = await ops.connection.query(
    'SELECT label, backup_type, status, repository, started_at, finished_at, error_message ' +
      `FROM ${opsTable(ops, TABLE)} ${where} ORDER BY started_at, label`,
  );
  return rows.map(historyRow);
}

function historyRow(row: Row): HistoryRow {
  return {
    label: cell(row, 'label'),
    type: cell(row, 'backup_type'),
    status: cell(row, 'status'),
    repository: cell(row, 'repository'),
    startedAt: cell(row, 'started_at').slice(0, 19),
    finishedAt: row['finished_at']?.slice(0, 19) ?? undefined,
    error: row['error_message'] ?? undefined,
  };
}
