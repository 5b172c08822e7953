/**
 * One restore from the chosen label to the closed books (BR-CHAIN, BR-REST, BR-CUT). Whatever fails
 * before the cut-over leaves the live tables as they were and no temporary table behind.
 */
import { raiseAlert } from '../alerts/raise.ts';
import { currentJob, isDone } from '../cluster/jobs.ts';
import type { Session } from '../commands/session.ts';
import { quoteName } from '../connection/sql-text.ts';
import { BrError, messageOf } from '../errors.ts';
import { takeSlot } from '../jobs/slot.ts';
import { recordEvent } from '../ops/events.ts';
import { serverNow } from '../ops/ops.ts';
import { writeRestoreHistory } from '../ops/restore-history.ts';
import { restoreJobIds } from '../ops/restore-steps.ts';
import { assemble } from './assemble.ts';
import { cutOver, dropOldTables } from './cut-over.ts';
import { reviveViews } from './dependent-views.ts';
import { openJournal } from './journal.ts';
import { restoreObjects } from './restore-objects.ts';
import {
  backupName,
  dropLeftovers,
  dropText,
  existingTables,
  type RestoreOrder,
  type RestoreRun,
  renameText,
} from './restore-run.ts';
import { verifyTables } from './verify-tables.ts';

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

export async function runRestore(
  session: Session,
  order: RestoreOrder,
  waitMs: number,
): Promise<RestoreResult> {
  const { database, labels } = order.plan;
  const label = labels.at(-1) ?? '';
  const slot = await takeSlot({ scope: 'restore', database, label, waitMs }, session);
  const journal = await openJournal(session.ops, await newJobId(session, label));
  const run: RestoreRun = { session, journal, order, slot };
  session.report.info(`restore ${journal.jobId} has begun`);
  await journal.step('plan', label, order, async () => undefined);
  return await carryOut(run);
}

/** Also for a run that goes on where another stopped before its cut-over. */
export async function carryOut(run: RestoreRun): Promise<RestoreResult> {
  let checksum: string | undefined;
  try {
    await assemble(run);
    checksum = await verifyTables(run);
    if (!run.order.noCutOver) await cutOver(run);
  } catch (error) {
    await fail(run, error, checksum);
    throw error;
  }
  try {
    return await finish(run, checksum);
  } catch (error) {
    run.session.report.warn(`the tables are restored; to end it: ${resumeCommand(run)}`);
    throw error;
  }
}

function resumeCommand({ journal }: RestoreRun): string {
  return `srbr restore --resume '${journal.jobId}'`;
}

/** What remains when every table is in place. */
export async function finish(run: RestoreRun, checksum: string): Promise<RestoreResult> {
  const { session, order, journal, slot } = run;
  const { plan } = order;
  if (order.dropOld && !order.noCutOver) await dropOldTables(run);
  const objects = await restoreObjects(run);
  await reviveViews(session, plan.database);
  const failed = objects.failed.join(', ');
  await close(run, 'FINISHED', failed === '' ? undefined : `not restored: ${failed}`, checksum);
  await slot.release('FINISHED');
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
async function close(
  { session, order, journal }: RestoreRun,
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
async function fail(run: RestoreRun, error: unknown, checksum: string | undefined): Promise<void> {
  const { session, slot } = run;
  const isOpen = error instanceof BrError && error.code === 'unfinished';
  const status = isOpen ? 'LOST' : 'FAILED';
  try {
    await cleanUp(run);
    await close(run, status, messageOf(error), checksum);
    await slot.release(status);
  } catch (trouble) {
    session.report.warn(`cleaning up after the failure failed: ${messageOf(trouble)}`);
    session.report.warn(`go on with: ${resumeCommand(run)}`);
  }
}

/** Drops what was restored and gives tables that were set aside in place their names again. */
export async function cleanUp(run: RestoreRun): Promise<void> {
  const { session, order } = run;
  const { database, tables } = order.plan;
  await endRunningJob(session, database);
  await dropLeftovers(run);
  const there = new Set(await existingTables(session, database));
  for (const { table, strategy } of tables) {
    const aside = backupName(order, table);
    if (strategy !== 'in-place' || !there.has(aside)) continue;
    if (there.has(table)) await session.connection.query(dropText(database, table));
    await session.connection.query(renameText(database, aside, table));
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

/** `<label>@<UTC seconds>#<n>`. */
async function newJobId({ ops, ports }: Session, label: string): Promise<string> {
  const taken = new Set(await restoreJobIds(ops));
  const stem = `${label}@${Math.floor(ports.clock.now() / 1000)}`;
  for (let count = 1; ; count += 1) {
    const id = `${stem}#${count}`;
    if (!taken.has(id)) return id;
  }
}
