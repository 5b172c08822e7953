/** A clock that can be set while others go by the one underneath: one process of several. */
import type { Cancel, Clock, Millis } from './clock.ts';

export interface SkewedClock extends Clock {
  /** Sets it by `spanMs` at once, as an operator or NTP does; timers keep their delay. */
  jump(spanMs: Millis): void;
}

export function createSkewedClock(inner: Clock): SkewedClock {
  let skewMs = 0;
  return Object.freeze({
    now: (): Millis => inner.now() + skewMs,
    after: (delayMs: Millis, run: () => void): Cancel => inner.after(delayMs, run),
    jump(spanMs: Millis): void {
      skewMs += spanMs;
    },
  });
}
