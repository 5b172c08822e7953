/** Keys of rows: as text for lookup, and in the order in which StarRocks sorts a tablet. */
import { parseDecimal } from '../base/decimal-text.ts';
import type { Cell, ColumnVector, SqlType } from '../base/sql-type.ts';
import type { TabletColumn, TabletSchema } from '../protocol/tablet-schema.ts';

export function keyColumns(schema: TabletSchema): readonly TabletColumn[] {
  return schema.columns.filter((column) => column.isKey);
}

/** Positions of the key columns in the schema. */
export function keyPositions(schema: TabletSchema): readonly number[] {
  return schema.columns.flatMap((column, index) => (column.isKey ? [index] : []));
}

/** Text that is equal exactly for equal keys; NULL equals NULL. */
export function keyText(key: readonly ColumnVector[], row: number): string {
  const only = key[0]?.[row] ?? null;
  if (key.length === 1) return cellKey(only);
  let text = '';
  for (const column of key) {
    const part = cellKey(column[row] ?? null);
    text += `${part.length}:${part}`;
  }
  return text;
}

function cellKey(cell: Cell): string {
  if (cell === null) return 'N';
  if (cell instanceof Uint8Array) return `=${Buffer.from(cell).toString('hex')}`;
  if (typeof cell === 'number') return `=${cell + 0}`;
  return `=${cell}`;
}

type Compare = (a: Cell, b: Cell) => number;

/** NULL first, then by value; text by its UTF-8 bytes. */
export function compareCells(type: SqlType): Compare {
  const compare = compareValues(type);
  return (a, b) => {
    if (a === null || b === null) return (a === null ? 0 : 1) - (b === null ? 0 : 1);
    return compare(a, b);
  };
}

function compareValues(type: SqlType): Compare {
  switch (type.name) {
    case 'DECIMAL':
      return (a, b) => {
        const left = parseDecimal(String(a))?.unscaled ?? 0n;
        const right = parseDecimal(String(b))?.unscaled ?? 0n;
        return left < right ? -1 : left > right ? 1 : 0;
      };
    case 'CHAR':
    case 'VARCHAR':
    case 'JSON':
    case 'VARBINARY':
      return (a, b) => Buffer.compare(bytes(a), bytes(b));
    default:
      return (a, b) => ((a ?? 0) < (b ?? 0) ? -1 : (a ?? 0) > (b ?? 0) ? 1 : 0);
  }
}

function bytes(cell: Cell): Uint8Array {
  return cell instanceof Uint8Array ? cell : Buffer.from(String(cell));
}

/** Row numbers in key order; equal keys keep their order. */
export function sortedByKey(
  schema: TabletSchema,
  columns: readonly ColumnVector[],
  rowCount: number,
): number[] {
  const keys = keyPositions(schema).map((position) => ({
    cells: columns[position] ?? [],
    compare: compareCells(schema.columns[position]?.type ?? { name: 'INT' }),
  }));
  const order = Array.from({ length: rowCount }, (_, row) => row);
  return order.sort((a, b) => {
    for (const { cells, compare } of keys) {
      const result = compare(cells[a] ?? null, cells[b] ?? null);
      if (result !== 0) return result;
    }
    return a - b;
  });
}
