/**
 * Moves single files between the frontend's disk and a repository, with the checksum in the remote
 * name (repository.md 4.3). Used for `__meta` and `__info_*`; tablet files are the backends' work.
 */
import { SimError } from '../base/errors.ts';
import type { ByteWriter, Files } from '../base/files.ts';
import type { Op } from '../base/op.ts';
import { makeDirectoryDurably } from '../base/write-file.ts';
import { baseName, joinKey, parentKey } from '../blob/blob-key.ts';
import type { BlobKey, BlobStat, BlobStorage } from '../blob/blob-storage.ts';
import { drain, fileSource } from '../blob/byte-source.ts';
import { decodeChecksumName, encodeChecksumName, partName } from '../blob/checksum-name.ts';
import { OK, type Status, type StatusOr } from './status.ts';
import { failure, guard, isOk } from './status-guard.ts';

/**
 * Uploads under `.part`, then renames to `<logical>.<md5>`; earlier leftovers of the same two names
 * go first, variants with another checksum stay. Repeating it changes nothing.
 */
export function* uploadChecked(
  storage: BlobStorage,
  files: Files,
  localPath: string,
  logical: BlobKey,
): Op<Status> {
  const local = yield* guard(`cannot read local file ${localPath}`, files.stat(localPath));
  if (!isOk(local)) return local.status;
  if (!local.value?.isFile) {
    return failure('NOT_FOUND', `local file ${localPath} does not exist`).status;
  }
  const md5 = yield* guard(`cannot checksum ${localPath}`, files.md5(localPath));
  if (!isOk(md5)) return md5.status;
  const part = partName(logical);
  const final = encodeChecksumName(logical, md5.value);
  const done = yield* guard(
    `failed to upload ${localPath} to ${final}`,
    replace(storage, files, { localPath, part, final }),
  );
  return done.status;
}

function* replace(
  storage: BlobStorage,
  files: Files,
  names: { readonly localPath: string; readonly part: BlobKey; readonly final: BlobKey },
): Op<void> {
  yield* storage.delete(names.part);
  yield* storage.delete(names.final);
  yield* storage.put(names.part, yield* fileSource(files, names.localPath));
  yield* storage.rename(names.part, names.final);
}

/**
 * Downloads the one file `<logical>.<md5>` and checks it. Everything whose name begins with the
 * logical name counts as a match, a leftover `.part` too (repository.md 2.3 and 2.4). After a
 * failure nothing is left at `localPath`.
 */
export function* downloadChecked(
  storage: BlobStorage,
  files: Files,
  logical: BlobKey,
  localPath: string,
): Op<Status> {
  const match = yield* findOne(storage, logical);
  if (!isOk(match)) return match.status;
  const { stat, md5 } = match.value;
  const key = joinKey(parentKey(logical), stat.name);
  const copied = yield* copyToFile(storage, files, { key, sizeBytes: stat.sizeBytes, localPath });
  if (copied.code !== 'OK') return copied;
  const actual = yield* guard(`cannot checksum ${localPath}`, files.md5(localPath));
  if (!isOk(actual)) {
    yield* removeScratch(files, localPath);
    return actual.status;
  }
  if (actual.value === md5) return OK;
  yield* removeScratch(files, localPath);
  return failure(
    'BAD_FILE',
    `file ${key} is damaged: md5 of its content is ${actual.value}, its name says ${md5}. ` +
      'Restore from another snapshot, or put the file back from a copy',
  ).status;
}

function* findOne(
  storage: BlobStorage,
  logical: BlobKey,
): Op<StatusOr<{ readonly stat: BlobStat; readonly md5: string }>> {
  const listed = yield* guard(`failed to list ${logical}*`, storage.list(parentKey(logical)));
  if (!isOk(listed)) return listed;
  const wanted = baseName(logical);
  const matches = listed.value.filter(({ name }) => name.startsWith(wanted));
  const [stat] = matches;
  if (stat === undefined || matches.length !== 1) {
    return failure(
      'COMMON_ERROR',
      `expected one file with path ${logical}*, found ${matches.length}${namesOf(matches)}`,
    );
  }
  if (!stat.isFile) {
    return failure('COMMON_ERROR', `expected a file with path ${logical}*, ${stat.name} is a dir`);
  }
  const decoded = decodeChecksumName(stat.name);
  if (decoded === undefined) {
    return failure(
      'COMMON_ERROR',
      `file name ${stat.name} has no checksum; its upload was not finished`,
    );
  }
  if (decoded.name !== wanted) {
    return failure('COMMON_ERROR', `no such file ${logical}; there is ${stat.name}`);
  }
  return { status: OK, value: { stat, md5: decoded.md5 } };
}

const NAMES_SHOWN_MAX = 5;

function namesOf(matches: readonly BlobStat[]): string {
  if (matches.length === 0) return '';
  const names = matches.slice(0, NAMES_SHOWN_MAX).map(({ name }) => name);
  return `: ${names.join(', ')}${matches.length > NAMES_SHOWN_MAX ? ', ...' : ''}`;
}

/** Copies exactly the listed size into a new local file; after a failure there is none. */
export function* copyToFile(
  storage: BlobStorage,
  files: Files,
  copy: { readonly key: BlobKey; readonly sizeBytes: number; readonly localPath: string },
): Op<Status> {
  const done = yield* guard(
    `failed to download ${copy.key} to ${copy.localPath}`,
    writeCopy(storage, files, copy),
  );
  if (!isOk(done)) yield* removeScratch(files, copy.localPath);
  return done.status;
}

/** Tidies up after a failure, which is what the caller must hear of, not how the tidying went. */
function* removeScratch(files: Files, path: string): Op<void> {
  yield* guard(`cannot remove ${path}`, files.remove(path));
}

function* writeCopy(
  storage: BlobStorage,
  files: Files,
  copy: { readonly key: BlobKey; readonly sizeBytes: number; readonly localPath: string },
): Op<void> {
  // Durable, as those who find the directory there take it to be.
  yield* makeDirectoryDurably(files, parentKey(copy.localPath));
  yield* files.remove(copy.localPath);
  const reader = yield* storage.get(copy.key, { start: 0, end: copy.sizeBytes });
  let writer: ByteWriter;
  try {
    writer = yield* files.create(copy.localPath);
  } catch (error) {
    yield* reader.close();
    throw error;
  }
  let copied = 0;
  try {
    yield* drain(reader, (chunk) => {
      copied += chunk.length;
      return writer.write(chunk);
    });
  } finally {
    yield* writer.close();
  }
  if (copied === copy.sizeBytes) return;
  throw new SimError(
    'blob-error',
    `${copy.key} was listed with ${copy.sizeBytes} bytes and has ${copied}`,
  );
}
