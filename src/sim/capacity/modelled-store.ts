/**
 * A store that takes its time: one machine's way into a store in memory, with the requests, times
 * and failures of a model. What is done at once is settled afterwards, with one wait for all of it.
 */
import { type Clock, sleep } from '../../base/clock.ts';
import type { ByteRange, ByteReader } from '../../base/files.ts';
import type { Op } from '../../base/op.ts';
import type {
  BlobKey,
  BlobStat,
  BlobStorage,
  ByteSource,
  InstantBlob,
  InstantContent,
  InstantObject,
} from '../../blob/blob-storage.ts';
import type { Account } from './store-time.ts';

/**
 * `storage` never waits. Files are put under their final names: the account adds what a model's way
 * of uploading costs more.
 */
export function modelledStore(storage: BlobStorage, account: Account, clock: Clock): BlobStorage {
  const inner = storage.instant?.();
  const instant = inner && instantOf(inner, account);
  const settled = function* (): Op<void> {
    const { lastsMs, error } = account.settle();
    if (lastsMs > 0) yield* sleep(clock, lastsMs);
    if (error !== undefined) throw error;
  };
  return Object.freeze({
    traits: Object.freeze({ ...storage.traits, hasAtomicPut: true }),
    instant: (): InstantBlob | undefined => instant,
    *put(key: BlobKey, source: ByteSource): Op<void> {
      account.upload(source.sizeBytes);
      yield* settled();
      yield* storage.put(key, source);
    },
    *get(key: BlobKey, range?: ByteRange): Op<ByteReader> {
      account.request('get', (yield* storage.stat(key))?.sizeBytes ?? 0);
      yield* settled();
      return yield* storage.get(key, range);
    },
    *stat(key: BlobKey): Op<BlobStat | undefined> {
      account.request('stat');
      yield* settled();
      return yield* storage.stat(key);
    },
    *list(directory: BlobKey): Op<readonly BlobStat[]> {
      account.request('list');
      yield* settled();
      return yield* storage.list(directory);
    },
    *rename(from: BlobKey, to: BlobKey): Op<void> {
      account.request('rename');
      yield* settled();
      yield* storage.rename(from, to);
    },
    *delete(key: BlobKey): Op<void> {
      account.request('delete');
      yield* settled();
      yield* storage.delete(key);
    },
    close: () => storage.close(),
  });
}

function instantOf(inner: InstantBlob, account: Account): InstantBlob {
  return {
    list(directory: BlobKey): readonly BlobStat[] {
      account.request('list');
      return inner.list(directory);
    },
    put(directory: BlobKey, name: string, content: InstantContent): void {
      account.upload('sizeBytes' in content ? content.sizeBytes : content.length);
      if (!account.isFailed) inner.put(directory, name, content);
    },
    fill(directory: BlobKey, objects: readonly InstantObject[]): boolean {
      if (inner.list(directory).length > 0) return false;
      account.request('list');
      const stored = objects.filter(({ content }) => {
        account.upload('sizeBytes' in content ? content.sizeBytes : content.length);
        return !account.isFailed;
      });
      return inner.fill(directory, stored);
    },
    settle: () => account.settle(),
  };
}
