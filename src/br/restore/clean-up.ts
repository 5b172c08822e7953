/**
 * Leaves the tables as a restore found them, wherever it stopped (BR-CUT). What is done goes by the
 * journal and by what is there, so that it may be done again.
 */
import { currentJob, isDone } from '../cluster/jobs.ts';
import type { Session } from '../commands/session.ts';
import { quoteName } from '../connection/sql-text.ts';
import { readSteps } from '../ops/restore-steps.ts';
import { RESTORE } from './assemble.ts';
import { takeAllBack } from './cut-over.ts';
import {
  backupName,
  dropText,
  existingTables,
  type RestoreRun,
  renameText,
  temporaryNames,
} from './restore-run.ts';

/** Drops what was restored and gives tables that were set aside in place their names again. */
export async function cleanUp(run: Omit<RestoreRun, 'slot'>): Promise<void> {
  const { session, order } = run;
  const { database, tables } = order.plan;
  await endRunningJob(session, database);
  // Until every live table is back under its name, a temporary name may be that of a live table.
  await takeAllBack(run);
  await dropLeftovers(run);
  const there = new Set(await existingTables(session, database));
  for (const { table, strategy } of tables) {
    const aside = backupName(order, table);
    if (strategy !== 'in-place' || !there.has(aside)) continue;
    if (there.has(table)) await session.connection.query(dropText(database, table));
    await session.connection.query(renameText(database, aside, table));
  }
}

/** Also drops tables that were assembled under their own name, when nothing was live there. */
async function dropLeftovers({ session, order, journal }: Omit<RestoreRun, 'slot'>): Promise<void> {
  const { connection, ops } = session;
  const { plan } = order;
  const there = new Set(await existingTables(session, plan.database));
  const steps = await readSteps(ops, journal.jobId);
  const hasRestored = steps.some(({ action }) => action === RESTORE);
  const made = plan.tables
    .filter(({ strategy }) => hasRestored && strategy === 'direct')
    .map(({ table }) => table);
  for (const name of [...temporaryNames(order), ...made]) {
    if (there.has(name)) await connection.query(dropText(plan.database, name));
  }
}

/** A restore that still runs holds its tables; nothing can be dropped before it ends. */
async function endRunningJob({ connection }: Session, database: string): Promise<void> {
  const there = await connection.query('SHOW DATABASES');
  if (!there.some((row) => row['Database'] === database)) return;
  const job = await currentJob(connection, 'restore', database);
  if (job === undefined || isDone(job)) return;
  await connection.query(`CANCEL RESTORE FROM ${quoteName(database)}`);
}
