/** Going on with a restore that stopped, and undoing one that has finished (BR-CUT). */

import { currentJob, isDone } from '../cluster/jobs.ts';
import type { Session } from '../commands/session.ts';
import { BrError } from '../errors.ts';
import { takeSlot } from '../jobs/slot.ts';
import { trackJob } from '../jobs/track-job.ts';
import { recordEvent } from '../ops/events.ts';
import { type RestoreStep, readSteps, restoreJobIds } from '../ops/restore-steps.ts';
import { closeSlotRow, deleteClaim, readClaims } from '../ops/run-status.ts';
import { type CutOverDetail, cutOver, needsCutOver, putInPlace, takeBack } from './cut-over.ts';
import { openJournal } from './journal.ts';
import { dropRestoredObjects } from './restore-objects.ts';
import { existingTables, type RestoreOrder, type RestoreRun } from './restore-run.ts';
import { carryOut, cleanUp, finish, type RestoreResult } from './run-restore.ts';
import { VERIFIED } from './verify-tables.ts';

/**
 * Before the cut-over has begun everything is done again from the start: live tables are still
 * untouched. After that each table is looked at and brought over.
 */
export async function resumeRestore(session: Session, jobId: string): Promise<RestoreResult> {
  const { steps, order } = await readJob(session, jobId);
  const { database, labels } = order.plan;
  const label = labels.at(-1) ?? '';
  await freeSlotOf(session, label, database);
  const slot = await takeSlot({ scope: 'restore', database, label, waitMs: 0 }, session);
  const run: RestoreRun = { session, order, slot, journal: await openJournal(session.ops, jobId) };
  const begun = steps.filter(({ action }) => action === 'cut-over');
  if (begun.length === 0) {
    await cleanUp(run);
    return await carryOut(run);
  }
  for (const step of begun) {
    await putInPlace(run, step.object, detailOf(step));
    if (step.state === 'BEGUN') await run.journal.mark(step.no, 'DONE');
  }
  const over = new Set(begun.map(({ object }) => object));
  const rest = order.plan.tables.filter((each) => needsCutOver(each) && !over.has(each.table));
  await cutOver({ ...run, order: { ...order, plan: { ...order.plan, tables: rest } } });
  const checksum = steps.find(({ action }) => action === VERIFIED)?.object ?? '';
  return await finish(run, checksum);
}

/** Works as long as the tables that were set aside are there. */
export async function rollBack(session: Session, jobId: string): Promise<readonly string[]> {
  const { steps, order } = await readJob(session, jobId);
  const { database, labels } = order.plan;
  const label = labels.at(-1) ?? '';
  const slot = await takeSlot({ scope: 'restore', database, label, waitMs: 0 }, session);
  const journal = await openJournal(session.ops, jobId);
  const tables: string[] = [];
  try {
    for (const step of steps.filter(({ action }) => action === 'cut-over').reverse()) {
      if (step.state === 'UNDONE') continue;
      await takeBack(session, database, { table: step.object, detail: detailOf(step) });
      await journal.mark(step.no, 'UNDONE');
      tables.push(step.object);
    }
    await dropRestoredObjects(session, database, journal, steps);
  } finally {
    await slot.release('CANCELLED');
  }
  if (tables.length === 0) {
    throw new BrError('restore', `restore ${jobId} has put no table in place that could go back`);
  }
  const detail = `${jobId}: ${tables.join(', ')}`;
  await recordEvent(session.ops, { level: 'warning', event: 'restore.undone', label, detail });
  return tables;
}

interface JournalledJob {
  readonly steps: readonly RestoreStep[];
  readonly order: RestoreOrder;
}

async function readJob({ ops }: Session, jobId: string): Promise<JournalledJob> {
  const steps = await readSteps(ops, jobId);
  const plan = steps.find(({ action }) => action === 'plan');
  if (plan !== undefined) return { steps, order: JSON.parse(plan.detail) as RestoreOrder };
  const known = (await restoreJobIds(ops)).slice(0, 5).join(', ') || 'none';
  throw new BrError('label-unknown', `there is no restore '${jobId}'; the newest: ${known}`);
}

function detailOf({ detail }: RestoreStep): CutOverDetail {
  return JSON.parse(detail) as CutOverDetail;
}

/** The slot of the run that stopped is ours to take over; a job of it that still runs ends first. */
async function freeSlotOf(session: Session, label: string, database: string): Promise<void> {
  const { connection, ops } = session;
  const isThere = (await existingTables(session, database)).length > 0;
  const job = isThere ? await currentJob(connection, 'restore', database) : undefined;
  if (job !== undefined && job.label === label && !isDone(job)) {
    const tracked = { kind: 'restore', database, label } as const;
    await trackJob(tracked, { ...session, beat: async () => undefined });
  }
  for (const claim of await readClaims(ops)) {
    if (claim.scope === 'restore' && claim.label === label) await deleteClaim(ops, claim.id);
  }
  await closeSlotRow(ops, 'restore', label, 'CANCELLED');
}
