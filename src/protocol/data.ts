/**
 * Rows on their way in and out: staging a load on tablet replicas, publishing it as a version,
 * opening a tablet for a query, scanning it (design.md 6). A load is a transaction: what is staged
 * under an id becomes visible only by a publish, which may be repeated, and goes away by an abort.
 */
import type { BackendId, TabletId, TxnId } from '../base/ids.ts';
import type { ColumnVector } from '../base/sql-type.ts';
import type { TabletSchema } from './tablet-schema.ts';

/** Rows for one tablet. `delete` carries key columns only and removes the rows of these keys. */
export interface RowBatch {
  readonly op: 'upsert' | 'delete';
  readonly rowCount: number;
  /** In schema order; for `delete` the key columns. */
  readonly columns: readonly ColumnVector[];
}

/** Stages rowsets for many tablets of one backend at once; durable when it returns. */
export interface WriteRowsetsRequest {
  readonly txnId: TxnId;
  readonly tablets: readonly { readonly tabletId: TabletId; readonly batch: RowBatch }[];
}

export interface PublishVersionRequest {
  readonly txnId: TxnId;
  readonly tablets: readonly { readonly tabletId: TabletId; readonly version: number }[];
  /** The answer waits for the disk: nobody will ask again. */
  readonly isDurable?: boolean;
}

export interface AbortTxnRequest {
  readonly txnId: TxnId;
}

/** A file a query may read until the lease is closed. */
export interface OpenedFile {
  readonly path: string;
  readonly kind: 'data' | 'delete';
  /** Version of all its rows; with `hasRowVersions` the highest of them. */
  readonly version: number;
  /** Rows of several loads in one file: column `__version` (BIGINT) says which row is of which. */
  readonly hasRowVersions: boolean;
  /** Order among the files of a tablet: a later row of the same key wins. */
  readonly order: number;
  readonly rowCount: number;
  readonly sizeBytes: number;
  /** Names content: equal keys, equal bytes. For caches. */
  readonly contentKey: string;
}

/**
 * What the files of a tablet say at `version`: rows of a higher version do not count. Rows and
 * deletes take effect by (version, order of the file, place in the file); a delete removes every
 * earlier row of its key in all key models, and with unique and primary keys a later row of a key
 * replaces the earlier one.
 */
export interface OpenedTablet {
  readonly tabletId: TabletId;
  readonly version: number;
  readonly schema: TabletSchema;
  readonly files: readonly OpenedFile[];
  readonly leaseId: number;
}

/** `recent`: the young and small rowsets; `all`: every row, also those that are in a log only. */
export type CompactionMode = 'recent' | 'all';

export interface CompactRequest {
  readonly tabletIds: readonly TabletId[];
  readonly mode: CompactionMode;
}

export interface OpenTabletRequest {
  readonly tabletId: TabletId;
  readonly version: number;
}

/** All live rows of a tablet at a version, merged by its key model, columns in schema order. */
export interface ScannedTablet {
  readonly tabletId: TabletId;
  readonly rowCount: number;
  readonly columns: readonly ColumnVector[];
}

export interface TabletStat {
  readonly tabletId: TabletId;
  readonly version: number;
  readonly rowCount: number;
  readonly dataSizeBytes: number;
  readonly rowsetCount: number;
}

/** What a backend has on disk; the frontend answers with what should go or be published. */
export interface TabletReport {
  readonly backendId: BackendId;
  readonly tablets: readonly TabletStat[];
  readonly stagedTxns: readonly TxnId[];
}

export interface HeartbeatRequest {
  readonly backendId: BackendId;
  readonly clusterId: number;
}

export interface HeartbeatResponse {
  readonly startedAtMs: number;
  readonly cpuCores: number;
  readonly totalBytes: number;
  readonly availableBytes: number;
  readonly usedBytes: number;
}
