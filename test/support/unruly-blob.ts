/** A store in memory that refuses, hides or loses what a test says, with a store's own errors. */
import type { SimError } from '../../src/base/errors.ts';
import type { ByteRange, ByteReader } from '../../src/base/files.ts';
import type { Op } from '../../src/base/op.ts';
import type { BlobKey, BlobStat, ByteSource } from '../../src/blob/blob-storage.ts';
import { MemoryBlob } from '../../src/blob/memory.ts';
import type { Cluster } from '../../src/start-cluster.ts';

export type BlobOperation = 'put' | 'get' | 'stat' | 'list' | 'rename' | 'delete';

export class UnrulyBlob extends MemoryBlob {
  /** What an operation fails with, before it has done anything; undefined: nothing. */
  refuse: (operation: BlobOperation, key: BlobKey) => SimError | undefined = () => undefined;
  /** Names that a listing leaves out, as that of a store that lags behind does. */
  isHidden: (name: string, directory: BlobKey) => boolean = () => false;

  #pass(operation: BlobOperation, key: BlobKey): void {
    const error = this.refuse(operation, key);
    if (error !== undefined) throw error;
  }

  override *put(key: BlobKey, source: ByteSource): Op<void> {
    this.#pass('put', key);
    yield* super.put(key, source);
  }

  override *get(key: BlobKey, range?: ByteRange): Op<ByteReader> {
    this.#pass('get', key);
    return yield* super.get(key, range);
  }

  override *stat(key: BlobKey): Op<BlobStat | undefined> {
    this.#pass('stat', key);
    return yield* super.stat(key);
  }

  override *list(directory: BlobKey): Op<readonly BlobStat[]> {
    this.#pass('list', directory);
    const stats = yield* super.list(directory);
    return stats.filter(({ name }) => !this.isHidden(name, directory));
  }

  override *rename(from: BlobKey, to: BlobKey): Op<void> {
    this.#pass('rename', from);
    yield* super.rename(from, to);
  }

  override *delete(key: BlobKey): Op<void> {
    this.#pass('delete', key);
    yield* super.delete(key);
  }
}

/** Sends every operation the ordinary way: there is a rule, and it never strikes. */
export function withoutShortcuts(cluster: Cluster): void {
  cluster.faults.enable('blob.list', { do: 'delay', ms: 0 }, { match: { key: '/nowhere' } });
}
