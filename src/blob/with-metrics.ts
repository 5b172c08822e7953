/** Counts what is asked of a store: requests, failures, bytes and time, for each operation. */
import type { Clock, Millis } from '../base/clock.ts';
import type { ByteRange, ByteReader } from '../base/files.ts';
import type { Op } from '../base/op.ts';
import type { BlobKey, BlobStat, BlobStorage, ByteSource } from './blob-storage.ts';

export const BLOB_OPERATIONS = ['put', 'get', 'stat', 'list', 'rename', 'delete'] as const;
export type BlobOperation = (typeof BLOB_OPERATIONS)[number];

export interface OperationFigures {
  readonly requests: number;
  readonly failures: number;
  /** Of `put` the sizes that were stored, of `get` what was read; else 0. */
  readonly bytes: number;
  /** Of a `get` until its end, or until it is closed. */
  readonly totalMs: Millis;
  readonly longestMs: Millis;
}

export type BlobFigures = Readonly<Record<BlobOperation, OperationFigures>>;

export class BlobMetrics {
  readonly #figures = new Map<BlobOperation, OperationFigures>();

  figures(): BlobFigures {
    const rows = BLOB_OPERATIONS.map((operation) => [operation, this.#of(operation)] as const);
    return Object.fromEntries(rows) as unknown as BlobFigures;
  }

  add(operation: BlobOperation, tookMs: Millis, bytes: number, hasFailed: boolean): void {
    const before = this.#of(operation);
    this.#figures.set(operation, {
      requests: before.requests + 1,
      failures: before.failures + (hasFailed ? 1 : 0),
      bytes: before.bytes + bytes,
      totalMs: before.totalMs + tookMs,
      longestMs: Math.max(before.longestMs, tookMs),
    });
  }

  #of(operation: BlobOperation): OperationFigures {
    return this.#figures.get(operation) ?? NONE;
  }
}

const NONE: OperationFigures = Object.freeze({
  requests: 0,
  failures: 0,
  bytes: 0,
  totalMs: 0,
  longestMs: 0,
});

/** Same promises as the store underneath. */
export function withMetrics(storage: BlobStorage, clock: Clock, metrics: BlobMetrics): BlobStorage {
  function* counted<T>(operation: BlobOperation, run: () => Op<T>, bytes = 0): Op<T> {
    const began = clock.now();
    let isDone = false;
    try {
      const result = yield* run();
      isDone = true;
      return result;
    } finally {
      metrics.add(operation, clock.now() - began, isDone ? bytes : 0, !isDone);
    }
  }
  return Object.freeze({
    traits: storage.traits,
    put: (key: BlobKey, source: ByteSource): Op<void> =>
      counted('put', () => storage.put(key, source), source.sizeBytes),
    get: (key: BlobKey, range?: ByteRange): Op<ByteReader> =>
      get(storage, clock, metrics, { key, range }),
    stat: (key: BlobKey): Op<BlobStat | undefined> => counted('stat', () => storage.stat(key)),
    list: (directory: BlobKey): Op<readonly BlobStat[]> =>
      counted('list', () => storage.list(directory)),
    rename: (from: BlobKey, to: BlobKey): Op<void> =>
      counted('rename', () => storage.rename(from, to)),
    delete: (key: BlobKey): Op<void> => counted('delete', () => storage.delete(key)),
    close: () => storage.close(),
  });
}

function* get(
  storage: BlobStorage,
  clock: Clock,
  metrics: BlobMetrics,
  { key, range }: { readonly key: BlobKey; readonly range: ByteRange | undefined },
): Op<ByteReader> {
  const began = clock.now();
  let bytes = 0;
  let isCounted = false;
  const end = (hasFailed: boolean): void => {
    if (!isCounted) metrics.add('get', clock.now() - began, bytes, hasFailed);
    isCounted = true;
  };
  let reader: ByteReader;
  try {
    reader = yield* storage.get(key, range);
  } catch (error) {
    end(true);
    throw error;
  }
  return {
    *read(): Op<Uint8Array | undefined> {
      try {
        const chunk = yield* reader.read();
        bytes += chunk?.length ?? 0;
        if (chunk === undefined) end(false);
        return chunk;
      } catch (error) {
        end(true);
        throw error;
      }
    },
    *close(): Op<void> {
      end(false);
      yield* reader.close();
    },
  };
}
