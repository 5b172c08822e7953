/**
 * Directories of a simulated disk that were made whole and that nobody has looked into: one object
 * each, where a tree of directories would be ten. It becomes that tree when something asks.
 */
import type { InstantFile, NumberedForm } from './instant-files.ts';
import { keptContent, md5Of } from './memory-content.ts';
import type { MemoryEntries } from './memory-entries.ts';
import {
  type DirectoryOperation,
  type MemoryDirectory,
  type MemoryFile,
  type MemoryNode,
  NOTHING_PENDING,
  newDirectory,
} from './memory-tree.ts';
import { NumberedBytes } from './numbered-bytes.ts';

/** A file and the name it has in a planted directory: one of the disk, or new bytes. */
export class PlantedNode implements InstantFile {
  readonly name: string;
  readonly #content: MemoryFile | NumberedBytes;

  constructor(name: string, content: MemoryFile | NumberedBytes) {
    this.name = name;
    this.#content = content;
  }

  get sizeBytes(): number {
    const content = this.#content;
    return content instanceof NumberedBytes ? content.sizeBytes : content.content.sizeBytes;
  }

  get md5(): string {
    const content = this.#content;
    return content instanceof NumberedBytes ? content.md5 : md5Of(content.content);
  }

  get bytes(): Uint8Array | NumberedBytes | undefined {
    if (this.#content instanceof NumberedBytes) return this.#content;
    const { buffer, hollow, sizeBytes } = this.#content.content;
    if (hollow !== undefined) return undefined;
    return buffer.length === sizeBytes ? buffer : buffer.subarray(0, sizeBytes);
  }

  /** The file that it is, with this number if it is new. */
  grown(inode: number): MemoryFile {
    const content = this.#content;
    if (!(content instanceof NumberedBytes)) return content;
    return { isFile: true, inode, content: keptContent(content.toBytes(), inode) };
  }
}

export class PlantedDirectory implements MemoryDirectory {
  readonly isFile = false;
  readonly inode: number;
  pending: readonly DirectoryOperation[] = NOTHING_PENDING;
  readonly #below: string;
  #files: readonly PlantedNode[];
  #entries: MemoryEntries<MemoryNode> | undefined;

  /** All is durable. What is below gets the numbers after `inode`. */
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
    return this.isTouched || below !== this.#below ? undefined : this.#files;
  }

  #grown(): MemoryEntries<MemoryNode> {
    const files = this.#files;
    this.#files = [];
    return grownEntries(this.inode, this.#below, files);
  }
}

/** The same of one file, where form and number say all: the least there can be for a snapshot. */
export class NumberedDirectory implements MemoryDirectory {
  readonly isFile = false;
  readonly inode: number;
  pending: readonly DirectoryOperation[] = NOTHING_PENDING;
  readonly #form: NumberedForm;
  readonly #number: number;
  #entries: MemoryEntries<MemoryNode> | undefined;

  /** All is durable. What is below gets the numbers after `inode`. */
  constructor(inode: number, form: NumberedForm, number: number) {
    this.inode = inode;
    this.#form = form;
    this.#number = number;
  }

  get isTouched(): boolean {
    return this.#entries !== undefined;
  }

  get entries(): MemoryEntries<MemoryNode> {
    this.#entries ??= grownEntries(this.inode, this.#form.below(this.#number), [this.#file()]);
    return this.#entries;
  }

  /** The files at `below`; undefined when something else may be there by now. */
  filesAt(below: string): readonly InstantFile[] | undefined {
    const isHere = !this.isTouched && below === this.#form.below(this.#number);
    return isHere ? [this.#file()] : undefined;
  }

  #file(): PlantedNode {
    const { template } = this.#form;
    const bytes = new NumberedBytes(template, this.#number);
    return new PlantedNode(this.#form.fileName(this.#number), bytes);
  }
}

/** The tree below a planted directory, as a disk has it that was asked step by step. */
function grownEntries(
  top: number,
  below: string,
  files: readonly PlantedNode[],
): MemoryEntries<MemoryNode> {
  const { entries } = newDirectory(top);
  let at = entries;
  let inode = top;
  for (const name of below.split('/')) {
    inode += 1;
    const made = newDirectory(inode);
    at.set(name, made);
    at = made.entries;
  }
  for (const file of files) {
    inode += 1;
    at.set(file.name, file.grown(inode));
  }
  return entries;
}
