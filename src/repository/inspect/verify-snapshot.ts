/**
 * Verifies one snapshot without a cluster, in three levels: all files are there; the metadata can
 * be read and does not contradict itself; every byte is the one that its file's name promises.
 * What cannot be told is told as unknown, never as good.
 */
import { SimError } from '../../base/errors.ts';
import { attempt, type Op } from '../../base/op.ts';
import { joinKey } from '../../blob/blob-key.ts';
import type { BlobKey, BlobStorage } from '../../blob/blob-storage.ts';
import { PART_SUFFIX } from '../../blob/checksum-name.ts';
import { contentDirectory, labelDirectory } from '../layout.ts';
import { META_BYTES_MAX } from '../meta-info-codec.ts';
import { errorText } from '../status-guard.ts';
import { contradictions } from './check-metadata.ts';
import type { ReadHeader } from './check-tablet.ts';
import { findStrays } from './find-strays.ts';
import type { Tell } from './finding.ts';
import { type ChecksumFile, type ListedLabel, listSnapshotLabel } from './list-label.ts';
import { type MetaReading, readMetaOutline } from './meta-outline.ts';
import { readWithMd5 } from './read-checked.ts';
import {
  expectedTablets,
  readContents,
  type SnapshotContents,
  tabletCountOf,
} from './snapshot-contents.ts';
import { ReportBuilder, type SnapshotReport } from './snapshot-report.ts';
import { isChosen, type Sample, verifyData } from './verify-data.ts';
import { otherMd5, unreadable, verifyTablets } from './verify-tablets.ts';

export const VERIFY_LEVELS = ['files', 'metadata', 'data'] as const;
export type VerifyLevel = (typeof VERIFY_LEVELS)[number];

export interface VerifyProgress {
  /** `tablets` are looked at, then `bytes` are read. */
  readonly unit: 'tablets' | 'bytes';
  readonly done: number;
  readonly total: number;
}

export interface VerifyRequest {
  readonly storage: BlobStorage;
  /** The directory of the repository. */
  readonly repository: BlobKey;
  readonly label: string;
  readonly level: VerifyLevel;
  readonly sample: Sample;
  /** Whether somebody relies on it, so that its not being there is damage. */
  readonly isAskedFor: boolean;
  readonly readHeader: ReadHeader;
  readonly tell: Tell;
  readonly onProgress: (progress: VerifyProgress) => void;
  /** Throws to stop. */
  readonly checkpoint: () => void;
}

/** Throws what keeps the store from answering; everything else is a finding. */
export function* verifySnapshot(request: VerifyRequest): Op<SnapshotReport> {
  const { storage, label, level } = request;
  const report = new ReportBuilder(label, request.tell);
  const directory = labelDirectory(request.repository, label);
  const listed = yield* listSnapshotLabel(storage, directory);
  for (const { sizeBytes } of [...listed.infos, ...listed.metas]) {
    report.fileCount += 1;
    report.sizeBytes += sizeBytes;
  }
  tellNames(report, listed);
  const contents = yield* verifyInfo(request, report, listed);
  if (contents === undefined) return report.build();
  yield* verifyMeta(request, report, listed, contents);
  const files = { count: 0, bytes: 0 };
  const isWanted = (key: BlobKey): boolean =>
    isChosen(request.sample, key.slice(request.repository.length));
  const of = {
    storage,
    labelDirectory: directory,
    contents,
    report,
    readHeader: request.readHeader,
  };
  const total = tabletCountOf(contents);
  let done = 0;
  yield* verifyTablets({
    ...of,
    onTablet: () => {
      done += 1;
      request.onProgress({ unit: 'tablets', done, total });
      request.checkpoint();
    },
    onFile: ({ key, sizeBytes }) => {
      if (level !== 'data' || !isWanted(key)) return;
      files.count += 1;
      files.bytes += sizeBytes;
    },
  });
  yield* findStrays(
    storage,
    contentDirectory(directory),
    expectedTablets(contents),
    ({ key, isFile }) => {
      const text = isFile ? 'no file belongs there' : 'no tablet of the snapshot lies there';
      report.add({ kind: 'extra', effect: 'leftover', key, text });
    },
  );
  if (level === 'data' && files.count > 0) {
    let bytes = 0;
    const onBytes = (count: number): void => {
      bytes += count;
      request.onProgress({ unit: 'bytes', done: bytes, total: Math.max(files.bytes, bytes) });
      request.checkpoint();
    };
    yield* verifyData({ ...of, isWanted, onBytes });
  }
  return report.build();
}

function tellNames(report: ReportBuilder, { directory, obstacles, strangers }: ListedLabel): void {
  for (const name of obstacles) {
    const isPart = name.endsWith(PART_SUFFIX);
    report.add({
      kind: isPart ? 'part' : 'foreign',
      effect: 'hurts',
      key: joinKey(directory, name),
      text: 'a restore takes it for a second file of metadata, and refuses the snapshot',
    });
  }
  for (const name of strangers) {
    const text = 'nothing in a snapshot has this name';
    report.add({ kind: 'extra', effect: 'leftover', key: joinKey(directory, name), text });
  }
}

function* verifyInfo(
  { storage, isAskedFor }: VerifyRequest,
  report: ReportBuilder,
  { directory, infos, metas }: ListedLabel,
): Op<SnapshotContents | undefined> {
  // The newest by its name; with several, nobody can say which one the data belongs to.
  const file = infos.at(-1);
  if (file === undefined) {
    const wasWritten = metas.length > 0;
    report.add({
      kind: wasWritten ? 'missing' : 'unfinished',
      effect: wasWritten || isAskedFor ? 'hurts' : 'leftover',
      key: directory,
      text: 'no __info: the backup never ended, still runs, or its last file is lost',
    });
    return undefined;
  }
  for (const { key, timestamp } of infos.slice(0, -1)) {
    const isSame = timestamp === file.timestamp;
    report.add({
      kind: 'inconsistent',
      effect: isSame ? 'hurts' : 'unknown',
      key,
      text: isSame
        ? 'two __info of one timestamp: a restore expects one'
        : 'a second __info of another timestamp; there is one __meta and one set of data',
    });
  }
  const bytes = yield* readMetadata(storage, report, file);
  const contents = bytes === undefined ? undefined : readInfo(report, file.key, bytes);
  report.begin(file.timestamp, contents);
  return contents;
}

function readInfo(
  report: ReportBuilder,
  key: BlobKey,
  bytes: Uint8Array,
): SnapshotContents | undefined {
  try {
    const contents = readContents(new TextDecoder().decode(bytes));
    return contents;
  } catch (error) {
    if (!(error instanceof SimError) || error.code === 'bug') throw error;
    report.add({ kind: 'unreadable', effect: 'hurts', key, text: errorText(error) });
    return undefined;
  }
}

function* verifyMeta(
  { storage, level }: VerifyRequest,
  report: ReportBuilder,
  { directory, metas }: ListedLabel,
  contents: SnapshotContents,
): Op<void> {
  const [file, ...others] = metas;
  if (file === undefined) {
    const key = joinKey(directory, '__meta');
    report.add({ kind: 'missing', effect: 'hurts', key, text: 'no file __meta.<md5> is there' });
    return;
  }
  for (const { key } of others) {
    const text = 'a second __meta: a restore expects one, and refuses the snapshot';
    report.add({ kind: 'inconsistent', effect: 'hurts', key, text });
  }
  if (level === 'files') return;
  const bytes = yield* readMetadata(storage, report, file);
  const reading = bytes === undefined ? undefined : readMeta(report, file.key, bytes);
  if (reading === undefined) return;
  if (reading.outline === undefined) {
    report.add({ kind: 'unreadable', effect: 'unknown', key: file.key, text: reading.text });
    return;
  }
  for (const { text, ...whose } of contradictions(contents, reading.outline)) {
    const isKnown = contents.info.tables.has(whose.table);
    const effect = isKnown ? 'hurts' : 'leftover';
    const named = isKnown ? text : `${whose.table}: ${text}`;
    report.add({ kind: 'inconsistent', effect, key: file.key, text: named, ...whose });
  }
}

function readMeta(report: ReportBuilder, key: BlobKey, bytes: Uint8Array): MetaReading | undefined {
  try {
    return readMetaOutline(bytes);
  } catch (error) {
    if (!(error instanceof SimError) || error.code === 'bug') throw error;
    report.add({ kind: 'unreadable', effect: 'hurts', key, text: errorText(error) });
    return undefined;
  }
}

/** The bytes of a file whose checksum holds; a file of metadata that cannot be had is told. */
function* readMetadata(
  storage: BlobStorage,
  report: ReportBuilder,
  { key, md5 }: ChecksumFile,
): Op<Uint8Array | undefined> {
  const read = yield* attempt(readWithMd5(storage, key, META_BYTES_MAX));
  if (!read.ok) {
    report.add(unreadable(key, read.error));
    return undefined;
  }
  report.filesRead += 1;
  report.bytesRead += read.value.bytes.length;
  if (read.value.md5 === md5) return read.value.bytes;
  report.add({ kind: 'damaged', effect: 'hurts', key, text: otherMd5(read.value.md5) });
  return undefined;
}
