/**
 * A disk that keeps nothing of what is written to chosen files but how long they are: the logs and
 * metadata of a simulation that nobody will read again. The rest goes to the disk underneath.
 */
import type { ByteWriter, Files } from '../../base/files.ts';
import { type Op, succeed } from '../../base/op.ts';

/** Of a file whose bytes nobody has. */
const NO_MD5 = '0'.repeat(32);

export function forgetfulFiles(files: Files, isForgotten: (path: string) => boolean): Files {
  return Object.freeze({
    instant: () => files.instant?.(),
    stat: (path) => files.stat(path),
    list: (directory) => files.list(directory),
    makeDirectory: (path) => files.makeDirectory(path),
    read: (path, range) => files.read(path, range),
    openRead: (path, range) => files.openRead(path, range),
    create: (path) => (isForgotten(path) ? createForgotten(files, path) : files.create(path)),
    openAppend: (path) =>
      isForgotten(path) ? appendForgotten(files, path) : files.openAppend(path),
    truncate: (path, sizeBytes) => files.truncate(path, sizeBytes),
    clone: (from, to) => files.clone(from, to),
    rename: (from, to) => files.rename(from, to),
    remove: (path) => files.remove(path),
    syncDirectory: (directory) => files.syncDirectory(directory),
    md5: (path) => files.md5(path),
    createFilled: (path, sizeBytes, seed) => files.createFilled(path, sizeBytes, seed),
    createHollow: (path, sizeBytes, md5) => files.createHollow(path, sizeBytes, md5),
    lock: (path) => files.lock(path),
    unsafeOverwrite: (path, offset, bytes) => files.unsafeOverwrite(path, offset, bytes),
  } satisfies Files);
}

/** Becomes a hollow file of its length when it is closed. */
function* createForgotten(files: Files, path: string): Op<ByteWriter> {
  const inner = yield* files.create(path);
  let sizeBytes = 0;
  return {
    write: (bytes) => {
      sizeBytes += bytes.length;
      return succeed(undefined);
    },
    sync: () => inner.sync(),
    *close(): Op<void> {
      yield* inner.close();
      yield* files.remove(path);
      yield* files.createHollow(path, sizeBytes, NO_MD5);
    },
  };
}

/** Stays empty. */
function* appendForgotten(files: Files, path: string): Op<ByteWriter> {
  const inner = yield* files.openAppend(path);
  return { ...inner, write: () => succeed(undefined) };
}
