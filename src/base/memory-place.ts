/** Places of names in a simulated disk: what may take one, and what goes with one. */
import { fileError } from './file-error.ts';
import type { MemoryDirectory, MemoryNode } from './memory-tree.ts';

export interface Place {
  readonly directory: MemoryDirectory;
  readonly name: string;
}

/** What a removal takes away, one name at a time. */
export interface Doomed {
  readonly path: string;
  readonly place: Place;
}

/** Children first. */
export function collectTree(doomed: Doomed[], path: string, place: Place, node: MemoryNode): void {
  if (!node.isFile) {
    for (const [name, child] of node.entries) {
      collectTree(doomed, `${path}/${name}`, { directory: node, name }, child);
    }
  }
  doomed.push({ path, place });
}

/** Throws as POSIX has it for a rename onto a name that is taken. */
export function assertReplaceable(node: MemoryNode, replaced: MemoryNode, path: string): void {
  if (node.isFile && !replaced.isFile) throw fileError('EISDIR', 'rename', path);
  if (!node.isFile && replaced.isFile) throw fileError('ENOTDIR', 'rename', path);
  if (!replaced.isFile && replaced.entries.size > 0) throw fileError('ENOTEMPTY', 'rename', path);
}
