/** From the remote paths in tasks to keys of the store, and the names that lie there. */
import { SimError } from '../base/errors.ts';
import type { Op } from '../base/op.ts';
import { isKey, isSegment, joinKey, normalizeKey } from '../blob/blob-key.ts';
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
  const place = remotePlace(opened, storage, path);
  return place === undefined ? keyBelow(opened, storage, path) : joinKey(place.parent, place.name);
}

export interface RemotePlace {
  readonly parent: BlobKey;
  readonly name: string;
}

/**
 * The same in two parts; undefined for a path elsewhere, and for one that is no key as it stands.
 * The directories of very many tablets come side by side.
 */
export function remotePlace(
  opened: OpenedBlob,
  storage: RemoteStorage,
  path: string,
): RemotePlace | undefined {
  const nameAt = path.lastIndexOf('/') + 1;
  const name = path.slice(nameAt);
  if (!isSegment(name)) return undefined;
  const isBeside =
    last.opened === opened && last.path.length === nameAt && path.startsWith(last.path);
  if (!isBeside) {
    const parent = keyBelow(opened, storage, path.slice(0, nameAt - 1));
    if (parent === undefined) return undefined;
    last = { opened, path: path.slice(0, nameAt), parent };
  }
  return { parent: last.parent, name };
}

/** The directory that the last path lies in, and its key. */
let last: {
  readonly opened: OpenedBlob | undefined;
  readonly path: string;
  readonly parent: BlobKey;
} = { opened: undefined, path: '', parent: '/' };

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
