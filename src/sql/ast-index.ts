/**
 * The syntax tree of rollups, synchronous materialized views, temporary partitions, colocation
 * (sql-surface.md 3.2, 3.4, 3.5). The rest of the house takes it from ast.ts.
 */
import type { DistributionDef, PartitionDef, Properties, ShowTail } from './ast.ts';
import type { PartitionNames, Position, QueryNode, TableName } from './ast-query.ts';

/** `r (a, b) [DUPLICATE KEY (a)] [FROM base] [PROPERTIES ...]`. */
export interface RollupDef {
  readonly name: string;
  readonly columns: readonly string[];
  readonly duplicateKeys: readonly string[] | undefined;
  readonly from: string | undefined;
  readonly properties: Properties;
  readonly position: Position;
}

/** CREATE MATERIALIZED VIEW without REFRESH, DISTRIBUTED BY, PARTITION BY: an index of its table. */
export interface CreateSyncView {
  readonly kind: 'create-sync-materialized-view';
  readonly ifNotExists: boolean;
  readonly name: TableName;
  readonly query: QueryNode;
  /** The statement as written. */
  readonly text: string;
}

export type IndexStatement =
  | CreateSyncView
  | {
      readonly kind: 'drop-materialized-view';
      readonly ifExists: boolean;
      readonly name: TableName;
    }
  /** SHOW PROC: the frontend's own tree of tables, by path. */
  | { readonly kind: 'show-proc'; readonly path: string }
  | {
      readonly kind: 'show-rollup-jobs';
      readonly database: string | undefined;
      readonly tail: ShowTail;
    }
  | {
      readonly kind: 'show-column-jobs';
      readonly database: string | undefined;
      readonly tail: ShowTail;
    };

/** Actions of ALTER TABLE. */
export type IndexAction =
  | { readonly kind: 'add-rollups'; readonly rollups: readonly RollupDef[] }
  | { readonly kind: 'drop-rollups'; readonly names: readonly string[] }
  | {
      readonly kind: 'add-temporary-partition';
      readonly partition: PartitionDef;
      readonly distribution: DistributionDef | undefined;
    }
  | {
      readonly kind: 'drop-temporary-partition';
      readonly name: string;
      readonly ifExists: boolean;
    }
  | { readonly kind: 'drop-all-temporary-partitions' }
  | {
      readonly kind: 'replace-partitions';
      readonly replaced: PartitionNames;
      readonly temporary: PartitionNames;
      readonly properties: Properties;
    };
