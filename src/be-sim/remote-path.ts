/** From the remote paths in tasks to keys of the store, and the names that lie there. */
import { SimError } from '../base/errors.ts';
import type { Op } from '../base/op.ts';
import { isKey, isSegment, normalizeKey } from '../blob/blob-key.ts';
import type { BlobKey, BlobStat, BlobStorage, OpenedBlob } from '../blob/blob-storage.ts';
import { decodeBackendName, PART_SUFFIX } from '../blob/checksum-name.ts';
import type { RemoteStorage } from '../protocol/agent-task.ts';

/** The key of a remote path, which must lie below the location of its storage. */
export function remoteKey(opened: OpenedBlob, storage: RemoteStorage, path: string): BlobKey {
  const key = keyIfBelow(opened, storage, path);
  if (key !== undefined) return key;
  throw new SimError('blob-error', 'a remote path of the task is not below its repository');
}

/** The same; undefined for a path elsewhere. */
export function keyIfBelow(
  opened: OpenedBlob,
  storage: RemoteStorage,
  path: string,
): BlobKey | undefined {
  const nameAt = path.lastIndexOf('/') + 1;
  const { parent } = last;
  const isBeside = last.opened === opened && parent.length === nameAt && path.startsWith(parent);
  if (isBeside) {
    const name = path.slice(nameAt);
    return isSegment(name) ? `${last.parentKey}${name}` : keyBelow(opened, storage, path);
  }
  const key = keyBelow(opened, storage, path);
  const parentKey = key?.slice(0, key.lastIndexOf('/') + 1);
  const name = path.slice(nameAt);
  // Only where both end alike does the same hold for what lies beside it.
  if (parentKey !== undefined && isSegment(name) && key === `${parentKey}${name}`) {
    last = { opened, parent: path.slice(0, nameAt), parentKey };
  }
  return key;
}

/** The directory of the last path: those of very many tablets come side by side. */
let last: {
  readonly opened: OpenedBlob | undefined;
  readonly parent: string;
  readonly parentKey: BlobKey;
} = { opened: undefined, parent: '', parentKey: '/' };

function keyBelow(opened: OpenedBlob, storage: RemoteStorage, path: string): BlobKey | undefined {
  const location = withoutEndSlashes(storage.location);
  const isBelow = path.startsWith(location) && path.charAt(location.length) === '/';
  return isBelow ? keyOf([opened.root, path.slice(location.length)].join('')) : undefined;
}

/** Most paths are keys as they stand; a location may have doubled slashes. */
function keyOf(path: string): BlobKey | undefined {
  return isKey(path) ? path : normalizeKey(path);
}

function withoutEndSlashes(location: string): string {
  return location.endsWith('/') ? location.replace(/\/+$/, '') : location;
}

export interface RemoteFile {
  readonly fileName: string;
  readonly md5: string;
  readonly sizeBytes: number;
  readonly stat: BlobStat;
}

/**
 * Files of a remote tablet directory by logical name; of several with one name the first listed.
 * A directory that is not there is empty (repository.md 2.3, 7.3). What an interrupted upload left
 * as `.part` is no file, but where the quirk has it count, before the whole one.
 */
export function* listRemote(
  storage: BlobStorage,
  directory: BlobKey,
  partFilesCount = false,
): Op<ReadonlyMap<string, RemoteFile>> {
  return remoteFiles(yield* storage.list(directory), partFilesCount);
}

/** The same of what a list of the directory gave. */
export function remoteFiles(
  stats: readonly BlobStat[],
  partFilesCount = false,
): ReadonlyMap<string, RemoteFile> {
  if (stats.length === 0) return NO_FILES;
  const remote = new Map<string, RemoteFile>();
  for (const stat of stats) {
    const decoded = stat.isFile ? decodeBackendName(stat.name) : undefined;
    if (decoded === undefined) continue;
    const { md5 } = decoded;
    const isPart = `.${md5}` === PART_SUFFIX;
    if (isPart ? !partFilesCount : remote.has(decoded.name)) continue;
    remote.set(decoded.name, { fileName: stat.name, md5, sizeBytes: stat.sizeBytes, stat });
  }
  return remote;
}

const NO_FILES: ReadonlyMap<string, RemoteFile> = new Map();
