/**
 * Directories of a simulated disk that were made whole and that nobody has looked into: one object
 * each, where a tree of directories would be ten. It becomes that tree when something asks.
 */
import type { InstantFile } from './instant-files.ts';
import { md5Of } from './memory-content.ts';
import type { MemoryEntries } from './memory-entries.ts';
import {
  type DirectoryOperation,
  type MemoryDirectory,
  type MemoryFile,
  type MemoryNode,
  NOTHING_PENDING,
  newDirectory,
} from './memory-tree.ts';

/** A file and the name it has in a planted directory. */
export class PlantedNode implements InstantFile {
  readonly name: string;
  readonly node: MemoryFile;

  constructor(name: string, node: MemoryFile) {
    this.name = name;
    this.node = node;
  }

  get sizeBytes(): number {
    return this.node.content.sizeBytes;
  }

  get md5(): string {
    return md5Of(this.node.content);
  }

  get bytes(): Uint8Array | undefined {
    const { buffer, hollow, sizeBytes } = this.node.content;
    if (hollow !== undefined) return undefined;
    return buffer.length === sizeBytes ? buffer : buffer.subarray(0, sizeBytes);
  }
}

export class PlantedDirectory implements MemoryDirectory {
  readonly isFile = false;
  readonly inode: number;
  pending: readonly DirectoryOperation[] = NOTHING_PENDING;
  readonly #below: string;
  #files: readonly PlantedNode[];
  #entries: MemoryEntries<MemoryNode> | undefined;

  /** All is durable. The directories of `below` get the numbers after `inode`. */
  constructor(inode: number, below: string, files: readonly PlantedNode[]) {
    this.inode = inode;
    this.#below = below;
    this.#files = files;
  }

  get isTouched(): boolean {
    return this.#entries !== undefined;
  }

  get entries(): MemoryEntries<MemoryNode> {
    this.#entries ??= this.#grown();
    return this.#entries;
  }

  /** The files at `below`; undefined when something else may be there by now. */
  filesAt(below: string): readonly InstantFile[] | undefined {
    if (this.isTouched || below !== this.#below) return undefined;
    return this.#files;
  }

  #grown(): MemoryEntries<MemoryNode> {
    const { entries } = newDirectory(this.inode);
    let at = entries;
    let { inode } = this;
    for (const name of this.#below.split('/')) {
      inode += 1;
      const made = newDirectory(inode);
      at.set(name, made);
      at = made.entries;
    }
    for (const { name, node } of this.#files) at.set(name, node);
    this.#files = [];
    return entries;
  }
}
