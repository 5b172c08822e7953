/** `srbr status`, `cancel` and `reconcile`: what runs, and closing open books (BR-SLOT). */

import { SECOND_MS } from '../../base/units.ts';
import { backupsAmong } from '../backup/meta-snapshot.ts';
import type { Call } from '../cli/command-spec.ts';
import { findJob, isDone, type JobKind, runningJob, tasksText } from '../cluster/jobs.ts';
import { businessDatabases } from '../cluster/names.ts';
import { snapshotOn, snapshotsOn } from '../cluster/snapshots.ts';
import { durationText } from '../config/duration.ts';
import { quoteName } from '../connection/sql-text.ts';
import { BrError, EXIT } from '../errors.ts';
import { reconstruct } from '../history/reconstruct.ts';
import { settleSlot } from '../jobs/settle.ts';
import { recordEvent } from '../ops/events.ts';
import { historyOf } from '../ops/history.ts';
import { openRestoreIds } from '../ops/restore-steps.ts';
import { type ActiveSlot, activeSlots, deleteClaim, readClaims } from '../ops/run-status.ts';
import { openSession, type Session } from './session.ts';

export async function runStatus(call: Call): Promise<number> {
  const session = await openSession(call);
  const { ops, connection, report } = session;
  const slots = await activeSlots(ops);
  const claims = await readClaims(ops);
  const jobs = [];
  for (const database of await allDatabases(session)) {
    const job = await runningJob(connection, database);
    if (job !== undefined) jobs.push({ database, ...job });
  }
  report.result({ slots, claims, jobs }, [
    ...slots.map(({ scope, label, ageSeconds }) => {
      return `slot ${scope}:${label}, active for ${durationText(ageSeconds * SECOND_MS)}`;
    }),
    ...jobs.map(({ database, kind, label, state, progress, unfinishedTasks }) => {
      const how = `${state} ${progress} ${tasksText(unfinishedTasks)}`.trim();
      return `job ${kind}:${label} in ${database}: ${how}`;
    }),
    ...(slots.length + jobs.length === 0 ? ['nothing runs'] : []),
  ]);
  return EXIT.ok;
}

/** Cancels what runs under a label, or in the configured database, and frees its slot. */
export async function runCancel(call: Call): Promise<number> {
  const session = await openSession(call);
  const { connection, options, report } = session;
  const label = options.text('label');
  const databases = label === undefined ? [session.config.database] : await allDatabases(session);
  for (const database of databases) {
    const job = await runningJob(connection, database);
    if (job === undefined || (label !== undefined && job.label !== label)) continue;
    await connection.query(`CANCEL ${job.kind.toUpperCase()} FROM ${quoteName(database)}`);
    await close(session, job.kind, job.label);
    report.result({ cancelled: job.label, database }, [`${job.kind} ${job.label} is cancelled`]);
    return EXIT.ok;
  }
  throw new BrError('label-unknown', `no job of ${label ?? session.config.database} runs`, {
    advice: ['srbr status shows what runs', 'srbr reconcile frees slots without a job'],
  });
}

/** Brings history and slots to what the repository and the frontend say. */
export async function runReconcile(call: Call): Promise<number> {
  const session = await openSession(call);
  const { ops, options, report } = session;
  const wanted = options.text('label');
  const done: string[] = [];
  for (const slot of await activeSlots(ops)) {
    if (wanted !== undefined && slot.label !== wanted) continue;
    const text = await reconcileSlot(session, slot, wanted !== undefined);
    if (text !== undefined) done.push(text);
  }
  done.push(...(await dropClaims(session, wanted)));
  if (wanted !== undefined && done.length === 0) done.push(await reconcileLabel(session, wanted));
  report.result({ done }, done.length === 0 ? ['nothing to reconcile'] : done);
  return EXIT.ok;
}

/** A run whose owner may still live is only touched when it was named. */
async function reconcileSlot(
  session: Session,
  slot: ActiveSlot,
  isNamed: boolean,
): Promise<string | undefined> {
  const { connection, ops, config, report } = session;
  const found = await findJob(connection, slot.scope, slot.label, await allDatabases(session));
  if (found !== undefined && !isDone(found.job)) {
    report.info(`${slot.scope}:${slot.label} still runs in ${found.database}: ${found.job.state}`);
    return undefined;
  }
  const claims = (await readClaims(ops)).filter(
    ({ scope, label }) => scope === slot.scope && label === slot.label,
  );
  const silentSeconds = Math.min(slot.ageSeconds, ...claims.map((each) => each.silentSeconds));
  const isOver = found !== undefined && (slot.scope === 'backup' || claims.length === 0);
  if (!isOver && !isNamed && silentSeconds * SECOND_MS <= config.slot.graceMs) {
    report.info(`${slot.scope}:${slot.label} is too young to be taken for dead`);
    return undefined;
  }
  const state = await settleSlot(slot, found?.job, session);
  for (const { id } of claims) await deleteClaim(ops, id);
  const open = slot.scope === 'restore' ? await openRestoreIds(ops, slot.label) : [];
  const ways = open.map((id) => `; srbr restore --resume '${id}' goes on, --rollback undoes it`);
  const detail = `${slot.scope}:${slot.label} set to ${state}${ways.join('')}`;
  await recordEvent(ops, { level: 'info', event: 'reconciled', label: slot.label, detail });
  return detail;
}

/** Claims without a slot: their owners died before they had it, or after they gave it back. */
async function dropClaims(
  { ops, config }: Session,
  wanted: string | undefined,
): Promise<readonly string[]> {
  const slots = await activeSlots(ops);
  const done: string[] = [];
  for (const { id, scope, label, silentSeconds } of await readClaims(ops)) {
    if (slots.some((slot) => slot.scope === scope && slot.label === label)) continue;
    const isDead = silentSeconds * SECOND_MS > config.slot.graceMs;
    if (wanted === undefined ? !isDead : label !== wanted) continue;
    await deleteClaim(ops, id);
    done.push(`the claim of ${scope}:${label} is dropped`);
  }
  return done;
}

/** A snapshot without history gets one; a history whose run timed out gets its real end. */
async function reconcileLabel(session: Session, label: string): Promise<string> {
  const { connection, ops, config } = session;
  const snapshot = await snapshotOn(connection, config.repository, label);
  const known = await historyOf(ops, label);
  if (known?.status === 'FINISHED') return `${label} is FINISHED already`;
  if (snapshot?.isOk === true) {
    if (known !== undefined) {
      await settleSlot({ scope: 'backup', label, ageSeconds: 0 }, undefined, session);
      return `${label} set to FINISHED`;
    }
    const all = await snapshotsOn(connection, config.repository);
    await reconstruct(session, [snapshot], backupsAmong(all));
    return `${label} was found in the repository; history and manifest are reconstructed`;
  }
  throw new BrError('label-unknown', `neither slot, history nor repository know '${label}'`, {
    advice: ['srbr list and srbr status show what there is'],
  });
}

async function close(session: Session, kind: JobKind, label: string): Promise<void> {
  const slots = await activeSlots(session.ops);
  const slot = slots.find((each) => each.scope === kind && each.label === label);
  if (slot === undefined) return;
  const found = await findJob(session.connection, kind, label, await allDatabases(session));
  await settleSlot(slot, found?.job, session);
  for (const claim of await readClaims(session.ops)) {
    if (claim.scope === kind && claim.label === label) await deleteClaim(session.ops, claim.id);
  }
}

async function allDatabases({ connection, ops }: Session): Promise<readonly string[]> {
  return [...(await businessDatabases(connection, ops.database)), ops.database];
}
