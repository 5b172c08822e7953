/**
 * A reader that keeps the promise of `get`: it gives exactly the bytes of its range, or fails.
 * Relies on the size that the store named when the object was opened.
 */
import { SimError } from '../base/errors.ts';
import type { ByteRange, ByteReader } from '../base/files.ts';
import type { Op } from '../base/op.ts';
import type { BlobKey } from './blob-storage.ts';

/** Where a range lies in an object: an end past the object is its end, a start past it an error. */
export function clampRange(
  key: BlobKey,
  sizeBytes: number,
  range: ByteRange | undefined,
): Required<ByteRange> {
  const start = range?.start ?? 0;
  const end = Math.min(range?.end ?? sizeBytes, sizeBytes);
  if (start < 0 || start > sizeBytes) {
    throw new SimError('blob-error', `${key} has ${sizeBytes} bytes, none at offset ${start}`);
  }
  return { start, end: Math.max(start, end) };
}

export function* boundedReader(
  key: BlobKey,
  sizeBytes: number,
  range: ByteRange | undefined,
  open: (range: Required<ByteRange>) => Op<ByteReader>,
): Op<ByteReader> {
  const clamped = clampRange(key, sizeBytes, range);
  const reader = yield* open(clamped);
  let left = clamped.end - clamped.start;
  return {
    *read(): Op<Uint8Array | undefined> {
      const chunk = yield* reader.read();
      left -= chunk?.length ?? 0;
      if (left < 0 || (chunk === undefined && left > 0)) {
        throw new SimError('blob-error', `${key} changed while it was read`);
      }
      return chunk;
    },
    close: () => reader.close(),
  };
}
