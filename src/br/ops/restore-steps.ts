/** `br_restore_steps`: the journal of each restore, written before each deed (BR-CUT). */
import { cell } from '../connection/connection.ts';
import { quoteValue } from '../connection/sql-text.ts';
import { BrError } from '../errors.ts';
import { insertRow, type Ops, opsTable, SERVER_NOW, updateRows } from './ops.ts';
import { LONG_BYTES_MAX } from './tables.ts';

export type StepState = 'BEGUN' | 'DONE' | 'UNDONE';

export interface RestoreStep {
  readonly jobId: string;
  readonly no: number;
  readonly action: string;
  readonly object: string;
  readonly state: StepState;
  readonly detail: string;
}

const TABLE = 'br_restore_steps';

/** `restore` if its detail is longer than the journal takes. */
export async function beginStep(ops: Ops, step: Omit<RestoreStep, 'state'>): Promise<void> {
  const bytes = Buffer.byteLength(step.detail);
  if (bytes > LONG_BYTES_MAX) {
    const text = `'${step.action}' has ${bytes} bytes, the journal takes ${LONG_BYTES_MAX}`;
    throw new BrError('restore', text, {
      advice: ['restore in parts: --table, or --group with fewer tables'],
    });
  }
  await insertRow(ops, TABLE, {
    job_id: step.jobId,
    step_no: step.no,
    action: step.action,
    object: step.object,
    state: 'BEGUN',
    detail: step.detail,
    started_at: SERVER_NOW,
  });
}

export async function endStep(
  ops: Ops,
  jobId: string,
  no: number,
  state: StepState,
): Promise<void> {
  const where = `job_id = ${quoteValue(jobId)} AND step_no = ${no}`;
  await updateRows(ops, TABLE, { state, finished_at: SERVER_NOW }, where);
}

/** In their order. */
export async function readSteps(ops: Ops, jobId: string): Promise<readonly RestoreStep[]> {
  return await selected(ops, `job_id = ${quoteValue(jobId)}`);
}

async function selected(ops: Ops, where: string): Promise<readonly RestoreStep[]> {
  const rows = await ops.connection.query(
    `SELECT job_id, step_no, action, object, state, detail FROM ${opsTable(ops, TABLE)} ` +
      `WHERE ${where} ORDER BY step_no`,
  );
  return rows.map((row) => ({
    jobId: cell(row, 'job_id'),
    no: Number(cell(row, 'step_no')),
    action: cell(row, 'action'),
    object: cell(row, 'object'),
    state: cell(row, 'state') as StepState,
    detail: cell(row, 'detail'),
  }));
}

/** Of any job: steps of one action that were begun and never ended. */
export async function stepsBegun(ops: Ops, action: string): Promise<readonly RestoreStep[]> {
  return await selected(ops, `action = ${quoteValue(action)} AND state = 'BEGUN'`);
}

/** Jobs with a plan, newest first. */
export async function restoreJobIds(ops: Ops): Promise<readonly string[]> {
  const rows = await ops.connection.query(
    `SELECT job_id FROM ${opsTable(ops, TABLE)} WHERE action = 'plan' ORDER BY started_at DESC`,
  );
  return rows.map((row) => cell(row, 'job_id'));
}

/** Jobs of a backup whose books are open: they stopped, or they run. */
export async function openRestoreIds(ops: Ops, label: string): Promise<readonly string[]> {
  const begun = await ops.connection.query(
    `SELECT job_id FROM ${opsTable(ops, TABLE)} ` +
      `WHERE action = 'plan' AND object = ${quoteValue(label)}`,
  );
  const ended = await ops.connection.query(
    `SELECT job_id FROM ${opsTable(ops, 'restore_history')} ` +
      `WHERE backup_label = ${quoteValue(label)}`,
  );
  const closed = new Set(ended.map((row) => cell(row, 'job_id')));
  return begun.map((row) => cell(row, 'job_id')).filter((id) => !closed.has(id));
}
