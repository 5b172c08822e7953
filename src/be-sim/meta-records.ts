/**
 * What a backend writes to its meta log, one JSON line per record, and how rows that stay in the
 * log are spelled there. The log and its checkpoint together are the only truth about tablets.
 */
import type { BackendId, JobId, PhysicalPartitionId, TabletId, TxnId } from '../base/ids.ts';
import type { Cell, ColumnVector } from '../base/sql-type.ts';
import type { TabletColumn, TabletSchema } from '../protocol/tablet-schema.ts';

/** A file of a rowset. `md5` and size are those of the bytes that were meant to be written. */
export interface RowsetFile {
  readonly name: string;
  readonly kind: 'data' | 'delete';
  readonly sizeBytes: number;
  readonly md5: string;
  readonly rowCount: number;
  readonly hasRowVersions: boolean;
}

/** Files with the rows of versions `startVersion` to `endVersion`; later files win over earlier. */
export interface Rowset {
  readonly rowsetId: string;
  readonly startVersion: number;
  readonly endVersion: number;
  readonly files: readonly RowsetFile[];
}

/** Cells as JSON: bigints as text, bytes as base64, minus zero as "-0". */
export type JsonColumn = readonly (string | number | boolean | null)[];

export interface InlineRows {
  readonly op: 'upsert' | 'delete';
  readonly n: number;
  readonly c: readonly JsonColumn[];
}

export interface InlineVersion {
  readonly v: number;
  readonly batches: readonly InlineRows[];
}

export type StagedBatch =
  | { readonly rows: InlineRows }
  | { readonly rowset: Omit<Rowset, 'startVersion' | 'endVersion'> };

export interface LastMove {
  readonly jobId: JobId;
  readonly src: string;
}

/** A tablet as a checkpoint holds it. */
export interface TabletRecord {
  readonly op: 'tablet';
  readonly id: TabletId;
  readonly partitionId: PhysicalPartitionId;
  readonly schema: number;
  /** Lowest version that can be read. */
  readonly base: number;
  readonly version: number;
  readonly rowsets: readonly Rowset[];
  readonly inline: readonly InlineVersion[];
  readonly lastMove?: LastMove;
}

export type MetaRecord =
  | { readonly op: 'start'; readonly backendId: BackendId; readonly life: number }
  | { readonly op: 'cluster'; readonly clusterId: number }
  | { readonly op: 'schema'; readonly key: number; readonly schema: TabletSchema }
  | {
      readonly op: 'create';
      readonly id: TabletId;
      readonly partitionId: PhysicalPartitionId;
      readonly schema: number;
      readonly version: number;
    }
  | { readonly op: 'drop'; readonly id: TabletId }
  | {
      readonly op: 'stage';
      readonly txn: TxnId;
      readonly tablets: readonly { readonly id: TabletId; readonly batch: StagedBatch }[];
    }
  | {
      readonly op: 'publish';
      readonly txn: TxnId;
      readonly tablets: readonly {
        readonly id: TabletId;
        readonly v: number;
        /** What was staged, written as files where it was not yet and had to be. */
        readonly rowset?: Rowset;
      }[];
    }
  | { readonly op: 'abort'; readonly txn: TxnId }
  | {
      readonly op: 'flush';
      readonly id: TabletId;
      /** Rowsets that the new one takes the place of. */
      readonly replaced: readonly string[];
      readonly rowset: Rowset | null;
      /** Rows of the log up to this version are in the rowset. */
      readonly upTo: number;
    }
  | {
      readonly op: 'move';
      readonly id: TabletId;
      readonly schema: number;
      readonly version: number;
      readonly rowsets: readonly Rowset[];
      readonly lastMove: LastMove;
    }
  | TabletRecord
  | { readonly op: 'end'; readonly records: number };

/** Checked cells as JSON. */
export function encodeInline(
  columns: readonly TabletColumn[],
  op: InlineRows['op'],
  rows: { readonly rowCount: number; readonly columns: readonly ColumnVector[] },
): InlineRows {
  const c = columns.map((_, index) => (rows.columns[index] ?? []).map(toJson));
  return { op, n: rows.rowCount, c };
}

function toJson(cell: Cell): string | number | boolean | null {
  if (cell instanceof Uint8Array) return Buffer.from(cell).toString('base64');
  if (typeof cell === 'bigint') return cell.toString();
  return Object.is(cell, -0) ? '-0' : cell;
}

export function decodeInline(
  columns: readonly TabletColumn[],
  rows: InlineRows,
): readonly ColumnVector[] {
  return columns.map((column, index) => {
    const cells = rows.c[index] ?? [];
    switch (column.type.name) {
      case 'BIGINT':
      case 'LARGEINT':
        return cells.map((cell) => (cell === null ? null : BigInt(cell)));
      case 'VARBINARY':
        return cells.map((cell) =>
          cell === null ? null : new Uint8Array(Buffer.from(String(cell), 'base64')),
        );
      case 'FLOAT':
      case 'DOUBLE':
        return cells.map((cell) => (cell === null ? null : Number(cell)));
      default:
        return [...cells];
    }
  });
}

/** About how many bytes inline rows take in the log. */
export function inlineBytes(rows: InlineRows): number {
  let size = 32;
  for (const column of rows.c) {
    for (const cell of column) size += typeof cell === 'string' ? cell.length + 3 : 8;
  }
  return size;
}
