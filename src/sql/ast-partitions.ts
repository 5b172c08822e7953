/** How a table is partitioned, as written in CREATE TABLE and ALTER TABLE (sql-surface.md 3.2). */
import type { Position } from './ast-query.ts';

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
      readonly properties: ReadonlyMap<string, string>;
      readonly position: Position;
    }
  | {
      readonly kind: 'fixed';
      readonly name: string;
      readonly ifNotExists: boolean;
      readonly lower: RangeBound;
      readonly upper: RangeBound;
      readonly properties: ReadonlyMap<string, string>;
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

export type BatchPartitionDef = Extract<RangePartitionDef, { readonly kind: 'batch' }>;

/** `PARTITION p VALUES IN (...)`. */
export interface ListPartitionDef {
  readonly kind: 'list';
  readonly name: string;
  readonly ifNotExists: boolean;
  /** Values of one row each; null is NULL. */
  readonly values: readonly (readonly (string | null)[])[];
  readonly properties: ReadonlyMap<string, string>;
  readonly position: Position;
}

export type PartitionDef = RangePartitionDef | ListPartitionDef;

export type PartitionByDef =
  | {
      readonly kind: 'range';
      readonly columns: readonly string[];
      readonly partitions: readonly RangePartitionDef[];
    }
  | {
      readonly kind: 'list';
      readonly columns: readonly string[];
      /** Written without LIST: partitions come with the rows. */
      readonly isAutomatic: boolean;
      readonly partitions: readonly ListPartitionDef[];
    }
  /** `date_trunc('day', column)`. */
  | {
      readonly kind: 'expression';
      readonly unit: string;
      readonly column: string;
      readonly partitions: readonly RangePartitionDef[];
      readonly position: Position;
    };
