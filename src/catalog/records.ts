/**
 * Changes of the catalog as they stand in the edit log, named after StarRocks' operation types.
 * A record carries the outcome, never the statement: applying it decides nothing.
 */
import type {
  DbId,
  IndexId,
  PartitionId,
  PhysicalPartitionId,
  ReplicaId,
  TableId,
  TxnId,
} from '../base/ids.ts';
import type { MaterializedViewInfo, MvId } from './materialized-view.ts';
import type {
  ColocateGroup,
  ExternalCatalog,
  MaterializedIndexMeta,
  Partition,
  PhysicalPartition,
  RollupJob,
  SchemaChangeJob,
  Table,
  TableIndex,
  UserFunction,
  View,
} from './model.ts';

export type CatalogRecord =
  | { readonly op: 'OP_CREATE_DB_V2'; readonly dbId: DbId; readonly name: string }
  | { readonly op: 'OP_DROP_DB'; readonly dbId: DbId }
  | { readonly op: 'OP_RENAME_DB_V2'; readonly dbId: DbId; readonly newName: string }
  | {
      /** Quotas; the one that is left out stays. */
      readonly op: 'OP_ALTER_DB_V2';
      readonly dbId: DbId;
      readonly dataQuotaBytes?: number;
      readonly replicaQuota?: number;
    }
  | { readonly op: 'OP_CREATE_TABLE_V2'; readonly dbId: DbId; readonly table: Table }
  | { readonly op: 'OP_DROP_TABLE'; readonly dbId: DbId; readonly tableId: TableId }
  | {
      readonly op: 'OP_RENAME_TABLE_V2';
      readonly dbId: DbId;
      readonly tableId: TableId;
      readonly newName: string;
    }
  | {
      /** Two tables of a database take each other's name; their ids stay with their rows. */
      readonly op: 'OP_SWAP_TABLE';
      readonly dbId: DbId;
      readonly tableId: TableId;
      readonly otherId: TableId;
    }
  | {
      /** Another comment, other indexes, or properties in the place of those with the same keys. */
      readonly op: 'OP_ALTER_TABLE_PROPERTIES';
      readonly dbId: DbId;
      readonly tableId: TableId;
      readonly comment?: string;
      readonly indexes?: readonly TableIndex[];
      readonly properties?: ReadonlyMap<string, string>;
    }
  | {
      readonly op: 'OP_RENAME_PARTITION_V2';
      readonly dbId: DbId;
      readonly tableId: TableId;
      readonly partitionName: string;
      readonly newName: string;
    }
  | {
      readonly op: 'OP_DROP_PARTITIONS';
      readonly dbId: DbId;
      readonly tableId: TableId;
      readonly partitionNames: readonly string[];
    }
  | {
      readonly op: 'OP_ADD_PARTITIONS_V2';
      readonly dbId: DbId;
      readonly tableId: TableId;
      readonly partitions: readonly Partition[];
      readonly isTempPartition?: boolean;
    }
  | {
      readonly op: 'OP_DROP_PARTITION';
      readonly dbId: DbId;
      readonly tableId: TableId;
      readonly partitionName: string;
      readonly isTempPartition?: boolean;
    }
  | {
      /** Properties of dynamic partitions, in the place of those with the same keys. */
      readonly op: 'OP_DYNAMIC_PARTITION';
      readonly dbId: DbId;
      readonly tableId: TableId;
      readonly properties: ReadonlyMap<string, string>;
    }
  | {
      /** Temporary partitions take the place of others, under the names given for them. */
      readonly op: 'OP_REPLACE_TEMP_PARTITION';
      readonly dbId: DbId;
      readonly tableId: TableId;
      readonly partitionNames: readonly string[];
      readonly tempPartitionNames: readonly string[];
      readonly newNames: readonly string[];
    }
  | {
      /** A partition of random buckets has grown: loads go into this part of it from now on. */
      readonly op: 'OP_ADD_SUB_PARTITIONS_V2';
      readonly dbId: DbId;
      readonly tableId: TableId;
      readonly partitionId: PartitionId;
      readonly physical: PhysicalPartition;
    }
  | {
      /** A rollup that holds all rows: its tablets in each physical partition, and only those. */
      readonly op: 'OP_ALTER_JOB_V2';
      readonly dbId: DbId;
      readonly tableId: TableId;
      readonly job: RollupJob;
      readonly meta: MaterializedIndexMeta;
      readonly physical: readonly PhysicalPartition[];
    }
  | {
      readonly op: 'OP_DROP_ROLLUP';
      readonly dbId: DbId;
      readonly tableId: TableId;
      readonly indexId: IndexId;
    }
  | {
      /** Ids below `nextId` may be given out; a restore sets it anew, up or down. */
      readonly op: 'OP_SAVE_AUTO_INCREMENT_ID';
      readonly dbId: DbId;
      readonly tableId: TableId;
      readonly nextId: number;
      /** Ids that were reserved before are not given out any more. */
      readonly isReplaced: boolean;
    }
  | {
      readonly op: 'OP_COLOCATE_ADD_TABLE_V2';
      readonly dbId: DbId;
      readonly tableId: TableId;
      readonly group: ColocateGroup;
    }
  | {
      /** New partitions take the place of those with the same names. */
      readonly op: 'OP_TRUNCATE_TABLE';
      readonly dbId: DbId;
      readonly tableId: TableId;
      readonly partitions: readonly Partition[];
    }
  | OverwriteRecord
  | ColumnsRecord
  | {
      /** A materialized view is active or inactive from now on, maybe bound to other tables. */
      readonly op: 'OP_ALTER_MATERIALIZED_VIEW_STATUS';
      readonly dbId: DbId;
      readonly tableId: TableId;
      readonly materializedView: MaterializedViewInfo;
    }
  | {
      /** A restored materialized view is bound to the tables here (restore-jobs.md 5.4.3). */
      readonly op: 'OP_ALTER_MATERIALIZED_VIEW_BASE_TABLE_INFOS';
      readonly dbId: DbId;
      readonly tableId: TableId;
      /** What its base tables know it by: its ids in the snapshot. */
      readonly formerId: MvId;
      readonly materializedView: MaterializedViewInfo;
    }
  /** In the place of a view of that name, if there is one. */
  | { readonly op: 'OP_CREATE_VIEW'; readonly dbId: DbId; readonly view: View }
  | { readonly op: 'OP_DROP_VIEW'; readonly dbId: DbId; readonly name: string }
  /** In the place of a function of that signature, if there is one. */
  | { readonly op: 'OP_ADD_FUNCTION_V2'; readonly dbId: DbId; readonly function: UserFunction }
  | { readonly op: 'OP_DROP_FUNCTION_V2'; readonly dbId: DbId; readonly signature: string }
  | { readonly op: 'OP_CREATE_CATALOG'; readonly catalog: ExternalCatalog }
  | { readonly op: 'OP_DROP_CATALOG'; readonly name: string }
  | CommitRecord;

/** Columns have changed: indexes that hold all rows take the places of those they are made from. */
export interface ColumnsRecord {
  readonly op: 'OP_MODIFY_TABLE_ADD_OR_DROP_COLUMNS';
  readonly dbId: DbId;
  readonly tableId: TableId;
  readonly job: SchemaChangeJob;
  readonly indexes: readonly {
    readonly formerId: IndexId;
    readonly meta: MaterializedIndexMeta;
  }[];
  /** Their tablets in each physical partition, and only those. */
  readonly physical: readonly PhysicalPartition[];
  readonly sortKey: readonly string[];
  readonly maxColUniqueId: number;
  /** Former names by what they are now. */
  readonly renames: ReadonlyMap<string, string>;
  /** Columns that materialized views may miss. */
  readonly lost: readonly string[];
}

/**
 * An overwrite is complete: new partitions, whose rows backends have published at the versions of
 * `commit`, stand in the places of those with the same names.
 */
export interface OverwriteRecord {
  readonly op: 'OP_INSERT_OVERWRITE_STATE_CHANGE';
  readonly dbId: DbId;
  readonly tableId: TableId;
  /** Without rows yet: `commit` brings them to their versions. */
  readonly partitions: readonly Partition[];
  /** Names of partitions that go without a successor. */
  readonly dropped: readonly string[];
  readonly commit: CommitRecord;
  /** Of a refreshed materialized view: what its rows are now made from. */
  readonly materializedView?: MaterializedViewInfo;
}

export const LOAD_SOURCES = ['INSERT', 'STREAM_LOAD'] as const;
/** What made a load: a statement, or an HTTP request. */
export type LoadSource = (typeof LOAD_SOURCES)[number];

export interface LoadedRows {
  readonly source: LoadSource;
  readonly rowCount: number;
  readonly startTimeMs: number;
}

/**
 * A load is committed and visible: every physical partition it touched goes to `version`.
 * Backends publish it before or after a restart, as often as needed (design.md 6).
 */
export interface CommitRecord {
  readonly op: 'OP_UPSERT_TRANSACTION_STATE_V2';
  readonly txnId: TxnId;
  readonly label: string;
  readonly dbId: DbId;
  readonly tableId: TableId;
  readonly commitTimeMs: number;
  /** What SHOW LOAD tells of it; logs from before loads were counted have none. */
  readonly loaded?: LoadedRows;
  readonly partitions: readonly {
    readonly physicalPartitionId: PhysicalPartitionId;
    readonly version: number;
    /** Replicas that could not write: they stay behind with this as their last failed version. */
    readonly failedReplicas: readonly ReplicaId[];
  }[];
}
