/**
 * A disk in memory that knows what is durable and what is not, and can be crashed at any moment.
 * Nothing here waits. What survives a crash is defined in `memory-tree.ts` (names) and
 * `memory-content.ts` (bytes); handles opened before a crash stay with the disk before it.
 */
import { SimError } from './errors.ts';
import { fileError } from './file-error.ts';
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
import type { InstantFiles } from './instant-files.ts';
import * as bytes from './memory-content.ts';
import { type CrashChoice, crashInPlace, crashTree } from './memory-crash.ts';
import { createInstantFiles } from './memory-instant.ts';
import { lengthWithoutSlash, notAbsolute, segmentsOf, splitPath } from './memory-path.ts';
import { assertReplaceable, collectTree, type Doomed, type Place } from './memory-place.ts';
import { MemoryTrail } from './memory-trail.ts';
import {
  applyChanges,
  commitDirectory,
  type EntryChange,
  type MemoryDirectory,
  type MemoryFile,
  type MemoryNode,
  newDirectory,
} from './memory-tree.ts';
import { type Op, suspend } from './op.ts';

export interface MemoryFilesOptions {
  /**
   * Called before each call that changes something, also what is durable. An error thrown here
   * is the outcome of the call, which then changes nothing. It may call `halt`.
   */
  readonly onMutation?: (operation: string, path: string) => void;
}

export class MemoryFiles implements Files {
  readonly #root: MemoryDirectory;
  readonly #options: MemoryFilesOptions;
  readonly #locked = new Set<string>();
  #count: number;
  #mutations = 0;
  #isHalted = false;
  readonly #trail = new MemoryTrail();
  readonly #instant: InstantFiles = createInstantFiles({
    placeIfAny: (path) => this.#placeIfAny(path),
    find: (path) => this.#find(path),
    takeNumbers: (count) => {
      this.#count += count;
      return this.#count - count + 1;
    },
    nextNumber: () => this.#count + 1,
  });

  constructor(options: MemoryFilesOptions = {}, root?: { tree: MemoryDirectory; count: number }) {
    this.#options = options;
    this.#root = root?.tree ?? newDirectory(1);
    this.#count = root?.count ?? 1;
  }

  /** Calls so far that changed something; crash points are numbered by it. */
  get mutationCount(): number {
    return this.#mutations;
  }

  /**
   * Ends the process that uses this disk: no call returns any more, also not the one under way,
   * so nothing of the process runs on, not even its `finally` blocks.
   */
  halt(): void {
    this.#isHalted = true;
  }

  /** The disk as a crash at this moment leaves it. This one stays as it is. */
  crash(choice: CrashChoice, options: MemoryFilesOptions = {}): MemoryFiles {
    return new MemoryFiles(options, { tree: crashTree(this.#root, choice), count: this.#count });
  }

  instant(): InstantFiles | undefined {
    const isWatched = this.#isHalted || this.#options.onMutation !== undefined;
    return isWatched ? undefined : this.#instant;
  }

  /**
   * What is below a directory becomes what a crash would leave of it: one machine of several is
   * gone. Handles opened before stay with what was.
   */
  crashBelow(path: string, choice: CrashChoice): void {
    crashInPlace(this.#directory('crash', path), choice);
    this.#trail.clear();
  }

  *stat(path: string): Op<FileStat | undefined> {
    if (this.#isHalted) yield* neverResumed();
    const node = this.#find(path);
    if (node === undefined) return undefined;
    const sizeBytes = node.isFile ? node.content.sizeBytes : 0;
    const changedMs = node.isFile ? node.content.changed : 0;
    const { isFile, inode } = node;
    const isHollow = node.isFile && node.content.hollow !== undefined;
    return { isFile, sizeBytes, inode, changedMs, ...(isHollow && { isHollow }) };
  }

  *list(path: string): Op<readonly DirectoryEntry[]> {
    if (this.#isHalted) yield* neverResumed();
    const directory = this.#directory('list', path);
    return [...directory.entries]
      .map(([name, node]) => ({ name, isFile: node.isFile }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  *makeDirectory(path: string): Op<void> {
    if (this.#isStoppedAt('make-directory', path)) yield* neverResumed();
    const missing: string[] = [];
    let above = path;
    let at = this.#directoryAt(above);
    while (at === undefined) {
      const { directory, name } = splitPath(above);
      missing.push(name);
      above = directory;
      at = this.#directoryAt(above);
    }
    for (let name = missing.pop(); name !== undefined; name = missing.pop()) {
      if (at.entries.has(name)) throw fileError('EEXIST', 'create directory', path);
      const made = newDirectory(this.#nextNumber());
      this.#change([{ directory: at, name, node: made }]);
      at = made;
    }
  }

  *read(path: string, range?: ByteRange): Op<Uint8Array> {
    if (this.#isHalted) yield* neverResumed();
    const { content } = this.#file('read', path);
    const { start, end } = boundsOf(range, content.sizeBytes);
    if (end - start > READ_BYTES_MAX) {
      throw new SimError('limit-reached', `${path}: more than ${READ_BYTES_MAX} bytes at once`);
    }
    return bytes.bytesOf(content, start, end);
  }

  *openRead(path: string, range?: ByteRange): Op<ByteReader> {
    if (this.#isHalted) yield* neverResumed();
    const { content } = this.#file('read', path);
    const bounds = boundsOf(range, content.sizeBytes);
    let position = bounds.start;
    let isOpen = true;
    const isHalted = (): boolean => this.#isHalted;
    return {
      *read(): Op<Uint8Array | undefined> {
        if (isHalted()) yield* neverResumed();
        if (!isOpen) throw new SimError('bug', `read of ${path} after close`);
        const end = Math.min(position + STREAM_CHUNK_BYTES, bounds.end);
        if (position >= end) return undefined;
        const chunk = bytes.bytesOf(content, position, end);
        position = end;
        return chunk;
      },
      *close(): Op<void> {
        isOpen = false;
      },
    };
  }

  *create(path: string): Op<ByteWriter> {
    const content = bytes.emptyContent(this.#count);
    return this.#writer(path, yield* this.#newFile('create', path, content));
  }

  *openAppend(path: string): Op<ByteWriter> {
    if (this.#isHalted) yield* neverResumed();
    const found = this.#find(path);
    if (found === undefined) return yield* this.create(path);
    return this.#writer(path, this.#file('append to', path));
  }

  *truncate(path: string, sizeBytes: number): Op<void> {
    if (this.#isStoppedAt('truncate', path)) yield* neverResumed();
    const file = this.#file('truncate', path);
    file.content = bytes.resized(file.content, sizeBytes, this.#nextNumber());
  }

  *clone(from: string, to: string): Op<void> {
    if (this.#isStoppedAt('clone', to)) yield* neverResumed();
    const node = this.#file('clone', from);
    this.#change([{ ...this.#freePlace('clone', to), node }]);
  }

  *rename(from: string, to: string): Op<void> {
    if (this.#isStoppedAt('rename', to)) yield* neverResumed();
    const source = this.#place('rename', from);
    const node = source.directory.entries.get(source.name);
    if (node === undefined) throw fileError('ENOENT', 'rename', from);
    const target = this.#place('rename', to);
    const replaced = target.directory.entries.get(target.name);
    // As POSIX has it: two names of the same file, nothing happens.
    if (replaced === node) return;
    const isInside = `${segmentsOf(to).join('/')}/`.startsWith(`${segmentsOf(from).join('/')}/`);
    if (!node.isFile && isInside) throw fileError('EINVAL', 'rename', to);
    if (replaced !== undefined) assertReplaceable(node, replaced, to);
    this.#change([
      { ...source, node: undefined },
      { ...target, node },
    ]);
  }

  *remove(path: string): Op<void> {
    if (this.#isHalted) yield* neverResumed();
    const place = this.#placeIfAny(path);
    const node = place?.directory.entries.get(place.name);
    if (place !== undefined && node !== undefined) yield* this.#removeTree(path, place, node);
  }

  *syncDirectory(path: string): Op<void> {
    if (this.#isStoppedAt('sync-directory', path)) yield* neverResumed();
    commitDirectory(this.#directory('sync directory', path));
  }

  *md5(path: string): Op<string> {
    if (this.#isHalted) yield* neverResumed();
    return bytes.md5Of(this.#file('read', path).content);
  }

  *createFilled(path: string, sizeBytes: number, seed: number): Op<void> {
    const content = bytes.hollowContent(sizeBytes, seed, this.#count);
    yield* this.#newFile('create', path, content);
  }

  *createHollow(path: string, sizeBytes: number, md5: string): Op<void> {
    const content = bytes.hollowOfDigest(sizeBytes, md5, this.#count);
    yield* this.#newFile('create', path, content);
  }

  *lock(path: string): Op<FileLock> {
    if (this.#isHalted) yield* neverResumed();
    const key = segmentsOf(path).join('/');
    if (this.#locked.has(key)) {
      throw new SimError('data-dir-in-use', `${path} is held by this process`);
    }
    this.#place('lock', path);
    this.#locked.add(key);
    const locked = this.#locked;
    return {
      *release(): Op<void> {
        locked.delete(key);
      },
    };
  }

  *unsafeOverwrite(path: string, offset: number, data: Uint8Array): Op<void> {
    if (this.#isStoppedAt('overwrite', path)) yield* neverResumed();
    const place = this.#place('overwrite', path);
    const { content } = this.#file('overwrite', path);
    const inode = this.#nextNumber();
    const node: MemoryFile = {
      isFile: true,
      inode,
      content: bytes.overwritten(content, offset, data, inode),
    };
    this.#change([{ ...place, node }]);
  }

  #writer(path: string, file: MemoryFile): ByteWriter {
    let isOpen = true;
    const isStoppedAt = (operation: string): boolean => {
      if (!isOpen) throw new SimError('bug', `write to ${path} after close`);
      return this.#isStoppedAt(operation, path);
    };
    const nextNumber = (): number => this.#nextNumber();
    return {
      *write(data: Uint8Array): Op<void> {
        if (isStoppedAt('write')) yield* neverResumed();
        file.content = bytes.appended(file.content, data, nextNumber());
      },
      *sync(): Op<void> {
        if (isStoppedAt('sync')) yield* neverResumed();
        file.content = bytes.synced(file.content);
      },
      *close(): Op<void> {
        isOpen = false;
      },
    };
  }

  *#newFile(operation: string, path: string, content: bytes.MemoryContent): Op<MemoryFile> {
    if (this.#isStoppedAt(operation, path)) yield* neverResumed();
    const place = this.#freePlace(operation, path);
    const node: MemoryFile = { isFile: true, inode: this.#nextNumber(), content };
    this.#change([{ ...place, node }]);
    return node;
  }

  /** Children first, each a change of its own, as a program would have to do it. */
  *#removeTree(path: string, place: Place, node: MemoryNode): Op<void> {
    const doomed: Doomed[] = [];
    collectTree(doomed, path, place, node);
    for (const each of doomed) {
      if (this.#isStoppedAt('remove', each.path)) yield* neverResumed();
      this.#change([{ ...each.place, node: undefined }]);
    }
  }

  #change(changes: readonly EntryChange[]): void {
    for (const { directory, name } of changes) {
      if (directory.entries.get(name)?.isFile === false) this.#trail.clear();
    }
    applyChanges(this.#nextNumber(), changes);
  }

  /** Notes a change that is about to happen; true when the process has ended before it. */
  #isStoppedAt(operation: string, path: string): boolean {
    if (!this.#isHalted) this.#options.onMutation?.(operation, path);
    if (this.#isHalted) return true;
    this.#mutations += 1;
    return false;
  }

  #nextNumber(): number {
    this.#count += 1;
    return this.#count;
  }

  /** `undefined` also when a part of the path is missing or a file. */
  #find(path: string): MemoryNode | undefined {
    const place = this.#placeIfAny(path);
    if (place !== undefined) return place.directory.entries.get(place.name);
    return lengthWithoutSlash(path) === 0 ? this.#root : undefined;
  }

  /** Most calls are about the directory of the call before, or about one near to it. */
  #directoryAt(path: string): MemoryDirectory | undefined {
    const trail = this.#trail;
    const end = lengthWithoutSlash(path);
    const shared = trail.sharedWith(path, end);
    let at: MemoryNode | undefined = shared === undefined ? this.#root : shared.directory;
    for (let from = (shared?.end ?? 0) + 1; from < end; ) {
      const slash = path.indexOf('/', from);
      const to = slash < 0 || slash > end ? end : slash;
      const name = path.slice(from, to);
      if (name === '.' || name === '..') throw notAbsolute(path);
      if (name !== '') {
        at = at.entries.get(name);
        if (at === undefined || at.isFile) return undefined;
        trail.add(path, to, at);
      }
      from = to + 1;
    }
    return at;
  }

  #directory(action: string, path: string): MemoryDirectory {
    const directory = this.#directoryAt(path);
    if (directory !== undefined) return directory;
    throw fileError(this.#find(path) === undefined ? 'ENOENT' : 'ENOTDIR', action, path);
  }

  #file(action: string, path: string): MemoryFile {
    const node = this.#find(path);
    if (node === undefined) throw fileError('ENOENT', action, path);
    if (!node.isFile) throw fileError('EISDIR', action, path);
    return node;
  }

  #placeIfAny(path: string): Place | undefined {
    if (lengthWithoutSlash(path) === 0) return undefined;
    const { directory: above, name } = splitPath(path);
    const directory = this.#directoryAt(above);
    return directory === undefined ? undefined : { directory, name };
  }

  #place(action: string, path: string): Place {
    const place = this.#placeIfAny(path);
    if (place === undefined) throw fileError('ENOENT', action, path);
    return place;
  }

  #freePlace(action: string, path: string): Place {
    const place = this.#place(action, path);
    if (place.directory.entries.has(place.name)) throw fileError('EEXIST', action, path);
    return place;
  }
}

function neverResumed(): Op<void> {
  return suspend<void>(() => {});
}

function boundsOf(range: ByteRange | undefined, sizeBytes: number): { start: number; end: number } {
  const start = Math.min(range?.start ?? 0, sizeBytes);
  return { start, end: Math.max(start, Math.min(range?.end ?? sizeBytes, sizeBytes)) };
}
