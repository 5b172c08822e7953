/**
 * A store in memory, in one of two flavours (repository.md 5.5): an object store, where a directory
 * is nothing but a common prefix, or HDFS, where directories exist by themselves and a rename
 * refuses a name that is taken. Every operation ends at once, so virtual runs can use it.
 */
import { assert } from '../base/assert.ts';
import { SimError } from '../base/errors.ts';
import type { ByteRange, ByteReader } from '../base/files.ts';
import { MemoryEntries } from '../base/memory-entries.ts';
import { NumberedBytes } from '../base/numbered-bytes.ts';
import { type Op, succeed } from '../base/op.ts';
import { baseName, checkKey, checkSegment, joinKey, parentKey } from './blob-key.ts';
import type {
  BlobKey,
  BlobStat,
  BlobStorage,
  BlobTraits,
  ByteSource,
  HollowContent,
  InstantBlob,
  InstantContent,
  InstantObject,
} from './blob-storage.ts';
import { checkLength, drain } from './byte-source.ts';
import { clampRange } from './reader-check.ts';

export type MemoryFlavour = 'object-store' | 'hdfs';

/** Bytes in one piece or in chunks as they came; or, of a hollow object, its size and digest. */
type Content = InstantContent | readonly Uint8Array[];

/**
 * What lies below a name. In an object store the name may be that of an object too; without one,
 * and with nothing below, it is an empty directory, which only HDFS has.
 */
class Directory extends MemoryEntries<Entry> {
  content: Content | undefined;
}

/** What a name stands for: most are objects and nothing else, and take no more room than that. */
type Entry = Content | Directory;

const TRAITS: Readonly<Record<MemoryFlavour, BlobTraits>> = Object.freeze({
  'object-store': Object.freeze({
    hasAtomicRename: false,
    hasAtomicPut: true,
    hasDirectories: false,
    renameRefusesExisting: false,
    readsMayLag: false,
    connectionsMax: 1024,
  }),
  hdfs: Object.freeze({
    hasAtomicRename: true,
    // Atomic here too, but clients of HDFS have to write `.part` and rename, and so they do here.
    hasAtomicPut: false,
    hasDirectories: true,
    renameRefusesExisting: true,
    readsMayLag: false,
    connectionsMax: 1024,
  }),
});

export class MemoryBlob implements BlobStorage {
  readonly traits: BlobTraits;
  readonly #root = new Directory();
  /** The directory above the one of the last object: the next object is mostly near to it. */
  #near: { readonly key: BlobKey; readonly directory: Directory } | undefined;

  readonly #instant: InstantBlob = {
    list: (directory) => this.#list(directory),
    put: (directory, name, content) => this.#placeIn(checkKey(directory), name, content),
    fill: (parent, name, objects) => this.#fill(parent, name, objects),
    take: (directory, use) => {
      const objects = this.#objectsIn(directory);
      return objects !== undefined && use(objects);
    },
  };

  constructor(flavour: MemoryFlavour = 'object-store') {
    this.traits = TRAITS[flavour];
  }

  instant(): InstantBlob {
    return this.#instant;
  }

  *put(key: BlobKey, source: ByteSource): Op<void> {
    checkKey(key);
    const content = source.hollow ?? (yield* collect(key, source));
    this.#place(key, content);
  }

  *get(key: BlobKey, range?: ByteRange): Op<ByteReader> {
    const content = this.#object(key);
    if (isHollow(content)) {
      throw new SimError(
        'blob-error',
        `${key} is hollow: it has a size and a digest, but no bytes`,
      );
    }
    const chunks = chunksOf(content);
    return chunksReader(chunks, clampRange(key, sizeOf(content), range));
  }

  *stat(key: BlobKey): Op<BlobStat | undefined> {
    const entry = this.#find(checkKey(key));
    const content = contentOf(entry);
    if (content !== undefined) return objectStat(baseName(key), content);
    return entry === undefined ? undefined : directoryStat(baseName(key));
  }

  *list(directory: BlobKey): Op<readonly BlobStat[]> {
    return this.#list(directory);
  }

  #list(key: BlobKey): readonly BlobStat[] {
    const directory = this.#find(checkKey(key));
    if (!(directory instanceof Directory)) return [];
    const stats: BlobStat[] = [];
    for (const [name, entry] of sortedByName(directory)) {
      const content = contentOf(entry);
      if (content !== undefined) stats.push(objectStat(name, content));
      if (this.#isDirectory(entry)) stats.push(directoryStat(name));
    }
    return stats;
  }

  *rename(from: BlobKey, to: BlobKey): Op<void> {
    const content = this.#object(from);
    checkKey(to);
    if (this.traits.renameRefusesExisting) {
      if (this.#find(to) !== undefined) {
        throw new SimError('blob-error', `renaming ${from}: the name ${to} is taken`);
      }
      if (!(this.#find(parentKey(to)) instanceof Directory)) {
        throw new SimError('blob-error', `renaming ${from}: no directory ${parentKey(to)}`);
      }
    }
    this.#place(to, content);
    if (from !== to) this.#remove(from, 'object');
  }

  *delete(key: BlobKey): Op<void> {
    this.#remove(checkKey(key), 'tree');
  }

  close(): Op<void> {
    return succeed(undefined);
  }

  /** The keys of all objects, sorted: what tests compare. */
  keys(): string[] {
    const keys: string[] = [];
    const visit = (entry: Entry, path: string): void => {
      if (contentOf(entry) !== undefined) keys.push(path);
      if (!(entry instanceof Directory)) return;
      for (const [name, child] of entry) visit(child, `${path}/${name}`);
    };
    visit(this.#root, '');
    return keys.sort();
  }

  #object(key: BlobKey): Content {
    const content = contentOf(this.#find(checkKey(key)));
    if (content === undefined) throw new SimError('blob-not-found', `no object ${key}`);
    return content;
  }

  #isDirectory(entry: Entry | undefined): boolean {
    return entry instanceof Directory && (entry.size > 0 || entry.content === undefined);
  }

  #find(key: BlobKey): Entry | undefined {
    const near = this.#nearTo(key);
    let entry: Entry | undefined = near?.directory ?? this.#root;
    for (let from = (near?.key.length ?? 0) + 1; from < key.length; ) {
      if (!(entry instanceof Directory)) return undefined;
      const slash = key.indexOf('/', from);
      const to = slash < 0 ? key.length : slash;
      entry = entry.get(key.slice(from, to));
      from = to + 1;
    }
    return entry;
  }

  #nearTo(key: BlobKey): { readonly key: BlobKey; readonly directory: Directory } | undefined {
    const near = this.#near;
    const isBelow =
      near !== undefined && key.charCodeAt(near.key.length) === SLASH && key.startsWith(near.key);
    return isBelow ? near : undefined;
  }

  #place(key: BlobKey, content: Content): void {
    assert(key !== '/', 'an object needs a name');
    this.#placeIn(parentKey(key), detached(baseName(key)), content);
  }

  #placeIn(key: BlobKey, name: string, content: Content): void {
    const directory = this.#makeDirectory(key);
    const found = directory.get(name);
    if (!(found instanceof Directory)) {
      directory.set(name, content);
    } else if (!this.traits.hasDirectories) {
      found.content = content;
    } else {
      throw new SimError(
        'blob-error',
        `${joinKey(key, name)} is a directory, an object cannot take its name`,
      );
    }
  }

  /** One walk for all objects, most often none: the directory before was in the same place. */
  #fill(parent: BlobKey, name: string, objects: readonly InstantObject[]): boolean {
    if (objects.length === 0) return this.#find(joinKey(checkKey(parent), name)) === undefined;
    checkSegment(name);
    const above = this.#directoryAt(parent);
    const directory = new Directory();
    for (const object of objects) directory.set(object.name, object.content);
    return above.add(detached(name), directory);
  }

  /** Made if it is not there. Mostly it is the one of the call before. */
  #directoryAt(key: BlobKey): Directory {
    if (this.#near?.key === key) return this.#near.directory;
    const directory = this.#makeDirectory(checkKey(key));
    this.#near = { key, directory };
    return directory;
  }

  /** In the order of their names; undefined where there is more than whole objects. */
  #objectsIn(key: BlobKey): readonly InstantObject[] | undefined {
    const directory = this.#find(checkKey(key));
    if (!(directory instanceof Directory)) return [];
    const objects: InstantObject[] = [];
    for (const [name, entry] of sortedByName(directory)) {
      if (entry instanceof Directory || Array.isArray(entry)) return undefined;
      objects.push({ name, content: entry as InstantContent });
    }
    return objects;
  }

  /** The directory at a key, with those above it. */
  #makeDirectory(key: BlobKey): Directory {
    const near = this.#nearTo(key);
    const lastAt = key.lastIndexOf('/') + 1;
    let directory = near?.directory ?? this.#root;
    for (let from = (near?.key.length ?? 0) + 1; from < key.length; ) {
      if (from === lastAt && from > 1 && directory !== near?.directory) {
        this.#near = { key: key.slice(0, from - 1), directory };
      }
      const slash = key.indexOf('/', from);
      const name = key.slice(from, slash < 0 ? key.length : slash);
      from += name.length + 1;
      directory = this.#childDirectory(key, directory, name);
    }
    return directory;
  }

  #childDirectory(key: BlobKey, parent: Directory, name: string): Directory {
    const found = parent.get(name);
    if (found instanceof Directory) return found;
    if (this.traits.hasDirectories && found !== undefined) {
      throw new SimError('blob-error', `${key}: a part of this path is an object`);
    }
    const made = new Directory();
    made.content = found;
    parent.set(found === undefined ? detached(name) : name, made);
    return made;
  }

  /** Takes away an object, or all that is at and below a key; prefixes left empty go with it. */
  #remove(key: BlobKey, what: 'object' | 'tree'): void {
    this.#near = undefined;
    const trail: { readonly parent: Directory; readonly name: string }[] = [];
    let entry: Entry = this.#root;
    for (const name of segments(key)) {
      const child: Entry | undefined = entry instanceof Directory ? entry.get(name) : undefined;
      if (!(entry instanceof Directory) || child === undefined) return;
      trail.push({ parent: entry, name });
      entry = child;
    }
    if (entry instanceof Directory) {
      entry.content = undefined;
      if (what === 'tree') entry.clear();
      if (entry.size > 0) return;
    }
    for (let last = trail.pop(); last !== undefined; last = trail.pop()) {
      last.parent.delete(last.name);
      if (this.traits.hasDirectories) return;
      if (last.parent.size > 0 || last.parent.content !== undefined) return;
    }
  }
}

const SLASH = 47;

function contentOf(entry: Entry | undefined): Content | undefined {
  return entry instanceof Directory ? entry.content : entry;
}

function sortedByName(directory: Directory): readonly (readonly [string, Entry])[] {
  return [...directory].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** A part of a text keeps all of it in memory; the parts that are kept here must not. */
function detached(name: string): string {
  return ` ${name}`.slice(1);
}

function segments(key: BlobKey): string[] {
  return key === '/' ? [] : key.slice(1).split('/');
}

function* collect(key: BlobKey, source: ByteSource): Op<Content> {
  if (source.bytes !== undefined) return source.bytes;
  const chunks: Uint8Array[] = [];
  yield* drain(yield* source.open(), function* (chunk) {
    chunks.push(chunk.slice());
  });
  checkLength(sizeOf(chunks), source.sizeBytes, key);
  return chunks;
}

function chunksOf(content: Exclude<Content, HollowContent>): readonly Uint8Array[] {
  if (content instanceof NumberedBytes) return [content.toBytes()];
  return content instanceof Uint8Array ? [content] : content;
}

function isHollow(content: Content): content is HollowContent {
  return 'md5' in content && !(content instanceof NumberedBytes);
}

function sizeOf(content: Content): number {
  if ('sizeBytes' in content) return content.sizeBytes;
  if (content instanceof Uint8Array) return content.length;
  return content.reduce((sum, chunk) => sum + chunk.length, 0);
}

function objectStat(name: string, content: Content): BlobStat {
  const stat: BlobStat = { name, isFile: true, sizeBytes: sizeOf(content) };
  return isHollow(content) ? { ...stat, hollow: content } : stat;
}

function directoryStat(name: string): BlobStat {
  return { name, isFile: false, sizeBytes: -1 };
}

function chunksReader(chunks: readonly Uint8Array[], range: Required<ByteRange>): ByteReader {
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const chunk of chunks) {
    const part = chunk.subarray(Math.max(0, range.start - offset), Math.max(0, range.end - offset));
    if (part.length > 0) parts.push(part);
    offset += chunk.length;
  }
  let next = 0;
  return {
    *read(): Op<Uint8Array | undefined> {
      // A copy: what a reader does with its bytes must not reach the store.
      return parts[next++]?.slice();
    },
    close: () => succeed(undefined),
  };
}
