/**
 * Conditions that users put a store under, to see what becomes of their jobs: a slow line, few
 * requests at a time, readers that see changes late. Properties of the repository that only the
 * emulator knows; each process (the frontend, a backend) has a line and a view of its own.
 */
import type { Clock } from '../base/clock.ts';
import { SimError } from '../base/errors.ts';
import { SeededRandom } from '../base/random.ts';
import type { BlobLocation, BlobStorage } from './blob-storage.ts';
import { redactLocation } from './redact.ts';
import { withLag } from './with-lag.ts';
import { withLimit } from './with-limit.ts';
import { withRate } from './with-rate.ts';

export const EMULATOR_PREFIX = 'emulator.';

const REQUESTS_MAX = 'emulator.requests_max';
const BYTES_PER_SEC = 'emulator.bytes_per_sec';
const LAG_MS = 'emulator.lag_ms';
const LAG_SEED = 'emulator.lag_seed';

const KNOWN: readonly string[] = [REQUESTS_MAX, BYTES_PER_SEC, LAG_MS, LAG_SEED];

/** Operations of one process that may wait for their turn at a store. */
const QUEUED_MAX = 100_000;

/** The properties of a location that set conditions; empty where none does. */
export function conditionsOf(where: BlobLocation): Readonly<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const [key, text] of Object.entries(where.properties)) {
    if (!key.startsWith(EMULATOR_PREFIX)) continue;
    if (!KNOWN.includes(key))
      throw refusal(where, `${key} is unknown; there is ${KNOWN.join(', ')}`);
    const isWhole = /^\d{1,12}$/.test(text);
    if (!isWhole || (key !== LAG_SEED && Number(text) === 0)) {
      throw refusal(where, `${key} must be a whole number above 0`);
    }
    found[key] = Number(text);
  }
  return found;
}

/** The store under conditions; itself where there are none. */
export function underConditions(
  storage: BlobStorage,
  conditions: Readonly<Record<string, number>>,
  clock: Clock,
): BlobStorage {
  const {
    [REQUESTS_MAX]: concurrentMax,
    [BYTES_PER_SEC]: bytesPerSec,
    [LAG_MS]: lagMsMax,
    [LAG_SEED]: seed = 0,
  } = conditions;
  let store = storage;
  if (concurrentMax !== undefined) {
    store = withLimit(store, { concurrentMax, queuedMax: QUEUED_MAX });
  }
  if (bytesPerSec !== undefined) store = withRate(store, clock, bytesPerSec);
  if (lagMsMax !== undefined) {
    store = withLag(store, { clock, random: new SeededRandom(BigInt(seed)), lagMsMax });
  }
  return store;
}

function refusal({ location }: BlobLocation, what: string): SimError {
  return new SimError('blob-location-unsupported', `location ${redactLocation(location)}: ${what}`);
}
