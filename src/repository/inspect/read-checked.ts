/** Reads objects whose names carry a checksum, and tells whether their bytes are those of the name. */
import { createHash } from 'node:crypto';
import type { Op } from '../../base/op.ts';
import type { BlobKey, BlobStorage } from '../../blob/blob-storage.ts';
import { drain, readObject } from '../../blob/byte-source.ts';

/** 32 lower-case hex digits: upper case never verifies (repository.md 4.3). */
export function isMd5(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text);
}

/** The bytes, and their own checksum; refused with `limit-reached` when they are too many. */
export function* readWithMd5(
  storage: BlobStorage,
  key: BlobKey,
  sizeBytesMax: number,
): Op<{ readonly bytes: Uint8Array; readonly md5: string }> {
  const bytes = yield* readObject(storage, key, sizeBytesMax);
  return { bytes, md5: createHash('md5').update(bytes).digest('hex') };
}

/** Streams an object; `onBytes` hears of each chunk. */
export function* md5Of(
  storage: BlobStorage,
  key: BlobKey,
  onBytes: (count: number) => void,
): Op<string> {
  const hash = createHash('md5');
  yield* drain(yield* storage.get(key), function* (chunk) {
    hash.update(chunk);
    onBytes(chunk.length);
  });
  return hash.digest('hex');
}
