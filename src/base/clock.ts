/**
 * Time. Everything that reads the time or waits for it takes a `Clock`; a run on a
 * `VirtualClock` (virtual-clock.ts) lasts as long as its events need, not as long as they pretend.
 */
import { type Op, suspend } from './op.ts';

/** Milliseconds since 1970 on the cluster's clock, or a span of them. */
export type Millis = number;

export type Cancel = () => void;

export interface Clock {
  now(): Millis;
  /** Runs `run` once after `delayMs`, unless cancelled before. Never runs it at once. */
  after(delayMs: Millis, run: () => void): Cancel;
}

export function* sleep(clock: Clock, delayMs: Millis): Op<void> {
  yield* suspend<void>((resume) => {
    clock.after(delayMs, () => resume({ ok: true, value: undefined }));
  });
}

/** The computer's clock. */
export const realClock: Clock = Object.freeze({
  now: () => Date.now(),
  after(delayMs: Millis, run: () => void): Cancel {
    let timer: NodeJS.Timeout;
    const arm = (restMs: Millis): void => {
      const partMs = Math.min(restMs, TIMER_MS_MAX);
      timer = setTimeout(() => {
        if (restMs > partMs) arm(restMs - partMs);
        else run();
      }, partMs);
    };
    arm(delayMs);
    return () => clearTimeout(timer);
  },
});

/** Node turns longer timers into 1 ms ones; they are made of several. */
const TIMER_MS_MAX = 2 ** 31 - 1;
