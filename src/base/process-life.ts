/**
 * The life of a process that is only simulated: operations run in it as promises, virtual time
 * passes as they need it, and a kill ends them where they are. Nothing of a killed process runs
 * on: what it waited for is never answered, its timers never fire.
 */
import type { Cancel, Clock, Millis } from './clock.ts';
import { SimError } from './errors.ts';
import { type Op, type Outcome, start, toPromise } from './op.ts';
import { VirtualClock } from './virtual-clock.ts';

/** How often a condition is looked at in real time. */
const POLL_MS = 5;

export class ProcessLife {
  /** The given clock for as long as the process lives. */
  readonly clock: Clock;
  readonly #inner: Clock;
  #end: SimError | undefined;
  #refusal: SimError | undefined;
  readonly #onKill = new Set<(error: SimError) => void>();

  constructor(inner: Clock) {
    this.#inner = inner;
    this.clock = {
      now: () => inner.now(),
      after: (delayMs: Millis, run: () => void): Cancel =>
        inner.after(delayMs, () => {
          if (this.#end === undefined) run();
        }),
    };
  }

  get isKilled(): boolean {
    return this.#end !== undefined;
  }

  /** Ends it at once; everything that is waited for here fails with `error`. */
  kill(error: SimError): void {
    if (this.#end !== undefined) return;
    this.#end = error;
    for (const tell of this.#onKill) tell(error);
    this.#onKill.clear();
  }

  /** What runs may end, nothing new begins. The first reason stays. */
  refuse(error: SimError): void {
    this.#refusal ??= error;
  }

  /** Throws why nothing new may begin. */
  check(): void {
    const reason = this.#end ?? this.#refusal;
    if (reason !== undefined) throw reason;
  }

  /** Runs an operation to its end; virtual time passes as it needs. */
  async run<T>(op: Op<T>): Promise<T> {
    if (this.#end !== undefined) throw this.#end;
    if (!(this.#inner instanceof VirtualClock)) return await this.#unlessKilled(toPromise(op));
    let outcome: Outcome<T> | undefined;
    start(op, (ended) => {
      outcome = ended;
    });
    this.#inner.runUntil(() => outcome !== undefined || this.isKilled);
    return resultOf(outcome, this.#end);
  }

  /** Waits until `condition` holds; false when `limitMs` of virtual time went by first. */
  async until(condition: () => boolean, limitMs: Millis): Promise<boolean> {
    if (this.#end !== undefined) throw this.#end;
    const inner = this.#inner;
    if (!(inner instanceof VirtualClock)) {
      await this.#unlessKilled(polled(this.clock, condition));
      return true;
    }
    const holds = inner.runUntil(() => condition() || this.isKilled, limitMs);
    if (this.#end !== undefined && !condition()) throw this.#end;
    return holds;
  }

  #unlessKilled<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#onKill.add(reject);
      work.then(resolve, reject).finally(() => this.#onKill.delete(reject));
    });
  }
}

function resultOf<T>(outcome: Outcome<T> | undefined, end: SimError | undefined): T {
  if (outcome?.ok === true) return outcome.value;
  if (outcome !== undefined) throw outcome.error;
  throw end ?? new SimError('bug', 'nothing left to happen, yet an operation has not ended');
}

function polled(clock: Clock, condition: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (condition()) resolve();
      else clock.after(POLL_MS, look);
    };
    look();
  });
}
