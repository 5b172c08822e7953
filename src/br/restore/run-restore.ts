/**
 * One restore from the chosen label to the closed books (BR-CHAIN, BR-REST, BR-CUT). Whatever fails
 * before the cut-over leaves the live tables as they were and no temporary table behind.
 */
import { raiseAlert } from '../alerts/raise.ts';
import type { Session } from '../commands/session.ts';
import { BrError, messageOf } from '../errors.ts';
import { persist } from '../jobs/persist.ts';
import { type Slot, takeSlot } from '../jobs/slot.ts';
import { recordEvent } from '../ops/events.ts';
import { serverNow } from '../ops/ops.ts';
import { writeRestoreHistory } from '../ops/restore-history.ts';
import { restoreJobIds } from '../ops/restore-steps.ts';
import { assemble } from './assemble.ts';
import { cleanUp } from './clean-up.ts';
import { cutOver, dropOldTables, tableIds } from './cut-over.ts';
import { reviveViews } from './dependent-views.ts';
import { openJournal } from './journal.ts';
import { noteSlot } from './past-restore.ts';
import { type RestoredObjects, restoreObjects } from './restore-objects.ts';
import { backupName, existingTables, type RestoreOrder, type RestoreRun } from './restore-run.ts';
import { verifyTables } from './verify-tables.ts';

/** The step of when every table is where it belongs; its detail has their ids. */
export const PLACED = 'placed';

export interface RestoreResult {
  readonly jobId: string;
  readonly label: string;
  readonly database: string;
  readonly chain: readonly string[];
  readonly tables: readonly string[];
  /** Views, materialized views and functions that were missing and are back. */
  readonly objects: readonly string[];
  readonly notRestored: readonly string[];
  readonly checksum: string;
  /** Tables that were live before, under the names they have now. */
  readonly setAside: readonly string[];
}

export interface RestoreWish {
  readonly label: string;
  readonly database: string;
  /** How long to wait for others; 0 gives up at once. */
  readonly waitMs: number;
  /** Asked when the slot is ours: only then does nobody else change what is there. */
  readonly orderNow: () => Promise<RestoreOrder>;
}

export async function runRestore(session: Session, wish: RestoreWish): Promise<RestoreResult> {
  const { label, database, waitMs } = wish;
  const slot = await takeSlot({ scope: 'restore', database, label, waitMs }, session);
  const run = await begin(session, wish, slot);
  return await carryOut(run, async () => {
    await run.journal.step('plan', label, run.order, async () => undefined);
    return await fromStart(run);
  });
}

async function begin(
  session: Session,
  { label, orderNow }: RestoreWish,
  slot: Slot,
): Promise<RestoreRun> {
  try {
    const order = await orderNow();
    const journal = await openJournal(session, await newJobId(session, label));
    session.report.info(`restore ${journal.jobId} has begun`);
    await noteSlot(journal, slot);
    return { session, journal, order, slot };
  } catch (error) {
    await endSlot(session, label, () => slot.abandon());
    throw error;
  }
}

/** After a failure that is told already: a slot that cannot be ended is named, with the way on. */
export async function endSlot(
  session: Session,
  label: string,
  end: () => Promise<void>,
): Promise<void> {
  try {
    await persist(session, `the slot of ${label}`, end);
  } catch (error) {
    session.report.warn(`the slot of ${label} stays taken: ${messageOf(error)}`);
    session.report.warn(`srbr reconcile --label ${label} frees it`);
  }
}

/** `deed` brings the tables into place and answers their checksum; a failure is cleaned up. */
export async function carryOut(
  run: RestoreRun,
  deed: () => Promise<string>,
): Promise<RestoreResult> {
  let checksum: string;
  try {
    checksum = await deed();
  } catch (error) {
    await fail(run, error);
    throw error;
  }
  const { session, journal } = run;
  try {
    return await persist(session, `the books of ${journal.jobId}`, () => finish(run, checksum));
  } catch (error) {
    session.report.warn('every table is in place, but the books are open');
    session.report.warn(`go on with: srbr restore --resume '${journal.jobId}'`);
    throw error;
  }
}

export async function fromStart(run: RestoreRun): Promise<string> {
  await assemble(run);
  const checksum = await verifyTables(run);
  if (!run.order.noCutOver) await cutOver(run);
  return checksum;
}

/** What remains when every table is in place; may be done again. */
async function finish(run: RestoreRun, checksum: string): Promise<RestoreResult> {
  const { session, order, journal, slot } = run;
  const { database } = order.plan;
  const ids = Object.fromEntries(await tableIds(session, database));
  await journal.step(PLACED, database, ids, async () => undefined);
  if (order.dropOld && !order.noCutOver) await dropOldTables(run);
  const objects = await restoreObjects(run);
  await reviveViews(session, database);
  const failed = objects.failed.join(', ');
  await record(run, 'FINISHED', failed === '' ? undefined : `not restored: ${failed}`, checksum);
  await slot.release('FINISHED');
  return await resultOf(run, checksum, objects);
}

export async function resultOf(
  run: RestoreRun,
  checksum: string,
  objects: RestoredObjects,
): Promise<RestoreResult> {
  const { session, order, journal } = run;
  const { plan } = order;
  const there = new Set(await existingTables(session, plan.database));
  return {
    jobId: journal.jobId,
    label: plan.labels.at(-1) ?? '',
    database: plan.database,
    chain: plan.labels,
    tables: plan.tables.map(({ table, assembly }) => (order.noCutOver ? assembly : table)),
    objects: objects.restored,
    notRestored: objects.failed,
    checksum,
    setAside: plan.tables
      .map(({ table }) => backupName(order, table))
      .filter((name) => there.has(name)),
  };
}

/** One row for each run, so that restoring again overwrites nothing (W-16). */
export async function record(
  { session, order, journal }: Omit<RestoreRun, 'slot'>,
  status: string,
  error: string | undefined,
  checksum: string | undefined,
): Promise<void> {
  const { ops, config } = session;
  const label = order.plan.labels.at(-1) ?? '';
  await writeRestoreHistory(ops, {
    jobId: journal.jobId,
    label,
    type: order.type,
    status,
    repository: config.repository,
    startedAt: order.startedAt,
    finishedAt: await serverNow(session.connection),
    error,
    checksum,
  });
  await recordEvent(ops, {
    level: error === undefined ? 'info' : 'error',
    event: `restore.${status.toLowerCase()}`,
    label,
    detail: error ?? journal.jobId,
  });
  if (error === undefined) return;
  const text = `restore ${journal.jobId} of ${order.plan.database} ended ${status}: ${error}`;
  await raiseAlert(
    { kind: 'run-failed', level: 'critical', subject: journal.jobId, text },
    session,
  );
}

/** Cleaning up is part of failing; what cannot be cleaned is named, with the way on. */
async function fail(run: RestoreRun, error: unknown): Promise<void> {
  const { session, slot, journal } = run;
  const isOpen = error instanceof BrError && error.code === 'unfinished';
  const status = isOpen ? 'LOST' : 'FAILED';
  try {
    await persist(session, 'cleaning up', async () => {
      await cleanUp(run);
      await record(run, status, messageOf(error), undefined);
      await slot.release(status);
    });
  } catch (trouble) {
    session.report.warn(`cleaning up after the failure failed: ${messageOf(trouble)}`);
    session.report.warn(`go on with: srbr restore --resume '${journal.jobId}'`);
  }
}

/** `<label>@<UTC seconds>#<n>`. */
async function newJobId({ ops, ports }: Session, label: string): Promise<string> {
  const taken = new Set(await restoreJobIds(ops));
  const stem = `${label}@${Math.floor(ports.clock.now() / 1000)}`;
  for (let count = 1; ; count += 1) {
    const id = `${stem}#${count}`;
    if (!taken.has(id)) return id;
  }
}
