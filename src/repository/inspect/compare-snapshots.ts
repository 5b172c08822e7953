/**
 * Two snapshots side by side: which tables, partitions and files are alike. Of one table at a time,
 * since a large snapshot has millions of files. Says nothing of bytes: names carry their checksums.
 */
import { SimError } from '../../base/errors.ts';
import type { Op } from '../../base/op.ts';
import type { BlobKey, BlobStorage } from '../../blob/blob-storage.ts';
import type { BackupPartitionInfo, BackupTableInfo } from '../job-info.ts';
import type { ReadSnapshot } from './read-snapshot.ts';
import { eachTabletFiles } from './tablet-files.ts';

export interface Side {
  readonly storage: BlobStorage;
  readonly repository: BlobKey;
  readonly snapshot: ReadSnapshot;
}

export type Difference = 'same' | 'changed' | 'only in first' | 'only in second';

export interface FileChanges {
  readonly same: number;
  readonly added: number;
  readonly removed: number;
  /** The same name with other bytes. */
  readonly changed: number;
  readonly addedBytes: number;
  readonly removedBytes: number;
}

export interface PartitionDifference {
  readonly partition: string;
  readonly difference: Difference;
  readonly versions: readonly [number | null, number | null];
  readonly files: FileChanges;
}

export interface TableDifference {
  readonly table: string;
  readonly difference: Difference;
  /** What differs apart from partitions, such as the id of another table of that name. */
  readonly notes: readonly string[];
  /** Those that differ. */
  readonly partitions: readonly PartitionDifference[];
}

/** Files of one table that are held at a time, of both snapshots together. */
export const FILES_OF_TABLE_MAX = 5_000_000;

export function* compareSnapshots(
  first: Side,
  second: Side,
  onTable: (difference: TableDifference) => void,
): Op<boolean> {
  const [ours, theirs] = [first, second].map((side) => side.snapshot.contents.info.tables);
  const names = new Set([...(ours?.keys() ?? []), ...(theirs?.keys() ?? [])]);
  let isSame = true;
  for (const table of [...names].sort()) {
    const difference = yield* compareTable(table, first, second);
    isSame &&= difference.difference === 'same';
    onTable(difference);
  }
  return isSame;
}

function* compareTable(table: string, first: Side, second: Side): Op<TableDifference> {
  const sides = [first, second] as const;
  const [a, b] = sides.map((side) => side.snapshot.contents.info.tables.get(table));
  const [filesA, filesB] = [yield* filesOf(first, table), yield* filesOf(second, table)];
  const names = new Set([...(a?.partitions.keys() ?? []), ...(b?.partitions.keys() ?? [])]);
  const partitions = [...names]
    .map((name) =>
      comparePartition(name, [a?.partitions.get(name), b?.partitions.get(name)], [filesA, filesB]),
    )
    .filter(({ difference }) => difference !== 'same');
  const notes = a === undefined || b === undefined ? [] : notesOf(a, b);
  const isSame = partitions.length === 0 && notes.length === 0;
  return { table, difference: differenceOf(a, b, isSame), notes, partitions };
}

function notesOf(a: BackupTableInfo, b: BackupTableInfo): readonly string[] {
  const notes: string[] = [];
  if (a.id !== b.id) notes.push(`table id ${a.id}, then ${b.id}`);
  if (a.autoIncrementId !== b.autoIncrementId) {
    notes.push(
      `next AUTO_INCREMENT ${a.autoIncrementId ?? 'none'}, then ${b.autoIncrementId ?? 'none'}`,
    );
  }
  return notes;
}

function differenceOf(a: unknown, b: unknown, isSame: boolean): Difference {
  if (a === undefined) return 'only in second';
  if (b === undefined) return 'only in first';
  return isSame ? 'same' : 'changed';
}

/** `<index>/<tablet>/<name>` to checksum and size, by partition. */
type Files = ReadonlyMap<string, ReadonlyMap<string, FileKey>>;

interface FileKey {
  readonly md5: string;
  readonly sizeBytes: number;
}

function* filesOf({ storage, repository, snapshot }: Side, table: string): Op<Files> {
  const { label, contents } = snapshot;
  const found = new Map<string, Map<string, FileKey>>();
  let count = 0;
  if (!contents.info.tables.has(table)) return found;
  yield* eachTabletFiles({ storage, repository, label, contents, table }, (tablet, files) => {
    const of = found.get(tablet.partition) ?? new Map<string, FileKey>();
    found.set(tablet.partition, of);
    for (const { name, md5, sizeBytes } of files) {
      of.set(`${tablet.index}/${tablet.path.tabletId}/${name}`, { md5, sizeBytes });
    }
    count += files.length;
    if (count * 2 <= FILES_OF_TABLE_MAX) return;
    throw new SimError('limit-reached', `table ${table} has more than ${count} files to compare`);
  });
  return found;
}

function comparePartition(
  partition: string,
  [a, b]: readonly [BackupPartitionInfo | undefined, BackupPartitionInfo | undefined],
  [filesA, filesB]: readonly [Files, Files],
): PartitionDifference {
  const files = compareFiles(filesA.get(partition), filesB.get(partition));
  const isSame = a?.version === b?.version && files.added + files.removed + files.changed === 0;
  return {
    partition,
    difference: differenceOf(a, b, isSame),
    versions: [a?.version ?? null, b?.version ?? null],
    files,
  };
}

const NO_FILES: ReadonlyMap<string, FileKey> = new Map();

function compareFiles(
  a: ReadonlyMap<string, FileKey> = NO_FILES,
  b: ReadonlyMap<string, FileKey> = NO_FILES,
): FileChanges {
  let [same, added, removed, changed, addedBytes, removedBytes] = [0, 0, 0, 0, 0, 0];
  for (const [name, file] of b) {
    const before = a.get(name);
    if (before?.md5 === file.md5) {
      same += 1;
      continue;
    }
    addedBytes += file.sizeBytes;
    removedBytes += before?.sizeBytes ?? 0;
    if (before === undefined) added += 1;
    else changed += 1;
  }
  for (const [name, { sizeBytes }] of a) {
    if (b.has(name)) continue;
    removed += 1;
    removedBytes += sizeBytes;
  }
  return { same, added, removed, changed, addedBytes, removedBytes };
}
