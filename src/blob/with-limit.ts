/**
 * At most so many operations of a store at a time; the others wait their turn, first come, first
 * served, up to a bound. An object that is read counts until its end, or until it is closed.
 */
import { SimError } from '../base/errors.ts';
import type { ByteRange, ByteReader } from '../base/files.ts';
import { type Op, suspend } from '../base/op.ts';
import type { BlobKey, BlobStat, BlobStorage, ByteSource } from './blob-storage.ts';

export interface StoreLimit {
  readonly concurrentMax: number;
  /** Operations that may wait; one more fails with `limit-reached`. */
  readonly queuedMax: number;
}

/** Same promises as the store underneath. A put whose source reads the store needs two at a time. */
export function withLimit(storage: BlobStorage, limit: StoreLimit): BlobStorage {
  const turns = new Turns(limit);
  function* inTurn<T>(run: () => Op<T>): Op<T> {
    yield* turns.take();
    try {
      return yield* run();
    } finally {
      turns.give();
    }
  }
  return Object.freeze({
    traits: Object.freeze({
      ...storage.traits,
      connectionsMax: Math.min(storage.traits.connectionsMax, limit.concurrentMax),
    }),
    put: (key: BlobKey, source: ByteSource): Op<void> => inTurn(() => storage.put(key, source)),
    *get(key: BlobKey, range?: ByteRange): Op<ByteReader> {
      yield* turns.take();
      try {
        return heldReader(yield* storage.get(key, range), () => turns.give());
      } catch (error) {
        turns.give();
        throw error;
      }
    },
    stat: (key: BlobKey): Op<BlobStat | undefined> => inTurn(() => storage.stat(key)),
    list: (directory: BlobKey): Op<readonly BlobStat[]> => inTurn(() => storage.list(directory)),
    rename: (from: BlobKey, to: BlobKey): Op<void> => inTurn(() => storage.rename(from, to)),
    delete: (key: BlobKey): Op<void> => inTurn(() => storage.delete(key)),
    close: () => storage.close(),
  });
}

/** Gives its turn back once: at the end, after an error, or when it is closed. */
function heldReader(reader: ByteReader, giveBack: () => void): ByteReader {
  let isHeld = true;
  const give = (): void => {
    if (isHeld) giveBack();
    isHeld = false;
  };
  return {
    *read(): Op<Uint8Array | undefined> {
      try {
        const chunk = yield* reader.read();
        if (chunk === undefined) give();
        return chunk;
      } catch (error) {
        give();
        throw error;
      }
    },
    *close(): Op<void> {
      give();
      yield* reader.close();
    },
  };
}

class Turns {
  readonly #limit: StoreLimit;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(limit: StoreLimit) {
    this.#limit = limit;
  }

  *take(): Op<void> {
    const { concurrentMax, queuedMax } = this.#limit;
    if (this.#running < concurrentMax) {
      this.#running += 1;
      return;
    }
    if (this.#waiting.length >= queuedMax) {
      throw new SimError(
        'limit-reached',
        `${concurrentMax} operations of the store run and ${queuedMax} wait already`,
      );
    }
    yield* suspend<void>((resume) => {
      this.#waiting.push(() => resume({ ok: true, value: undefined }));
    });
  }

  /** The turn goes to who has waited longest, or is free again. */
  give(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }
}
