/**
 * Closing the books of a backup: its one row of history, the server's facts, the slot. The run
 * itself does it at its end; healing and `reconcile` do it for runs that did not get so far.
 */
import { type Alert, raiseAlert } from '../alerts/raise.ts';
import type { Job } from '../cluster/jobs.ts';
import { type Snapshot, snapshotDetails, snapshotOn } from '../cluster/snapshots.ts';
import { type BackupMeta, metaOfLabel, updateMeta } from '../ops/backup-meta.ts';
import { type FinalState, historyOf, writeHistory } from '../ops/history.ts';
import { deleteManifest } from '../ops/manifest.ts';
import { deleteStates } from '../ops/partition-state.ts';
import { type ActiveSlot, closeSlotRow } from '../ops/run-status.ts';
import { confirmContents } from './confirm-contents.ts';
import { confirmCounts } from './confirm-counts.ts';
import type { SlotContext } from './slot.ts';

export interface BackupEnd {
  readonly label: string;
  readonly state: FinalState;
  readonly reason: string | undefined;
  readonly job: Job | undefined;
}

/**
 * Writes history and facts. What a backup that did not finish had listed goes: a manifest without a
 * snapshot would be taken for valid (W-09). One that timed out may still finish, so its rows stay.
 */
export async function settleBackup(
  end: BackupEnd,
  context: SlotContext,
): Promise<Snapshot | undefined> {
  const { connection, ops, config } = context;
  const { label, state, reason, job } = end;
  const meta = await metaOfLabel(ops, label);
  const snapshot =
    state === 'FINISHED' ? await snapshotOn(connection, config.repository, label) : undefined;
  if (meta !== undefined && state === 'FINISHED') {
    const details = snapshot && (await snapshotDetails(connection, config.repository, snapshot));
    const contents = details === undefined ? {} : await confirmContents(ops, meta, details);
    const rowCount = await confirmCounts(connection, ops, label);
    await updateMeta(ops, label, {
      ...contents,
      fe_job_id: job?.id ?? null,
      snapshot_timestamp: snapshot?.timestamp ?? null,
      snapshot_finished_at: job?.snapshotFinishedAt ?? null,
      fe_finished_at: job?.finishedAt ?? null,
      row_count: rowCount ?? null,
      expires_at: snapshot?.expiresAt ?? null,
    });
  }
  if (state !== 'FINISHED' && state !== 'TIMEOUT') {
    await deleteManifest(ops, label);
    await deleteStates(ops, label);
  }
  await writeHistory(ops, {
    label,
    type: meta?.type ?? (label.includes('incremental') ? 'incremental' : 'full'),
    status: state,
    repository: config.repository,
    startedAt: job?.createdAt ?? meta?.submittedAt,
    finishedAt: job?.finishedAt,
    error: reason,
  });
  if (state !== 'FINISHED') await raiseAlert(failedRun(end, meta), context);
  return snapshot;
}

function failedRun({ label, state, reason }: BackupEnd, meta: BackupMeta | undefined): Alert {
  const of = meta === undefined ? '' : ` of ${meta.database}, group ${meta.group},`;
  const text = `backup ${label}${of} ended ${state}: ${reason ?? 'no reason given'}`;
  return { kind: 'run-failed', level: 'critical', subject: label, text };
}

/** Ends a slot whose owner is gone with what really came of it; answers the state. */
export async function settleSlot(
  { scope, label }: ActiveSlot,
  job: Job | undefined,
  context: SlotContext,
): Promise<FinalState> {
  const { connection, ops, config } = context;
  let state: FinalState = job?.state === 'FINISHED' ? 'FINISHED' : 'CANCELLED';
  if (scope === 'backup') {
    const known = await historyOf(ops, label);
    const snapshot = await snapshotOn(connection, config.repository, label);
    if (job === undefined) state = snapshot?.isOk === true ? 'FINISHED' : 'CANCELLED';
    const isOpen = known === undefined || known.status === 'TIMEOUT' || known.status === 'LOST';
    if (isOpen) {
      const reason = job?.reason || 'the run that began it ended without closing its books';
      await settleBackup(
        { label, state, reason: state === 'FINISHED' ? undefined : reason, job },
        context,
      );
    }
  }
  await closeSlotRow(ops, scope, label, state);
  return state;
}
