/**
 * `BackupJobInfo`: what a snapshot holds, as stored in `__info_<timestamp>` and used by RESTORE
 * (repository.md 3.1, restore-jobs.md 1.5 and 1.6).
 */

export interface BackupTabletInfo {
  readonly id: number;
}

export interface BackupIndexInfo {
  readonly name: string;
  readonly id: number;
  readonly schemaHash: number;
  /** In the order of `tablets_order`. */
  readonly tabletIds: readonly number[];
}

export interface BackupPhysicalPartitionInfo {
  readonly id: number;
  readonly version: number;
  readonly indexes: ReadonlyMap<string, BackupIndexInfo>;
}

export interface BackupPartitionInfo {
  readonly name: string;
  readonly id: number;
  readonly version: number;
  /** The older place; filled only where `subPartitions` is empty (resolutions.md 6). */
  readonly indexes: ReadonlyMap<string, BackupIndexInfo>;
  /** By physical partition id. */
  readonly subPartitions: ReadonlyMap<number, BackupPhysicalPartitionInfo>;
}

export interface BackupTableInfo {
  readonly name: string;
  readonly id: number;
  readonly autoIncrementId?: number;
  readonly partitions: ReadonlyMap<string, BackupPartitionInfo>;
}

export interface BackupJobInfo {
  readonly name: string;
  readonly dbName: string;
  readonly dbId: number;
  readonly backupTimeMs: number;
  readonly tables: ReadonlyMap<string, BackupTableInfo>;
  readonly success: boolean;
  readonly metaVersion: number;
  readonly starrocksMetaVersion: number;
  readonly clusterId?: number;
  readonly finishTimeMs?: number;
  readonly ttl?: string;
  readonly expireTimeMs?: number;
}
