/**
 * How fast work goes and when it will be done, from what was done in the last seconds. Older
 * samples are forgotten, so that a slow beginning does not spoil the estimate for good.
 */
import type { Clock, Millis } from '../../base/clock.ts';
import { SECOND_MS } from '../../base/units.ts';

export interface RateEstimator {
  /** Notes how much is done in all by now. */
  add(done: number): void;
  /** Undefined until some time has passed between two samples. Falls while nothing is added. */
  ratePerSec(): number | undefined;
  /** Time left until `total` is done; undefined while nothing moves. */
  etaMs(total: number): Millis | undefined;
}

interface Sample {
  readonly atMs: Millis;
  readonly done: number;
}

/** How far back a rate looks. */
export const RATE_WINDOW_MS = 3_000;

/** Samples kept within the window; with more, the oldest are dropped and the window shrinks. */
const SAMPLES_MAX = 512;

export function createRateEstimator(clock: Clock): RateEstimator {
  const samples: Sample[] = [];

  /** One sample from before the window stays: the window has to begin somewhere. */
  const forget = (nowMs: Millis): void => {
    while (samples.length > 1) {
      const second = samples[1];
      const isOutside = second !== undefined && second.atMs <= nowMs - RATE_WINDOW_MS;
      if (!isOutside && samples.length <= SAMPLES_MAX) return;
      samples.shift();
    }
  };

  const ratePerSec = (): number | undefined => {
    const nowMs = clock.now();
    forget(nowMs);
    const first = samples[0];
    const last = samples.at(-1);
    if (first === undefined || last === undefined || nowMs <= first.atMs) return undefined;
    if (samples.length === 1 && nowMs - first.atMs < RATE_WINDOW_MS) return undefined;
    return ((last.done - first.done) * SECOND_MS) / (nowMs - first.atMs);
  };

  return Object.freeze({
    add(done: number): void {
      const nowMs = clock.now();
      samples.push({ atMs: nowMs, done });
      forget(nowMs);
    },
    ratePerSec,
    etaMs(total: number): Millis | undefined {
      const done = samples.at(-1)?.done ?? 0;
      if (done >= total) return 0;
      const rate = ratePerSec();
      if (rate === undefined || rate <= 0) return undefined;
      return Math.ceil(((total - done) * SECOND_MS) / rate);
    },
  });
}
