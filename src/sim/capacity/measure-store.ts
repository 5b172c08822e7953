/**
 * Measures a real store through its driver: files of a few sizes put by one worker and by several
 * at a time, each hashed first as backends do it, and lists. What is written is removed again.
 */
import type { Files } from '../../base/files.ts';
import { all, type Op } from '../../base/op.ts';
import { KIB, MIB } from '../../base/units.ts';
import { joinKey } from '../../blob/blob-key.ts';
import type { BlobKey, BlobStorage } from '../../blob/blob-storage.ts';
import { fileSource } from '../../blob/byte-source.ts';
import { partName } from '../../blob/checksum-name.ts';
import type { UploadWay } from './store-model.ts';

export interface MeasureOptions {
  readonly storage: BlobStorage;
  /** A directory of the store that is not there yet; removed in the end. */
  readonly directory: BlobKey;
  readonly files: Files;
  /** A directory of this computer that is not there yet; removed in the end. */
  readonly scratch: string;
  /** Milliseconds, with fractions. */
  readonly stopwatch: () => number;
  readonly sizes?: readonly number[];
  readonly concurrencies?: readonly number[];
  /** Puts of each size and concurrency. */
  readonly puts?: number;
  readonly onBatch?: (batch: Batch) => void;
}

/** Puts of one size by so many workers. */
export interface Batch {
  readonly bytes: number;
  readonly concurrency: number;
  readonly elapsedMs: number;
  /** How long each file took, its MD5 included, without its rename. */
  readonly eachMs: readonly number[];
  /** How long each rename took, where a file needs one to get its final name. */
  readonly renameMs: readonly number[];
}

export interface Measured {
  readonly upload: UploadWay;
  readonly batches: readonly Batch[];
  readonly listMs: readonly number[];
}

export const MEASURED_SIZES: readonly number[] = [4 * KIB, MIB, 8 * MIB];
export const MEASURED_CONCURRENCIES: readonly number[] = [1, 4, 16];
export const MEASURED_PUTS = 48;
const LISTS = 24;

export function* measureStore(options: MeasureOptions): Op<Measured> {
  const { storage, directory, files, scratch } = options;
  try {
    yield* files.makeDirectory(scratch);
    return yield* measure(options);
  } finally {
    yield* files.remove(scratch);
    yield* storage.delete(directory);
  }
}

function* measure(options: MeasureOptions): Op<Measured> {
  const { files, scratch, stopwatch, storage, directory } = options;
  const sizes = options.sizes ?? MEASURED_SIZES;
  const sources = new Map<number, string>();
  for (const [index, bytes] of sizes.entries()) {
    const path = `${scratch}/${index}`;
    yield* files.createFilled(path, bytes, index + 1);
    sources.set(bytes, path);
  }
  const batches: Batch[] = [];
  for (const concurrency of options.concurrencies ?? MEASURED_CONCURRENCIES) {
    for (const [bytes, path] of sources) {
      const batch = yield* uploadMany(options, path, bytes, concurrency);
      batches.push(batch);
      options.onBatch?.(batch);
    }
  }
  const listMs: number[] = [];
  for (let listed = 0; listed < LISTS; listed += 1) {
    const beganMs = stopwatch();
    yield* storage.list(joinKey(directory, `nothing-${listed}`));
    listMs.push(stopwatch() - beganMs);
  }
  return { upload: uploadWay(storage), batches, listMs };
}

function uploadWay({ traits }: BlobStorage): UploadWay {
  if (traits.hasAtomicPut) return 'put';
  return traits.hasAtomicRename ? 'put-rename' : 'put-copy-delete';
}

/** Each file into a directory of its own, as tablets are; the first warms up and does not count. */
function* uploadMany(
  { storage, directory, files, stopwatch, puts = MEASURED_PUTS }: MeasureOptions,
  path: string,
  bytes: number,
  concurrency: number,
): Op<Batch> {
  const root = joinKey(directory, `${bytes}-${concurrency}`);
  const needsRename = !storage.traits.hasAtomicPut;
  const upload = function* (index: number): Op<{ putMs: number; renameMs: number }> {
    const beganMs = stopwatch();
    const key = joinKey(joinKey(root, `tablet-${index}`), 'file');
    yield* files.md5(path);
    const source = yield* fileSource(files, path);
    yield* storage.put(needsRename ? partName(key) : key, source);
    const putMs = stopwatch() - beganMs;
    if (needsRename) yield* storage.rename(partName(key), key);
    return { putMs, renameMs: stopwatch() - beganMs - putMs };
  };
  yield* upload(puts);
  const beganMs = stopwatch();
  const jobs = Array.from({ length: puts }, (_, index) => () => upload(index));
  const done = yield* all(jobs, concurrency);
  return {
    bytes,
    concurrency,
    elapsedMs: stopwatch() - beganMs,
    eachMs: done.map(({ putMs }) => putMs),
    renameMs: needsRename ? done.map(({ renameMs }) => renameMs) : [],
  };
}
