/** Going on with a restore that stopped (BR-CUT). */
import type { Session } from '../commands/session.ts';
import { BrError } from '../errors.ts';
import { type Slot, takeSlot } from '../jobs/slot.ts';
import { cleanUp } from './clean-up.ts';
import {
  cutOver,
  hasUndone,
  needsCutOver,
  openCutOvers,
  putInPlace,
  tableIds,
} from './cut-over.ts';
import { openJournal } from './journal.ts';
import {
  freeSlotOf,
  noteSlot,
  type PastRestore,
  pastRestore,
  ROLL_BACK,
  stepOf,
} from './past-restore.ts';
import type { RestoreRun } from './restore-run.ts';
import {
  carryOut,
  endSlot,
  fromStart,
  PLACED,
  type RestoreResult,
  resultOf,
} from './run-restore.ts';
import { VERIFIED } from './verify-tables.ts';

/** One that has finished stays as it is; `restore` for one that was undone. */
export async function resumeRestore(session: Session, jobId: string): Promise<RestoreResult> {
  const past = await pastRestore(session, jobId);
  if (stepOf(past, ROLL_BACK) !== undefined) {
    throw new BrError('restore', `restore ${jobId} was undone`, {
      advice: [`srbr restore --rollback '${jobId}' ends that`, 'restore the backup once more'],
    });
  }
  const run = await takeOver(session, past, '--resume');
  if (past.status !== 'FINISHED') return await carryOut(run, () => goOn(run, past));
  await run.slot.release('FINISHED');
  return await resultOf(run, checksumOf(past), { restored: [], failed: [] });
}

/** The slot of a restore of the past, ours from here on; `how` is the way to try that again. */
export async function takeOver(
  session: Session,
  past: PastRestore,
  how: '--resume' | '--rollback',
): Promise<RestoreRun> {
  const { order, jobId } = past;
  const { database, labels } = order.plan;
  const label = labels.at(-1) ?? '';
  let slot: Slot | undefined;
  try {
    await freeSlotOf(session, past);
    slot = await takeSlot({ scope: 'restore', database, label, waitMs: 0 }, session);
    const journal = await openJournal(session, jobId);
    await noteSlot(journal, slot);
    return { session, order, slot, journal };
  } catch (error) {
    await endSlot(session, label, async () => await slot?.abandon());
    if (!(error instanceof BrError)) {
      session.report.warn(`go on with: srbr restore ${how} '${jobId}'`);
    }
    throw error;
  }
}

/**
 * Before the cut-over has begun everything is done again from the start: live tables are still
 * untouched. After that each table is looked at and brought over. Answers the checksum.
 */
async function goOn(run: RestoreRun, past: PastRestore): Promise<string> {
  const { session, order, journal } = run;
  if (stepOf(past, PLACED) !== undefined) return checksumOf(past);
  const begun = openCutOvers(past.steps);
  const ids = new Set((await tableIds(session, order.plan.database)).values());
  const isWhole = begun.every(({ detail: { temporaryId = '' } }) => ids.has(temporaryId));
  if (begun.length === 0 || hasUndone(past.steps) || !isWhole) {
    await cleanUp(run);
    return await fromStart(run);
  }
  for (const { table, detail, step } of begun) {
    await putInPlace(run, table, detail);
    if (step.state === 'BEGUN') await journal.mark(step.no, 'DONE');
  }
  const over = new Set(begun.map(({ table }) => table));
  const rest = order.plan.tables.filter((each) => needsCutOver(each) && !over.has(each.table));
  await cutOver({ ...run, order: { ...order, plan: { ...order.plan, tables: rest } } });
  return checksumOf(past);
}

function checksumOf(past: PastRestore): string {
  return stepOf(past, VERIFIED)?.object ?? '';
}
