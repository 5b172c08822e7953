/**
 * Every byte of a snapshot's data against the checksum in its file's name, or of a sample of files.
 * Tablets are listed again rather than kept from the first look: a large repository has millions
 * of files.
 */
import { createHash } from 'node:crypto';
import { attempt, type Op } from '../../base/op.ts';
import type { BlobKey } from '../../blob/blob-storage.ts';
import { headerOf, readListing, type Variant } from './check-tablet.ts';
import { inBatches, requestsAtOnce } from './in-batches.ts';
import { isMd5, md5Of } from './read-checked.ts';
import { expectedTablets } from './snapshot-contents.ts';
import { otherMd5, type TabletsToVerify, tabletKey, unreadable } from './verify-tablets.ts';

export interface Sample {
  /** Of all files, from 0 to 1. */
  readonly share: number;
  readonly seed: string;
}

/** The same files for the same seed, in any copy of the repository and in any order. */
export function isChosen({ share, seed }: Sample, keyBelowRepository: string): boolean {
  if (share >= 1) return true;
  const digest = createHash('md5').update(`${seed}:${keyBelowRepository}`).digest();
  return digest.readUInt32LE(0) / 2 ** 32 < share;
}

export interface DataToVerify
  extends Pick<TabletsToVerify, 'storage' | 'labelDirectory' | 'contents' | 'report'> {
  readonly isWanted: (key: BlobKey) => boolean;
  readonly onBytes: (count: number) => void;
}

export function verifyData(of: DataToVerify): Op<void> {
  const { storage, contents, report, labelDirectory } = of;
  return inBatches(expectedTablets(contents), requestsAtOnce(storage.traits), function* (tablet) {
    const directory = tabletKey(labelDirectory, tablet);
    const listing = readListing(directory, yield* storage.list(directory));
    const header = headerOf(listing).file;
    const { table, partition } = tablet;
    for (const [file] of listing.files.values()) {
      if (file === undefined || file.key === header?.key) continue;
      if (!isMd5(file.md5) || !of.isWanted(file.key)) continue;
      const finding = yield* verifyFile(of, file);
      if (finding !== undefined) report.add({ ...finding, table, partition });
    }
  });
}

function* verifyFile(
  { storage, report, onBytes }: DataToVerify,
  { key, md5 }: Variant,
): Op<ReturnType<typeof unreadable> | undefined> {
  const read = yield* attempt(
    md5Of(storage, key, (count) => {
      report.bytesRead += count;
      onBytes(count);
    }),
  );
  if (!read.ok) return unreadable(key, read.error);
  report.filesRead += 1;
  if (read.value === md5) return undefined;
  return { kind: 'damaged', effect: 'hurts', key, text: otherMd5(read.value) };
}
