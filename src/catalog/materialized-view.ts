/**
 * What makes a table an asynchronous materialized view: its query, the tables that reads, and how
 * far it has read them. The rows are a table's own; StarRocks' `MaterializedView` extends
 * `OlapTable` in the same way.
 */
import type { DbId, PartitionId, TableId } from '../base/ids.ts';

/** A materialized view by its ids, which in a snapshot are those of the cluster that wrote it. */
export interface MvId {
  readonly dbId: DbId;
  readonly tableId: TableId;
}

/** A table that the query reads, as it was called when the view was last bound to it. */
export interface MvBaseTable {
  readonly dbId: DbId;
  readonly dbName: string;
  readonly tableId: TableId;
  readonly tableName: string;
}

/** What of a base partition the rows of the view are made from. */
export interface MvPartitionVersion {
  readonly id: PartitionId;
  readonly version: number;
  readonly refreshTimeMs: number;
}

/** By base table and the name of its partition. */
export type MvVersionMap = ReadonlyMap<TableId, ReadonlyMap<string, MvPartitionVersion>>;

export const MV_TIME_UNITS = ['SECOND', 'MINUTE', 'HOUR', 'DAY'] as const;
export type MvTimeUnit = (typeof MV_TIME_UNITS)[number];

export const MV_REFRESH_TYPES = ['ASYNC', 'MANUAL'] as const;
export const MV_REFRESH_MOMENTS = ['IMMEDIATE', 'DEFERRED'] as const;

export interface MvRefreshScheme {
  readonly type: (typeof MV_REFRESH_TYPES)[number];
  /** Whether CREATE fills it. */
  readonly moment: (typeof MV_REFRESH_MOMENTS)[number];
  /** ASYNC with EVERY; without it the loads of base tables are what refreshes it. */
  readonly every?: { readonly step: number; readonly unit: MvTimeUnit };
  /** Origin of the periods of EVERY. */
  readonly startMs?: number;
}

/** The column that the view is partitioned by, as an expression over the view itself. */
export interface MvPartitionExpr {
  readonly dbName: string;
  readonly tableName: string;
  readonly columnName: string;
  /** Position in `baseTables` of the table whose partitions it follows. */
  readonly baseTableAt: number;
}

export interface MaterializedViewInfo {
  readonly dbId: DbId;
  /** The query as written. */
  readonly definition: string;
  /** The same with every table as `` `db`.`table` ``: what a refresh runs. */
  readonly resolvedDefinition: string;
  /** `||` was concatenation in the session that made it. */
  readonly pipesAsConcat: boolean;
  readonly baseTables: readonly MvBaseTable[];
  readonly isActive: boolean;
  /** Empty while it is active. */
  readonly inactiveReason: string;
  readonly refresh: MvRefreshScheme;
  readonly baseTableVersions: MvVersionMap;
  /** Of the last refresh that wrote rows; 0: none yet. */
  readonly lastRefreshTimeMs: number;
  readonly partitionExpr?: MvPartitionExpr;
}

/** What a user set inactive stays so until a user sets it active. */
export const MANUAL_INACTIVE_REASON = 'manually inactivated';

/** StarRocks' fixed constant; the stored reason embeds it (restore-jobs.md 1.7, 5.4.4). */
export const BACKUP_INACTIVE_REASON =
  'it is part of a backup and will be active again after RESTORE if possible';

/** How the reasons begin that a backup or a restore has set. */
const SNAPSHOT_REASON_BEGIN = 'Materialized view ';

export function backupInactiveReason(mvName: string): string {
  return `${SNAPSHOT_REASON_BEGIN}${mvName} is inactive because ${BACKUP_INACTIVE_REASON}`;
}

/** `why` goes on after "because". */
export function restoreInactiveReason(mvName: string, why: string): string {
  return `${SNAPSHOT_REASON_BEGIN}${mvName} is inactive after a restore because ${why}`;
}

export function isSnapshotReason(reason: string): boolean {
  return reason.startsWith(SNAPSHOT_REASON_BEGIN);
}

export function activated(info: MaterializedViewInfo): MaterializedViewInfo {
  return info.isActive ? info : Object.freeze({ ...info, isActive: true, inactiveReason: '' });
}

export function inactivated(info: MaterializedViewInfo, reason: string): MaterializedViewInfo {
  return Object.freeze({ ...info, isActive: false, inactiveReason: reason });
}
