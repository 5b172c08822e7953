/**
 * A directory of HDFS, through WebHDFS (repository.md 5). Directories are real, a rename is one
 * step and refuses what exists. A put writes under a hidden name in the same directory and renames,
 * so an object is there as a whole or not at all. Nothing is retried here.
 */
import { SimError } from '../base/errors.ts';
import type { ByteRange, ByteReader } from '../base/files.ts';
import { attempt, type Op } from '../base/op.ts';
import { type Random, uuid } from '../base/random.ts';
import { baseName, checkKey, joinKey, parentKey } from './blob-key.ts';
import type { BlobKey, BlobStat, BlobStorage, BlobTraits, ByteSource } from './blob-storage.ts';
import { bytesReader } from './byte-source.ts';
import { HDFS_CONNECTIONS_MAX, HdfsClient } from './hdfs-client.ts';
import { hdfsError, isExisting, isMissing } from './hdfs-errors.ts';
import { HdfsFailure } from './hdfs-failure.ts';
import type { FileStatus } from './hdfs-json.ts';
import type { HdfsPlace } from './hdfs-properties.ts';
import { boundedReader, clampRange } from './reader-check.ts';

const TRAITS: BlobTraits = Object.freeze({
  hasAtomicRename: true,
  // A put is, but clients of HDFS write `.part` and rename, and what they leave behind is seen.
  hasAtomicPut: false,
  hasDirectories: true,
  renameRefusesExisting: true,
  readsMayLag: false,
  connectionsMax: HDFS_CONNECTIONS_MAX,
  charactersRefused: ':',
});

/** Names that a put uses while it writes; never listed, never the name of an object. */
const HIDDEN_PREFIX = '.starrocks-emulator-put-';

/** Requests to remove a file that may not be there yet. */
const REMOVE_TRIES_MAX = 20;

/** Names that one listing may give; more is no repository directory. */
const LIST_NAMES_MAX = 10_000_000;

export class HdfsBlob implements BlobStorage {
  readonly traits: BlobTraits = TRAITS;
  readonly #place: HdfsPlace;
  readonly #random: Random;
  #client: HdfsClient;

  constructor(place: HdfsPlace, random: Random) {
    this.#place = place;
    this.#random = random;
    this.#client = new HdfsClient(place);
  }

  *put(key: BlobKey, source: ByteSource): Op<void> {
    checkName(key);
    if (source.hollow !== undefined) {
      throw new SimError('blob-error', `${key}: a hollow file can go to memory:// only`);
    }
    const hidden = joinKey(parentKey(key), `${HIDDEN_PREFIX}${uuid(this.#random)}`);
    try {
      yield* this.#client.create(hidden, source);
      yield* this.#client.rename(hidden, key, 'OVERWRITE');
    } catch (error) {
      // The first error is the one to tell; what cannot be removed stays hidden.
      yield* attempt(this.#removeHidden(hidden, error));
      throw this.#error('writing', key, error);
    }
  }

  *get(key: BlobKey, range?: ByteRange): Op<ByteReader> {
    checkKey(key);
    const { isFile, sizeBytes } = yield* this.#named('reading', key, this.#client.status(key));
    if (!isFile) throw new SimError('blob-not-found', `reading ${key} in HDFS: it is a directory`);
    const { start, end } = clampRange(key, sizeBytes, range);
    if (start === end) return bytesReader(new Uint8Array(0));
    return yield* boundedReader(key, sizeBytes, range, (clamped) => this.#open(key, clamped));
  }

  *stat(key: BlobKey): Op<BlobStat | undefined> {
    checkKey(key);
    const found = yield* attempt(this.#client.status(key));
    if (found.ok) return blobStat(baseName(key), found.value);
    if (isMissing(found.error)) return undefined;
    throw this.#error('looking at', key, found.error);
  }

  *list(directory: BlobKey): Op<readonly BlobStat[]> {
    checkKey(directory);
    const stats: BlobStat[] = [];
    for (let after = '', hasMore = true; hasMore; ) {
      const listed = yield* attempt(this.#client.list(directory, after));
      if (!listed.ok && isMissing(listed.error)) return [];
      if (!listed.ok) throw this.#error('listing', directory, listed.error);
      const { files } = listed.value;
      for (const file of files) {
        // A file that is listed shows itself, without a name.
        if (file.pathSuffix === '' || file.pathSuffix.startsWith(HIDDEN_PREFIX)) continue;
        stats.push(blobStat(file.pathSuffix, file));
      }
      if (stats.length > LIST_NAMES_MAX) {
        throw new SimError('limit-reached', `${directory} holds over ${LIST_NAMES_MAX} names`);
      }
      after = files.at(-1)?.pathSuffix ?? '';
      hasMore = listed.value.hasMore && after !== '';
    }
    return stats.sort(byName);
  }

  *rename(from: BlobKey, to: BlobKey): Op<void> {
    checkKey(from);
    checkName(to);
    const first = yield* attempt(this.#client.rename(from, to, 'NONE'));
    if (first.ok) return;
    if (!isMissing(first.error)) throw this.#renameError(from, to, first.error);
    // Missing may be the object, or the directory that it shall go to.
    yield* this.#named('renaming', from, this.#client.status(from));
    yield* this.#named('making', parentKey(to), this.#client.makeDirectory(parentKey(to)));
    const second = yield* attempt(this.#client.rename(from, to, 'NONE'));
    if (!second.ok) throw this.#renameError(from, to, second.error);
  }

  *delete(key: BlobKey): Op<void> {
    const removed = yield* attempt(this.#client.remove(checkKey(key)));
    if (removed.ok || isMissing(removed.error)) return;
    throw this.#error('deleting', key, removed.error);
  }

  *close(): Op<void> {
    this.#client.close();
    this.#client = new HdfsClient(this.#place);
  }

  /** A DataNode that has not answered may make the file a moment after it was broken off. */
  *#removeHidden(hidden: BlobKey, error: unknown): Op<void> {
    const hasAnswered = error instanceof HdfsFailure && error.facts.status !== undefined;
    const triesMax = hasAnswered ? 1 : REMOVE_TRIES_MAX;
    for (let tries = 0; tries < triesMax; tries += 1) {
      if (yield* this.#client.remove(hidden)) return;
    }
  }

  *#open(key: BlobKey, range: Required<ByteRange>): Op<ByteReader> {
    const reader = yield* this.#named('reading', key, this.#client.open(key, range));
    return {
      read: () => this.#named('reading', key, reader.read()),
      close: () => reader.close(),
    };
  }

  *#named<T>(operation: string, key: BlobKey, op: Op<T>): Op<T> {
    try {
      return yield* op;
    } catch (error) {
      throw this.#error(operation, key, error);
    }
  }

  #renameError(from: BlobKey, to: BlobKey, error: unknown): unknown {
    if (!isExisting(error)) return this.#error('renaming', from, error);
    const text = `renaming ${from} in HDFS: ${to} exists`;
    return new SimError('blob-error', text, { cause: error });
  }

  #error(operation: string, key: BlobKey, error: unknown): unknown {
    return hdfsError(error, { operation, key, userName: this.#place.userName });
  }
}

function checkName(key: BlobKey): void {
  checkKey(key);
  if (baseName(key).startsWith(HIDDEN_PREFIX)) {
    throw new SimError('blob-error', `${key}: names that begin with ${HIDDEN_PREFIX} are reserved`);
  }
}

function blobStat(name: string, { isFile, sizeBytes }: FileStatus): BlobStat {
  return { name, isFile, sizeBytes: isFile ? sizeBytes : -1 };
}

const byName = (a: BlobStat, b: BlobStat): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
