/** Counts and spans of time as people read them, the same in every locale. */
import type { Millis } from '../../base/clock.ts';
import { MINUTE_MS, SECOND_MS } from '../../base/units.ts';

/** `1,461`; parts of a unit are rounded away. */
export function formatCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `0.04 s`, `12.3 s`, `2 min 5 s`. */
export function formatDuration(spanMs: Millis): string {
  if (spanMs < 10 * SECOND_MS) return `${(spanMs / SECOND_MS).toFixed(2)} s`;
  if (spanMs < MINUTE_MS) return `${(spanMs / SECOND_MS).toFixed(1)} s`;
  const seconds = Math.round(spanMs / SECOND_MS);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
