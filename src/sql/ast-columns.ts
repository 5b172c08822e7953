/** Changes of a table's columns as written in ALTER TABLE (sql-surface.md 3.4). */
import type { ColumnDef } from './ast-table.ts';

/** Where a column goes; without it, behind the last one of its kind. */
export type ColumnPlaceDef =
  | { readonly kind: 'first' }
  | { readonly kind: 'after'; readonly column: string };

export type ColumnChangeDef =
  | {
      readonly kind: 'add' | 'modify';
      readonly column: ColumnDef;
      readonly place: ColumnPlaceDef | undefined;
    }
  | { readonly kind: 'drop'; readonly name: string }
  | { readonly kind: 'rename'; readonly name: string; readonly newName: string }
  | { readonly kind: 'order'; readonly columns: readonly string[] };

/** All changes of one statement: they happen together. */
export interface ColumnAction {
  readonly kind: 'change-columns';
  readonly changes: readonly ColumnChangeDef[];
}
