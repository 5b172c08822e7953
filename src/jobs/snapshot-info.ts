/** A tablet snapshot that a backend holds for a job (backup-jobs.md 1.3, restore-jobs.md 1.3). */
import type {
  BackendId,
  DbId,
  IndexId,
  PhysicalPartitionId,
  TableId,
  TabletId,
} from '../base/ids.ts';
import { asId } from '../base/ids.ts';
import type { ReleaseSnapshotTask } from '../protocol/agent-task.ts';

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
  return `${info.path}/${info.tabletId}/${info.schemaHash}`;
}

/** Lets a backend forget a snapshot: sent once, never queued (backup-jobs.md 4.4). */
export function releaseTask(info: SnapshotInfo): ReleaseSnapshotTask {
  return {
    type: 'RELEASE_SNAPSHOT',
    backendId: info.beId,
    signature: asId(info.tabletId),
    dbId: info.dbId,
    snapshotPath: info.path,
  };
}
