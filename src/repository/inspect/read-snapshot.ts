/**
 * A snapshot's own account of itself, for verbs that need it whole: without a readable `__info`
 * they have nothing to say, and throw. `verify` goes on where these stop.
 */
import { SimError } from '../../base/errors.ts';
import { type Op, succeed } from '../../base/op.ts';
import type { BlobKey, BlobStorage } from '../../blob/blob-storage.ts';
import { labelDirectory, labelProblem } from '../layout.ts';
import { META_BYTES_MAX } from '../meta-info-codec.ts';
import { type InfoFile, type ListedLabel, listSnapshotLabel } from './list-label.ts';
import { type MetaReading, readMetaOutline } from './meta-outline.ts';
import { readWithMd5 } from './read-checked.ts';
import { readContents, type SnapshotContents } from './snapshot-contents.ts';

export interface ReadSnapshot {
  readonly label: string;
  readonly listed: ListedLabel;
  readonly file: InfoFile;
  readonly contents: SnapshotContents;
}

export function* readSnapshot(
  storage: BlobStorage,
  repository: BlobKey,
  label: string,
): Op<ReadSnapshot> {
  const listed = yield* listLabelOf(storage, repository, label);
  const file = listed.infos.at(-1);
  if (file === undefined) {
    throw new SimError('metadata-unreadable', `snapshot ${label} has no __info`, {
      hint: 'Its backup has not ended, or not well. `repo verify` says more.',
    });
  }
  const text = new TextDecoder().decode(yield* readVerified(storage, file));
  return { label, listed, file, contents: readContents(text) };
}

/** Throws `blob-not-found` for a label that is not there. */
export function* listLabelOf(
  storage: BlobStorage,
  repository: BlobKey,
  label: string,
): Op<ListedLabel> {
  const problem = labelProblem(label);
  if (problem !== undefined) throw new SimError('bad-option', problem);
  const directory = labelDirectory(repository, label);
  if ((yield* storage.stat(directory)) === undefined) {
    throw new SimError('blob-not-found', `no snapshot ${label} in ${repository}`, {
      hint: '`repo ls` lists those that are there.',
    });
  }
  return yield* listSnapshotLabel(storage, directory);
}

/** What `__meta` tells; undefined without one. */
export function* readMetaOf(
  storage: BlobStorage,
  { metas: [file] }: ListedLabel,
): Op<MetaReading | undefined> {
  if (file === undefined) return yield* succeed(undefined);
  return readMetaOutline(yield* readVerified(storage, file));
}

function* readVerified(
  storage: BlobStorage,
  { key, md5 }: { readonly key: BlobKey; readonly md5: string },
): Op<Uint8Array> {
  const read = yield* readWithMd5(storage, key, META_BYTES_MAX);
  if (read.md5 === md5) return read.bytes;
  throw new SimError(
    'checksum-mismatch',
    `${key} is damaged: the checksum of its bytes is ${read.md5}`,
  );
}
