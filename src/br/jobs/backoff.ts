/** Waits that grow, and differ by chance, so that those who wait do not all come back at once. */
import type { Millis } from '../../base/clock.ts';
import { fraction, type Random } from '../../base/random.ts';
import type { Backoff } from '../config/config.ts';

/** `count` is how often it was waited before. */
export function backoffMs(
  { initialMs, factor, maxMs, jitter }: Backoff,
  count: number,
  random: Random,
): Millis {
  const plain = Math.min(maxMs, initialMs * factor ** count);
  return Math.round(plain * (1 + jitter * (2 * fraction(random) - 1)));
}
