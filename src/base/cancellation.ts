/**
 * The wish that a piece of work ends early, and who hears of it. Operations cannot be torn down
 * from outside: work that knows of the wish ends itself, other work is left to end unheard.
 */
import type { Cancel } from './clock.ts';
import type { SimError } from './errors.ts';
import { type Op, type Outcome, start, suspend } from './op.ts';

export interface Cancellation {
  /** Throws the reason once there is one. */
  throwIfCancelled(): void;
  /** Runs `run` at most once, at once if the wish is there already; the answer takes it back. */
  onCancel(run: (reason: SimError) => void): Cancel;
}

export class CancelSource implements Cancellation {
  #reason: SimError | undefined;
  readonly #listeners = new Set<(reason: SimError) => void>();
  #onAwaited: (() => void) | undefined;

  /** `onAwaited` runs once, when somebody begins to wait: work that never waits needs no limit. */
  constructor(onAwaited?: () => void) {
    this.#onAwaited = onAwaited;
  }

  /** The first reason counts. */
  cancel(reason: SimError): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener(reason);
  }

  throwIfCancelled(): void {
    if (this.#reason !== undefined) throw this.#reason;
  }

  onCancel(run: (reason: SimError) => void): Cancel {
    if (this.#reason !== undefined) {
      run(this.#reason);
      return () => {};
    }
    this.#listeners.add(run);
    const onAwaited = this.#onAwaited;
    this.#onAwaited = undefined;
    onAwaited?.();
    return () => {
      this.#listeners.delete(run);
    };
  }
}

/**
 * Waits for `op` until it is cancelled, then throws the reason while `op` goes on unheard; what
 * comes of it goes to `onLate`. For work that changes nothing.
 */
export function* abandonable<T>(
  op: Op<T>,
  cancellation: Cancellation,
  onLate: (outcome: Outcome<T>) => void,
): Op<T> {
  cancellation.throwIfCancelled();
  return yield* suspend<T>((resume) => {
    let isDone = false;
    let isLeft = false;
    let forget: Cancel = () => {};
    start(op, (outcome) => {
      if (isLeft) {
        onLate(outcome);
        return;
      }
      isDone = true;
      forget();
      resume(outcome);
    });
    if (isDone) return;
    forget = cancellation.onCancel((reason) => {
      isLeft = true;
      resume({ ok: false, error: reason });
    });
  });
}
