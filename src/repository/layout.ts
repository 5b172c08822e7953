/**
 * Every remote path of a repository, built and taken apart here only (repository.md 2). The
 * frontend's own files are keys of the opened store, tablet directories are URIs for the backends;
 * a location's trailing slash is doubled in neither.
 *
 *     <root>/__starrocks_repository_<repo>/__repo_info
 *       __ss_<label>/__meta.<md5>
 *       __ss_<label>/__info_<timestamp>.<md5>
 *       __ss_<label>/__ss_content/__db_/__tbl_/__part_/__idx_/__<tablet>/<file>.<md5>
 */
import { joinKey } from '../blob/blob-key.ts';
import type { BlobKey } from '../blob/blob-storage.ts';
import { decodeChecksumName } from '../blob/checksum-name.ts';
import type {
  InfoEntry,
  JobInfoFile,
  RemoteTabletPath,
  RepositoryData,
  RepositoryPrefix,
} from './repository.ts';

export const STARROCKS_PREFIX = '__starrocks_repository_';

/** Written by the oldest releases; probed first and kept where it is found. */
export const PALO_PREFIX = '__palo_repository_';

export const META_NAME = '__meta';

const REPO_INFO_NAME = '__repo_info';
const SNAPSHOT_PREFIX = '__ss_';
const CONTENT_NAME = '__ss_content';
const INFO_PREFIX = '__info_';

export function repositoryDirectory(
  root: BlobKey,
  prefix: RepositoryPrefix,
  name: string,
): BlobKey {
  return joinKey(root, `${prefix}${name}`);
}

/** A name directly below a location as a repository; undefined for any other name. */
export function parseRepositoryDirectory(
  directoryName: string,
): { readonly prefix: RepositoryPrefix; readonly name: string } | undefined {
  for (const prefix of [STARROCKS_PREFIX, PALO_PREFIX] as const) {
    if (!directoryName.startsWith(prefix)) continue;
    return { prefix, name: directoryName.slice(prefix.length) };
  }
  return undefined;
}

/** Whether the name has its place in a repository's directory beside the snapshots. */
export function isRepoInfoName(name: string): boolean {
  return name === REPO_INFO_NAME;
}

export function isContentName(name: string): boolean {
  return name === CONTENT_NAME;
}

export function repoInfoKey(repository: BlobKey): BlobKey {
  return joinKey(repository, REPO_INFO_NAME);
}

/**
 * Why a label cannot stand in a path, or undefined. StarRocks takes any text that is not empty;
 * path tricks are refused here (resolutions.md 25).
 */
export function labelProblem(label: string): string | undefined {
  if (label === '') return 'a snapshot label must not be empty';
  if (/[/\\]/.test(label)) return `snapshot label ${label} must not hold a path separator`;
  if (label === '.' || label === '..') return `snapshot label ${label} is a path, not a name`;
  return undefined;
}

export function labelDirectory(repository: BlobKey, label: string): BlobKey {
  return joinKey(repository, `${SNAPSHOT_PREFIX}${label}`);
}

/** The label of a directory below the repository; undefined for any other name. */
export function parseLabel(directoryName: string): string | undefined {
  if (!directoryName.startsWith(SNAPSHOT_PREFIX)) return undefined;
  return directoryName.slice(SNAPSHOT_PREFIX.length);
}

/** Logical name of a job info file: what stands before the checksum. */
export function infoName(timestamp: string): string {
  return `${INFO_PREFIX}${timestamp}`;
}

export function isInfoName(fileName: string): boolean {
  return fileName.startsWith(INFO_PREFIX);
}

/** `__info_<timestamp>.<md5>` as a timestamp; a name without a checksum is an invalid entry. */
export function parseInfoFileName(fileName: string): InfoEntry {
  const decoded = decodeChecksumName(fileName);
  if (decoded === undefined) return { kind: 'invalid', fileName };
  return { kind: 'timestamp', timestamp: decoded.name.slice(INFO_PREFIX.length) };
}

/** The same for a file that holds a job info for sure; undefined for any other name. */
export function parseJobInfoFile(fileName: string): JobInfoFile | undefined {
  const entry = isInfoName(fileName) ? parseInfoFileName(fileName) : undefined;
  return entry?.kind === 'timestamp' ? { timestamp: entry.timestamp, fileName } : undefined;
}

/**
 * The full remote path of a tablet's directory: a URI below the location, as StarRocks puts it into
 * tasks. No level for the schema hash: uploads and downloads do without (repository.md 2.1).
 */
export function tabletDirectory(
  repository: RepositoryData,
  label: string,
  path: RemoteTabletPath,
): string {
  return tabletDirectoryIn(indexDirectory(repository, label, path), path);
}

/** What the directories of all tablets of an index begin with. */
export function indexDirectory(
  { location, name, prefix = STARROCKS_PREFIX }: RepositoryData,
  label: string,
  path: RemoteTabletPath,
): string {
  const content = `${prefix}${name}/${SNAPSHOT_PREFIX}${label}/${CONTENT_NAME}`;
  return [location.replace(/\/+$/, ''), content, indexPath(path)].join('/');
}

export function tabletDirectoryIn(
  directory: string,
  { tabletId }: Pick<RemoteTabletPath, 'tabletId'>,
): string {
  return `${directory}/__${tabletId}`;
}

/** Where the data of a label lies, in the key of its directory. */
export function contentDirectory(label: BlobKey): BlobKey {
  return joinKey(label, CONTENT_NAME);
}

/** The directories that lead to a tablet below `__ss_content`. */
export function tabletPath(path: RemoteTabletPath): string {
  return tabletDirectoryIn(indexPath(path), path);
}

function indexPath({ dbId, tableId, partitionId, indexId }: RemoteTabletPath): string {
  return `__db_${dbId}/__tbl_${tableId}/__part_${partitionId}/__idx_${indexId}`;
}

const TABLET_PATH =
  /\/__ss_([^/]+)\/__ss_content\/__db_(\d+)\/__tbl_(\d+)\/__part_(\d+)\/__idx_(\d+)\/__(\d+)$/;

/** The label and ids in a tablet's remote path or key; undefined for any other path. */
export function parseTabletDirectory(
  path: string,
): { readonly label: string; readonly path: RemoteTabletPath } | undefined {
  const [, label, dbId, tableId, partitionId, indexId, tabletId] = TABLET_PATH.exec(path) ?? [];
  if (label === undefined) return undefined;
  return {
    label,
    path: {
      dbId: Number(dbId),
      tableId: Number(tableId),
      partitionId: Number(partitionId),
      indexId: Number(indexId),
      tabletId: Number(tabletId),
    },
  };
}
