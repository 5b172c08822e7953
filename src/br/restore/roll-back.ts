/** Undoing a restore, whether it has finished or stopped (BR-CUT). */
import type { Session } from '../commands/session.ts';
import { BrError } from '../errors.ts';
import { persist } from '../jobs/persist.ts';
import { recordEvent } from '../ops/events.ts';
import { cleanUp } from './clean-up.ts';
import { needsCutOver, openCutOvers, tableIds, takeAllBack } from './cut-over.ts';
import { type PastRestore, pastRestore, ROLL_BACK, stepOf } from './past-restore.ts';
import { dropRestoredObjects } from './restore-objects.ts';
import { backupName, dropText, type RestoreRun, renameText } from './restore-run.ts';
import { takeOver } from './resume.ts';
import { endSlot, PLACED, record } from './run-restore.ts';

/**
 * Answers the tables that went back. All must be there still before one is touched; what has been
 * undone stays as it is.
 */
export async function rollBack(session: Session, jobId: string): Promise<readonly string[]> {
  const past = await pastRestore(session, jobId);
  const { order } = past;
  const label = order.plan.labels.at(-1) ?? '';
  const run = await takeOver(session, past, '--rollback');
  const { slot, journal } = run;
  try {
    const isUndone = stepOf(past, ROLL_BACK)?.state === 'DONE';
    if (!isUndone) await journal.step(ROLL_BACK, order.plan.database, {}, () => goBack(run, past));
    await persist(session, `the books of ${jobId}`, async () => {
      if (past.status === undefined) await record(run, 'CANCELLED', 'undone', undefined);
      await slot.release('CANCELLED');
    });
  } catch (error) {
    session.report.warn(`go on with: srbr restore --rollback '${jobId}'`);
    await endSlot(session, label, () => slot.release('FAILED'));
    throw error;
  }
  const tables = order.plan.tables.map(({ table }) => table);
  const detail = `${jobId}: ${tables.join(', ')}`;
  await recordEvent(session.ops, { level: 'warning', event: 'restore.undone', label, detail });
  return tables;
}

async function goBack(run: RestoreRun, past: PastRestore): Promise<void> {
  const { session, journal } = run;
  const { database } = past.order.plan;
  const dropObjects = () => dropRestoredObjects(session, database, journal, past.steps);
  if (past.status === undefined) {
    return await persist(session, 'cleaning up', async () => {
      await cleanUp(run);
      await dropObjects();
    });
  }
  if (past.status !== 'FINISHED' || past.order.noCutOver) {
    throw new BrError('restore', `restore ${past.jobId} has put no table in place`);
  }
  await requireOldTables(run, past);
  await persist(session, 'taking tables back', async () => {
    await takeAllBack(run);
    await takeOwnNamesBack(run, past);
    await dropObjects();
  });
}

/** Nothing is touched if one of the tables that were live is not there any more. */
async function requireOldTables({ session, order }: RestoreRun, past: PastRestore): Promise<void> {
  const ids = await tableIds(session, order.plan.database);
  const there = new Set(ids.values());
  const gone = openCutOvers(past.steps)
    .filter(({ detail: { liveId } }) => liveId !== undefined && !there.has(liveId))
    .map(({ table }) => table);
  const placed = placedIds(past);
  for (const { table, strategy } of ownNames(past)) {
    const isBack = strategy === 'in-place' && !ids.has(backupName(order, table));
    const isOther = ids.get(table) !== undefined && ids.get(table) !== placed[table];
    if (isBack ? !ids.has(table) : isOther) gone.push(table);
  }
  if (gone.length === 0) return;
  throw new BrError(
    'restore',
    `cannot be undone: of ${gone.join(', ')} the table that was live, or the one that was ` +
      'restored, is not there any more; nothing was changed',
  );
}

/** Tables that were restored under their own names: by id, since a name may be another's now. */
async function takeOwnNamesBack({ session, order }: RestoreRun, past: PastRestore): Promise<void> {
  const { connection } = session;
  const { database } = order.plan;
  const placed = placedIds(past);
  for (const { table, strategy } of ownNames(past)) {
    const ids = await tableIds(session, database);
    const aside = backupName(order, table);
    if (ids.has(table) && ids.get(table) === placed[table]) {
      await connection.query(dropText(database, table));
    }
    if (strategy === 'in-place' && ids.has(aside)) {
      await connection.query(renameText(database, aside, table));
    }
  }
}

function ownNames({ order }: PastRestore): PastRestore['order']['plan']['tables'] {
  return order.plan.tables.filter((each) => !needsCutOver(each));
}

function placedIds(past: PastRestore): Readonly<Record<string, string>> {
  return JSON.parse(stepOf(past, PLACED)?.detail ?? '{}') as Readonly<Record<string, string>>;
}
