/**
 * Watches a backup or restore job through SHOW, as any tool does: tells each state the job comes
 * to, and how many of its tasks are done.
 */
import { type Clock, sleep } from '../../base/clock.ts';
import { SimError } from '../../base/errors.ts';
import { toPromise } from '../../base/op.ts';
import { BACKUP_STATES } from '../../jobs/backup-job.ts';
import { RESTORE_STATES } from '../../jobs/restore-job.ts';
import { formatDuration } from '../ui/format.ts';
import type { Printer } from '../ui/printer.ts';
import type { NamedRow, SqlClient } from './sql-client.ts';

export interface FollowRequest {
  readonly client: SqlClient;
  readonly printer: Printer;
  readonly clock: Clock;
  readonly kind: 'BACKUP' | 'RESTORE';
  readonly database: string;
  readonly label: string;
  /** Tasks in each state that waits for backends: one a tablet, or one a replica. */
  readonly taskCount: number;
}

/** How often SHOW is asked. */
const POLL_MS = 10;

/** A job of the demo that takes so long is stuck. */
const JOB_MS_MAX = 60_000;

interface JobWords {
  /** On the way to success, in order: a job takes them one by one and skips none. */
  readonly states: readonly string[];
  /** States that wait for backends, and what those do meanwhile. */
  readonly work: Readonly<Record<string, string>>;
  readonly unit: string;
  readonly labelColumn: string;
}

const WORDS: Readonly<Record<FollowRequest['kind'], JobWords>> = {
  BACKUP: {
    states: BACKUP_STATES.filter((state) => state !== 'CANCELLED'),
    work: { SNAPSHOTING: 'snapshot', UPLOADING: 'upload' },
    unit: 'tablets',
    labelColumn: 'SnapshotName',
  },
  RESTORE: {
    states: RESTORE_STATES.filter((state) => state !== 'CANCELLED'),
    work: { SNAPSHOTING: 'snapshot', DOWNLOADING: 'download', COMMITTING: 'move' },
    unit: 'replicas',
    labelColumn: 'Label',
  },
};

/** Ends when the job is FINISHED; throws `demo-failed` when it is cancelled or stuck. */
export async function followJob(request: FollowRequest): Promise<void> {
  const { client, clock, kind, database, label } = request;
  const words = WORDS[kind];
  const beganMs = clock.now();
  let state: string | undefined;
  for (;;) {
    const row = (await client.show(`SHOW ${kind} FROM ${database}`))[0];
    if (row === undefined || row[words.labelColumn] !== label) {
      throw new SimError('demo-failed', `SHOW ${kind} does not show the job '${label}'`);
    }
    const passedMs = clock.now() - beganMs;
    const now = row['State'] ?? '';
    if (now !== state) tellStates(request, state, now, passedMs);
    state = now;
    tellWork(request, state, unfinishedCount(row));
    if (state === 'FINISHED') return;
    if (state === 'CANCELLED') {
      throw new SimError('demo-failed', `${kind} '${label}' was cancelled: ${row['Status']}`);
    }
    if (passedMs > JOB_MS_MAX) throw stuck(request, row);
    await toPromise(sleep(clock, POLL_MS));
  }
}

/** Two looks may lie on both sides of a short state: the job was in it all the same. */
function tellStates(
  request: FollowRequest,
  from: string | undefined,
  to: string,
  passedMs: number,
): void {
  const { states } = WORDS[request.kind];
  if (from !== undefined && to !== 'CANCELLED') tellWork(request, from, 0);
  const end = states.indexOf(to);
  const passed =
    end < 0 ? [] : states.slice(from === undefined ? 0 : states.indexOf(from) + 1, end);
  for (const state of passed) tellState(request, state, passedMs, false);
  tellState(request, to, passedMs, true);
}

function tellState(
  { printer, kind, label }: FollowRequest,
  state: string,
  ms: number,
  isSeen: boolean,
): void {
  const look = state === 'FINISHED' ? 'good' : state === 'CANCELLED' ? 'bad' : 'plain';
  const when = `${isSeen ? '' : 'before '}${formatDuration(ms)}`;
  printer.line({
    event: 'state',
    look,
    text: `  ${kind} ${state.padEnd(16)} ${when}`,
    facts: { job: kind, label, state, ms, seen: isSeen },
  });
}

function tellWork(
  { printer, kind, taskCount }: FollowRequest,
  state: string,
  unfinished: number,
): void {
  const { work, unit } = WORDS[kind];
  const label = work[state];
  if (label === undefined) return;
  const done = Math.max(0, taskCount - unfinished);
  printer.progress({ label, unit, done, total: taskCount });
}

/** `<signature>=<id>, ...`, or nothing. */
function unfinishedCount(row: NamedRow): number {
  const cell = row['UnfinishedTasks'] ?? '';
  return cell === '' ? 0 : cell.split(',').length;
}

function stuck({ kind, label }: FollowRequest, row: NamedRow): SimError {
  const why = row['TaskErrMsg'] || `unfinished: ${row['UnfinishedTasks'] || 'nothing'}`;
  return new SimError('demo-failed', `${kind} '${label}' stays in ${row['State']}; ${why}`);
}
