/**
 * Writes that must not be lost with a connection: what has become of a job, and whose slot is free
 * (BR-HIST). They are made again a few times; each is such that once more does no harm.
 */
import { SECOND_MS } from '../../base/units.ts';
import { LostConnection, messageOf } from '../errors.ts';
import { type Ports, sleep } from '../ports.ts';
import type { Report } from '../report/report.ts';

/** Waits of 1, 2, 4, 8 and 16 seconds: half a minute, as a frontend needs to come back. */
const TRIES_MAX = 6;

export interface PersistContext {
  readonly ports: Pick<Ports, 'clock' | 'interruption'>;
  readonly report: Report;
}

/** Throws the last `LostConnection`, and anything else at once. */
export async function persist<T>(
  { ports, report }: PersistContext,
  what: string,
  write: () => Promise<T>,
): Promise<T> {
  for (let count = 1; ; count += 1) {
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof LostConnection) || count >= TRIES_MAX) throw error;
      report.warn(`${what}: ${messageOf(error)}; trying again`);
      await sleep(ports, SECOND_MS * 2 ** (count - 1));
    }
  }
}
