/**
 * A trial restore (BR-DRILL): a sample of a backup comes back under names of its own, is compared,
 * and is dropped. No live name is touched. A drill that was killed is tidied up by the next one of
 * the same database, which finds its order in the journal.
 */
import { createHash } from 'node:crypto';
import { raiseAlert } from '../alerts/raise.ts';
import type { Session } from '../commands/session.ts';
import { quoteName } from '../connection/sql-text.ts';
import { BrError, messageOf } from '../errors.ts';
import { persist } from '../jobs/persist.ts';
import { takeSlot } from '../jobs/slot.ts';
import type { DrillScope } from '../monitor/facts.ts';
import { recordEvent } from '../ops/events.ts';
import { serverNow } from '../ops/ops.ts';
import { type PartitionState, statesOf } from '../ops/partition-state.ts';
import { DRILL_START, writeRestoreHistory } from '../ops/restore-history.ts';
import { endStep, type RestoreStep, stepsBegun } from '../ops/restore-steps.ts';
import { readClaims } from '../ops/run-status.ts';
import { assemble } from '../restore/assemble.ts';
import { cleanUp } from '../restore/clean-up.ts';
import { openJournal } from '../restore/journal.ts';
import type { PlannedTable } from '../restore/plan-restore.ts';
import type { Prepared } from '../restore/prepare-restore.ts';
import type { RestoreOrder, RestoreRun } from '../restore/restore-run.ts';
import { endSlot } from '../restore/run-restore.ts';
import { type Comparison, compare } from './compare.ts';

/** The one step of a drill in the journal: begun until nothing of it is left. */
const DRILL_STEP = 'drill';

export interface DrillResult {
  readonly jobId: string;
  readonly label: string;
  readonly scope: DrillScope;
  readonly checksum: string;
  readonly tables: readonly Comparison[];
}

export interface DrillOrder {
  readonly id: string;
  readonly scope: DrillScope;
  readonly prepared: Prepared;
  readonly waitMs: number;
}

/** `mismatch` with both checksums of each table that differs. */
export async function runDrill(session: Session, drill: DrillOrder): Promise<DrillResult> {
  const { order } = drill.prepared;
  const { database, labels } = order.plan;
  const label = labels.at(-1) ?? '';
  const wish = { scope: 'restore', database, label, waitMs: drill.waitMs } as const;
  const slot = await takeSlot(wish, session);
  const journal = await openJournal(session, `${DRILL_START}${label}@${drill.id}`);
  const run: RestoreRun = { session, order, slot, journal };
  let end = 'FAILED';
  try {
    await dropOfKilled(run);
    const outcome = await journal.step(DRILL_STEP, label, order, () => carryOut(run, drill));
    if ('failure' in outcome) throw outcome.failure;
    end = 'FINISHED';
    return outcome;
  } finally {
    await endSlot(session, label, () => slot.release(end));
  }
}

/** Nothing is left behind when it answers; a failure is its answer, too. */
async function carryOut(
  run: RestoreRun,
  drill: DrillOrder,
): Promise<DrillResult | { readonly failure: unknown }> {
  const { session, order, journal } = run;
  let tables: readonly Comparison[] = [];
  let failure: unknown;
  try {
    if (drill.prepared.mustCreateDatabase) {
      await session.connection.query(`CREATE DATABASE ${quoteName(order.plan.database)}`);
    }
    await assemble(run);
    tables = await compareAll(run);
    requireSame(tables);
  } catch (error) {
    failure = error;
  }
  await dropScratch(run);
  const checksum = checksumOf(tables);
  await persist(session, `the books of ${journal.jobId}`, () =>
    close(run, drill, failure, tables.length === 0 ? undefined : checksum),
  );
  if (failure !== undefined) return { failure };
  const label = order.plan.labels.at(-1) ?? '';
  return { jobId: journal.jobId, label, scope: drill.scope, checksum, tables };
}

async function compareAll({ session, order, slot }: RestoreRun): Promise<readonly Comparison[]> {
  const { plan } = order;
  const states = await statesOf(session.ops, plan.labels.slice(-1));
  const places = { sourceDatabase: plan.sourceDatabase, database: plan.database };
  const found: Comparison[] = [];
  for (const table of plan.tables) {
    const drilled = { table, states: restoredStates(table, states) };
    const comparison = await compare(session, drilled, places);
    if (comparison.with === 'none') {
      session.report.warn(`${table.table}: restored, but there is nothing to compare it with`);
    }
    found.push(comparison);
    await slot.beat();
  }
  return found;
}

/** A part without a list of partitions has all that its table had at the backup. */
function restoredStates(
  { table, parts }: PlannedTable,
  states: readonly PartitionState[],
): readonly PartitionState[] {
  const ofTable = states.filter((state) => state.table === table);
  const names = parts.flatMap(({ partitions }) => partitions ?? []);
  const isWhole = parts.some(({ partitions }) => partitions === undefined);
  if (isWhole && parts.length === 1) return ofTable;
  return isWhole ? [] : ofTable.filter(({ partition }) => names.includes(partition));
}

function requireSame(tables: readonly Comparison[]): void {
  const faults = tables
    .filter(({ isSame }) => !isSame)
    .map(({ table, restored, expected }) => {
      const wanted = expected?.checksum ?? `${expected?.rows} rows`;
      return `${table}: restored ${restored.checksum}, expected ${wanted}`;
    });
  if (faults.length === 0) return;
  throw new BrError('mismatch', faults.join('; '), {
    advice: ['take a new full backup; this one gives back other rows than it should'],
  });
}

function checksumOf(tables: readonly Comparison[]): string {
  const lines = tables.map(({ table, restored }) => `${table} ${restored.checksum}`);
  return createHash('md5').update(lines.join('\n')).digest('hex');
}

async function close(
  { session, order, journal }: RestoreRun,
  { scope }: DrillOrder,
  failure: unknown,
  checksum: string | undefined,
): Promise<void> {
  const { ops, config, connection } = session;
  const label = order.plan.labels.at(-1) ?? '';
  const error = failure === undefined ? undefined : messageOf(failure);
  await writeRestoreHistory(ops, {
    jobId: journal.jobId,
    label,
    type: scope,
    status: error === undefined ? 'FINISHED' : 'FAILED',
    repository: config.repository,
    startedAt: order.startedAt,
    finishedAt: await serverNow(connection),
    error,
    checksum,
  });
  await recordEvent(ops, {
    level: error === undefined ? 'info' : 'error',
    event: error === undefined ? 'drill.finished' : 'drill.failed',
    label,
    detail: error ?? journal.jobId,
  });
  if (error === undefined) return;
  const text = `drill ${journal.jobId} failed: ${error}`;
  await raiseAlert(
    { kind: 'run-failed', level: 'critical', subject: journal.jobId, text },
    session,
  );
}

/** A scratch database goes as a whole. */
async function dropScratch(run: RestoreRun): Promise<void> {
  const { session, order } = run;
  await cleanUp(run);
  const { database, sourceDatabase } = order.plan;
  if (database === sourceDatabase) return;
  await session.connection.query(`DROP DATABASE IF EXISTS ${quoteName(database)} FORCE`);
}

/** Drills that never got to their end. One whose slot somebody else still holds may be at work. */
async function dropOfKilled(run: RestoreRun): Promise<void> {
  const { session, order } = run;
  const steps = await stepsBegun(session.ops, DRILL_STEP);
  if (steps.length === 0) return;
  const claims = await readClaims(session.ops);
  for (const step of steps) {
    const killed = orderOf(step);
    const { database } = killed.plan;
    const isOurs = database === order.plan.database;
    if (!isOurs && claims.some((claim) => claim.database === database)) continue;
    const journal = await openJournal(session, step.jobId);
    await dropScratch({ ...run, order: killed, journal });
    await endStep(session.ops, step.jobId, step.no, 'UNDONE');
    session.report.info(`what ${step.jobId} left behind is gone`);
  }
}

function orderOf({ detail }: RestoreStep): RestoreOrder {
  return JSON.parse(detail) as RestoreOrder;
}
