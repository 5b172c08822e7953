/**
 * A directory of the computer as a store. Objects are files, keys are their absolute paths. A put
 * writes under a hidden name in the same directory, syncs, and renames; so an object is there as a
 * whole or not at all, and survives a power cut once `put` has returned.
 */
import { SimError } from '../base/errors.ts';
import type { ByteRange, ByteReader, ByteWriter, FileStat, Files } from '../base/files.ts';
import { STREAM_CHUNK_BYTES } from '../base/files.ts';
import { all, attempt, type Op, succeed } from '../base/op.ts';
import { baseName, checkKey, joinKey, parentKey } from './blob-key.ts';
import type {
  BlobKey,
  BlobStat,
  BlobStorage,
  BlobTraits,
  ByteSource,
  NamedSource,
} from './blob-storage.ts';
import { checkLength, copyInto } from './byte-source.ts';
import { boundedReader } from './reader-check.ts';

const TRAITS: BlobTraits = Object.freeze({
  hasAtomicRename: true,
  hasAtomicPut: true,
  hasDirectories: true,
  renameRefusesExisting: false,
  readsMayLag: false,
  connectionsMax: 64,
});

/** Names that a put uses while it writes; never listed, never the name of an object. */
const HIDDEN_PREFIX = '.starrocks-emulator-put-';

/** Hidden names tried in one directory; so many are taken only if as many puts died there. */
const HIDDEN_NAMES_MAX = 10_000;

/** A store over the disk. All keys of the disk are open to it: the registry narrows to a root. */
export function createLocalBlob(files: Files): BlobStorage {
  const hidden = { next: 0 };
  return Object.freeze({
    traits: TRAITS,
    put: (key: BlobKey, source: ByteSource) => asBlob(key, put(files, hidden, key, source)),
    putAll: (directory: BlobKey, objects: readonly NamedSource[]) =>
      asBlob(directory, putAll(files, hidden, directory, objects)),
    get: (key: BlobKey, range?: ByteRange) => asBlob(key, get(files, key, range)),
    stat: (key: BlobKey) => asBlob(key, stat(files, key)),
    list: (directory: BlobKey) => asBlob(directory, list(files, directory)),
    rename: (from: BlobKey, to: BlobKey) => asBlob(from, rename(files, from, to)),
    delete: (key: BlobKey) => asBlob(key, remove(files, key)),
    close: () => succeed(undefined),
  });
}

function* put(files: Files, hidden: { next: number }, key: BlobKey, source: ByteSource): Op<void> {
  checkName(key);
  checkBytes(key, source);
  const directory = parentKey(key);
  const { path, writer } = yield* createHidden(files, hidden, directory);
  const written = yield* attempt(fill(files, writer, source, key));
  const placed = written.ok ? yield* attempt(place(files, path, key)) : written;
  if (!placed.ok) {
    if (placed.error instanceof SimError) yield* files.remove(path);
    throw placed.error;
  }
}

interface Written {
  readonly key: BlobKey;
  readonly path: string;
  readonly writer: ByteWriter;
}

/**
 * The files become durable side by side, and their names together: most of what a small file costs
 * is to wait for the disk.
 */
function* putAll(
  files: Files,
  hidden: { next: number },
  directory: BlobKey,
  objects: readonly NamedSource[],
): Op<void> {
  const written: Written[] = [];
  let placedCount = 0;
  const outcome = yield* attempt(
    (function* (): Op<void> {
      for (const { name, source } of objects) {
        const key = joinKey(directory, name);
        checkName(key);
        checkBytes(key, source);
        const made = { key, ...(yield* createHidden(files, hidden, directory)) };
        written.push(made);
        yield* copyInto(made.writer, source, key);
      }
      const syncs = written.map(
        ({ writer }) =>
          () =>
            writer.sync(),
      );
      yield* all(syncs, Math.max(1, syncs.length));
      for (const { writer } of written) yield* writer.close();
      for (const { path, key } of written) {
        yield* takeName(files, path, key);
        placedCount += 1;
      }
    })(),
  );
  if (!outcome.ok && !(outcome.error instanceof SimError)) throw outcome.error;
  for (const { path, writer } of written.slice(placedCount)) {
    yield* writer.close();
    yield* files.remove(path);
  }
  if (placedCount > 0) yield* files.syncDirectory(directory);
  if (!outcome.ok) throw outcome.error;
}

function checkBytes(key: BlobKey, source: ByteSource): void {
  if (source.hollow === undefined) return;
  throw new SimError('blob-error', `${key}: hollow content can only be kept in memory`);
}

function* fill(files: Files, writer: ByteWriter, source: ByteSource, key: BlobKey): Op<void> {
  try {
    const isCopied = yield* copyAsFile(files, writer, source, key);
    if (!isCopied) yield* copyInto(writer, source, key);
    yield* writer.sync();
  } finally {
    yield* writer.close();
  }
}

/** Lets the operating system copy a large file; false where the bytes have to be moved here. */
function* copyAsFile(
  files: Files,
  writer: ByteWriter,
  { file, sizeBytes }: ByteSource,
  key: BlobKey,
): Op<boolean> {
  if (file === undefined || writer.copyFrom === undefined) return false;
  if (sizeBytes <= STREAM_CHUNK_BYTES) return false;
  // The source may be of another disk, one in memory, that has the same path.
  const there = yield* files.stat(file.path);
  if (there?.inode !== file.inode) return false;
  checkLength(yield* writer.copyFrom(file.path), sizeBytes, key);
  return true;
}

function* place(files: Files, path: string, key: BlobKey): Op<void> {
  yield* takeName(files, path, key);
  yield* files.syncDirectory(parentKey(key));
}

function* takeName(files: Files, path: string, key: BlobKey): Op<void> {
  const there = yield* files.stat(key);
  if (there !== undefined && !there.isFile) {
    throw new SimError('blob-error', `${key} is a directory, an object cannot take its name`);
  }
  yield* files.rename(path, key);
}

function* createHidden(
  files: Files,
  hidden: { next: number },
  directory: BlobKey,
): Op<{ readonly path: string; readonly writer: ByteWriter }> {
  for (let tries = 0; tries < HIDDEN_NAMES_MAX; tries += 1) {
    const path = joinKey(directory, `${HIDDEN_PREFIX}${hidden.next++}`);
    const made = yield* attempt(files.create(path));
    if (made.ok) return { path, writer: made.value };
    if (!(made.error instanceof SimError)) throw made.error;
    if (made.error.code === 'file-exists') continue;
    if (made.error.code !== 'file-not-found') throw made.error;
    yield* makeDirectories(files, directory);
  }
  throw new SimError('blob-error', `no free name for writing into ${directory}`, {
    hint: `Remove the files ${HIDDEN_PREFIX}* there: writes that were killed left them behind.`,
  });
}

/** Creates what is missing of a directory's path and makes each new name durable. */
function* makeDirectories(files: Files, directory: BlobKey): Op<void> {
  const missing: BlobKey[] = [];
  for (let at = directory; at !== '/'; at = parentKey(at)) {
    const there = yield* files.stat(at);
    if (there?.isFile) throw new SimError('blob-error', `${at} is an object, not a directory`);
    if (there !== undefined) break;
    missing.push(at);
  }
  yield* files.makeDirectory(directory);
  for (const made of missing.reverse()) yield* files.syncDirectory(parentKey(made));
}

function* get(files: Files, key: BlobKey, range?: ByteRange): Op<ByteReader> {
  const { sizeBytes } = yield* fileStat(files, key);
  return yield* boundedReader(key, sizeBytes, range, (clamped) => files.openRead(key, clamped));
}

function* stat(files: Files, key: BlobKey): Op<BlobStat | undefined> {
  checkKey(key);
  const found = yield* attempt(files.stat(key));
  if (found.ok) return found.value === undefined ? undefined : blobStat(baseName(key), found.value);
  if (yield* hasFileAbove(files, key, found.error)) return undefined;
  throw found.error;
}

function* list(files: Files, directory: BlobKey): Op<readonly BlobStat[]> {
  checkKey(directory);
  const there = yield* stat(files, directory);
  if (there === undefined || there.isFile) return [];
  const listed = yield* attempt(files.list(directory));
  if (!listed.ok) {
    if (listed.error instanceof SimError && listed.error.code === 'file-not-found') return [];
    throw listed.error;
  }
  const stats: BlobStat[] = [];
  for (const entry of listed.value) {
    if (entry.name.startsWith(HIDDEN_PREFIX)) continue;
    if (!entry.isFile) {
      stats.push({ name: entry.name, isFile: false, sizeBytes: -1 });
      continue;
    }
    const found = yield* files.stat(joinKey(directory, entry.name));
    if (found !== undefined) stats.push(blobStat(entry.name, found));
  }
  return stats;
}

function* rename(files: Files, from: BlobKey, to: BlobKey): Op<void> {
  checkKey(from);
  checkName(to);
  yield* fileStat(files, from);
  const directory = parentKey(to);
  if ((yield* files.stat(directory)) === undefined) yield* makeDirectories(files, directory);
  yield* place(files, from, to);
  if (parentKey(from) !== directory) yield* files.syncDirectory(parentKey(from));
}

function* remove(files: Files, key: BlobKey): Op<void> {
  checkKey(key);
  if ((yield* stat(files, key)) === undefined) return;
  yield* files.remove(key);
  yield* files.syncDirectory(parentKey(key));
}

function* fileStat(files: Files, key: BlobKey): Op<FileStat> {
  checkKey(key);
  const found = yield* attempt(files.stat(key));
  if (found.ok && found.value?.isFile) return found.value;
  if (!found.ok && !(yield* hasFileAbove(files, key, found.error))) throw found.error;
  throw new SimError('blob-not-found', `no object ${key}`);
}

/**
 * Whether a look-up failed only because a file stands where the key has a directory: then there
 * is nothing under the key, which is an answer and not a failure.
 */
function* hasFileAbove(files: Files, key: BlobKey, error: unknown): Op<boolean> {
  if (!(error instanceof SimError) || error.code !== 'file-error') return false;
  for (let at = parentKey(key); at !== '/'; at = parentKey(at)) {
    const found = yield* attempt(files.stat(at));
    if (found.ok && found.value !== undefined) return found.value.isFile;
  }
  return false;
}

function blobStat(name: string, { isFile, sizeBytes }: FileStat): BlobStat {
  return { name, isFile, sizeBytes: isFile ? sizeBytes : -1 };
}

function checkName(key: BlobKey): void {
  checkKey(key);
  if (baseName(key).startsWith(HIDDEN_PREFIX)) {
    throw new SimError('blob-error', `${key}: names that begin with ${HIDDEN_PREFIX} are reserved`);
  }
}

/** Errors of the disk as errors of a store. Bugs and injected faults stay what they are. */
function* asBlob<T>(key: BlobKey, op: Op<T>): Op<T> {
  try {
    return yield* op;
  } catch (error) {
    throw blobError(key, error);
  }
}

function blobError(key: BlobKey, error: unknown): unknown {
  if (!(error instanceof SimError)) return error;
  const text = error.message.includes(key) ? error.message : `${key}: ${error.message}`;
  switch (error.code) {
    case 'file-not-found':
      return new SimError('blob-not-found', text, { cause: error });
    case 'file-not-permitted':
      return new SimError('blob-not-permitted', text, { cause: error });
    case 'file-exists':
    case 'file-error':
    case 'disk-full':
      return new SimError('blob-error', text, { cause: error });
    default:
      return error;
  }
}
