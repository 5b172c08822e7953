/** The files of a snapshot's tablets: which are there, which should be, and what headers say. */
import { asSimError, SimError } from '../../base/errors.ts';
import { attempt, type Op } from '../../base/op.ts';
import { MIB } from '../../base/units.ts';
import type { BlobKey, BlobStorage } from '../../blob/blob-storage.ts';
import { contentDirectory, tabletPath } from '../layout.ts';
import {
  checkFiles,
  headerOf,
  type ReadHeader,
  readListing,
  type TabletFinding,
  type TabletHeader,
  type TabletListing,
  type Variant,
  type Wanted,
  wantedByHeader,
  wantedByNames,
} from './check-tablet.ts';
import { inBatches, requestsAtOnce } from './in-batches.ts';
import { readWithMd5 } from './read-checked.ts';
import {
  type ExpectedTablet,
  expectedTablets,
  type SnapshotContents,
} from './snapshot-contents.ts';
import type { ReportBuilder } from './snapshot-report.ts';

/** Headers hold a line a file; a larger one is no header. */
export const HEADER_BYTES_MAX: number = 64 * MIB;

export interface TabletsToVerify {
  readonly storage: BlobStorage;
  readonly labelDirectory: BlobKey;
  readonly contents: SnapshotContents;
  readonly report: ReportBuilder;
  readonly readHeader: ReadHeader;
  readonly onTablet: () => void;
  /** Each file that a restore would take, apart from headers, whose bytes are checked here. */
  readonly onFile: (file: Variant) => void;
}

export function verifyTablets(of: TabletsToVerify): Op<void> {
  const limit = requestsAtOnce(of.storage.traits);
  return inBatches(expectedTablets(of.contents), limit, (tablet) => verifyTablet(of, tablet));
}

export function tabletKey(labelDirectory: BlobKey, { path }: ExpectedTablet): BlobKey {
  return `${contentDirectory(labelDirectory)}/${tabletPath(path)}`;
}

function* verifyTablet(of: TabletsToVerify, tablet: ExpectedTablet): Op<void> {
  const { storage, report, contents } = of;
  const { table, partition } = tablet;
  const directory = tabletKey(of.labelDirectory, tablet);
  const add = (finding: TabletFinding): void => report.add({ ...finding, table, partition });
  const stats = yield* storage.list(directory);
  of.onTablet();
  if (stats.length === 0) {
    const text = 'the tablet has no files at all';
    add({ kind: 'missing', effect: 'hurts', key: directory, text });
    return;
  }
  for (const { sizeBytes } of stats) {
    report.fileCount += 1;
    report.sizeBytes += Math.max(0, sizeBytes);
  }
  const listing = readListing(directory, stats);
  const listed = contents.listedFiles.get(tablet.path.tabletId);
  const header = yield* verifyHeader(of, tablet, listing, listed !== undefined, add);
  const wanted = listed === undefined ? header.wanted : wantedByNames(listed);
  for (const finding of checkFiles(listing, wanted)) add(finding);
  if (wanted === undefined && !header.isWrong) report.addUnjudged(table);
  for (const [name, [taken]] of listing.files) {
    if (taken !== undefined && name !== header.readName) of.onFile(taken);
  }
}

interface HeaderVerdict {
  readonly wanted?: Wanted;
  /** A finding has been told that settles the tablet. */
  readonly isWrong?: boolean;
  /** The header whose bytes were checked. */
  readonly readName?: string;
}

function* verifyHeader(
  { storage, report, readHeader }: TabletsToVerify,
  tablet: ExpectedTablet,
  listing: TabletListing,
  isListed: boolean,
  add: (finding: TabletFinding) => void,
): Op<HeaderVerdict> {
  const found = headerOf(listing);
  if (found.file === undefined) {
    // Where `__info` lists the files, a missing header is told with the other missing files.
    const finding = { kind: 'missing', effect: 'hurts', key: listing.directory } as const;
    if (!isListed) add({ ...finding, text: found.text });
    return { isWrong: true };
  }
  const { file, name } = found;
  const read = yield* attempt(readWithMd5(storage, file.key, HEADER_BYTES_MAX));
  if (!read.ok) {
    add(unreadable(file.key, read.error));
    return {};
  }
  report.filesRead += 1;
  report.bytesRead += read.value.bytes.length;
  if (read.value.md5 !== file.md5) {
    add({ kind: 'damaged', effect: 'hurts', key: file.key, text: otherMd5(read.value.md5) });
    return { isWrong: true, readName: name };
  }
  const header = readHeader(read.value.bytes);
  if (header === undefined) return { readName: name };
  const text = contradictionOf(header, tablet);
  if (text !== undefined) add({ kind: 'inconsistent', effect: 'hurts', key: file.key, text });
  return { wanted: wantedByHeader(header, name, file), readName: name };
}

function contradictionOf(header: TabletHeader, tablet: ExpectedTablet): string | undefined {
  if (header.tabletId !== tablet.path.tabletId) return `the header of tablet ${header.tabletId}`;
  if (header.version === tablet.version) return undefined;
  return `the header is of version ${header.version}, __info is of ${tablet.version}`;
}

export function otherMd5(md5: string): string {
  return `the checksum of its bytes is ${md5}`;
}

/** Of one object that cannot be had; a store that cannot be reached ends the look. */
export function unreadable(key: BlobKey, error: unknown): TabletFinding {
  const { code, message } = asSimError(error);
  switch (code) {
    case 'blob-not-found':
      return { kind: 'missing', effect: 'hurts', key, text: 'it was listed and is not there' };
    case 'blob-not-permitted':
    case 'limit-reached':
      return { kind: 'unreadable', effect: 'unknown', key, text: message };
    default:
      throw error instanceof SimError ? error : asSimError(error);
  }
}
