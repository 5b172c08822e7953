/**
 * The syntax tree of the SHOWs that tell of tables as MySQL does (sql-surface.md 4.10). The rest of
 * the house takes it from ast.ts.
 */
import type { ShowTail } from './ast.ts';
import type { PartitionNames, TableName } from './ast-query.ts';

export type TableShowStatement =
  | {
      readonly kind: 'show-columns';
      readonly table: TableName;
      readonly full: boolean;
      readonly tail: ShowTail;
    }
  | { readonly kind: 'show-index'; readonly table: TableName; readonly tail: ShowTail }
  | {
      readonly kind: 'show-table-status';
      readonly database: string | undefined;
      readonly tail: ShowTail;
    }
  | {
      readonly kind: 'admin-show-replica-distribution';
      readonly table: TableName;
      readonly partitions: PartitionNames | undefined;
    }
  | {
      readonly kind: 'show-load';
      readonly database: string | undefined;
      readonly tail: ShowTail;
    }
  | {
      readonly kind: 'show-transaction';
      readonly database: string | undefined;
      readonly txnId: number;
    }
  | { readonly kind: 'show-create-database'; readonly database: string }
  | {
      readonly kind: 'show-data';
      /** Undefined: all of the session's database. */
      readonly table: TableName | undefined;
      readonly tail: ShowTail;
    }
  | {
      readonly kind: 'show-dynamic-partition-tables';
      readonly database: string | undefined;
      readonly tail: ShowTail;
    };
