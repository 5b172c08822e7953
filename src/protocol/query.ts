/**
 * What a query may read and ask: tables after name and partition resolution, session facts. The
 * frontend fills it in, the query engine reads it.
 */
import type { Cancellation } from '../base/cancellation.ts';
import type { BackendId, TabletId } from '../base/ids.ts';
import type { ResultColumn, Row } from '../base/row-stream.ts';
import type { Cell } from '../base/sql-type.ts';
import type { TabletSchema } from './tablet-schema.ts';

/** A tablet to read: any of the replicas will do, tried in this order. */
export interface TabletToRead {
  readonly tabletId: TabletId;
  readonly version: number;
  readonly replicas: readonly BackendId[];
}

/** A table as a query sees it. */
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
      readonly columns: readonly ResultColumn[];
      readonly rows: readonly Row[];
    }
  | {
      /** A view: its query, which sees what `context` gives, under its own column names. */
      readonly kind: 'view';
      readonly displayName: string;
      readonly definition: string;
      /** `||` was concatenation where the view was made. */
      readonly pipesAsConcat: boolean;
      readonly columns: readonly string[];
      readonly context: QueryContext;
    };

/** A table reference as written: `t PARTITION (p)`, `db.t`, `catalog.db.t`. */
export interface TableReference {
  readonly catalog?: string;
  readonly db?: string;
  readonly name: string;
  readonly partitions?: { readonly isTemporary: boolean; readonly names: readonly string[] };
}

/** What a query may ask of the session while it is planned. */
export interface QueryContext {
  /** Throws `unknown-database`, `unknown-table`, `unknown-partition`, `no-database-selected`. */
  resolveTable(table: TableReference): ResolvedTable;
  /** `@@name`, `@@session.name`, `@@global.name`; throws `unknown-variable`. */
  systemVariable(scope: 'session' | 'global' | undefined, name: string): Cell;
  userVariable(name: string): Cell;
  /** DATABASE(), USER(), VERSION(), CONNECTION_ID(), ...: by upper-case name, if it is one. */
  sessionFunction(name: string): (() => Cell) | undefined;
  /** Whose tables bare names are, where that is not what DATABASE() gives: inside a view. */
  readonly defaultDb?: string;
  readonly timeZone: string;
  readonly nowMs: number;
  /** Of the statement that asks, if it can be cancelled. */
  readonly cancellation?: Cancellation;
}
