/**
 * The syntax tree: frozen plain objects told apart by `kind`. It says what was written, not what
 * it means; names are resolved by the frontend. Grammar: sql-surface.md 1.7, 2 and 3.
 */
import type { AccountStatement } from './ast-account.ts';
import type { AlterAction } from './ast-alter.ts';
import type { IndexStatement } from './ast-index.ts';
import type { MaterializedViewStatement } from './ast-materialized-view.ts';
import type { ObjectStatement } from './ast-objects.ts';
import type {
  Expr,
  OrderItem,
  PartitionNames,
  QueryNode,
  Relation,
  TableName,
} from './ast-query.ts';
import type { SessionStatement } from './ast-session.ts';
import type { TableShowStatement } from './ast-show.ts';
import type { CreateTable, CreateTableAsSelect, CreateTableLike, Properties } from './ast-table.ts';

export type {
  Grantee,
  GrantTarget,
  PasswordDef,
  PrivilegesDef,
  RoleChoice,
  UserName,
} from './ast-account.ts';
export type { AlterAction } from './ast-alter.ts';
export type { ColumnAction, ColumnChangeDef, ColumnPlaceDef } from './ast-columns.ts';
export type { CreateSyncView, IndexAction, IndexStatement, RollupDef } from './ast-index.ts';
export type {
  AlterMaterializedViewAction,
  CreateMaterializedView,
  RefreshDef,
} from './ast-materialized-view.ts';
export type {
  CreateView,
  FunctionSignatureDef,
  ObjectStatement,
  ViewColumnDef,
} from './ast-objects.ts';
export type {
  BatchPartitionDef,
  ListPartitionDef,
  PartitionByDef,
  PartitionDef,
  RangeBound,
  RangePartitionDef,
} from './ast-partitions.ts';
export type {
  BinaryOperator,
  CommonTable,
  Expr,
  FilesRelation,
  OrderItem,
  PartitionNames,
  Position,
  QueryBody,
  QueryNode,
  Relation,
  SelectItem,
  SelectNode,
  TableName,
  WindowSpec,
} from './ast-query.ts';
export { BINARY_OPERATORS } from './ast-query.ts';
export type {
  ColumnDef,
  ColumnDefault,
  CreateTable,
  CreateTableAsSelect,
  CreateTableLike,
  DistributionDef,
  KeyDef,
  Properties,
  TableIndexDef,
} from './ast-table.ts';

// ---- Backup family ------------------------------------------------------------------------------

/** One object of an ON list, as written; StarRocks' words. */
export type BackupObject =
  | {
      readonly kind: 'table';
      /** Undefined for a bare name, which may be a table, an MV or a view. */
      readonly keyword: 'TABLE' | 'MATERIALIZED VIEW' | 'VIEW' | undefined;
      readonly name: TableName;
      readonly partitions: PartitionNames | undefined;
      readonly alias: string | undefined;
    }
  | { readonly kind: 'function'; readonly name: TableName; readonly alias: string | undefined }
  | {
      readonly kind: 'all';
      readonly what: 'TABLES' | 'MATERIALIZED VIEWS' | 'VIEWS' | 'FUNCTIONS';
    };

export interface BackupStatement {
  readonly kind: 'backup';
  readonly externalCatalogs: 'ALL' | readonly string[] | undefined;
  readonly database: string | undefined;
  /** `label` or `db.label`. */
  readonly labelDb: string | undefined;
  readonly label: string;
  readonly repository: string;
  readonly objects: readonly BackupObject[] | undefined;
  readonly properties: Properties;
}

export interface RestoreStatement {
  readonly kind: 'restore';
  readonly externalCatalogs:
    | 'ALL'
    | readonly { readonly name: string; readonly alias: string | undefined }[]
    | undefined;
  readonly labelDb: string | undefined;
  readonly label: string;
  readonly repository: string;
  readonly database: string | undefined;
  readonly databaseAlias: string | undefined;
  readonly objects: readonly BackupObject[] | undefined;
  readonly properties: Properties;
}

export interface CreateRepository {
  readonly kind: 'create-repository';
  readonly readOnly: boolean;
  readonly name: string;
  /** What stood after WITH: `BROKER`, or the words S3, HDFS, LOCAL of the source documents. */
  readonly withWord: 'BROKER' | 'S3' | 'HDFS' | 'LOCAL';
  readonly broker: string | undefined;
  readonly location: string;
  readonly properties: Properties;
}

/** ALTER SYSTEM ... BROKER. */
export interface AlterBroker {
  readonly kind: 'alter-broker';
  readonly action: 'ADD' | 'DROP' | 'DROP ALL';
  readonly name: string;
  /** As written, `host:port`; none for DROP ALL. */
  readonly addresses: readonly string[];
}

/** `WHERE SNAPSHOT = 'x' [AND TIMESTAMP = 't']` or `SNAPSHOT IN (...)` (repository.md 6.2). */
export interface SnapshotFilter {
  readonly snapshots: readonly string[];
  readonly isList: boolean;
  readonly timestamp: string | undefined;
}

/** `DROP SNAPSHOT s ON r [FORCE]` or `... ON r WHERE SNAPSHOT = 's'` (resolutions.md 9). */
export interface DropSnapshot {
  readonly kind: 'drop-snapshot';
  readonly repository: string;
  readonly snapshots: readonly string[];
  readonly form: 'name' | 'where';
  readonly force: boolean;
}

// ---- Statements ---------------------------------------------------------------------------------

export interface SetItem {
  readonly scope: 'session' | 'global' | 'user';
  readonly name: string;
  /** A bare word such as ON, DEFAULT or utf8 comes as a string. */
  readonly value: Expr | { readonly kind: 'default' };
}

/** `LIKE 'x'` or `WHERE expr` of a SHOW, with its ORDER BY and LIMIT. */
export interface ShowTail {
  readonly like: string | undefined;
  readonly where: Expr | undefined;
  readonly orderBy: readonly OrderItem[];
  readonly limit: number | undefined;
  readonly offset: number | undefined;
}

export type Statement =
  | { readonly kind: 'select'; readonly query: QueryNode }
  | { readonly kind: 'use'; readonly catalog: string | undefined; readonly database: string }
  | { readonly kind: 'set'; readonly items: readonly SetItem[] }
  | { readonly kind: 'set-names'; readonly charset: string }
  | { readonly kind: 'set-transaction' }
  /** BEGIN, COMMIT, ROLLBACK, LOCK TABLES, UNLOCK TABLES: accepted without effect. */
  | { readonly kind: 'no-effect'; readonly word: string }
  | {
      readonly kind: 'create-database';
      readonly ifNotExists: boolean;
      readonly name: string;
      readonly properties: Properties;
    }
  | {
      readonly kind: 'drop-database';
      readonly ifExists: boolean;
      readonly name: string;
      readonly force: boolean;
    }
  | CreateTable
  | CreateTableLike
  | CreateTableAsSelect
  | {
      readonly kind: 'drop-table';
      readonly ifExists: boolean;
      readonly table: TableName;
      readonly force: boolean;
    }
  | {
      readonly kind: 'alter-database';
      readonly name: string;
      readonly action:
        | { readonly kind: 'rename'; readonly newName: string }
        | { readonly kind: 'data-quota'; readonly bytes: number }
        | { readonly kind: 'replica-quota'; readonly count: number };
    }
  | AccountStatement
  | SessionStatement
  | ObjectStatement
  | IndexStatement
  | MaterializedViewStatement
  | {
      readonly kind: 'truncate-table';
      readonly table: TableName;
      readonly partitions: PartitionNames | undefined;
    }
  | {
      readonly kind: 'alter-table';
      readonly table: TableName;
      readonly action: AlterAction;
    }
  | {
      readonly kind: 'insert';
      /** INSERT OVERWRITE: the rows take the place of those that are there. */
      readonly overwrite: boolean;
      readonly table: TableName;
      readonly partitions: PartitionNames | undefined;
      readonly columns: readonly string[];
      readonly label: string | undefined;
      readonly source:
        | {
            readonly kind: 'values';
            readonly rows: readonly (readonly (Expr | { readonly kind: 'default' })[])[];
          }
        | { readonly kind: 'query'; readonly query: QueryNode };
    }
  | {
      readonly kind: 'update';
      readonly table: TableName;
      readonly set: readonly { readonly column: string; readonly value: Expr }[];
      /** `UPDATE ... FROM`: tables beside the one that is updated. */
      readonly from: readonly Relation[];
      readonly where: Expr | undefined;
    }
  | {
      readonly kind: 'delete';
      readonly table: TableName;
      readonly partitions: PartitionNames | undefined;
      /** `DELETE ... USING`. */
      readonly using: readonly Relation[];
      readonly where: Expr | undefined;
    }
  | CreateRepository
  | AlterBroker
  | { readonly kind: 'drop-repository'; readonly name: string }
  | DropSnapshot
  | BackupStatement
  | RestoreStatement
  | {
      readonly kind: 'cancel-job';
      readonly job: 'BACKUP' | 'RESTORE';
      readonly database: string | undefined;
      readonly externalCatalog: boolean;
    }
  | { readonly kind: 'show-repositories'; readonly tail: ShowTail }
  | { readonly kind: 'show-broker'; readonly tail: ShowTail }
  | {
      readonly kind: 'show-snapshot';
      readonly repository: string;
      readonly filter: SnapshotFilter | undefined;
    }
  | {
      readonly kind: 'show-jobs';
      readonly job: 'BACKUP' | 'RESTORE';
      readonly database: string | undefined;
      readonly tail: ShowTail;
    }
  | TableShowStatement
  | { readonly kind: 'show-databases'; readonly tail: ShowTail }
  | {
      readonly kind: 'show-tables';
      readonly full: boolean;
      readonly database: string | undefined;
      readonly tail: ShowTail;
    }
  | {
      readonly kind: 'show-create-table';
      readonly table: TableName;
      /** SHOW CREATE VIEW: a table will not do. */
      readonly onlyView: boolean;
      /** SHOW CREATE MATERIALIZED VIEW: nothing else will do. */
      readonly onlyMaterializedView?: boolean;
    }
  | {
      readonly kind: 'show-partitions';
      readonly table: TableName;
      readonly temporary: boolean;
      readonly tail: ShowTail;
    }
  | {
      readonly kind: 'show-tablets';
      readonly table: TableName;
      readonly partitions: PartitionNames | undefined;
      readonly tail: ShowTail;
    }
  | { readonly kind: 'show-tablet'; readonly tabletId: number }
  | { readonly kind: 'describe'; readonly table: TableName; readonly all: boolean }
  | { readonly kind: 'show-backends' }
  | { readonly kind: 'show-frontends' }
  | {
      readonly kind: 'show-variables';
      /** With the defaults, and whether they were changed. */
      readonly verbose: boolean;
      readonly scope: 'session' | 'global';
      readonly tail: ShowTail;
    }
  /** SHOW WARNINGS, ERRORS, STATUS, ENGINES, CHARSET, COLLATION, PLUGINS and their like. */
  | { readonly kind: 'show-fixed'; readonly what: ShowFixed; readonly tail: ShowTail }
  | {
      readonly kind: 'admin-set-config';
      readonly properties: Properties;
    }
  | { readonly kind: 'admin-show-config'; readonly like: string | undefined }
  | {
      readonly kind: 'admin-failpoint';
      readonly enable: boolean;
      readonly name: string;
      readonly times: number | undefined;
      readonly probability: number | undefined;
      readonly backends: readonly string[];
      readonly onFrontend: boolean;
    }
  | {
      readonly kind: 'admin-backend';
      readonly action: 'KILL' | 'START';
      readonly backends: readonly string[];
    }
  | {
      readonly kind: 'admin-execute';
      /** The frontend, or a backend by its id. */
      readonly target: 'FRONTEND' | number;
      readonly script: string;
    }
  | { readonly kind: 'show-failpoints'; readonly like: string | undefined };

export const SHOW_FIXED = [
  'WARNINGS',
  'ERRORS',
  'STATUS',
  'ENGINES',
  'CHARSET',
  'COLLATION',
  'PLUGINS',
  'PRIVILEGES',
  'OPEN TABLES',
  'STORAGE VOLUMES',
  'COMPUTE NODES',
  'CATALOGS',
  'TRIGGERS',
  'EVENTS',
  'PROCEDURE STATUS',
  'FUNCTION STATUS',
] as const;
export type ShowFixed = (typeof SHOW_FIXED)[number];

export type StatementKind = Statement['kind'];
