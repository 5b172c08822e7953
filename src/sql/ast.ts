/**
 * The syntax tree: frozen plain objects told apart by `kind`. It says what was written, not what
 * it means; names are resolved by the frontend. Grammar: sql-surface.md 1.7, 2 and 3.
 */
import type { SqlType } from '../base/sql-type.ts';

/** Where a token stands in the text; line and column count from 1. */
export interface Position {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

/** `t`, `db.t` or `catalog.db.t`. */
export interface TableName {
  readonly catalog?: string;
  readonly db?: string;
  readonly name: string;
  readonly position: Position;
}

// ---- Expressions --------------------------------------------------------------------------------

export const BINARY_OPERATORS = [
  'OR',
  'XOR',
  'AND',
  '=',
  '<=>',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  '|',
  '&',
  '^',
  '+',
  '-',
  '*',
  '/',
  'DIV',
  '%',
  '||',
] as const;
export type BinaryOperator = (typeof BINARY_OPERATORS)[number];

export type Expr =
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  /** Text as written: `7`, `1.50`, `1e3`. */
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'string'; readonly value: string }
  /** `DATE '2024-01-01'`, `TIMESTAMP '...'`. */
  | { readonly kind: 'typed-string'; readonly type: 'DATE' | 'DATETIME'; readonly value: string }
  | { readonly kind: 'binary-literal'; readonly bytes: Uint8Array }
  | { readonly kind: 'column'; readonly path: readonly string[]; readonly position: Position }
  | { readonly kind: 'star'; readonly table: readonly string[] }
  | {
      readonly kind: 'system-variable';
      readonly scope: 'session' | 'global' | undefined;
      readonly name: string;
    }
  | { readonly kind: 'user-variable'; readonly name: string }
  | { readonly kind: 'parameter'; readonly index: number }
  | { readonly kind: 'not'; readonly operand: Expr }
  | { readonly kind: 'negate'; readonly operand: Expr }
  | { readonly kind: 'bit-not'; readonly operand: Expr }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expr;
      readonly right: Expr;
    }
  | { readonly kind: 'is-null'; readonly operand: Expr; readonly negated: boolean }
  | {
      readonly kind: 'between';
      readonly operand: Expr;
      readonly low: Expr;
      readonly high: Expr;
      readonly negated: boolean;
    }
  | {
      readonly kind: 'in-list';
      readonly operand: Expr;
      readonly items: readonly Expr[];
      readonly negated: boolean;
    }
  | {
      readonly kind: 'in-query';
      readonly operand: Expr;
      readonly query: QueryNode;
      readonly negated: boolean;
    }
  | {
      readonly kind: 'like';
      readonly operator: 'LIKE' | 'RLIKE';
      readonly operand: Expr;
      readonly pattern: Expr;
      readonly negated: boolean;
    }
  | { readonly kind: 'exists'; readonly query: QueryNode }
  | { readonly kind: 'subquery'; readonly query: QueryNode }
  | {
      readonly kind: 'case';
      readonly operand: Expr | undefined;
      readonly branches: readonly { readonly when: Expr; readonly then: Expr }[];
      readonly otherwise: Expr | undefined;
    }
  | { readonly kind: 'cast'; readonly operand: Expr; readonly type: SqlType }
  | { readonly kind: 'interval'; readonly value: Expr; readonly unit: string }
  | {
      readonly kind: 'call';
      /** As written; functions are looked up without case. */
      readonly name: string;
      readonly args: readonly Expr[];
      readonly distinct: boolean;
      readonly orderBy: readonly OrderItem[];
      /** GROUP_CONCAT(... SEPARATOR s). */
      readonly separator: Expr | undefined;
      readonly over: WindowSpec | undefined;
      readonly position: Position;
    };

export interface OrderItem {
  readonly expr: Expr;
  readonly descending: boolean;
  readonly nulls: 'FIRST' | 'LAST' | undefined;
}

export interface WindowSpec {
  readonly partitionBy: readonly Expr[];
  readonly orderBy: readonly OrderItem[];
  /** `ROWS BETWEEN ... AND ...`, printed back as read. */
  readonly frame: string | undefined;
}

// ---- Queries ------------------------------------------------------------------------------------

export interface QueryNode {
  readonly kind: 'query';
  readonly with: readonly CommonTable[];
  readonly recursive: boolean;
  readonly body: QueryBody;
  readonly orderBy: readonly OrderItem[];
  readonly limit: Expr | undefined;
  readonly offset: Expr | undefined;
}

export interface CommonTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly query: QueryNode;
}

export type QueryBody =
  | SelectNode
  | {
      readonly kind: 'set-operation';
      readonly operator: 'UNION' | 'INTERSECT' | 'EXCEPT';
      readonly all: boolean;
      readonly left: QueryBody;
      readonly right: QueryBody;
    }
  | { readonly kind: 'values'; readonly rows: readonly (readonly Expr[])[] }
  | { readonly kind: 'nested'; readonly query: QueryNode };

export interface SelectNode {
  readonly kind: 'select';
  readonly distinct: boolean;
  readonly items: readonly SelectItem[];
  readonly from: readonly Relation[];
  readonly where: Expr | undefined;
  readonly groupBy: readonly Expr[];
  readonly having: Expr | undefined;
  readonly qualify: Expr | undefined;
}

export interface SelectItem {
  readonly expr: Expr;
  readonly alias: string | undefined;
  /** The item's text as written: the column name when there is no alias. */
  readonly text: string;
}

export type Relation =
  | {
      readonly kind: 'table';
      readonly name: TableName;
      readonly partitions: PartitionNames | undefined;
      readonly alias: string | undefined;
    }
  | {
      readonly kind: 'derived';
      readonly query: QueryNode;
      readonly alias: string | undefined;
      readonly columns: readonly string[];
    }
  | {
      /** `TABLE(generate_series(1, 10))` or `generate_series(1, 10)`. */
      readonly kind: 'table-function';
      readonly name: string;
      readonly args: readonly Expr[];
      readonly alias: string | undefined;
      readonly columns: readonly string[];
      readonly position: Position;
    }
  | {
      readonly kind: 'join';
      readonly type: 'INNER' | 'LEFT' | 'RIGHT' | 'FULL' | 'CROSS' | 'LEFT SEMI' | 'LEFT ANTI';
      readonly left: Relation;
      readonly right: Relation;
      readonly on: Expr | undefined;
      readonly using: readonly string[];
    };

export interface PartitionNames {
  readonly isTemporary: boolean;
  readonly names: readonly string[];
}

// ---- Table definitions --------------------------------------------------------------------------

export interface ColumnDef {
  readonly name: string;
  readonly type: SqlType;
  readonly isKey: boolean;
  readonly aggregation: string | undefined;
  /** Undefined when neither NULL nor NOT NULL was written. */
  readonly nullable: boolean | undefined;
  readonly defaultValue: ColumnDefault | undefined;
  readonly isAutoIncrement: boolean;
  readonly comment: string | undefined;
  readonly position: Position;
}

export type ColumnDefault =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'null' }
  | { readonly kind: 'expression'; readonly text: 'CURRENT_TIMESTAMP' | 'uuid()' };

export interface KeyDef {
  readonly type: 'DUP_KEYS' | 'AGG_KEYS' | 'UNIQUE_KEYS' | 'PRIMARY_KEYS';
  readonly columns: readonly string[];
}

/** One bound of a range: values per partition column, or MAXVALUE. */
export type RangeBound = readonly (
  | { readonly kind: 'value'; readonly text: string }
  | { readonly kind: 'maxvalue' }
)[];

export type RangePartitionDef =
  | {
      readonly kind: 'less-than';
      readonly name: string;
      readonly ifNotExists: boolean;
      readonly upper: RangeBound;
      readonly properties: Properties;
      readonly position: Position;
    }
  | {
      readonly kind: 'fixed';
      readonly name: string;
      readonly ifNotExists: boolean;
      readonly lower: RangeBound;
      readonly upper: RangeBound;
      readonly properties: Properties;
      readonly position: Position;
    }
  | {
      readonly kind: 'batch';
      readonly start: string;
      readonly end: string;
      readonly step: number;
      readonly unit: string | undefined;
      readonly position: Position;
    };

export interface PartitionByRange {
  readonly kind: 'range';
  readonly columns: readonly string[];
  readonly partitions: readonly RangePartitionDef[];
}

export interface DistributionDef {
  readonly kind: 'HASH' | 'RANDOM';
  readonly columns: readonly string[];
  readonly buckets: number | undefined;
}

export type Properties = ReadonlyMap<string, string>;

export interface CreateTable {
  readonly kind: 'create-table';
  readonly ifNotExists: boolean;
  readonly table: TableName;
  readonly columns: readonly ColumnDef[];
  readonly engine: string | undefined;
  readonly keys: KeyDef | undefined;
  readonly comment: string | undefined;
  readonly partitionBy: PartitionByRange | undefined;
  readonly distribution: DistributionDef | undefined;
  readonly orderBy: readonly string[];
  readonly properties: Properties;
}

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
  | {
      readonly kind: 'drop-table';
      readonly ifExists: boolean;
      readonly table: TableName;
      readonly force: boolean;
    }
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
      readonly where: Expr | undefined;
    }
  | {
      readonly kind: 'delete';
      readonly table: TableName;
      readonly partitions: PartitionNames | undefined;
      readonly where: Expr | undefined;
    }
  | CreateRepository
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
  | { readonly kind: 'show-databases'; readonly tail: ShowTail }
  | {
      readonly kind: 'show-tables';
      readonly full: boolean;
      readonly database: string | undefined;
      readonly tail: ShowTail;
    }
  | { readonly kind: 'show-create-table'; readonly table: TableName }
  | {
      readonly kind: 'show-partitions';
      readonly table: TableName;
      readonly temporary: boolean;
      readonly tail: ShowTail;
    }
  | { readonly kind: 'describe'; readonly table: TableName }
  | { readonly kind: 'show-backends' }
  | { readonly kind: 'show-frontends' }
  | {
      readonly kind: 'show-variables';
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
  'PROCESSLIST',
  'CATALOGS',
  'TRIGGERS',
  'EVENTS',
  'PROCEDURE STATUS',
  'FUNCTION STATUS',
] as const;
export type ShowFixed = (typeof SHOW_FIXED)[number];

export type AlterAction =
  | { readonly kind: 'rename'; readonly newName: string }
  | { readonly kind: 'add-partition'; readonly partition: RangePartitionDef }
  | {
      readonly kind: 'drop-partition';
      readonly name: string;
      readonly ifExists: boolean;
      readonly force: boolean;
    };

export type StatementKind = Statement['kind'];
