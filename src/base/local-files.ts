/**
 * The computer's disk, by `node:fs`.
 *
 * Tiny calls are synchronous on purpose: a `stat`, `link` or small write takes microseconds where
 * the thread pool behind the asynchronous form takes ten times that. So is a sync that is alone:
 * 0.16 ms instead of 0.4 ms for a log record; several at a time go side by side. Whatever grows
 * with the data (large reads and writes, hashing, removal of trees, syncs of much data or of a slow
 * disk) goes through the thread pool or a worker and never holds up the main thread.
 */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { SimError } from './errors.ts';
import { asFileError, errnoOf } from './file-error.ts';
import {
  type ByteRange,
  type ByteReader,
  type ByteWriter,
  type DirectoryEntry,
  type FileLock,
  type FileStat,
  type Files,
  READ_BYTES_MAX,
  STREAM_CHUNK_BYTES,
} from './files.ts';
import { readAt, syncFile, syncNames, writeAll } from './local-descriptor.ts';
import { takeLock } from './local-lock.ts';
import { md5InPool } from './md5-pool.ts';
import { type Op, wait } from './op.ts';
import { seededBytes } from './seeded-bytes.ts';
import { MIB } from './units.ts';

/** Files up to this are hashed on the main thread (1.5 ms); larger ones by a worker. */
export const MD5_MAIN_THREAD_BYTES_MAX: number = MIB;

/** Freeing the blocks of a large file takes a while, so it is left to the thread pool. */
const REMOVE_NOW_BYTES_MAX: number = 16 * MIB;

/** Files of the operating system; see `files.ts` for what is promised. */
export function createLocalFiles(): Files {
  return Object.freeze({
    *stat(path: string): Op<FileStat | undefined> {
      return statOf(path);
    },
    list,
    *makeDirectory(path: string): Op<void> {
      guard('create directory', path, () => fs.mkdirSync(path, { recursive: true }));
    },
    read,
    openRead,
    *create(path: string): Op<ByteWriter> {
      return openWriter(path, 'wx');
    },
    *openAppend(path: string): Op<ByteWriter> {
      return openWriter(path, 'a');
    },
    truncate,
    *clone(from: string, to: string): Op<void> {
      guard('clone', `${from} to ${to}`, () => fs.linkSync(from, to));
    },
    *rename(from: string, to: string): Op<void> {
      guard('rename', `${from} to ${to}`, () => fs.renameSync(from, to));
    },
    remove,
    syncDirectory: (directory: string): Op<void> =>
      guardOp('sync directory', directory, syncNames(directory)),
    md5,
    createFilled,
    *createHollow(path: string): Op<void> {
      throw new SimError('unsupported', `${path} cannot be hollow: this disk keeps bytes`, {
        hint: 'Fetch it from a store that has its bytes.',
      });
    },
    *lock(path: string): Op<FileLock> {
      const free = takeLock(path);
      return {
        *release(): Op<void> {
          guard('unlock', path, free);
        },
      };
    },
    unsafeOverwrite,
  });
}

function guard<T>(action: string, path: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw asFileError(error, action, path);
  }
}

function* guardOp<T>(action: string, path: string, op: Op<T>): Op<T> {
  try {
    return yield* op;
  } catch (error) {
    throw asFileError(error, action, path);
  }
}

function statOf(path: string): FileStat | undefined {
  try {
    const stat = fs.statSync(path);
    const isFile = !stat.isDirectory();
    return {
      isFile,
      sizeBytes: isFile ? stat.size : 0,
      inode: stat.ino,
      changedMs: stat.mtimeMs,
    };
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT' || errno === 'ENOTDIR') return undefined;
    throw asFileError(error, 'stat', path);
  }
}

function* list(directory: string): Op<readonly DirectoryEntry[]> {
  const reading = fs.promises.readdir(directory, { withFileTypes: true });
  const entries = yield* guardOp('list', directory, wait(reading));
  return entries
    .map((entry) => ({ name: entry.name, isFile: !entry.isDirectory() }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Where a range lies in a file of this size; past the end there is nothing. */
function boundsOf(range: ByteRange | undefined, sizeBytes: number): { start: number; end: number } {
  const start = Math.min(range?.start ?? 0, sizeBytes);
  return { start, end: Math.max(start, Math.min(range?.end ?? sizeBytes, sizeBytes)) };
}

function* read(path: string, range?: ByteRange): Op<Uint8Array> {
  const descriptor = guard('read', path, () => fs.openSync(path, 'r'));
  try {
    const { start, end } = boundsOf(range, sizeOf(descriptor, path));
    if (end - start > READ_BYTES_MAX) {
      throw new SimError('limit-reached', `${path}: more than ${READ_BYTES_MAX} bytes at once`);
    }
    const bytes = Buffer.allocUnsafe(end - start);
    let filled = 0;
    while (filled < bytes.length) {
      const part = bytes.subarray(filled, filled + READ_PART_BYTES_MAX);
      const count = yield* guardOp('read', path, readAt(descriptor, part, start + filled));
      if (count === 0) break;
      filled += count;
    }
    return bytes.subarray(0, filled);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** One request to the thread pool at a time reads this much, so that others get their turn. */
const READ_PART_BYTES_MAX: number = 8 * MIB;

function sizeOf(descriptor: number, path: string): number {
  return guard('read', path, () => {
    const stat = fs.fstatSync(descriptor);
    if (stat.isDirectory()) throw Object.assign(new Error('is a directory'), { code: 'EISDIR' });
    return stat.size;
  });
}

function* openRead(path: string, range?: ByteRange): Op<ByteReader> {
  const descriptor = guard('read', path, () => fs.openSync(path, 'r'));
  let bounds: { start: number; end: number };
  try {
    bounds = boundsOf(range, sizeOf(descriptor, path));
  } catch (error) {
    fs.closeSync(descriptor);
    throw error;
  }
  let position = bounds.start;
  let isOpen = true;
  return {
    *read(): Op<Uint8Array | undefined> {
      if (!isOpen) throw new SimError('bug', `read of ${path} after close`);
      const rest = bounds.end - position;
      if (rest <= 0) return undefined;
      const chunk = Buffer.allocUnsafe(Math.min(rest, STREAM_CHUNK_BYTES));
      const count = yield* guardOp('read', path, readAt(descriptor, chunk, position));
      position += count;
      return count === 0 ? undefined : chunk.subarray(0, count);
    },
    *close(): Op<void> {
      if (!isOpen) return;
      isOpen = false;
      guard('close', path, () => fs.closeSync(descriptor));
    },
  };
}

function openWriter(path: string, flags: 'wx' | 'a'): ByteWriter {
  const action = flags === 'a' ? 'append to' : 'create';
  const descriptor = guard(action, path, () => fs.openSync(path, flags));
  let unsyncedBytes = 0;
  let isOpen = true;
  const assertOpen = (): void => {
    if (!isOpen) throw new SimError('bug', `write to ${path} after close`);
  };
  return {
    *write(bytes: Uint8Array): Op<void> {
      assertOpen();
      unsyncedBytes += bytes.length;
      yield* guardOp('write to', path, writeAll(descriptor, bytes));
    },
    ...(flags === 'wx' && {
      *copyFrom(from: string): Op<number> {
        assertOpen();
        const copying = fs.promises.copyFile(from, path);
        yield* guardOp('copy', `${from} to ${path}`, wait(copying));
        const sizeBytes = sizeOf(descriptor, path);
        unsyncedBytes += sizeBytes;
        return sizeBytes;
      },
    }),
    *sync(): Op<void> {
      assertOpen();
      yield* guardOp('sync', path, syncFile(descriptor, unsyncedBytes));
      unsyncedBytes = 0;
    },
    *close(): Op<void> {
      if (!isOpen) return;
      isOpen = false;
      guard('close', path, () => fs.closeSync(descriptor));
    },
  };
}

function* truncate(path: string, sizeBytes: number): Op<void> {
  guard('truncate', path, () => {
    const descriptor = fs.openSync(path, 'r+');
    try {
      fs.ftruncateSync(descriptor, sizeBytes);
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
  });
}

function* remove(path: string): Op<void> {
  const stat = guard('remove', path, () => fs.lstatSync(path, { throwIfNoEntry: false }));
  if (stat === undefined) return;
  if (!stat.isDirectory() && stat.size <= REMOVE_NOW_BYTES_MAX) {
    guard('remove', path, () => fs.unlinkSync(path));
    return;
  }
  yield* guardOp('remove', path, wait(fs.promises.rm(path, { recursive: true, force: true })));
}

function* md5(path: string): Op<string> {
  const sizeBytes = guard('read', path, () => fs.statSync(path).size);
  if (sizeBytes > MD5_MAIN_THREAD_BYTES_MAX) return yield* md5InPool(path);
  const content = guard('read', path, () => fs.readFileSync(path));
  return createHash('md5').update(content).digest('hex');
}

function* createFilled(path: string, sizeBytes: number, seed: number): Op<void> {
  const writer = openWriter(path, 'wx');
  try {
    for (let at = 0; at < sizeBytes; at += STREAM_CHUNK_BYTES) {
      const count = Math.min(STREAM_CHUNK_BYTES, sizeBytes - at);
      yield* writer.write(seededBytes(seed, at, count));
    }
    yield* writer.sync();
  } finally {
    yield* writer.close();
  }
}

function* unsafeOverwrite(path: string, offset: number, bytes: Uint8Array): Op<void> {
  const aside = `${path}.unsafe`;
  const copying = fs.promises.copyFile(path, aside, fs.constants.COPYFILE_EXCL);
  yield* guardOp('overwrite', path, wait(copying));
  try {
    guard('overwrite', path, () => {
      const descriptor = fs.openSync(aside, 'r+');
      try {
        let done = 0;
        while (done < bytes.length) {
          done += fs.writeSync(descriptor, bytes, done, bytes.length - done, offset + done);
        }
        fs.fsyncSync(descriptor);
      } finally {
        fs.closeSync(descriptor);
      }
      fs.renameSync(aside, path);
    });
  } catch (error) {
    yield* remove(aside);
    throw error;
  }
}
