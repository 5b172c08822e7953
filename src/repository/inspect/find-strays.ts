/** What lies among the directories of a snapshot's data and belongs to none of its tablets. */
import type { Op } from '../../base/op.ts';
import { joinKey } from '../../blob/blob-key.ts';
import type { BlobKey, BlobStorage } from '../../blob/blob-storage.ts';
import { tabletPath } from '../layout.ts';
import type { ExpectedTablet } from './snapshot-contents.ts';

export interface Stray {
  readonly key: BlobKey;
  readonly isFile: boolean;
}

/** Names that must be there, by the directory that holds them. */
type Children = Map<string, Children>;

/** Each stray once, at the directory where it leaves the tree; tablets' own files are not looked at. */
export function* findStrays(
  storage: BlobStorage,
  content: BlobKey,
  expected: Iterable<ExpectedTablet>,
  onStray: (stray: Stray) => void,
): Op<void> {
  const root: Children = new Map();
  for (const { path } of expected) {
    let at = root;
    for (const name of tabletPath(path).split('/')) {
      const below = at.get(name) ?? (new Map() as Children);
      at.set(name, below);
      at = below;
    }
  }
  yield* walk(storage, content, root, onStray);
}

function* walk(
  storage: BlobStorage,
  directory: BlobKey,
  children: Children,
  onStray: (stray: Stray) => void,
): Op<void> {
  for (const { name, isFile } of yield* storage.list(directory)) {
    const key = joinKey(directory, name);
    const below = isFile ? undefined : children.get(name);
    if (below === undefined) onStray({ key, isFile });
    else if (below.size > 0) yield* walk(storage, key, below, onStray);
  }
}
