/** A tablet snapshot that a backend holds for a job (backup-jobs.md 1.3, restore-jobs.md 1.3). */
import type {
  BackendId,
  DbId,
  IndexId,
  PhysicalPartitionId,
  TableId,
  TabletId,
} from '../base/ids.ts';

export interface SnapshotInfo {
  readonly dbId: DbId;
  readonly tblId: TableId;
  /** Physical. */
  readonly partitionId: PhysicalPartitionId;
  readonly indexId: IndexId;
  readonly tabletId: TabletId;
  readonly beId: BackendId;
  readonly schemaHash: number;
  /** Root of the backend snapshot, without the tablet part. */
  readonly path: string;
  /** Bare names; with checksum once uploaded; empty in a restore. */
  readonly files: readonly string[];
}

/** Directory of the tablet inside its backend snapshot. */
export function snapshotTabletPath(info: SnapshotInfo): string {
  return tabletPathIn(info.path, info.tabletId, info.schemaHash);
}

/** The same, of a snapshot whose root is `path`. */
export function tabletPathIn(path: string, tabletId: TabletId, schemaHash: number): string {
  return `${path}/${tabletId}/${schemaHash}`;
}
