/** What a crash makes of a simulated disk. The rules are in `memory-tree.ts`. */

import { afterCrash } from './memory-content.ts';
import {
  durableEntries,
  type MemoryDirectory,
  type MemoryFile,
  type MemoryNode,
  newDirectory,
  survivingEntries,
} from './memory-tree.ts';
import { below, type Random } from './random.ts';

/**
 * What becomes of one thing that was not synced. `torn` keeps a prefix: of the bytes written to a
 * file since its last sync, or of the operations on a directory since its last sync.
 */
export type CrashFate = 'lost' | 'torn' | 'kept';

export interface CrashChoice {
  /** The same for all, or asked for each file and each directory with something not synced. */
  readonly fate: CrashFate | ((kind: 'bytes' | 'names', inode: number) => CrashFate);
  /** Cuts what is torn. */
  readonly random: Random;
}

/** The tree that a restarted machine finds; the given one stays as it is. */
export function crashTree(root: MemoryDirectory, choice: CrashChoice): MemoryDirectory {
  const keptOf = (kind: 'bytes' | 'names', inode: number, count: number): number => {
    if (count === 0) return 0;
    const fate = typeof choice.fate === 'string' ? choice.fate : choice.fate(kind, inode);
    if (fate === 'torn') return below(choice.random, count + 1);
    return fate === 'kept' ? count : 0;
  };
  const directories = allDirectories(root);
  const keep = new Map<MemoryDirectory, number>();
  for (const directory of directories) {
    keep.set(directory, keptOf('names', directory.inode, directory.pending.length));
  }
  const surviving = survivingEntries(directories, keep);
  const copies = new Map<MemoryNode, MemoryNode>();
  const copyFile = (file: MemoryFile): MemoryFile => {
    const unsynced = file.content.sizeBytes - file.content.syncedBytes;
    const content = afterCrash(file.content, keptOf('bytes', file.inode, unsynced));
    return { isFile: true, inode: file.inode, content };
  };
  const copy = (node: MemoryNode): MemoryNode => {
    const known = copies.get(node);
    if (known !== undefined) return known;
    const made = node.isFile ? copyFile(node) : newDirectory(node.inode);
    copies.set(node, made);
    if (node.isFile || made.isFile) return made;
    for (const [name, child] of surviving.get(node) ?? []) {
      made.entries.set(name, copy(child));
    }
    return made;
  };
  const tree = copy(root);
  return tree.isFile ? newDirectory(root.inode) : tree;
}

/** The same for a directory that stays where it is; nothing in it is pending afterwards. */
export function crashInPlace(directory: MemoryDirectory, choice: CrashChoice): void {
  const left = crashTree(directory, choice);
  for (const [name] of [...directory.entries]) directory.entries.delete(name);
  for (const [name, node] of left.entries) directory.entries.set(name, node);
  directory.pending = left.pending;
}

/** Every directory that a crash might leave: those seen now, and those removed but not durably. */
function allDirectories(root: MemoryDirectory): MemoryDirectory[] {
  const found = new Set<MemoryDirectory>([root]);
  for (const directory of found) {
    const add = (node: MemoryNode | undefined): void => {
      if (node !== undefined && !node.isFile) found.add(node);
    };
    for (const node of durableEntries(directory).values()) add(node);
    for (const [, node] of directory.entries) add(node);
    for (const operation of directory.pending) {
      for (const change of operation.changes) {
        add(change.directory);
        add(change.node);
      }
    }
  }
  return [...found];
}
