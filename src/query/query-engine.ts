/**
 * What the frontend needs to run a query. Names have been resolved before: a source says which
 * tablets to read at which version. Two engines stand behind it: DuckDB over the tablets' files
 * (real mode), and an interpreter of a small, exact subset over scanned rows (virtual mode).
 */
import type { BackendId, TabletId } from '../base/ids.ts';
import type { Op } from '../base/op.ts';
import type { Cell, SqlType } from '../base/sql-type.ts';
import type { TabletSchema } from '../protocol/tablet-schema.ts';
import type { Expr, QueryNode, TableName } from '../sql/ast.ts';

export interface QueryColumn {
  readonly name: string;
  readonly type: SqlType;
}

/** Rows pulled in batches; close it, also after an error. */
export interface RowStream {
  readonly columns: readonly QueryColumn[];
  next(): Op<readonly (readonly Cell[])[] | undefined>;
  close(): Op<void>;
}

/** A tablet to read: any of the replicas will do, tried in this order. */
export interface TabletToRead {
  readonly tabletId: TabletId;
  readonly version: number;
  readonly replicas: readonly BackendId[];
}

/** A table as a query sees it, after name and partition resolution. */
export type ResolvedTable =
  | {
      readonly kind: 'tablets';
      readonly displayName: string;
      readonly schema: TabletSchema;
      readonly tablets: readonly TabletToRead[];
    }
  | {
      /** information_schema and the like: rows made by the frontend. */
      readonly kind: 'rows';
      readonly displayName: string;
      readonly columns: readonly QueryColumn[];
      readonly rows: readonly (readonly Cell[])[];
    };

/** What a query may ask of the session while it is planned. */
export interface QueryContext {
  resolveTable(name: TableName): ResolvedTable;
  /** `@@name`, `@@session.name`, `@@global.name`; throws `unknown-variable`. */
  systemVariable(scope: 'session' | 'global' | undefined, name: string): Cell;
  userVariable(name: string): Cell;
  /** DATABASE(), USER(), VERSION(), CONNECTION_ID(), ...: by upper-case name, if it is one. */
  sessionFunction(name: string): (() => Cell) | undefined;
  readonly timeZone: string;
  readonly nowMs: number;
}

export interface QueryEngine {
  run(query: QueryNode, context: QueryContext): Op<RowStream>;
  /** An expression without columns, as in INSERT VALUES, SET and DEFAULT. */
  evaluate(expr: Expr, context: QueryContext): Op<Cell>;
  close(): Op<void>;
}
