/**
 * Rows of the base index as those of a rollup or a synchronous materialized view: the same rows,
 * fewer columns; what aggregates them is the key model of the index on its backends.
 */
import { castCell } from '../base/cast-cell.ts';
import { SimError } from '../base/errors.ts';
import type { Cell, ColumnVector } from '../base/sql-type.ts';
import type { Column, MaterializedIndexMeta } from '../catalog/model.ts';
import { isSameName } from '../catalog/rollup-schema.ts';

/** Columns of rows of one index -> columns of another, cell by cell. */
export type IndexProjection = (
  columns: readonly ColumnVector[],
  rowCount: number,
) => readonly ColumnVector[];

/** `baseColumns`: what the rows hold, in order. */
export function indexProjection(
  meta: MaterializedIndexMeta,
  baseColumns: readonly Column[],
): IndexProjection {
  const pickers = meta.schema.map((column, at) => columnPicker(meta, column, at, baseColumns));
  return (columns) => pickers.map((pick) => pick(columns));
}

function columnPicker(
  meta: MaterializedIndexMeta,
  column: Column,
  position: number,
  baseColumns: readonly Column[],
): (columns: readonly ColumnVector[]) => ColumnVector {
  const source = meta.definition?.sources[position];
  const name = source?.column ?? column.name;
  const at = baseColumns.findIndex((one) => isSameName(one.name, name));
  const from = baseColumns[at]?.type;
  if (from === undefined) throw new SimError('bug', `index ${meta.name} has no source ${name}`);
  if (source === undefined) return (columns) => columns[at] ?? [];
  const change = (cell: Cell): Cell =>
    source.isCount ? (cell === null ? 0n : 1n) : castCell(cell, from, column.type, column.name);
  return (columns) => (columns[at] ?? []).map(change);
}
