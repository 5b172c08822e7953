/** The files of a snapshot's tablets as they lie there, table by table. */
import type { Op } from '../../base/op.ts';
import type { BlobKey, BlobStorage } from '../../blob/blob-storage.ts';
import { decodeChecksumName } from '../../blob/checksum-name.ts';
import { labelDirectory } from '../layout.ts';
import { inBatches, requestsAtOnce } from './in-batches.ts';
import {
  type ExpectedTablet,
  expectedTablets,
  type SnapshotContents,
} from './snapshot-contents.ts';
import { tabletKey } from './verify-tablets.ts';

export interface TabletFile {
  /** Without checksum; the whole name of a file that has none. */
  readonly name: string;
  /** Empty for a file that has none. */
  readonly md5: string;
  readonly sizeBytes: number;
}

/** Tells the files of each tablet, in no order; of one table only, if one is named. */
export function eachTabletFiles(
  {
    storage,
    repository,
    label,
    contents,
    table,
  }: {
    readonly storage: BlobStorage;
    readonly repository: BlobKey;
    readonly label: string;
    readonly contents: SnapshotContents;
    readonly table?: string;
  },
  onTablet: (tablet: ExpectedTablet, files: readonly TabletFile[]) => void,
): Op<void> {
  const directory = labelDirectory(repository, label);
  const wanted = function* (): Generator<ExpectedTablet> {
    for (const tablet of expectedTablets(contents)) {
      if (table === undefined || tablet.table === table) yield tablet;
    }
  };
  return inBatches(wanted(), requestsAtOnce(storage.traits), function* (tablet) {
    const stats = yield* storage.list(tabletKey(directory, tablet));
    const files = stats.flatMap(({ name, isFile, sizeBytes }) => {
      if (!isFile) return [];
      const decoded = decodeChecksumName(name);
      return [{ name: decoded?.name ?? name, md5: decoded?.md5 ?? '', sizeBytes }];
    });
    onTablet(tablet, files);
  });
}
