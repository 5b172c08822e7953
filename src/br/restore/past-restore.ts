/** A restore of the past as its journal and the history tell of it, and taking its slot over. */
import { currentJob, isDone } from '../cluster/jobs.ts';
import { databaseNames } from '../cluster/names.ts';
import type { Session } from '../commands/session.ts';
import { BrError } from '../errors.ts';
import type { Slot } from '../jobs/slot.ts';
import { trackJob } from '../jobs/track-job.ts';
import { restoreStatus } from '../ops/restore-history.ts';
import { type RestoreStep, readSteps, restoreJobIds } from '../ops/restore-steps.ts';
import { closeSlotRow, deleteClaim, readClaims } from '../ops/run-status.ts';
import type { Journal } from './journal.ts';
import type { RestoreOrder } from './restore-run.ts';

export interface PastRestore {
  readonly jobId: string;
  readonly steps: readonly RestoreStep[];
  readonly order: RestoreOrder;
  /** Of its one row of history; `undefined` while its books are open. */
  readonly status: string | undefined;
}

/** The step of a restore that is undone. */
export const ROLL_BACK = 'roll-back';

/** The step whose object is the claim of the run that writes it. */
const SLOT = 'slot';

/** So that a later run knows which slot it may take over. */
export async function noteSlot(journal: Journal, slot: Slot): Promise<void> {
  await journal.step(SLOT, slot.id, {}, async () => undefined);
}

/** `label-unknown` with the newest there are. */
export async function pastRestore({ ops }: Session, jobId: string): Promise<PastRestore> {
  const steps = await readSteps(ops, jobId);
  const plan = steps.find(({ action }) => action === 'plan');
  if (plan !== undefined) {
    const order = JSON.parse(plan.detail) as RestoreOrder;
    return { jobId, steps, order, status: await restoreStatus(ops, jobId) };
  }
  const known = (await restoreJobIds(ops)).slice(0, 5).join(', ') || 'none';
  throw new BrError('label-unknown', `there is no restore '${jobId}'; the newest: ${known}`);
}

export function stepOf({ steps }: PastRestore, action: string): RestoreStep | undefined {
  return steps.findLast((step) => step.action === action);
}

/**
 * The slot of the run that stopped is ours to take over, that of another run of the same backup is
 * not. A job of it that still runs ends first.
 */
export async function freeSlotOf(session: Session, past: PastRestore): Promise<void> {
  const { ops } = session;
  const label = past.order.plan.labels.at(-1) ?? '';
  const claims = await readClaims(ops);
  const ofLabel = claims.filter((claim) => claim.scope === 'restore' && claim.label === label);
  const ours = past.steps.filter(({ action }) => action === SLOT).map(({ object }) => object);
  if (ofLabel.some(({ id }) => !ours.includes(id))) return;
  if (past.status === undefined) await endJob(session, past);
  for (const { id } of ofLabel) await deleteClaim(ops, id);
  await closeSlotRow(ops, 'restore', label, past.status ?? 'CANCELLED');
}

async function endJob(session: Session, { order }: PastRestore): Promise<void> {
  const { database, labels } = order.plan;
  const isThere = (await databaseNames(session.connection)).includes(database);
  const job = isThere ? await currentJob(session.connection, 'restore', database) : undefined;
  if (job === undefined || !labels.includes(job.label) || isDone(job)) return;
  const tracked = { kind: 'restore', database, label: job.label } as const;
  await trackJob(tracked, { ...session, beat: async () => undefined });
}
