/**
 * Directories of a simulated disk: what a running program sees, and what a crash would leave.
 *
 * The model is that of ext4 with an ordered journal, made as unkind as the contract of `files.ts`
 * allows. Each directory has a list of operations that are not durable yet, in the order in which
 * they were asked for:
 * - Of one directory's list, a prefix survives a crash: never a later operation without an earlier
 *   one. Different directories are cut independently of each other.
 * - One call is one operation: a rename survives whole or not at all. A rename from one directory
 *   to another stands in both lists, and survives only if it is inside the prefix of both.
 * - `syncDirectory` makes the directory's whole list durable, and of another directory's list as
 *   much as stands before an operation that both share.
 * Bytes of files are no part of this: a name may survive without what was written, if that was
 * not synced (`memory-content.ts`).
 */
import type { MemoryContent } from './memory-content.ts';
import { MemoryEntries } from './memory-entries.ts';
import type { NameForm } from './name-form.ts';

export interface MemoryFile {
  readonly isFile: true;
  readonly inode: number;
  content: MemoryContent;
}

export interface MemoryDirectory {
  readonly isFile: false;
  readonly inode: number;
  /** What a running program sees. */
  readonly entries: MemoryEntries<MemoryNode>;
  /** What is not durable yet; undone from the end it leads back to what is. */
  pending: readonly DirectoryOperation[];
}

export type MemoryNode = MemoryFile | MemoryDirectory;

/** Sets or, without a node, removes a name. */
export interface EntryChange {
  readonly directory: MemoryDirectory;
  readonly name: string;
  readonly node: MemoryNode | undefined;
}

/** A change that was made, with what the name stood for before. */
interface DoneChange extends EntryChange {
  readonly before: MemoryNode | undefined;
}

export interface DirectoryOperation {
  /** Rises over the whole disk. */
  readonly order: number;
  readonly changes: readonly DoneChange[];
}

/** Shared by all directories with nothing pending, which are most. */
export const NOTHING_PENDING: readonly DirectoryOperation[] = Object.freeze([]);

export function newDirectory(inode: number): MemoryDirectory {
  return { isFile: false, inode, entries: new MemoryEntries(), pending: NOTHING_PENDING };
}

/** Carries out changes in memory and notes them as one operation that is not durable. */
export function applyChanges(order: number, changes: readonly EntryChange[]): void {
  const done = changes.map(({ directory, name, node }): DoneChange => {
    const before = directory.entries.get(name);
    setEntry(directory.entries, name, node);
    return { directory, name, node, before };
  });
  const operation: DirectoryOperation = { order, changes: done };
  for (const { directory } of done) {
    // A rename inside one directory has two changes there, but is one operation.
    if (directory.pending.at(-1) !== operation) notePending(directory, operation);
  }
}

/** As `applyChanges` of one name to nothing, where `before` is what it stands for. */
export function removeEntry(
  order: number,
  directory: MemoryDirectory,
  name: string,
  before: MemoryNode,
): void {
  const { entries } = directory;
  const removal = new Removal(order, directory, { form: entries.form, name }, before);
  entries.delete(name);
  notePending(directory, removal);
}

/** Operation and its only change in one: a million wait for the next sync when a job has ended. */
class Removal implements DirectoryOperation, DoneChange {
  readonly order: number;
  readonly directory: MemoryDirectory;
  readonly before: MemoryNode;
  /** The name, or the number in it: a part of a path would keep all of that in memory. */
  readonly #form: NameForm | undefined;
  readonly #key: string | number;

  constructor(
    order: number,
    directory: MemoryDirectory,
    { form, name }: { readonly form: NameForm | undefined; readonly name: string },
    before: MemoryNode,
  ) {
    this.order = order;
    this.directory = directory;
    this.before = before;
    this.#form = form;
    this.#key = form?.numberIn(name) ?? name;
  }

  get name(): string {
    return typeof this.#key === 'number' ? (this.#form?.nameOf(this.#key) ?? '') : this.#key;
  }

  get node(): undefined {
    return undefined;
  }

  get changes(): readonly DoneChange[] {
    return [this];
  }
}

function notePending(directory: MemoryDirectory, operation: DirectoryOperation): void {
  if (directory.pending === NOTHING_PENDING) directory.pending = [operation];
  else (directory.pending as DirectoryOperation[]).push(operation);
}

/** What is durable, if the directory itself is. */
export function durableEntries(directory: MemoryDirectory): Map<string, MemoryNode> {
  const durable = new Map(directory.entries);
  for (const operation of directory.pending.toReversed()) {
    for (const change of operation.changes.toReversed()) {
      if (change.directory === directory) setEntry(durable, change.name, change.before);
    }
  }
  return durable;
}

function setEntry(
  entries: Pick<MemoryEntries<MemoryNode>, 'set' | 'delete'> | Map<string, MemoryNode>,
  name: string,
  node: MemoryNode | undefined,
): void {
  if (node === undefined) entries.delete(name);
  else entries.set(name, node);
}

/** Makes a directory's operations durable, with those of others that must come before them. */
export function commitDirectory(directory: MemoryDirectory): void {
  const last = directory.pending.at(-1);
  if (last === undefined) return;
  if (directory.pending.every(({ changes }) => isOf(directory, changes))) {
    directory.pending = NOTHING_PENDING;
    return;
  }
  const limits = new Map<MemoryDirectory, number>([[directory, last.order]]);
  const work = [directory];
  for (let next = work.pop(); next !== undefined; next = work.pop()) {
    const limit = limits.get(next) ?? -1;
    for (const operation of next.pending) {
      if (operation.order > limit) break;
      for (const { directory: other } of operation.changes) {
        if ((limits.get(other) ?? -1) >= operation.order) continue;
        limits.set(other, operation.order);
        work.push(other);
      }
    }
  }
  for (const [each, limit] of limits) {
    const left = each.pending.filter((operation) => operation.order > limit);
    each.pending = left.length === 0 ? NOTHING_PENDING : left;
  }
}

function isOf(directory: MemoryDirectory, changes: readonly EntryChange[]): boolean {
  return changes.every((change) => change.directory === directory);
}

/** Operations are only ever cut off at the end, so each directory can be done by itself. */
function applyUpTo(
  directory: MemoryDirectory,
  limit: number,
  target: Map<string, MemoryNode>,
): void {
  for (const operation of directory.pending) {
    if (operation.order > limit) break;
    for (const change of operation.changes) {
      if (change.directory === directory) setEntry(target, change.name, change.node);
    }
  }
}

/**
 * What is in each directory after a crash, given how many operations of each are to survive.
 * Fewer do where an operation shared with another directory is lost there.
 */
export function survivingEntries(
  directories: readonly MemoryDirectory[],
  keep: ReadonlyMap<MemoryDirectory, number>,
): Map<MemoryDirectory, Map<string, MemoryNode>> {
  const limits = new Map<MemoryDirectory, number>();
  for (const directory of directories) {
    const count = keep.get(directory) ?? 0;
    limits.set(directory, directory.pending[count - 1]?.order ?? -1);
  }
  const isKept = (operation: DirectoryOperation): boolean =>
    operation.changes.every((change) => (limits.get(change.directory) ?? -1) >= operation.order);
  for (let isStable = false; !isStable; ) {
    isStable = true;
    for (const directory of directories) {
      const limit = limits.get(directory) ?? -1;
      const lost = directory.pending.findIndex((each) => each.order <= limit && !isKept(each));
      if (lost < 0) continue;
      limits.set(directory, directory.pending[lost - 1]?.order ?? -1);
      isStable = false;
    }
  }
  const surviving = new Map<MemoryDirectory, Map<string, MemoryNode>>();
  for (const directory of directories) {
    const entries = durableEntries(directory);
    applyUpTo(directory, limits.get(directory) ?? -1, entries);
    surviving.set(directory, entries);
  }
  return surviving;
}
