/**
 * The syntax tree of asynchronous materialized views (sql-surface.md 3.5). The rest of the house
 * takes it from ast.ts.
 */
import type { DistributionDef, Properties, ShowTail, ViewColumnDef } from './ast.ts';
import type { QueryNode, TableName } from './ast-query.ts';

export interface RefreshDef {
  readonly type: 'ASYNC' | 'MANUAL';
  readonly moment: 'IMMEDIATE' | 'DEFERRED';
  /** `EVERY (INTERVAL n unit)`. */
  readonly every: { readonly step: number; readonly unit: string } | undefined;
  /** `START ("time")`, as written. */
  readonly start: string | undefined;
}

export interface CreateMaterializedView {
  readonly kind: 'create-materialized-view';
  readonly ifNotExists: boolean;
  readonly name: TableName;
  /** Names of the columns; none: the query's own. */
  readonly columns: readonly ViewColumnDef[];
  readonly comment: string | undefined;
  readonly partitionBy: string | undefined;
  readonly distribution: DistributionDef | undefined;
  readonly orderBy: readonly string[];
  readonly refresh: RefreshDef;
  readonly properties: Properties;
  readonly query: QueryNode;
  /** The query as written. */
  readonly definition: string;
}

export type AlterMaterializedViewAction =
  | { readonly kind: 'active' }
  | { readonly kind: 'inactive' }
  | { readonly kind: 'rename'; readonly newName: string };

export type MaterializedViewStatement =
  | CreateMaterializedView
  | {
      readonly kind: 'alter-materialized-view';
      readonly name: TableName;
      readonly action: AlterMaterializedViewAction;
    }
  | {
      readonly kind: 'refresh-materialized-view';
      readonly name: TableName;
      readonly force: boolean;
      /** WITH SYNC MODE: the answer comes when it is done. */
      readonly isSync: boolean;
    }
  | {
      readonly kind: 'show-materialized-views';
      readonly database: string | undefined;
      readonly tail: ShowTail;
    };
