/**
 * What the frontend knows of databases and tables. Values are frozen and shared: a change makes a
 * new table or partition object, so that a backup's copy is a reference and a reader never sees
 * half a change. Only `apply.ts` (from log records) and the listed volatile interface of the jobs
 * put new values in place. Names follow StarRocks' classes (repository.md 3.3, restore-jobs.md
 * 0.3).
 */
import type {
  CatalogId,
  DbId,
  FunctionId,
  IndexId,
  PartitionId,
  PhysicalPartitionId,
  ReplicaId,
  TableId,
  TabletId,
  TxnId,
} from '../base/ids.ts';
import type { SqlType } from '../base/sql-type.ts';
import type { MaterializedViewInfo, MvId } from './materialized-view.ts';

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

/** Where the values of a column of an index come from. */
export interface ColumnSource {
  /** Name in the base index. */
  readonly column: string;
  /** `count(column)`: 1 for a value, 0 for NULL. */
  readonly isCount: boolean;
}

/** What a synchronous materialized view computes for each row of the base index. */
export interface IndexDefinition {
  /** CREATE MATERIALIZED VIEW as written. */
  readonly statement: string;
  /** By position in the schema of the index. */
  readonly sources: readonly ColumnSource[];
}

/** Schema of the base index or of a rollup; shared by all partitions. */
export interface MaterializedIndexMeta {
  readonly indexId: IndexId;
  readonly name: string;
  readonly schema: readonly Column[];
  readonly schemaVersion: number;
  readonly schemaHash: number;
  readonly shortKeyColumnCount: number;
  readonly keysType: KeysType;
  /** Synchronous materialized views only; a plain rollup has columns of the base index. */
  readonly definition?: IndexDefinition;
}

/** How a rollup came to be, for SHOW ALTER TABLE ROLLUP. */
export interface RollupJob {
  readonly jobId: number;
  readonly tableId: TableId;
  readonly tableName: string;
  readonly baseIndexName: string;
  readonly rollupIndexName: string;
  readonly rollupId: IndexId;
  /** The load that carried the rows of the base index over. */
  readonly txnId: TxnId;
  readonly createTimeMs: number;
  readonly finishedTimeMs: number;
}

/** How the columns of a table came to change, for SHOW ALTER TABLE COLUMN. */
export interface SchemaChangeJob {
  readonly jobId: number;
  readonly tableId: TableId;
  readonly tableName: string;
  readonly indexes: readonly {
    readonly name: string;
    readonly indexId: IndexId;
    readonly originIndexId: IndexId;
    readonly schemaVersion: number;
    readonly schemaHash: number;
  }[];
  /** The load that carried the rows over. */
  readonly txnId: TxnId;
  readonly createTimeMs: number;
  readonly finishedTimeMs: number;
}

export const TABLE_INDEX_TYPES = ['BITMAP', 'GIN', 'NGRAMBF', 'VECTOR'] as const;

/** A secondary index. It would make reads faster and changes no answer: it is metadata alone. */
export interface TableIndex {
  readonly name: string;
  readonly columns: readonly string[];
  readonly type: (typeof TABLE_INDEX_TYPES)[number];
  readonly properties: ReadonlyMap<string, string>;
  readonly comment: string;
}

/** Tables of one database whose buckets lie on the same backends. */
export interface ColocateGroup {
  readonly id: number;
  readonly name: string;
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

/**
 * What a list partition takes: values of the partition columns, as text in the form of `Cell`;
 * null is NULL.
 */
export type PartitionList = readonly (readonly (string | null)[])[];

export interface Partition {
  readonly id: PartitionId;
  readonly name: string;
  /** The default physical partition first; more only for random distribution. */
  readonly physical: readonly PhysicalPartition[];
  readonly distribution: Distribution;
  readonly replicationNum: number;
  readonly storageMedium: 'HDD' | 'SSD';
  readonly isInMemory: boolean;
  /** RANGE and EXPR_RANGE tables only. */
  readonly range?: PartitionRange;
  /** LIST tables only. */
  readonly list?: PartitionList;
}

export type Distribution =
  | { readonly kind: 'HASH'; readonly columns: readonly string[]; readonly buckets: number }
  | { readonly kind: 'RANDOM'; readonly buckets: number };

/** `kind` is the name of StarRocks' partition type. */
export type PartitionBy =
  | { readonly kind: 'UNPARTITIONED' }
  | { readonly kind: 'RANGE'; readonly columns: readonly string[] }
  /** `date_trunc(unit, column)`: a load makes the partition of a unit of time that it needs. */
  | {
      readonly kind: 'EXPR_RANGE';
      readonly columns: readonly [string];
      readonly unit: ExpressionUnit;
    }
  | {
      readonly kind: 'LIST';
      readonly columns: readonly string[];
      /** `PARTITION BY (columns)`: a load makes a partition for values that have none. */
      readonly isAutomatic: boolean;
    };

/** What date_trunc may cut a partition column to (sql-surface.md 3.2). */
export type ExpressionUnit = 'HOUR' | 'DAY' | 'MONTH' | 'YEAR';

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
  /** None: there are none. */
  readonly indexes?: readonly TableIndex[];
  /** Highest unique id of a column so far, once columns have changed. */
  readonly maxColUniqueId?: number;
  readonly comment: string;
  /** As given and shown: `replication_num` and the rest. */
  readonly properties: ReadonlyMap<string, string>;
  readonly colocateGroup?: ColocateGroup;
  /** Only of an asynchronous materialized view, which is a table in all else. */
  readonly materializedView?: MaterializedViewInfo;
  /** Materialized views over this table; in a restored one maybe ids of the source cluster. */
  readonly relatedMaterializedViews?: readonly MvId[];
}

/** What has tablets: tables and asynchronous materialized views. */
export type Table = OlapTable;

/** A column of a view: what its query gave when the view was made. */
export interface ViewColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly comment: string;
}

/** A logical view: a query under a name. It shares the names of its database with the tables. */
export interface View {
  readonly kind: 'VIEW';
  /** A view that replaces another has an id of its own. */
  readonly id: TableId;
  readonly name: string;
  readonly createTimeMs: number;
  readonly columns: readonly ViewColumn[];
  /** The query as it was written. */
  readonly definition: string;
  /** What names without a database mean in it, wherever the view goes; none: they mean nothing. */
  readonly definitionDb: string | undefined;
  /** `||` was concatenation in the session that made it. */
  readonly pipesAsConcat: boolean;
  readonly comment: string;
}

/** A user-defined function, as metadata: what would run it is never fetched. */
export interface UserFunction {
  /** One that replaces another has an id of its own. */
  readonly id: FunctionId;
  readonly kind: 'SCALAR' | 'AGGREGATE' | 'TABLE';
  /** Lower case. */
  readonly name: string;
  readonly argTypes: readonly SqlType[];
  readonly hasVarArgs: boolean;
  readonly returnType: SqlType;
  readonly properties: ReadonlyMap<string, string>;
}

export interface Database {
  readonly id: DbId;
  name: string;
  /** What ALTER DATABASE has set; none: as large as can be. */
  dataQuotaBytes?: number;
  replicaQuota?: number;
  readonly tables: Map<TableId, Table>;
  readonly tableIds: Map<string, TableId>;
  /** By name. */
  readonly views: Map<string, View>;
  /** By `functionSignature`. */
  readonly functions: Map<string, UserFunction>;
  /** The next id of AUTO_INCREMENT that nobody may have yet; none before the first load. */
  readonly autoIncrementIds: Map<TableId, number>;
  /** Rollups that were added, the oldest first. */
  readonly rollupJobs: RollupJob[];
  /** Changes of columns, the oldest first. */
  readonly schemaChangeJobs: SchemaChangeJob[];
}

/** A catalog outside, as metadata: nothing in it can be read. */
export interface ExternalCatalog {
  /** One that replaces another has an id of its own. */
  readonly id: CatalogId;
  readonly name: string;
  readonly comment: string | undefined;
  /** With secrets: SHOW masks them, a backup leaves them out. */
  readonly properties: ReadonlyMap<string, string>;
}

/** All that the frontend knows: the databases of the internal catalog, and the external ones. */
export interface Catalog {
  readonly databases: Map<DbId, Database>;
  readonly databaseIds: Map<string, DbId>;
  /** By name. */
  readonly externalCatalogs: Map<string, ExternalCatalog>;
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
