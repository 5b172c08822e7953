/**
 * CREATE REPOSITORY against the store: find the `__repo_info` that is there, or write one
 * (repository.md 1.4). The legacy directory is looked for first, and kept when found.
 */
import type { Millis } from '../base/clock.ts';
import { isSimError } from '../base/errors.ts';
import { attempt, type Op } from '../base/op.ts';
import type { BlobKey, BlobStorage } from '../blob/blob-storage.ts';
import { textSource } from '../blob/byte-source.ts';
import { isRepositoryName } from '../catalog/names.ts';
import { PALO_PREFIX, repoInfoKey, repositoryDirectory, STARROCKS_PREFIX } from './layout.ts';
import { decodeRepoInfo, encodeRepoInfo, type RepoInfo } from './repo-info-codec.ts';
import type { RepositoryPrefix } from './repository.ts';
import { OK, type Status, type StatusOr } from './status.ts';
import { failure, guard, guardNow, isOk, statusOf, success } from './status-guard.ts';

export interface RepositoryPlace {
  readonly storage: BlobStorage;
  readonly root: BlobKey;
  readonly name: string;
}

/** Downloads an object of the listed size and gives its text. */
type ReadText = (key: BlobKey, sizeBytes: number) => Op<StatusOr<string>>;

export interface FoundRepository extends RepoInfo {
  readonly prefix: RepositoryPrefix;
}

/** What is there already; nothing if the place is free. Trouble with the legacy name is none. */
export function* findRepoInfo(
  place: RepositoryPlace,
  readText: ReadText,
): Op<StatusOr<FoundRepository | undefined>> {
  const legacy = yield* readRepoInfo(place, PALO_PREFIX, readText);
  if (isOk(legacy) && legacy.value !== undefined) return legacy;
  return yield* readRepoInfo(place, STARROCKS_PREFIX, readText);
}

function* readRepoInfo(
  { storage, root, name }: RepositoryPlace,
  prefix: RepositoryPrefix,
  readText: ReadText,
): Op<StatusOr<FoundRepository | undefined>> {
  const key = repoInfoKey(repositoryDirectory(root, prefix, name));
  const found = yield* guard(`failed to list ${key}`, storage.stat(key));
  if (!isOk(found)) return found;
  if (found.value === undefined) return success(undefined);
  if (!found.value.isFile) return failure('COMMON_ERROR', `the repo info ${key} is not a file`);
  const text = yield* readText(key, found.value.sizeBytes);
  if (!isOk(text)) return text;
  const info = guardNow(`failed to read repo info ${key}`, () => decodeRepoInfo(text.value));
  if (!isOk(info)) return info;
  if (!isRepositoryName(info.value.name)) {
    return failure('COMMON_ERROR', `repo info ${key} names a repository that cannot be`);
  }
  return success({ ...info.value, prefix });
}

/** Written straight to its name, without a checksum: the file's name must be known in advance. */
export function* writeRepoInfo(
  { storage, root, name }: RepositoryPlace,
  createTimeMs: Millis,
  sessionTimeZone: string,
): Op<Status> {
  const key = repoInfoKey(repositoryDirectory(root, STARROCKS_PREFIX, name));
  const source = textSource(encodeRepoInfo({ name, createTimeMs }, sessionTimeZone));
  const written = yield* attempt(storage.put(key, source));
  if (written.ok) return OK;
  if (isSimError(written.error, 'blob-not-permitted')) {
    return failure(
      'BAD_CONNECTION',
      `repository directory ${root} is not writable: ${written.error.message}. ` +
        'Give the emulator write permission there',
    ).status;
  }
  return statusOf(`failed to write ${key}`, written.error, 'BAD_CONNECTION');
}
