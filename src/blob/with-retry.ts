/**
 * Tries again what may work the second time: only errors of kind `transient`, only so often, with
 * growing waits on the clock. For stores behind a network; a backup's own retries stay with the
 * frontend's task queue.
 */
import { type Clock, type Millis, sleep } from '../base/clock.ts';
import { SimError } from '../base/errors.ts';
import type { ByteRange, ByteReader } from '../base/files.ts';
import type { Op } from '../base/op.ts';
import type { BlobKey, BlobStorage, ByteSource } from './blob-storage.ts';

export interface RetryLimit {
  /** Tries in all, the first one too. */
  readonly attemptsMax: number;
  /** The wait before the second try; it doubles from try to try. */
  readonly firstBackoffMs: Millis;
  readonly backoffMsMax: Millis;
}

export const DEFAULT_RETRY: RetryLimit = Object.freeze({
  attemptsMax: 3,
  firstBackoffMs: 100,
  backoffMsMax: 5_000,
});

/**
 * Same promises as the store underneath. A reader that fails midway goes on where it stopped. A
 * rename is not repeated once its source is gone, since that may have been its own doing: then the
 * first error stands, and the caller decides.
 */
export function withRetry(
  storage: BlobStorage,
  clock: Clock,
  limit: RetryLimit = DEFAULT_RETRY,
): BlobStorage {
  const again = <T>(run: () => Op<T>): Op<T> => retry(clock, limit, run);
  return Object.freeze({
    traits: storage.traits,
    put: (key: BlobKey, source: ByteSource) => again(() => storage.put(key, source)),
    get: (key: BlobKey, range?: ByteRange) => getAgain(storage, clock, limit, { key, range }),
    stat: (key: BlobKey) => again(() => storage.stat(key)),
    list: (directory: BlobKey) => again(() => storage.list(directory)),
    rename: (from: BlobKey, to: BlobKey) => renameAgain(storage, clock, limit, { from, to }),
    delete: (key: BlobKey) => again(() => storage.delete(key)),
    close: () => storage.close(),
  });
}

function isTransient(error: unknown): boolean {
  return error instanceof SimError && error.row.kind === 'transient';
}

function backoffMs(limit: RetryLimit, attempt: number): Millis {
  return Math.min(limit.backoffMsMax, limit.firstBackoffMs * 2 ** (attempt - 1));
}

function* retry<T>(clock: Clock, limit: RetryLimit, run: () => Op<T>): Op<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return yield* run();
    } catch (error) {
      if (!isTransient(error) || attempt >= limit.attemptsMax) throw error;
    }
    yield* sleep(clock, backoffMs(limit, attempt));
  }
}

function* renameAgain(
  storage: BlobStorage,
  clock: Clock,
  limit: RetryLimit,
  { from, to }: { readonly from: BlobKey; readonly to: BlobKey },
): Op<void> {
  let first: unknown;
  yield* retry(clock, limit, function* () {
    if (first !== undefined && (yield* storage.stat(from)) === undefined) throw asFinal(first);
    try {
      yield* storage.rename(from, to);
    } catch (error) {
      first ??= error;
      throw error;
    }
  });
}

/** The first error in a form that is not tried again, since its effect is unknown. */
function asFinal(first: unknown): SimError {
  const text = first instanceof Error ? first.message : String(first);
  return new SimError('blob-not-found', `${text}; the source is gone, so it may have worked`, {
    cause: first,
  });
}

function* getAgain(
  storage: BlobStorage,
  clock: Clock,
  limit: RetryLimit,
  { key, range }: { readonly key: BlobKey; readonly range: ByteRange | undefined },
): Op<ByteReader> {
  let start = range?.start ?? 0;
  let reader: ByteReader | undefined;
  const open = (): Op<ByteReader> => {
    if (start === 0 && range === undefined) return storage.get(key);
    return storage.get(key, range?.end === undefined ? { start } : { start, end: range.end });
  };
  const closeNow = function* (): Op<void> {
    const closing = reader;
    reader = undefined;
    if (closing !== undefined) yield* closing.close();
  };
  reader = yield* retry(clock, limit, open);
  return {
    read: () =>
      retry(clock, limit, function* () {
        reader ??= yield* open();
        try {
          const chunk = yield* reader.read();
          start += chunk?.length ?? 0;
          return chunk;
        } catch (error) {
          yield* closeNow();
          throw error;
        }
      }),
    close: closeNow,
  };
}
