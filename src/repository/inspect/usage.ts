/**
 * What snapshots take, per table, and how much of it is there more than once: a backup copies every
 * file anew, also those that did not change since the last one.
 */
import { SimError } from '../../base/errors.ts';
import type { Op } from '../../base/op.ts';
import type { BlobKey, BlobStorage } from '../../blob/blob-storage.ts';
import type { ReadSnapshot } from './read-snapshot.ts';
import { eachTabletFiles } from './tablet-files.ts';

export interface Usage {
  readonly fileCount: number;
  readonly sizeBytes: number;
  /** Of these, files that another snapshot here has under the same name and checksum. */
  readonly sharedFiles: number;
  readonly sharedBytes: number;
}

export interface TableUsage extends Usage {
  readonly table: string;
}

export interface SnapshotUsage extends Usage {
  readonly label: string;
  readonly tables: readonly TableUsage[];
}

export interface RepositoryUsage extends Usage {
  readonly snapshots: readonly SnapshotUsage[];
  /** What would be left if every file were kept once. */
  readonly distinctBytes: number;
}

/** Names of files that are held at a time, to tell which are shared. */
export const NAMES_MAX = 5_000_000;

interface Holder {
  readonly sizeBytes: number;
  /** Ordinals of tables, one for each file of the name. */
  readonly tables: number[];
}

/** Sizes are those of tablets' files and of the metadata beside them. */
export function* usageOf(
  storage: BlobStorage,
  repository: BlobKey,
  snapshots: readonly ReadSnapshot[],
  onSnapshot: (done: number) => void,
): Op<RepositoryUsage> {
  const holders = new Map<string, Holder>();
  const tables: { readonly snapshot: number; readonly table: string }[] = [];
  const ordinals = new Map<string, number>();
  for (const [at, { label, contents }] of snapshots.entries()) {
    for (const table of contents.info.tables.keys()) {
      ordinals.set(`${at}/${table}`, tables.push({ snapshot: at, table }) - 1);
    }
    yield* eachTabletFiles({ storage, repository, label, contents }, ({ table }, files) => {
      for (const { name, md5, sizeBytes } of files) {
        const key = `${name}.${md5}`;
        const holder = holders.get(key) ?? { sizeBytes, tables: [] };
        holder.tables.push(ordinals.get(`${at}/${table}`) ?? 0);
        holders.set(key, holder);
      }
      if (holders.size <= NAMES_MAX) return;
      throw new SimError('limit-reached', `more than ${NAMES_MAX} files; name fewer snapshots`);
    });
    onSnapshot(at + 1);
  }
  return summed(snapshots, tables, holders);
}

interface Tally {
  fileCount: number;
  sizeBytes: number;
  sharedFiles: number;
  sharedBytes: number;
}

const nothing = (): Tally => ({ fileCount: 0, sizeBytes: 0, sharedFiles: 0, sharedBytes: 0 });

function summed(
  snapshots: readonly ReadSnapshot[],
  tables: readonly { readonly snapshot: number; readonly table: string }[],
  holders: ReadonlyMap<string, Holder>,
): RepositoryUsage {
  const tallies = tables.map(nothing);
  let distinctBytes = 0;
  for (const { sizeBytes, tables: of } of holders.values()) {
    distinctBytes += sizeBytes;
    const isShared = new Set(of.map((at) => tables[at]?.snapshot)).size > 1;
    for (const at of of) count(tallies[at], sizeBytes, isShared);
  }
  const found = snapshots.map(({ label, file, listed }, at): SnapshotUsage => {
    const metadata = [...listed.metas, file].reduce((sum, one) => sum + one.sizeBytes, 0);
    distinctBytes += metadata;
    const own = tables.flatMap(({ snapshot, table }, index): TableUsage[] =>
      snapshot === at ? [{ table, ...(tallies[index] ?? nothing()) }] : [],
    );
    const whole = total(own);
    return {
      label,
      ...whole,
      fileCount: whole.fileCount + listed.metas.length + 1,
      sizeBytes: whole.sizeBytes + metadata,
      tables: own,
    };
  });
  return { ...total(found), snapshots: found, distinctBytes };
}

function count(tally: Tally | undefined, sizeBytes: number, isShared: boolean): void {
  if (tally === undefined) return;
  tally.fileCount += 1;
  tally.sizeBytes += sizeBytes;
  if (!isShared) return;
  tally.sharedFiles += 1;
  tally.sharedBytes += sizeBytes;
}

function total(parts: readonly Usage[]): Usage {
  const sum = (of: (part: Usage) => number): number => parts.reduce((so, part) => so + of(part), 0);
  return {
    fileCount: sum(({ fileCount }) => fileCount),
    sizeBytes: sum(({ sizeBytes }) => sizeBytes),
    sharedFiles: sum(({ sharedFiles }) => sharedFiles),
    sharedBytes: sum(({ sharedBytes }) => sharedBytes),
  };
}
