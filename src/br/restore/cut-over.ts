/**
 * Puts restored tables in the place of live ones (BR-CUT). Where the frontend swaps tables, no
 * reader ever finds a name missing. All tables come over, or all go back.
 */

import type { Session } from '../commands/session.ts';
import { cell } from '../connection/connection.ts';
import { quoteName, quotePath, quoteValue } from '../connection/sql-text.ts';
import { BrError, messageOf, ServerError } from '../errors.ts';
import { persist } from '../jobs/persist.ts';
import { type RestoreStep, readSteps } from '../ops/restore-steps.ts';
import type { PlannedTable } from './plan-restore.ts';
import {
  backupName,
  dropText,
  existingTables,
  type RestoreRun,
  renameText,
} from './restore-run.ts';

/** Names do not tell whether a swap has happened; ids do. */
export interface CutOverDetail {
  readonly temporary: string;
  readonly temporaryId: string | undefined;
  /** `undefined`: there was no live table. */
  readonly liveId: string | undefined;
  readonly aside: string;
}

/** A table whose cut-over has begun. */
export interface CutOverTable {
  readonly table: string;
  readonly detail: CutOverDetail;
}

export function needsCutOver({ table, assembly }: PlannedTable): boolean {
  return table !== assembly;
}

const CUT_OVER = 'cut-over';

export async function cutOver(run: RestoreRun): Promise<void> {
  const { session, order, journal } = run;
  for (const planned of order.plan.tables.filter(needsCutOver)) {
    const { table } = planned;
    const detail = await detailOf(run, planned);
    try {
      await journal.step(CUT_OVER, table, detail, () => putInPlace(run, table, detail));
    } catch (error) {
      const what = `${table} could not be put in place: ${messageOf(error)}`;
      await persist(session, 'taking tables back', () => takeAllBack(run)).catch((trouble) => {
        throw new BrError('cut-over', `${what}; nor taken back: ${messageOf(trouble)}`, {
          cause: error,
        });
      });
      throw new BrError('cut-over', `${what}; every table is as it was`, {
        advice: ['the restored tables are gone again; run the restore once more'],
        cause: error,
      });
    }
    session.report.good(`${table} is restored`);
  }
}

/** Tables whose cut-over has begun and was not undone, the last first. */
export function openCutOvers(
  steps: readonly RestoreStep[],
): readonly (CutOverTable & { readonly step: RestoreStep })[] {
  return steps
    .filter(({ action, state }) => action === CUT_OVER && state !== 'UNDONE')
    .map((step) => {
      return { table: step.object, detail: JSON.parse(step.detail) as CutOverDetail, step };
    })
    .reverse();
}

export function hasUndone(steps: readonly RestoreStep[]): boolean {
  return steps.some(({ action, state }) => action === CUT_OVER && state === 'UNDONE');
}

/** Whatever has come over goes back, by the journal; again does nothing. Answers the tables. */
export async function takeAllBack({
  session,
  order,
  journal,
}: Omit<RestoreRun, 'slot'>): Promise<readonly string[]> {
  const open = openCutOvers(await readSteps(session.ops, journal.jobId));
  for (const { step, ...over } of open) {
    await takeBack(session, order.plan.database, over);
    await journal.mark(step.no, 'UNDONE');
  }
  return open.map(({ table }) => table);
}

async function detailOf(
  { session, order }: RestoreRun,
  planned: PlannedTable,
): Promise<CutOverDetail> {
  const ids = await tableIds(session, order.plan.database);
  return {
    temporary: planned.assembly,
    temporaryId: ids.get(planned.assembly),
    liveId: ids.get(planned.table),
    aside: backupName(order, planned.table),
  };
}

/** Also completes what an earlier run has begun: it looks where each table is now. */
export async function putInPlace(
  { session, order }: RestoreRun,
  table: string,
  { temporary, temporaryId, liveId, aside }: CutOverDetail,
): Promise<void> {
  const { connection } = session;
  const { database } = order.plan;
  const ids = await tableIds(session, database);
  if (ids.get(table) !== temporaryId) {
    if (ids.get(table) === undefined) {
      await connection.query(renameText(database, temporary, table));
    } else if (!(await swap(session, database, table, temporary))) {
      await renamePair(session, database, { table, temporary, aside });
    }
  }
  if (liveId === undefined) return;
  const after = await tableIds(session, database);
  const old = [temporary, aside].find((name) => after.get(name) === liveId);
  if (old !== undefined && old !== aside) await connection.query(renameText(database, old, aside));
}

/** False if this frontend does not swap. */
async function swap(
  { connection, report }: Session,
  database: string,
  table: string,
  other: string,
): Promise<boolean> {
  try {
    await connection.query(
      `ALTER TABLE ${quotePath(database, table)} SWAP WITH ${quoteName(other)}`,
    );
    return true;
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    report.warn(`${table} cannot be swapped (${messageOf(error)}); renaming instead`);
    return false;
  }
}

interface Pair {
  readonly table: string;
  readonly temporary: string;
  readonly aside: string;
}

/** Not atomic: if the second rename fails, the first is taken back. */
async function renamePair(
  { connection }: Session,
  database: string,
  { table, temporary, aside }: Pair,
): Promise<void> {
  await connection.query(renameText(database, table, aside));
  try {
    await connection.query(renameText(database, temporary, table));
  } catch (error) {
    await connection.query(renameText(database, aside, table));
    throw error;
  }
}

/**
 * The table that was live is live again; what was restored is dropped. Looks where each table is,
 * so that it may be called in any state. `restore` if the old table is not there any more.
 */
async function takeBack(
  session: Session,
  database: string,
  { table, detail }: CutOverTable,
): Promise<void> {
  const { connection } = session;
  const { liveId, temporaryId, temporary, aside } = detail;
  const ids = await tableIds(session, database);
  const isRestoredLive = temporaryId !== undefined && ids.get(table) === temporaryId;
  if (liveId === undefined) {
    if (isRestoredLive) await connection.query(dropText(database, table));
    return;
  }
  if (ids.get(table) === liveId) {
    // An earlier run may have stopped before it dropped what was restored.
    const restored = [aside, temporary].find((name) => ids.get(name) === temporaryId);
    if (temporaryId !== undefined && restored !== undefined) {
      await connection.query(dropText(database, restored));
    }
    return;
  }
  const old = [aside, temporary].find((name) => ids.get(name) === liveId);
  if (old === undefined) {
    throw new BrError('restore', `${table}: the table that was live before is not there any more`);
  }
  if (!isRestoredLive) {
    await connection.query(renameText(database, old, table));
  } else if (await swap(session, database, table, old)) {
    await connection.query(dropText(database, old));
  } else {
    const gone = old === temporary ? aside : temporary;
    await connection.query(renameText(database, table, gone));
    await connection.query(renameText(database, old, table));
    await connection.query(dropText(database, gone));
  }
}

/** With `--drop-old`, when everything has come over. */
export async function dropOldTables({ session, order, journal }: RestoreRun): Promise<void> {
  const { database, tables } = order.plan;
  const there = new Set(await existingTables(session, database));
  for (const { table } of tables) {
    const aside = backupName(order, table);
    if (!there.has(aside)) continue;
    await journal.step('drop-old', aside, {}, () =>
      session.connection.query(dropText(database, aside)),
    );
  }
}

export async function tableIds(
  { connection }: Pick<Session, 'connection'>,
  database: string,
): Promise<ReadonlyMap<string, string>> {
  const rows = await connection.query(
    'SELECT TABLE_NAME, TABLE_ID FROM information_schema.tables_config ' +
      `WHERE TABLE_SCHEMA = ${quoteValue(database)}`,
  );
  return new Map(rows.map((row) => [cell(row, 'TABLE_NAME'), cell(row, 'TABLE_ID')]));
}
