/** How values of one type stand to each other: the order of both engines, text by its bytes. */
import { parseDecimal } from '../base/decimal-text.ts';
import type { Cell, SqlType } from '../base/sql-type.ts';

function compareDecimals(left: string, right: string): number {
  const a = parseDecimal(left);
  const b = parseDecimal(right);
  if (a === undefined || b === undefined) return 0;
  const scale = Math.max(a.scale, b.scale);
  const one = a.unscaled * 10n ** BigInt(scale - a.scale);
  const two = b.unscaled * 10n ** BigInt(scale - b.scale);
  return one < two ? -1 : one > two ? 1 : 0;
}

/** Negative, zero or positive; neither value is NULL. */
export function compareCells(left: Cell, right: Cell, type: SqlType): number {
  if (typeof left === 'string' && typeof right === 'string') {
    if (type.name === 'DECIMAL') return compareDecimals(left, right);
    if (left === right) return 0;
    if (type.name === 'DATE' || type.name === 'DATETIME') return left < right ? -1 : 1;
    return Buffer.compare(Buffer.from(left), Buffer.from(right));
  }
  if (left instanceof Uint8Array && right instanceof Uint8Array) return Buffer.compare(left, right);
  if (left === right) return 0;
  return (left ?? 0) < (right ?? 0) ? -1 : 1;
}

/** A text that is equal for equal values of one type: the key of groups, sets and DISTINCT. */
export function cellKey(cell: Cell): string {
  if (cell === null) return 'n';
  if (cell instanceof Uint8Array) return `x${Buffer.from(cell).toString('hex')}`;
  return typeof cell === 'number' && cell === 0 ? 'v0' : `v${String(cell)}`;
}

/** The key of several values; no two different lists share one. */
export function rowKey(cells: readonly Cell[]): string {
  let key = '';
  for (const cell of cells) {
    const part = cellKey(cell);
    key += `${part.length}:${part}`;
  }
  return key;
}
