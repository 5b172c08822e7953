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
import { baseName, checkKey, joinKey, parentKey } from './blob-key.ts';
import type {
  BlobKey,
  BlobStat,
  BlobStorage,
  BlobTraits,
  ByteSource,
  HollowContent,
  InstantBlob,
  InstantContent,
} from './blob-storage.ts';
import { checkLength, drain } from './byte-source.ts';
import { clampRange } from './reader-check.ts';

export type MemoryFlavour = 'object-store' | 'hdfs';

/** Bytes in one piece or in chunks as they came; or, of a hollow object, its size and digest. */
type Content = InstantContent | readonly Uint8Array[];

/** A name in the tree: an object, a directory, or in an object store both at once. */
interface Node {
  content: Content | undefined;
  /** Present on directories; made late, because most names are objects. */
  children: MemoryEntries<Node> | undefined;
}

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
  readonly #root: Node = { content: undefined, children: new MemoryEntries() };
  /** The directory above the one of the last object: the next object is mostly near to it. */
  #near: { readonly key: BlobKey; readonly node: Node } | undefined;

  readonly #instant: InstantBlob = {
    list: (directory) => this.#list(directory),
    put: (directory, name, content) => this.#placeIn(checkKey(directory), name, content),
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
    const node = this.#find(checkKey(key));
    if (node === undefined) return undefined;
    if (node.content !== undefined) return objectStat(baseName(key), node.content);
    return node.children === undefined ? undefined : directoryStat(baseName(key));
  }

  *list(directory: BlobKey): Op<readonly BlobStat[]> {
    return this.#list(directory);
  }

  #list(directory: BlobKey): readonly BlobStat[] {
    const children = this.#find(checkKey(directory))?.children;
    if (children === undefined) return [];
    const stats: BlobStat[] = [];
    for (const [name, { content, children: below }] of sortedByName(children)) {
      if (content !== undefined) stats.push(objectStat(name, content));
      if (below !== undefined) stats.push(directoryStat(name));
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
      if (this.#find(parentKey(to))?.children === undefined) {
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
    const visit = (node: Node, path: string): void => {
      if (node.content !== undefined) keys.push(path);
      for (const [name, child] of node.children ?? []) visit(child, `${path}/${name}`);
    };
    visit(this.#root, '');
    return keys.sort();
  }

  #object(key: BlobKey): Content {
    const content = this.#find(checkKey(key))?.content;
    if (content === undefined) throw new SimError('blob-not-found', `no object ${key}`);
    return content;
  }

  #find(key: BlobKey): Node | undefined {
    const near = this.#nearTo(key);
    let node: Node | undefined = near?.node ?? this.#root;
    for (let from = (near?.key.length ?? 0) + 1; from < key.length && node !== undefined; ) {
      const slash = key.indexOf('/', from);
      const to = slash < 0 ? key.length : slash;
      node = node.children?.get(key.slice(from, to));
      from = to + 1;
    }
    return node;
  }

  #nearTo(key: BlobKey): { readonly key: BlobKey; readonly node: Node } | undefined {
    const near = this.#near;
    const isBelow =
      near !== undefined && key.charCodeAt(near.key.length) === SLASH && key.startsWith(near.key);
    return isBelow ? near : undefined;
  }

  #place(key: BlobKey, content: Content): void {
    assert(key !== '/', 'an object needs a name');
    this.#placeIn(parentKey(key), detached(baseName(key)), content);
  }

  #placeIn(directory: BlobKey, name: string, content: Content): void {
    const near = this.#nearTo(directory);
    const lastAt = directory.lastIndexOf('/') + 1;
    let node = near?.node ?? this.#root;
    for (let from = (near?.key.length ?? 0) + 1; from < directory.length; ) {
      if (from === lastAt && from > 1 && node !== near?.node) {
        this.#near = { key: directory.slice(0, from - 1), node };
      }
      const slash = directory.indexOf('/', from);
      const part = directory.slice(from, slash < 0 ? directory.length : slash);
      from += part.length + 1;
      node = this.#child(directory, node, part) ?? newChild(node, detached(part));
    }
    const found = this.#child(directory, node, name);
    if (this.traits.hasDirectories && found?.children !== undefined) {
      throw new SimError(
        'blob-error',
        `${joinKey(directory, name)} is a directory, an object cannot take its name`,
      );
    }
    if (found === undefined) newChild(node, name).content = content;
    else found.content = content;
  }

  #child(directory: BlobKey, node: Node, name: string): Node | undefined {
    if (this.traits.hasDirectories && node.content !== undefined) {
      throw new SimError('blob-error', `${directory}: a part of this path is an object`);
    }
    return node.children?.get(name);
  }

  /** Takes away an object, or all that is at and below a key; prefixes left empty go with it. */
  #remove(key: BlobKey, what: 'object' | 'tree'): void {
    this.#near = undefined;
    const trail: { readonly parent: Node; readonly name: string }[] = [];
    let node: Node = this.#root;
    for (const name of segments(key)) {
      const child = node.children?.get(name);
      if (child === undefined) return;
      trail.push({ parent: node, name });
      node = child;
    }
    node.content = undefined;
    if (what === 'tree') node.children = undefined;
    for (let last = trail.pop(); last !== undefined; last = trail.pop()) {
      if (node.content !== undefined || node.children !== undefined) break;
      last.parent.children?.delete(last.name);
      node = last.parent;
      if (this.traits.hasDirectories) break;
      if (node.children?.size === 0) node.children = undefined;
    }
    this.#root.children ??= new MemoryEntries();
  }
}

const SLASH = 47;

function newChild(node: Node, name: string): Node {
  const child: Node = { content: undefined, children: undefined };
  node.children ??= new MemoryEntries();
  node.children.set(name, child);
  return child;
}

function sortedByName(children: MemoryEntries<Node>): readonly (readonly [string, Node])[] {
  return [...children].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
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
