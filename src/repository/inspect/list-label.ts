/** The files that stand directly in a snapshot's directory, by what they are. */
import type { Op } from '../../base/op.ts';
import { joinKey } from '../../blob/blob-key.ts';
import type { BlobKey, BlobStorage } from '../../blob/blob-storage.ts';
import { decodeChecksumName } from '../../blob/checksum-name.ts';
import { isContentName, isInfoName, META_NAME, parseInfoFileName } from '../layout.ts';

export interface ChecksumFile {
  readonly key: BlobKey;
  readonly md5: string;
  readonly sizeBytes: number;
}

export interface InfoFile extends ChecksumFile {
  readonly timestamp: string;
}

export interface ListedLabel {
  readonly directory: BlobKey;
  readonly infos: readonly InfoFile[];
  readonly metas: readonly ChecksumFile[];
  /**
   * Names that begin like the metadata's and are none: a restore counts them all the same, and
   * refuses the snapshot over them (repository.md 2.4).
   */
  readonly obstacles: readonly string[];
  readonly strangers: readonly string[];
  readonly hasContent: boolean;
}

export function* listSnapshotLabel(storage: BlobStorage, directory: BlobKey): Op<ListedLabel> {
  const infos: InfoFile[] = [];
  const metas: ChecksumFile[] = [];
  const obstacles: string[] = [];
  const strangers: string[] = [];
  let hasContent = false;
  for (const { name, isFile, sizeBytes } of yield* storage.list(directory)) {
    const decoded = isFile ? decodeChecksumName(name) : undefined;
    const key = joinKey(directory, name);
    if (decoded !== undefined && isInfoName(decoded.name)) {
      const entry = parseInfoFileName(name);
      const timestamp = entry.kind === 'timestamp' ? entry.timestamp : name;
      infos.push({ key, md5: decoded.md5, sizeBytes, timestamp });
    } else if (decoded?.name === META_NAME) {
      metas.push({ key, md5: decoded.md5, sizeBytes });
    } else if (name.startsWith(META_NAME) || isInfoName(name)) obstacles.push(name);
    else if (!isFile && isContentName(name)) hasContent = true;
    else strangers.push(name);
  }
  return { directory, infos, metas, obstacles, strangers, hasContent };
}
