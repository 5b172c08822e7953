/**
 * One backup of one database, from the group's name to the closed books (BR-FULL, BR-INC). The
 * order is what makes it safe: slot, facts, rows about what will be in the snapshot, then BACKUP.
 */
import { type Dialect, dialectOf } from '../cluster/dialect.ts';
import type { Session } from '../commands/session.ts';
import { quoteName } from '../connection/sql-text.ts';
import { BrError, messageOf } from '../errors.ts';
import { persist } from '../jobs/persist.ts';
import { preflight, requireClean } from '../jobs/preflight.ts';
import { settleBackup } from '../jobs/settle.ts';
import { type Slot, takeSlot } from '../jobs/slot.ts';
import { type TrackEnd, trackJob } from '../jobs/track-job.ts';
import { recordEvent } from '../ops/events.ts';
import { type BaselineChoice, findBaseline, requireStanding } from './baseline.ts';
import { type Members, membersOf } from './members.ts';
import { takeMetaSnapshot } from './meta-snapshot.ts';
import {
  type BackupPlan,
  type BackupRequest,
  chooseLabel,
  planOf,
  statementOf,
} from './plan-backup.ts';
import { deleteRecords, writeRecords } from './records.ts';
import { countRows, NOT_COUNTED } from './row-counts.ts';
import type { SelectedTable } from './selection.ts';
import { type Submitted, submitBackup } from './submit-backup.ts';

export interface BackupResult {
  readonly outcome: 'FINISHED' | 'EMPTY' | 'DETACHED' | 'DRY-RUN';
  readonly label: string | undefined;
  readonly type: 'full' | 'incremental';
  readonly database: string;
  readonly baseline: string | undefined;
  readonly tables: readonly SelectedTable[];
  readonly statement: string | undefined;
}

/** How often another label is tried when the repository turns out to have the chosen one. */
const LABEL_TRIES_MAX = 5;

export async function runBackup(session: Session, request: BackupRequest): Promise<BackupResult> {
  const { connection, config, ops, report } = session;
  const dialect = await dialectOf(connection);
  const members = await membersOf(connection, ops, config, request, dialect);
  if (members.otherDatabases.length > 0) {
    const names = members.otherDatabases.join(', ');
    report.warn(`group ${request.group} also has tables of ${names}: not part of this backup`);
  }
  if (members.leftOut.length > 0) {
    report.warn(`this release cannot back up views, left out: ${members.leftOut.join(', ')}`);
  }
  const findings = await preflight(connection, config, {
    kind: 'backup',
    database: request.database,
    neededBytes: 0,
  });
  requireClean(findings, request.ignoreDisks, report);
  const baseline =
    request.type === 'full'
      ? undefined
      : await findBaseline(session, { ...request, label: request.baseline });
  if (baseline !== undefined) report.info(`baseline: ${baseline.label}`);
  const facts = { members, baseline, dialect };
  if (request.isDryRun) return await dryRun(session, request, facts);

  const refused = new Set<string>();
  for (;;) {
    const label = await chooseLabel(session, request, refused);
    const result = await attempt(session, request, { ...facts, label });
    if (result !== 'label-taken') return result;
    refused.add(label);
    if (refused.size >= LABEL_TRIES_MAX) throw snapshotExists(label);
    report.warn(`the repository has a snapshot ${label} already; taking the next label`);
  }
}

interface Facts {
  readonly members: Members;
  readonly baseline: BaselineChoice | undefined;
  readonly dialect: Dialect;
}

async function attempt(
  session: Session,
  request: BackupRequest,
  { label, ...facts }: Facts & { readonly label: string },
): Promise<BackupResult | 'label-taken'> {
  const wish = { scope: 'backup', database: request.database, label } as const;
  const slot = await takeSlot({ ...wish, waitMs: request.waitMs }, session);
  let begun: Submitted | 'label-taken';
  try {
    const plan = await planOf(session, request, facts);
    if (plan.isEmpty) {
      await persist(session, `the slot of ${label}`, () => slot.abandon());
      return await nothingToDo(session, request, plan);
    }
    const counts = request.countsRows
      ? await countRows(session, request.database, plan.tables, plan.selection)
      : NOT_COUNTED;
    await writeRecords(session.ops, { ...request, label, ...plan, counts });
    if (facts.baseline !== undefined) await requireStanding(session.ops, facts.baseline);
    begun = await submitBackup(session, request, plan, label, slot);
    if (begun === 'label-taken') return begun;
  } catch (error) {
    const mayRun = error instanceof BrError && error.code === 'unfinished';
    if (!mayRun) await undo(session, label, slot);
    throw error;
  }
  try {
    return await follow(session, request, begun, slot);
  } catch (error) {
    if (slot.isOpen) {
      session.report.warn(`the slot of ${label} stays taken, its books are open`);
      session.report.warn(`srbr reconcile --label ${label} closes them`);
    }
    throw error;
  }
}

/** Nothing has been begun: what stands about the run goes, so that the slot is free again. */
async function undo(session: Session, label: string, slot: Slot): Promise<void> {
  const { ops, report } = session;
  if (!slot.isOpen) return;
  try {
    await persist(session, `the slot of ${label}`, async () => {
      await deleteRecords(ops, label);
      await slot.abandon();
    });
  } catch (error) {
    report.warn(`the slot of ${label} stays taken: ${messageOf(error)}`);
    report.warn(`srbr reconcile --label ${label} frees it`);
  }
}

async function follow(
  session: Session,
  request: BackupRequest,
  { label, statement, plan }: Submitted,
  slot: Slot,
): Promise<BackupResult> {
  const { ops, report } = session;
  report.info(`backup ${label} has begun`);
  const result = (outcome: BackupResult['outcome']): BackupResult => ({
    outcome,
    label,
    type: request.type,
    database: request.database,
    baseline: plan.baseline?.label,
    tables: plan.selection,
    statement,
  });
  if (request.isDetached) {
    await leave(session, label, slot, '--detach');
    return result('DETACHED');
  }
  const tracked = { kind: 'backup', database: request.database, label } as const;
  const end = await trackJob(tracked, { ...session, beat: () => slot.beat() });
  if (end.state === 'INTERRUPTED') {
    return await interrupted(session, request, label, slot, end);
  }
  const { state, reason, job } = end;
  try {
    await persist(session, `the books of ${label}`, async () => {
      await settleBackup({ label, state, reason, job }, session);
      if (state === 'TIMEOUT') await slot.leave();
      else await slot.release(state);
    });
  } catch (error) {
    throw notRecorded(label, { ...end, state }, error);
  }
  const isGood = state === 'FINISHED';
  await persist(session, `the event of ${label}`, () =>
    recordEvent(ops, {
      level: isGood ? 'info' : 'error',
      event: `backup.${state.toLowerCase()}`,
      label,
      detail: reason ?? request.type,
    }),
  );
  if (isGood && request.metaSnapshot) await takeMetaSnapshot(session, label);
  if (isGood) return result('FINISHED');
  throw failedEnd(label, end);
}

/** What cannot be written is told in full, so that it is not lost (W-25). */
function notRecorded(label: string, { state, reason, job }: TrackEnd, error: unknown): BrError {
  return new BrError('failed', `the end of ${label} could not be recorded: ${messageOf(error)}`, {
    advice: [`srbr reconcile --label ${label} records it later`],
    inputs: {
      ...{ label, state, reason: reason ?? '' },
      ...{ started: job?.createdAt ?? '', finished: job?.finishedAt ?? '' },
    },
    cause: error,
  });
}

function failedEnd(label: string, { state, reason = '' }: TrackEnd): BrError {
  const isOpen = state === 'TIMEOUT' || state === 'LOST';
  const how = { TIMEOUT: 'timed out', LOST: 'was lost', CANCELLED: 'was cancelled' }[
    state as string
  ];
  return new BrError(
    isOpen ? 'unfinished' : 'job-failed',
    `backup ${label} ${how ?? 'failed'}: ${reason}`,
    {
      advice: isOpen
        ? [`srbr reconcile --label ${label} once the frontend answers`]
        : [`srbr show ${label} shows what is known; then run the backup again`],
      inputs: { label },
    },
  );
}

async function interrupted(
  session: Session,
  request: BackupRequest,
  label: string,
  slot: Slot,
  { reason = '' }: TrackEnd,
): Promise<never> {
  if (request.onInterrupt === 'cancel') {
    await session.connection.query(`CANCEL BACKUP FROM ${quoteName(request.database)}`);
    await settleBackup({ label, state: 'CANCELLED', reason, job: undefined }, session);
    await slot.release('CANCELLED');
    throw new BrError('job-failed', `backup ${label} was cancelled after ${reason}`);
  }
  await leave(session, label, slot, reason);
  throw new BrError('unfinished', `${reason}: backup ${label} goes on without us`, {
    advice: ['srbr status shows it', `srbr reconcile --label ${label} closes its books`],
  });
}

async function leave(session: Session, label: string, slot: Slot, why: string): Promise<void> {
  await slot.leave();
  const detail = `${why}: the job goes on, its slot stays ACTIVE`;
  await recordEvent(session.ops, { level: 'info', event: 'backup.detached', label, detail });
}

async function nothingToDo(
  { ops, report }: Session,
  request: BackupRequest,
  { baseline }: BackupPlan,
): Promise<BackupResult> {
  const detail = `group ${request.group}: no partition has changed since ${baseline?.label}`;
  await recordEvent(ops, { level: 'info', event: 'backup.empty', label: undefined, detail });
  if (!request.allowEmpty) {
    throw new BrError('no-changes', detail, {
      advice: ['--allow-empty makes this a success'],
      inputs: { group: request.group, baseline: baseline?.label ?? '' },
    });
  }
  report.good(detail);
  return {
    outcome: 'EMPTY',
    label: undefined,
    type: request.type,
    database: request.database,
    baseline: baseline?.label,
    tables: [],
    statement: undefined,
  };
}

async function dryRun(
  session: Session,
  request: BackupRequest,
  facts: Facts,
): Promise<BackupResult> {
  const plan = await planOf(session, request, facts);
  const label = await chooseLabel(session, request, new Set());
  return {
    outcome: 'DRY-RUN',
    label,
    type: request.type,
    database: request.database,
    baseline: facts.baseline?.label,
    tables: plan.selection,
    statement: plan.isEmpty
      ? undefined
      : statementOf(request, plan, label, session.config.repository),
  };
}

function snapshotExists(label: string): BrError {
  return new BrError('snapshot-exists', `the repository has a snapshot ${label} already`, {
    advice: [
      `srbr reconcile --label ${label} brings it into the history`,
      'or choose another --name',
    ],
  });
}
