/**
 * What the frontend knows of databases and tables. Values are frozen and shared: a change makes a
 * new table or partition object, so that a backup's copy is a reference and a reader never sees
 * half a change. Only `apply.ts` (from log records) and the listed volatile interface of the jobs
 * put new values in place. Names follow StarRocks' classes (repository.md 3.3, restore-jobs.md
 * 0.3).
 */
import type {
  DbId,
  IndexId,
  PartitionId,
  PhysicalPartitionId,
  ReplicaId,
  TableId,
  TabletId,
} from '../base/ids.ts';
import type { SqlType } from '../base/sql-type.ts';

export type KeysType = 'DUP_KEYS' | 'AGG_KEYS' | 'UNIQUE_KEYS' | 'PRIMARY_KEYS';

export interface Column {
  readonly name: string;
  /** Never reused within a table. */
  readonly uniqueId: number;
  readonly type: SqlType;
  readonly isKey: boolean;
  readonly aggregationType?: string;
  readonly isAllowNull: boolean;
  readonly isAutoIncrement: boolean;
  readonly defaultValue?: ColumnDefaultValue;
  readonly comment: string;
}

export type ColumnDefaultValue =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'expression'; readonly text: string };

/** Schema of the base index or of a rollup; shared by all partitions. */
export interface MaterializedIndexMeta {
  readonly indexId: IndexId;
  readonly name: string;
  readonly schema: readonly Column[];
  readonly schemaVersion: number;
  readonly schemaHash: number;
  readonly shortKeyColumnCount: number;
  readonly keysType: KeysType;
}

/**
 * The tablets of one index in one physical partition, as columns: 56 bytes a tablet with three
 * replicas instead of some hundred as objects. Replica r of tablet t is at t * replication + r.
 * Never changed after it is made.
 */
export interface TabletColumns {
  readonly count: number;
  readonly replication: number;
  readonly tabletIds: Float64Array;
  readonly replicaIds: Float64Array;
  readonly backendIds: Float64Array;
}

export interface MaterializedIndex {
  readonly indexId: IndexId;
  readonly tablets: TabletColumns;
}

/** A replica that is not simply at its partition's visible version without failures. */
export interface ReplicaLag {
  readonly version: number;
  /** -1: none (backup-jobs.md 4.1). */
  readonly lastFailedVersion: number;
}

export interface PhysicalPartition {
  readonly id: PhysicalPartitionId;
  readonly parentId: PartitionId;
  readonly visibleVersion: number;
  readonly visibleVersionTimeMs: number;
  readonly nextVersion: number;
  /** The base index first, then rollups. */
  readonly indexes: readonly MaterializedIndex[];
  /** Replicas that lag or failed; all others are at `visibleVersion`. */
  readonly lagging: ReadonlyMap<ReplicaId, ReplicaLag>;
}

/** Values of the partition columns, as text in the form of `Cell`; or an end of the line. */
export type RangeKey = readonly (
  | { readonly kind: 'value'; readonly text: string }
  | { readonly kind: 'min' }
  | { readonly kind: 'max' }
)[];

/** Lower bound in, upper bound out. */
export interface PartitionRange {
  readonly lower: RangeKey;
  readonly upper: RangeKey;
}

export interface Partition {
  readonly id: PartitionId;
  readonly name: string;
  /** The default physical partition first; more only for random distribution. */
  readonly physical: readonly PhysicalPartition[];
  readonly distribution: Distribution;
  readonly replicationNum: number;
  readonly storageMedium: 'HDD' | 'SSD';
  readonly isInMemory: boolean;
  /** RANGE tables only. */
  readonly range?: PartitionRange;
}

export type Distribution =
  | { readonly kind: 'HASH'; readonly columns: readonly string[]; readonly buckets: number }
  | { readonly kind: 'RANDOM'; readonly buckets: number };

export type PartitionBy =
  | { readonly kind: 'UNPARTITIONED' }
  | { readonly kind: 'RANGE'; readonly columns: readonly string[] };

export type TableState = 'NORMAL' | 'RESTORE' | 'RESTORE_WITH_LOAD' | 'SCHEMA_CHANGE' | 'ROLLUP';

export interface OlapTable {
  readonly kind: 'OLAP';
  readonly id: TableId;
  readonly name: string;
  readonly createTimeMs: number;
  readonly state: TableState;
  readonly keysType: KeysType;
  readonly baseIndexId: IndexId;
  readonly indexMetas: readonly MaterializedIndexMeta[];
  readonly partitionBy: PartitionBy;
  readonly defaultDistribution: Distribution;
  /** By name, in the order of creation. */
  readonly partitions: ReadonlyMap<string, Partition>;
  readonly tempPartitions: ReadonlyMap<string, Partition>;
  readonly sortKey: readonly string[];
  readonly comment: string;
  /** As given and shown: `replication_num` and the rest. */
  readonly properties: ReadonlyMap<string, string>;
}

/** Views and materialized views join with the objects that need them. */
export type Table = OlapTable;

export interface Database {
  readonly id: DbId;
  name: string;
  readonly tables: Map<TableId, Table>;
  readonly tableIds: Map<string, TableId>;
}

export interface Catalog {
  readonly databases: Map<DbId, Database>;
  readonly databaseIds: Map<string, DbId>;
}

/** Where a tablet belongs; found by `locateTablet`. */
export interface TabletPlace {
  readonly dbId: DbId;
  readonly tableId: TableId;
  readonly partitionId: PartitionId;
  readonly physicalPartitionId: PhysicalPartitionId;
  readonly indexId: IndexId;
  readonly tabletId: TabletId;
}
