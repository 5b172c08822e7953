/**
 * A store behind a slow line: bytes pass no faster than a rate, in both directions together, on
 * the clock. Whoever comes later waits for what was promised before.
 */
import { type Clock, type Millis, sleep } from '../base/clock.ts';
import type { ByteRange, ByteReader } from '../base/files.ts';
import type { Op } from '../base/op.ts';
import { SECOND_MS } from '../base/units.ts';
import type { BlobKey, BlobStat, BlobStorage, ByteSource } from './blob-storage.ts';

/** Same promises as the store underneath. Whole files and bytes in memory pass by the line too. */
export function withRate(storage: BlobStorage, clock: Clock, bytesPerSec: number): BlobStorage {
  const line = new Line(clock, bytesPerSec);
  return Object.freeze({
    traits: storage.traits,
    *put(key: BlobKey, source: ByteSource): Op<void> {
      if (source.hollow !== undefined) yield* line.pass(source.sizeBytes);
      yield* storage.put(key, slowSource(source, line));
    },
    *get(key: BlobKey, range?: ByteRange): Op<ByteReader> {
      return slowReader(yield* storage.get(key, range), line);
    },
    stat: (key: BlobKey): Op<BlobStat | undefined> => storage.stat(key),
    list: (directory: BlobKey): Op<readonly BlobStat[]> => storage.list(directory),
    rename: (from: BlobKey, to: BlobKey): Op<void> => storage.rename(from, to),
    delete: (key: BlobKey): Op<void> => storage.delete(key),
    close: () => storage.close(),
  });
}

/** Without the short cuts of a source, which would go round the line. */
function slowSource({ sizeBytes, hollow, open }: ByteSource, line: Line): ByteSource {
  return {
    sizeBytes,
    ...(hollow === undefined ? {} : { hollow }),
    *open(range?: ByteRange): Op<ByteReader> {
      return slowReader(yield* open(range), line);
    },
  };
}

function slowReader(reader: ByteReader, line: Line): ByteReader {
  return {
    *read(): Op<Uint8Array | undefined> {
      const chunk = yield* reader.read();
      if (chunk !== undefined) yield* line.pass(chunk.length);
      return chunk;
    },
    close: () => reader.close(),
  };
}

class Line {
  readonly #clock: Clock;
  readonly #bytesPerSec: number;
  #freeAtMs: Millis = 0;

  constructor(clock: Clock, bytesPerSec: number) {
    this.#clock = clock;
    this.#bytesPerSec = bytesPerSec;
  }

  /** Returns when so many bytes have gone through. */
  *pass(bytes: number): Op<void> {
    const now = this.#clock.now();
    this.#freeAtMs = Math.max(now, this.#freeAtMs) + (bytes * SECOND_MS) / this.#bytesPerSec;
    const waitMs = Math.floor(this.#freeAtMs - now);
    if (waitMs > 0) yield* sleep(this.#clock, waitMs);
  }
}
