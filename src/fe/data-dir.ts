/**
 * The data directory of a cluster: who may use it, what is in it, and that nobody else uses it at
 * the same time (design.md 2 and 5).
 */
import { type ErrorCode, isSimError, SimError } from '../base/errors.ts';
import type { FileLock, Files } from '../base/files.ts';
import type { BackendId } from '../base/ids.ts';
import type { Op } from '../base/op.ts';
import type { Random } from '../base/random.ts';
import { ASIDE_SUFFIX, makeDirectoryDurably, writeFileDurably } from '../base/write-file.ts';

/** Rises when an older program could no longer read what a newer one wrote. */
export const DATA_FORMAT_VERSION = 1;

const VERSION_NAME = 'VERSION';
const LOCK_NAME = 'LOCK';

export interface DataDirRequest {
  readonly files: Files;
  /** Absolute; created if missing. */
  readonly path: string;
  readonly random: Random;
  /** All profiles, the oldest first, and the one to run with. */
  readonly profiles: readonly string[];
  readonly profile: string;
  readonly backendCount: number;
}

/** What the `VERSION` file says. */
export interface DataVersion {
  readonly formatVersion: number;
  /** Positive, 31 bits. */
  readonly clusterId: number;
  readonly profile: string;
  readonly backendCount: number;
}

export interface DataDir {
  readonly path: string;
  readonly version: DataVersion;
  /** It was created just now. */
  readonly isNew: boolean;
  readonly editLogDir: string;
  readonly imageDir: string;
  /** Holds `backup/` and `restore/`. */
  readonly tmpDir: string;
  /** Holds `data/` and `snapshot/` of one backend. */
  backendDir(id: BackendId): string;
  /** Lets others use it. */
  release(): Op<void>;
}

/**
 * Locks the directory, checks that this program may use it, and brings its version file up to
 * date. Throws `data-dir-in-use`, which names the holder, or `data-dir-unusable`.
 */
export function* openDataDir(request: DataDirRequest): Op<DataDir> {
  const { files, path } = request;
  const lock = yield* prepare(files, path);
  try {
    const stored = yield* readVersion(files, path);
    if (stored === undefined) yield* assertFresh(files, path);
    else assertMayUse(request, stored);
    const version = newVersion(request, stored);
    if (stored === undefined || JSON.stringify(stored) !== JSON.stringify(version)) {
      const text = `${JSON.stringify(version, undefined, 2)}\n`;
      yield* writeFileDurably(files, `${path}/${VERSION_NAME}`, [text]);
    }
    return layoutOf(path, version, stored === undefined, lock);
  } catch (error) {
    yield* lock.release();
    throw error instanceof SimError ? asUnusable(error, path) : error;
  }
}

function* prepare(files: Files, path: string): Op<FileLock> {
  try {
    const stat = yield* files.stat(path);
    if (stat?.isFile) throw unusable(path, 'is a file');
    yield* makeDirectoryDurably(files, path);
    return yield* files.lock(`${path}/${LOCK_NAME}`);
  } catch (error) {
    throw error instanceof SimError ? asUnusable(error, path) : error;
  }
}

const FILE_CODES: readonly ErrorCode[] = [
  'file-not-found',
  'file-exists',
  'file-not-permitted',
  'disk-full',
  'file-error',
];

function asUnusable(error: SimError, path: string): SimError {
  if (!FILE_CODES.includes(error.code)) return error;
  return unusable(path, `cannot be used: ${error.message}`, error);
}

function unusable(path: string, why: string, cause?: SimError): SimError {
  return new SimError('data-dir-unusable', `data directory ${path} ${why}`, {
    hint: 'Choose another one with --data-dir, or run with --ephemeral.',
    cause,
  });
}

function* readVersion(files: Files, path: string): Op<DataVersion | undefined> {
  const file = `${path}/${VERSION_NAME}`;
  let bytes: Uint8Array;
  try {
    bytes = yield* files.read(file);
  } catch (error) {
    if (isSimError(error, 'file-not-found')) return undefined;
    throw error;
  }
  const version = parseVersion(Buffer.from(bytes).toString('utf8'));
  if (version === undefined) throw unusable(path, `has a ${VERSION_NAME} file that is not one`);
  return version;
}

function parseVersion(text: string): DataVersion | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const fields: Partial<Record<keyof DataVersion, unknown>> = value;
  const { formatVersion, clusterId, profile, backendCount } = fields;
  if (typeof formatVersion !== 'number' || typeof clusterId !== 'number') return undefined;
  if (typeof profile !== 'string' || typeof backendCount !== 'number') return undefined;
  return { formatVersion, clusterId, profile, backendCount };
}

/** Things of others are never mixed with ours. Hidden files and mount points' own are fine. */
function* assertFresh(files: Files, path: string): Op<void> {
  for (const { name } of yield* files.list(path)) {
    if (name.startsWith('.') || name.startsWith(LOCK_NAME) || name === 'lost+found') continue;
    if (name === `${VERSION_NAME}${ASIDE_SUFFIX}`) continue;
    throw unusable(path, `holds '${name}' but no ${VERSION_NAME} file, so it is not ours`);
  }
}

function assertMayUse(
  { path, profiles, profile, backendCount }: DataDirRequest,
  stored: DataVersion,
): void {
  if (stored.formatVersion > DATA_FORMAT_VERSION) {
    const known = `this program knows up to ${DATA_FORMAT_VERSION}`;
    throw unusable(path, `has format ${stored.formatVersion}, ${known}`);
  }
  const storedRank = profiles.indexOf(stored.profile);
  if (storedRank < 0) throw unusable(path, `is of the unknown version ${stored.profile}`);
  if (profiles.indexOf(profile) < storedRank) {
    throw unusable(path, `is of version ${stored.profile}, which ${profile} cannot go back from`);
  }
  if (backendCount < stored.backendCount) {
    const why = `has ${stored.backendCount} backends, so it cannot run with ${backendCount}`;
    throw unusable(path, why);
  }
}

function newVersion(request: DataDirRequest, stored: DataVersion | undefined): DataVersion {
  return {
    formatVersion: DATA_FORMAT_VERSION,
    clusterId: stored?.clusterId ?? newClusterId(request.random),
    profile: request.profile,
    backendCount: request.backendCount,
  };
}

/** Positive and 31 bits, as StarRocks draws it. */
function newClusterId(random: Random): number {
  return random.uint32() >>> 1 || 1;
}

function layoutOf(path: string, version: DataVersion, isNew: boolean, lock: FileLock): DataDir {
  return Object.freeze({
    path,
    version,
    isNew,
    editLogDir: `${path}/fe/edit_log`,
    imageDir: `${path}/fe/image`,
    tmpDir: `${path}/fe/tmp`,
    backendDir: (id: BackendId): string => `${path}/be/${id}`,
    release: () => lock.release(),
  });
}
