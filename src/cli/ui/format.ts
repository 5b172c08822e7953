/** Counts and spans of time as people read them, the same in every locale. */
import type { Millis } from '../../base/clock.ts';
import { MINUTE_MS, SECOND_MS } from '../../base/units.ts';

/** `1,461`; parts of a unit are rounded away. */
export function formatCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 snapshot`, `1,461 snapshots`. */
export function plural(count: number, thing: string): string {
  return `${formatCount(count)} ${thing}${count === 1 ? '' : 's'}`;
}

/** `0.04 s`, `12.3 s`, `2 min 5 s`. */
export function formatDuration(spanMs: Millis): string {
  const hundredths = (Math.round(spanMs / 10) * 10) / SECOND_MS;
  if (hundredths < 10) return `${hundredths.toFixed(2)} s`;
  const tenths = (Math.round(spanMs / 100) * 100) / SECOND_MS;
  if (tenths < MINUTE_MS / SECOND_MS) return `${tenths.toFixed(1)} s`;
  const seconds = Math.round(spanMs / SECOND_MS);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
