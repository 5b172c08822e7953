/**
 * Only one at a time may submit a job, drop a repository or a snapshot, or purge old jobs; who
 * waits too long is refused (backup-jobs.md 1.5, 3.2 C, resolutions.md 9).
 */
import type { Clock, Millis } from '../base/clock.ts';
import { SimError } from '../base/errors.ts';
import { type Op, suspend } from '../base/op.ts';
import { SECOND_MS } from '../base/units.ts';

/** Longest wait of a statement for the lock. */
export const SUBMISSION_WAIT_MS_MAX: Millis = 10 * SECOND_MS;

interface Waiter {
  readonly grant: (isGranted: boolean) => void;
}

export class SubmissionLock {
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiter>();
  #isHeld = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs `body` alone. Throws `common-error` when the lock was not free within the limit. */
  *hold<T>(body: () => Op<T>): Op<T> {
    const held = yield* this.holdWithin(SUBMISSION_WAIT_MS_MAX, body);
    if (held !== undefined) return held.value;
    throw new SimError(
      'common-error',
      'failed to acquire lock: another backup or restore job is being submitted',
      { hint: 'try again' },
    );
  }

  /** The same for who would rather give up: undefined when the lock was not free in time. */
  *holdWithin<T>(waitMsMax: Millis, body: () => Op<T>): Op<{ readonly value: T } | undefined> {
    if (this.#isHeld && !(yield* this.#wait(waitMsMax))) return undefined;
    this.#isHeld = true;
    try {
      return { value: yield* body() };
    } finally {
      this.#release();
    }
  }

  *#wait(waitMsMax: Millis): Op<boolean> {
    return yield* suspend<boolean>((resume) => {
      const cancelTimer = this.#clock.after(waitMsMax, () => {
        this.#waiting.delete(waiter);
        resume({ ok: true, value: false });
      });
      const waiter: Waiter = {
        grant: (isGranted) => {
          cancelTimer();
          resume({ ok: true, value: isGranted });
        },
      };
      this.#waiting.add(waiter);
    });
  }

  /** Hands the lock over to the one who has waited longest; it never looks free in between. */
  #release(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#isHeld = false;
      return;
    }
    this.#waiting.delete(next);
    next.grant(true);
  }
}
