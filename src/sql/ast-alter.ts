/** What ALTER TABLE does, as written (sql-surface.md 3.4); taken from ast.ts by all others. */
import type { ColumnAction } from './ast-columns.ts';
import type { IndexAction } from './ast-index.ts';
import type { BatchPartitionDef, PartitionDef } from './ast-partitions.ts';
import type { DistributionDef, Properties, TableIndexDef } from './ast-table.ts';

export type AlterAction =
  | {
      readonly kind: 'compact';
      /** CUMULATIVE: what is young; BASE or neither word: all. */
      readonly mode: 'recent' | 'all';
      readonly partitions: readonly string[] | undefined;
    }
  | IndexAction
  | ColumnAction
  | { readonly kind: 'add-index'; readonly index: TableIndexDef }
  | { readonly kind: 'drop-index'; readonly name: string }
  | { readonly kind: 'rename'; readonly newName: string }
  | { readonly kind: 'rename-partition'; readonly name: string; readonly newName: string }
  | { readonly kind: 'swap'; readonly other: string }
  | { readonly kind: 'comment'; readonly comment: string }
  | { readonly kind: 'set-properties'; readonly properties: Properties }
  | {
      readonly kind: 'add-partition';
      readonly partition: PartitionDef;
      readonly distribution: DistributionDef | undefined;
    }
  | {
      readonly kind: 'drop-partitions';
      /** Or those that a batch would make. */
      readonly names: readonly string[] | BatchPartitionDef;
      readonly ifExists: boolean;
      readonly force: boolean;
    };
