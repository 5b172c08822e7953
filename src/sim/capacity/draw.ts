/**
 * Times of requests by chance: log-normal through a median and a 99th percentile, drawn from a
 * table of quantiles, since a run draws millions of them.
 */
import { below, fraction, type Random } from '../../base/random.ts';
import type { Latency } from './store-model.ts';

const QUANTILES = 4096;
/** Of the standard normal distribution. */
const Z99 = 2.3263478740408408;

/** A source of times with this median and 99th percentile, to within the steps of the table. */
export function drawerOf({ p50Ms, p99Ms }: Latency, random: Random): () => number {
  if (p99Ms <= p50Ms || p50Ms <= 0) return () => p50Ms;
  const sigma = Math.log(p99Ms / p50Ms) / Z99;
  const table = Float64Array.from(
    STANDARD_NORMAL,
    (quantile) => p50Ms * Math.exp(sigma * quantile),
  );
  return () => table[below(random, QUANTILES)] ?? p50Ms;
}

export function isStruck(random: Random, rate: number): boolean {
  return rate > 0 && fraction(random) < rate;
}

/** Acklam's approximation of the inverse normal distribution; good to nine digits. */
export function normalQuantile(share: number): number {
  if (share > 0.5) return -normalQuantile(1 - share);
  if (share < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(share));
    return (
      (((((-0.007784894002430293 * q - 0.3223964580411365) * q - 2.400758277161838) * q -
        2.549732539343734) *
        q +
        4.374664141464968) *
        q +
        2.938163982698783) /
      ((((0.007784695709041462 * q + 0.3224671290700398) * q + 2.445134137142996) * q +
        3.754408661907416) *
        q +
        1)
    );
  }
  const q = share - 0.5;
  const r = q * q;
  return (
    ((((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r +
      138.357751867269) *
      r -
      30.66479806614716) *
      r +
      2.506628277459239) *
      q) /
    (((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r +
      66.80131188771972) *
      r -
      13.28068155288572) *
      r +
      1)
  );
}

const STANDARD_NORMAL: readonly number[] = Array.from({ length: QUANTILES }, (_, index) =>
  normalQuantile((index + 0.5) / QUANTILES),
);
