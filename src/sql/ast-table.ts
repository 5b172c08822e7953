/**
 * The syntax tree of CREATE TABLE in its three forms (sql-surface.md 3.2). The rest of the house
 * takes it from ast.ts.
 */
import type { SqlType } from '../base/sql-type.ts';
import type { RollupDef } from './ast-index.ts';
import type { PartitionByDef } from './ast-partitions.ts';
import type { Position, QueryNode, TableName } from './ast-query.ts';

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

export interface DistributionDef {
  readonly kind: 'HASH' | 'RANDOM';
  readonly columns: readonly string[];
  readonly buckets: number | undefined;
}

export type Properties = ReadonlyMap<string, string>;

/** `INDEX name (columns) [USING type [(properties)]] [COMMENT text]`. */
export interface TableIndexDef {
  readonly name: string;
  readonly columns: readonly string[];
  readonly type: 'BITMAP' | 'GIN' | 'NGRAMBF' | 'VECTOR';
  readonly properties: Properties;
  readonly comment: string;
}

export interface CreateTable {
  readonly kind: 'create-table';
  readonly ifNotExists: boolean;
  readonly table: TableName;
  readonly columns: readonly ColumnDef[];
  readonly engine: string | undefined;
  readonly keys: KeyDef | undefined;
  readonly comment: string | undefined;
  readonly partitionBy: PartitionByDef | undefined;
  readonly distribution: DistributionDef | undefined;
  readonly orderBy: readonly string[];
  readonly rollups: readonly RollupDef[];
  readonly indexes: readonly TableIndexDef[];
  readonly properties: Properties;
}

/** `CREATE TABLE t [partitions] [distribution] [properties] LIKE source`: clauses take precedence. */
export interface CreateTableLike {
  readonly kind: 'create-table-like';
  readonly ifNotExists: boolean;
  readonly table: TableName;
  readonly source: TableName;
  readonly partitionBy: PartitionByDef | undefined;
  readonly distribution: DistributionDef | undefined;
  readonly properties: Properties;
}

/** `CREATE TABLE t [(a, b)] ... AS query`: columns from the query, the rest as in CREATE TABLE. */
export interface CreateTableAsSelect {
  readonly kind: 'create-table-as-select';
  /** Without columns: they are those of the query. */
  readonly create: CreateTable;
  /** Names for the query's columns, in order; none: its own. */
  readonly columnNames: readonly string[];
  readonly query: QueryNode;
}
