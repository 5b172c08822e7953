/**
 * Who has the slot of a database, and healing of slots whose job is over (BR-SLOT). A slot is stale
 * only when the frontend shows its label done, or when nobody knows the label and its owner has
 * been silent for longer than the grace.
 */
import { SECOND_MS } from '../../base/units.ts';
import { findJob, isDone, type Job } from '../cluster/jobs.ts';
import { businessDatabases } from '../cluster/names.ts';
import { durationText } from '../config/duration.ts';
import { BrError } from '../errors.ts';
import { recordEvent } from '../ops/events.ts';
import {
  type ActiveSlot,
  activeSlots,
  type Claim,
  deleteClaim,
  readClaims,
} from '../ops/run-status.ts';
import { settleSlot } from './settle.ts';
import type { SlotContext } from './slot.ts';

/** How the holder is named in messages; `undefined` if the slot is free, perhaps since just now. */
export async function slotHolder(
  database: string,
  context: SlotContext,
): Promise<string | undefined> {
  const slots = await activeSlots(context.ops);
  if (slots.length === 0) return undefined;
  const claims = await readClaims(context.ops);
  const databases = await businessDatabases(context.connection, context.ops.database);
  for (const slot of slots) {
    const claim = claims.find(({ scope, label }) => scope === slot.scope && label === slot.label);
    if (claim !== undefined && claim.database !== database) continue;
    const state = await stateOf(slot, claim, [...databases, context.ops.database], context);
    if (state.kind === 'elsewhere' && state.database !== database) continue;
    if (state.kind !== 'stale') return holderText(slot, state.job);
    await heal(slot, claim, state.job, context);
  }
  return undefined;
}

type SlotState =
  | { readonly kind: 'elsewhere'; readonly database: string; readonly job: Job }
  | { readonly kind: 'silent'; readonly job: undefined }
  | { readonly kind: 'stale'; readonly job: Job | undefined };

async function stateOf(
  slot: ActiveSlot,
  claim: Claim | undefined,
  databases: readonly string[],
  { connection, config }: SlotContext,
): Promise<SlotState> {
  const places = claim === undefined ? databases : [claim.database];
  const found = await findJob(connection, slot.scope, slot.label, places).catch(unseen);
  if (found === 'unseen') return { kind: 'silent', job: undefined };
  const silentSeconds = Math.min(slot.ageSeconds, claim?.silentSeconds ?? slot.ageSeconds);
  const isWithinGrace = silentSeconds * SECOND_MS <= config.slot.graceMs;
  if (found === undefined) {
    return isWithinGrace ? { kind: 'silent', job: undefined } : { kind: 'stale', job: undefined };
  }
  if (isDone(found.job)) {
    // Its owner has just seen the end, or will at its next look: the rest of the books is its work.
    // A restore goes on after its jobs, and the last one of its label may be of an earlier run.
    const quietMs = slot.scope === 'restore' ? config.slot.graceMs : config.polling.maxMs;
    const isBeingClosed = claim !== undefined && silentSeconds * SECOND_MS <= quietMs;
    return isBeingClosed ? { kind: 'elsewhere', ...found } : { kind: 'stale', job: found.job };
  }
  return { kind: 'elsewhere', ...found };
}

/** Where the frontend refuses to tell, a slot is nobody's to heal. */
function unseen(error: unknown): 'unseen' {
  if (error instanceof BrError) return 'unseen';
  throw error;
}

async function heal(
  slot: ActiveSlot,
  claim: Claim | undefined,
  job: Job | undefined,
  context: SlotContext,
): Promise<void> {
  const state = await settleSlot(slot, job, context);
  if (claim !== undefined) await deleteClaim(context.ops, claim.id);
  const detail = `${slot.scope}:${slot.label} was left ACTIVE; set to ${state}`;
  context.report.warn(detail);
  await recordEvent(context.ops, {
    level: 'warning',
    event: 'slot.healed',
    label: slot.label,
    detail,
  });
}

function holderText({ scope, label, ageSeconds }: ActiveSlot, job: Job | undefined): string {
  const age = durationText(ageSeconds * SECOND_MS);
  const progress = job === undefined ? '' : `, ${job.state}${job.progress && ` ${job.progress}`}`;
  return `${scope}:${label}, active for ${age}${progress}`;
}
