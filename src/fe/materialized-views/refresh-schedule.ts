/** When a materialized view is due: what was asked for, first filling, periods, and base loads. */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../base/units.ts';
import type { MvRefreshScheme, MvTimeUnit } from '../../catalog/materialized-view.ts';

const UNIT_MS: Readonly<Record<MvTimeUnit, number>> = Object.freeze({
  SECOND: SECOND_MS,
  MINUTE: MINUTE_MS,
  HOUR: HOUR_MS,
  DAY: DAY_MS,
});

/**
 * Whether a period of EVERY has begun since `lastMs`; periods count from the scheme's start, and
 * one that was missed is not made up for.
 */
export function hasPeriodBegun(refresh: MvRefreshScheme, lastMs: number, nowMs: number): boolean {
  const { every, startMs = 0 } = refresh;
  if (every === undefined || nowMs < startMs) return false;
  const periodMs = every.step * UNIT_MS[every.unit];
  const begunAtMs = startMs + Math.floor((nowMs - startMs) / periodMs) * periodMs;
  return lastMs < begunAtMs;
}
