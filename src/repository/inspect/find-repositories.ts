/**
 * Which repositories lie at a place, found by their directories alone: a location holds any number
 * of them, and the directory of one is a place too.
 */
import { SimError } from '../../base/errors.ts';
import type { Op } from '../../base/op.ts';
import { formatDateTime } from '../../base/time-zone.ts';
import { baseName, joinKey } from '../../blob/blob-key.ts';
import type { BlobKey, BlobStorage } from '../../blob/blob-storage.ts';
import { readObject } from '../../blob/byte-source.ts';
import { isRepoInfoName, parseLabel, parseRepositoryDirectory, repoInfoKey } from '../layout.ts';
import { decodeRepoInfo } from '../repo-info-codec.ts';
import type { RepositoryPrefix } from '../repository.ts';
import { errorText } from '../status-guard.ts';

export interface FoundRepository {
  readonly name: string;
  readonly prefix: RepositoryPrefix;
  readonly directory: BlobKey;
}

/** In the order of their directories' names. */
export function* findRepositories(
  storage: BlobStorage,
  root: BlobKey,
): Op<readonly FoundRepository[]> {
  const itself = parseRepositoryDirectory(baseName(root));
  if (itself !== undefined && (yield* storage.stat(root)) !== undefined) {
    return [{ ...itself, directory: root }];
  }
  return (yield* storage.list(root)).flatMap(({ name, isFile }) => {
    const found = isFile ? undefined : parseRepositoryDirectory(name);
    return found === undefined ? [] : [{ ...found, directory: joinKey(root, name) }];
  });
}

export interface RepositoryListing {
  readonly labels: readonly string[];
  /** Names that have no place there. */
  readonly strangers: readonly string[];
}

export function* listRepository(storage: BlobStorage, directory: BlobKey): Op<RepositoryListing> {
  const labels: string[] = [];
  const strangers: string[] = [];
  for (const { name, isFile } of yield* storage.list(directory)) {
    const label = isFile ? undefined : parseLabel(name);
    if (label !== undefined && label !== '') labels.push(label);
    else if (!(isFile && isRepoInfoName(name))) strangers.push(name);
  }
  return { labels, strangers };
}

export type RepoInfoState =
  | { readonly state: 'read'; readonly name: string; readonly created: string }
  | { readonly state: 'missing' }
  | { readonly state: 'unreadable'; readonly text: string };

const REPO_INFO_BYTES_MAX = 64 * 1024;

/** What `__repo_info` says; trouble with it stops nobody from looking at the snapshots. */
export function* readRepoInfo(storage: BlobStorage, directory: BlobKey): Op<RepoInfoState> {
  const key = repoInfoKey(directory);
  if ((yield* storage.stat(key))?.isFile !== true) return { state: 'missing' };
  const bytes = yield* readObject(storage, key, REPO_INFO_BYTES_MAX);
  try {
    const { name, createTimeMs } = decodeRepoInfo(new TextDecoder().decode(bytes));
    return { state: 'read', name, created: formatDateTime(createTimeMs, '+08:00') };
  } catch (error) {
    if (!(error instanceof SimError) || error.code === 'bug') throw error;
    return { state: 'unreadable', text: errorText(error) };
  }
}
