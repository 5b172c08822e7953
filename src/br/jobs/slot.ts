/**
 * The slot of a database: at most one backup or restore at a time, among all who use the ops
 * database (BR-SLOT). The store offers no lock, only upsert and read: whoever wants a slot writes a
 * claim, waits until every rival must have written its own, and reads; the lowest claim wins. The
 * frontend's own rule, one job for a database, has the last word.
 */
import { uuid } from '../../base/random.ts';
import { SECOND_MS } from '../../base/units.ts';
import { type JobKind, runningJob } from '../cluster/jobs.ts';
import type { Config } from '../config/config.ts';
import { durationText } from '../config/duration.ts';
import type { Connection } from '../connection/connection.ts';
import { BrError, messageOf, ServerError } from '../errors.ts';
import type { Ops } from '../ops/ops.ts';
import {
  beatClaim,
  closeSlotRow,
  deleteClaim,
  deleteSlotRow,
  holdClaim,
  insertClaim,
  openSlotRow,
  readClaims,
} from '../ops/run-status.ts';
import { type Ports, sleep } from '../ports.ts';
import type { Report } from '../report/report.ts';
import { backoffMs } from './backoff.ts';
import { persist } from './persist.ts';
import { slotHolder } from './slot-holder.ts';

/** Long enough for a rival's INSERT to be seen by all. */
const SETTLE_MS: number = SECOND_MS;

/** Heartbeats come no closer together than this. */
const BEAT_MS_MIN: number = 20 * SECOND_MS;

export interface SlotWish {
  readonly scope: JobKind;
  readonly database: string;
  readonly label: string;
  /** How long to wait for others; 0 gives up at once. */
  readonly waitMs: number;
}

export interface SlotContext {
  readonly connection: Connection;
  readonly ops: Ops;
  readonly config: Config;
  readonly report: Report;
  readonly ports: Ports;
}

/**
 * The first of `release`, `abandon` and `leave` that succeeds counts; what comes after it does
 * nothing.
 */
export interface Slot {
  /** Of its claim. */
  readonly id: string;
  readonly isOpen: boolean;
  /** Says that its owner lives; now and then is enough. */
  beat(): Promise<void>;
  /** Ends it in a final state. */
  release(state: string): Promise<void>;
  /** Ends it without a trace: nothing was begun under its label. */
  abandon(): Promise<void>;
  /** Leaves it ACTIVE: the job goes on without us. */
  leave(): Promise<void>;
}

/** `conflict` with who has it, since when, and what to do. */
export async function takeSlot(wish: SlotWish, context: SlotContext): Promise<Slot> {
  return await untilFree(wish.waitMs, context, () => tryToTake(wish, context));
}

/** Runs what may meet a conflict, again and again while there is time to wait. */
export async function untilFree<T>(
  waitMs: number,
  { config, ports, report }: SlotContext,
  attempt: () => Promise<T>,
): Promise<T> {
  const startMs = ports.clock.now();
  for (let count = 0; ; count += 1) {
    try {
      return await attempt();
    } catch (error) {
      const waitedMs = ports.clock.now() - startMs;
      const isConflict = error instanceof BrError && error.code === 'conflict';
      if (!isConflict || waitedMs >= waitMs || ports.interruption.signal !== undefined) throw error;
      const delayMs = Math.min(
        backoffMs(config.slot.backoff, count, ports.random),
        waitMs - waitedMs,
      );
      report.wait(`${messageOf(error)}; trying again in ${durationText(delayMs)}`);
      await sleep(ports, delayMs);
    }
  }
}

/** What a frontend answers when a database has a job already: a conflict, not a failure. */
export function asConflict(error: unknown, database: string): unknown {
  if (!(error instanceof ServerError)) return error;
  const isBusy =
    /can only run one backup or restore job of a database/i.test(error.message) ||
    /another backup or restore job is being submitted/i.test(error.message);
  if (!isBusy) return error;
  return new BrError('conflict', `database ${database} is busy: ${error.message}`, {
    advice: ['srbr status shows what runs', '--wait-for-slot 30m waits for its end'],
    cause: error,
  });
}

async function tryToTake(wish: SlotWish, context: SlotContext): Promise<Slot> {
  const { connection, ops, ports } = context;
  const holder = await slotHolder(wish.database, context);
  if (holder !== undefined) throw conflict(wish, holder);
  const job = await runningJob(connection, wish.database);
  if (job !== undefined) {
    const progress = job.progress === '' ? '' : ` (${job.progress})`;
    throw conflict(wish, `a ${job.kind} that runs under ${job.label}, ${job.state}${progress}`);
  }
  const id = uuid(ports.random);
  const owner = `srbr ${id.slice(0, 8)}`;
  const claim = { scope: wish.scope, database: wish.database, label: wish.label, owner };
  const slot = slotOf(wish, id, context);
  let mayHaveRow = false;
  try {
    await insertClaim(ops, { id, ...claim });
    await sleep(ports, SETTLE_MS);
    await requireFirst(wish, id, context);
    await holdClaim(ops, id);
    mayHaveRow = true;
    await openSlotRow(ops, wish.scope, wish.label);
  } catch (error) {
    await giveBack(wish, context, () => (mayHaveRow ? slot.abandon() : deleteClaim(ops, id)));
    throw error;
  }
  return slot;
}

/** After a failure that is told already: what cannot be given back is named, with the way on. */
async function giveBack(
  { label }: SlotWish,
  context: SlotContext,
  end: () => Promise<void>,
): Promise<void> {
  try {
    await persist(context, `the slot of ${label}`, end);
  } catch (error) {
    context.report.warn(`the slot of ${label} stays taken: ${messageOf(error)}`);
    context.report.warn(`srbr reconcile --label ${label} frees it`);
  }
}

/** A claim that is held already, or comes before ours, wins; silent ones are dead. */
async function requireFirst(
  wish: SlotWish,
  id: string,
  { ops, config }: SlotContext,
): Promise<void> {
  const claims = await readClaims(ops);
  const alive = claims.filter(
    ({ database, silentSeconds }) =>
      database === wish.database && silentSeconds * SECOND_MS <= config.slot.graceMs,
  );
  const winner = alive.find(({ state }) => state === 'HELD') ?? alive[0];
  if (winner === undefined || winner.id === id) return;
  throw conflict(wish, `${winner.scope}:${winner.label}, which claimed it at ${winner.claimedAt}`);
}

function conflict({ database, scope, label }: SlotWish, holder: string): BrError {
  return new BrError('conflict', `the slot of ${database} is taken by ${holder}`, {
    advice: [
      'srbr status shows what runs; srbr cancel --label <label> ends it',
      '--wait-for-slot 30m waits for its end',
    ],
    inputs: { scope, label },
  });
}

function slotOf({ scope, label }: SlotWish, id: string, { ops, ports }: SlotContext): Slot {
  let beatMs = ports.clock.now();
  let isOpen = true;
  const once = async (end: () => Promise<void>): Promise<void> => {
    if (!isOpen) return;
    await end();
    isOpen = false;
  };
  return Object.freeze({
    id,
    get isOpen() {
      return isOpen;
    },
    async beat() {
      if (ports.clock.now() - beatMs < BEAT_MS_MIN) return;
      beatMs = ports.clock.now();
      await beatClaim(ops, id);
    },
    release: (state: string) =>
      once(async () => {
        await closeSlotRow(ops, scope, label, state);
        await deleteClaim(ops, id);
      }),
    abandon: () =>
      once(async () => {
        await deleteSlotRow(ops, scope, label);
        await deleteClaim(ops, id);
      }),
    leave: () => once(() => beatClaim(ops, id)),
  });
}
