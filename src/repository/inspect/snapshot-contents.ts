/**
 * What a snapshot says that it holds: `__info` as a restore reads it, and what only Apache Doris
 * and the oldest releases of StarRocks write there, the names of every file (doris.md 5.2).
 */
import { z } from 'zod';
import { SimError } from '../../base/errors.ts';
import type { BackupJobInfo } from '../job-info.ts';
import { decodeJobInfo } from '../job-info-reader.ts';
import type { RemoteTabletPath } from '../repository.ts';

export const WRITERS = ['StarRocks', 'Apache Doris', 'StarRocks 2.x or Apache Doris'] as const;
export type Writer = (typeof WRITERS)[number];

export interface SnapshotContents {
  readonly info: BackupJobInfo;
  readonly writer: Writer;
  /** False for a backup of metadata alone: then no directory of a tablet is expected. */
  readonly hasData: boolean;
  /** Names with checksum by tablet, where the writer has listed them. */
  readonly listedFiles: ReadonlyMap<number, readonly string[]>;
  /** Objects without data that only Apache Doris names in its info. */
  readonly otherObjects: readonly string[];
}

const INDEXES = z.record(
  z.string(),
  z.object({ tablets: z.record(z.string(), z.array(z.string()).catch([])) }),
);
const NAMED = z.array(z.object({ name: z.string() }));

/** What of `__info` the reader of a restore passes over. Lenient: none of it is needed. */
const PASSED_OVER = z.object({
  starrocks_meta_version: z.unknown().optional(),
  major_version: z.unknown().optional(),
  content: z.string().optional(),
  backup_objects: z.record(
    z.string(),
    z.object({ partitions: z.record(z.string(), z.object({ indexes: INDEXES })) }),
  ),
  new_backup_objects: z
    .object({ views: NAMED, odbc_resources: NAMED })
    .partial()
    .optional()
    .catch(undefined),
});

/** Throws `metadata-unreadable` for what a restore could not read either. */
export function readContents(text: string): SnapshotContents {
  const info = decodeJobInfo(text);
  const more = PASSED_OVER.safeParse(JSON.parse(text));
  if (!more.success) {
    const [issue] = more.error.issues;
    throw new SimError(
      'metadata-unreadable',
      `malformed job info: ${issue?.path.join('.')}: ${issue?.message}`,
    );
  }
  const { starrocks_meta_version, major_version, content, new_backup_objects } = more.data;
  const isDoris = [major_version, content, new_backup_objects].some((one) => one !== undefined);
  const listedFiles = new Map<number, readonly string[]>();
  for (const { partitions } of Object.values(more.data.backup_objects)) {
    for (const { indexes } of Object.values(partitions)) {
      for (const { tablets } of Object.values(indexes)) {
        for (const [id, names] of Object.entries(tablets)) {
          if (names.length > 0) listedFiles.set(Number(id), names);
        }
      }
    }
  }
  return {
    info,
    writer:
      starrocks_meta_version !== undefined
        ? 'StarRocks'
        : isDoris
          ? 'Apache Doris'
          : 'StarRocks 2.x or Apache Doris',
    hasData: content !== 'METADATA_ONLY',
    listedFiles,
    otherObjects: [
      ...(new_backup_objects?.views ?? []),
      ...(new_backup_objects?.odbc_resources ?? []),
    ].map(({ name }) => name),
  };
}

/** A tablet whose directory a snapshot must have. */
export interface ExpectedTablet {
  readonly table: string;
  readonly partition: string;
  readonly index: string;
  /** Of the physical partition. */
  readonly version: number;
  readonly path: RemoteTabletPath;
}

/** Every tablet that a restore asks for, with the path it takes (resolutions.md 6). */
export function* expectedTablets({ info, hasData }: SnapshotContents): Generator<ExpectedTablet> {
  if (!hasData) return;
  for (const table of info.tables.values()) {
    for (const partition of table.partitions.values()) {
      const { id, version, indexes, subPartitions } = partition;
      const physicals =
        subPartitions.size > 0
          ? [...subPartitions.entries()]
          : [[id, { version, indexes }] as const];
      for (const [partitionId, physical] of physicals) {
        for (const index of physical.indexes.values()) {
          for (const tabletId of index.tabletIds) {
            yield {
              table: table.name,
              partition: partition.name,
              index: index.name,
              version: physical.version,
              path: {
                dbId: info.dbId,
                tableId: table.id,
                partitionId,
                indexId: index.id,
                tabletId,
              },
            };
          }
        }
      }
    }
  }
}

export function tabletCountOf(contents: SnapshotContents): number {
  let count = 0;
  for (const _ of expectedTablets(contents)) count += 1;
  return count;
}
