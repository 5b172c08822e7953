/**
 * Sources of bytes for `put`, and the small helpers that move bytes from a reader to where they
 * are wanted. Nothing here holds a whole file, except where the name says bytes or text.
 */
import { SimError } from '../base/errors.ts';
import type { ByteRange, ByteReader, ByteWriter, Files } from '../base/files.ts';
import { STREAM_CHUNK_BYTES } from '../base/files.ts';
import { type Op, succeed } from '../base/op.ts';
import { KIB } from '../base/units.ts';
import type { BlobKey, BlobStorage, ByteSource, HollowContent } from './blob-storage.ts';

/** A reader over bytes that are in memory, in chunks of at most `STREAM_CHUNK_BYTES`. */
export function bytesReader(bytes: Uint8Array): ByteReader {
  let at = 0;
  return {
    *read(): Op<Uint8Array | undefined> {
      if (at >= bytes.length) return undefined;
      const chunk = bytes.subarray(at, at + STREAM_CHUNK_BYTES);
      at += chunk.length;
      return chunk;
    },
    close: () => succeed(undefined),
  };
}

/** The caller must not change the bytes while they are a source. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    sizeBytes: bytes.length,
    *open(range?: ByteRange): Op<ByteReader> {
      return bytesReader(range === undefined ? bytes : bytes.subarray(range.start, range.end));
    },
  };
}

export function textSource(text: string): ByteSource {
  return bytesSource(new TextEncoder().encode(text));
}

/**
 * A file as it is now; changing it while it is a source makes `put` fail or mix contents. A hollow
 * file gives a hollow source.
 */
export function* fileSource(files: Files, path: string): Op<ByteSource> {
  const stat = yield* files.stat(path);
  if (stat === undefined || !stat.isFile) {
    throw new SimError('file-not-found', `${path} is not a file that can be read`);
  }
  const { sizeBytes, inode } = stat;
  if (stat.isHollow) return hollowSource({ sizeBytes, md5: yield* files.md5(path) });
  if (sizeBytes <= READ_AT_ONCE_BYTES_MAX) {
    const bytes = yield* files.read(path);
    return { ...bytesSource(bytes), bytes };
  }
  return { sizeBytes, file: { path, inode }, open: (range) => files.openRead(path, range) };
}

/** Smaller files are read in one step: opening them would cost more than their bytes. */
const READ_AT_ONCE_BYTES_MAX = 16 * KIB;

/** A source that stands for bytes which nobody made: simulations move its size and digest only. */
export function hollowSource(hollow: HollowContent): ByteSource {
  return {
    sizeBytes: hollow.sizeBytes,
    hollow,
    *open(): Op<ByteReader> {
      throw new SimError('blob-error', 'a hollow source has a size and a digest, but no bytes');
    },
  };
}

/** Gives every chunk to `take`, and closes the reader, also after an error. */
export function* drain(reader: ByteReader, take: (chunk: Uint8Array) => Op<void>): Op<void> {
  try {
    for (let chunk = yield* reader.read(); chunk !== undefined; chunk = yield* reader.read()) {
      yield* take(chunk);
    }
  } finally {
    yield* reader.close();
  }
}

/** Writes all bytes of a source, and fails unless they are as many as it promised. */
export function* copyInto(writer: ByteWriter, source: ByteSource, key: BlobKey): Op<void> {
  let copied = 0;
  yield* drain(yield* source.open(), function* (chunk) {
    copied += chunk.length;
    yield* writer.write(chunk);
  });
  checkLength(copied, source.sizeBytes, key);
}

/** For drivers: what a source gave against what it promised. */
export function checkLength(copied: number, promised: number, key: BlobKey): void {
  if (copied === promised) return;
  throw new SimError(
    'blob-error',
    `writing ${key}: the source gave ${copied} bytes where ${promised} were promised`,
  );
}

/** The whole object; refused with `limit-reached` when it is larger than `sizeBytesMax`. */
export function* readObject(
  storage: BlobStorage,
  key: BlobKey,
  sizeBytesMax: number,
): Op<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  yield* drain(yield* storage.get(key), function* (chunk) {
    size += chunk.length;
    if (size > sizeBytesMax) {
      throw new SimError('limit-reached', `${key} is larger than ${sizeBytesMax} bytes`);
    }
    chunks.push(chunk.slice());
  });
  return Buffer.concat(chunks);
}
