/**
 * A store that takes its time: one machine's way into a store in memory, with the requests, times
 * and failures of a model. What is done at once is settled afterwards, with one wait for all of it.
 */
import { type Clock, sleep } from '../../base/clock.ts';
import type { ByteRange, ByteReader } from '../../base/files.ts';
import type { Op } from '../../base/op.ts';
import { joinKey } from '../../blob/blob-key.ts';
import type {
  BlobKey,
  BlobStat,
  BlobStorage,
  ByteSource,
  InstantBlob,
  InstantContent,
  InstantObject,
  Settlement,
} from '../../blob/blob-storage.ts';
import type { PlannedTablets } from './planned-tablets.ts';
import type { Account } from './store-time.ts';

/**
 * `storage` never waits. Files are put under their final names: the account adds what a model's way
 * of uploading costs more.
 */
export function modelledStore(
  storage: BlobStorage,
  account: Account,
  planned: PlannedTablets,
  clock: Clock,
): BlobStorage {
  const inner = storage.instant?.();
  const instant = inner && instantOf(inner, new TabletUploads(account, planned));
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

function instantOf(inner: InstantBlob, uploads: TabletUploads): InstantBlob {
  return {
    list(directory: BlobKey): readonly BlobStat[] {
      uploads.list();
      return uploads.isCut(directory) ? [] : inner.list(directory);
    },
    put(directory: BlobKey, name: string, content: InstantContent): void {
      if (uploads.begin(directory, sizeOf(content), true)) inner.put(directory, name, content);
    },
    fill(parent: BlobKey, name: string, objects: readonly InstantObject[]): boolean {
      const directory = joinKey(parent, name);
      const isCut = uploads.isCut(directory);
      if (!isCut && inner.list(directory).length > 0) return false;
      const [header] = objects;
      const isBegun =
        header === undefined || uploads.begin(directory, sizeOf(header.content), false);
      return isCut || inner.fill(parent, name, isBegun ? objects : []);
    },
    settle: () => uploads.settle(),
  };
}

function sizeOf(content: InstantContent): number {
  return 'sizeBytes' in content ? content.sizeBytes : content.length;
}

/** How far an upload came that has failed: what lies there is not sent again. */
interface Progress {
  readonly tablets: number;
  readonly files: number;
}

const NOTHING_DONE: Progress = Object.freeze({ tablets: 0, files: 0 });

/** A simulated tablet on its way, and the tablets and files of it that are still to go. */
interface Journey {
  readonly directory: BlobKey;
  readonly tablets: number;
  /** Of all files of one tablet. */
  readonly sizes: readonly number[];
  readonly done: Progress;
}

/**
 * The requests of tablets, which lie on the simulated disks as headers alone. What one stands for
 * goes to the store tablet by tablet, each when the one before it has ended.
 */
class TabletUploads {
  readonly #account: Account;
  readonly #planned: PlannedTablets;
  readonly #cut = new Map<BlobKey, Progress>();
  /** What has begun since the last `settle` and is not all under way. */
  #rest: Journey | undefined;

  constructor(account: Account, planned: PlannedTablets) {
    this.#account = account;
    this.#planned = planned;
  }

  isCut(directory: BlobKey): boolean {
    return this.#cut.has(directory);
  }

  list(): void {
    this.#account.request('list');
  }

  /** False when a request of the first tablet fails for good. */
  begin(directory: BlobKey, headerBytes: number, isListed: boolean): boolean {
    const { tablets, fileBytes } = this.#planned.loadOf(directory) ?? ONLY_HEADER;
    const done = this.#cut.get(directory) ?? NOTHING_DONE;
    this.#cut.delete(directory);
    if (!isListed) this.list();
    return this.#send({ directory, tablets, sizes: [...fileBytes, headerBytes], done });
  }

  settle(): Settlement {
    const rest = this.#rest;
    this.#rest = undefined;
    const settlement = this.#account.settle();
    return rest === undefined ? settlement : { ...settlement, next: () => this.#goOn(rest) };
  }

  #goOn(rest: Journey): Settlement {
    this.list();
    this.#send(rest);
    return this.settle();
  }

  /** The files of one tablet. */
  #send(journey: Journey): boolean {
    const { directory, sizes, tablets, done } = journey;
    for (let files = done.files; files < sizes.length; files += 1) {
      this.#account.upload(sizes[files] ?? 0);
      if (!this.#account.isFailed) continue;
      this.#cut.set(directory, { tablets: done.tablets, files });
      return false;
    }
    const next = { tablets: done.tablets + 1, files: 0 };
    if (next.tablets < tablets) this.#rest = { ...journey, done: next };
    return true;
  }
}

/** What is no tablet of the plan. */
const ONLY_HEADER = Object.freeze({ tablets: 1, fileBytes: Object.freeze([]) });
