/**
 * LIKE, WHERE, ORDER BY and LIMIT of a SHOW, over rows of text cells. Texts are equal when they are
 * the same; order is that of numbers when both sides are numbers. More is refused by name.
 */
import type { SimError } from '../../base/errors.ts';
import type { Row } from '../../base/row-stream.ts';
import type { Cell } from '../../base/sql-type.ts';
import type { Expr, OrderItem, ShowTail } from '../../sql/ast.ts';
import { matchesLike } from '../../sql/like.ts';
import { analysisError } from '../analysis-error.ts';

export interface ShownTable {
  readonly names: readonly string[];
  readonly rows: readonly Row[];
}

/** `likeColumn`: the column that LIKE looks at. */
export function filterShown(table: ShownTable, tail: ShowTail, likeColumn: number = 0): ShownTable {
  const { like, where, orderBy } = tail;
  let rows = table.rows;
  if (like !== undefined) {
    rows = rows.filter((row) => matchesLike(like, String(row[likeColumn] ?? '')));
  }
  if (where !== undefined) rows = rows.filter((row) => holds(where, table.names, row) === true);
  if (orderBy.length > 0) rows = [...rows].sort((a, b) => compareRows(a, b, table.names, orderBy));
  const from = tail.offset ?? 0;
  if (tail.limit !== undefined) rows = rows.slice(from, from + tail.limit);
  return { names: table.names, rows };
}

function compareRows(
  a: Row,
  b: Row,
  names: readonly string[],
  orderBy: readonly OrderItem[],
): number {
  for (const { expr, descending } of orderBy) {
    const order = compareCells(cellOf(expr, names, a), cellOf(expr, names, b));
    if (order !== 0) return descending ? -order : order;
  }
  return 0;
}

/** Three-valued: undefined is SQL's unknown. */
function holds(expr: Expr, names: readonly string[], row: Row): boolean | undefined {
  switch (expr.kind) {
    case 'binary':
      if (expr.operator === 'AND') {
        const left = holds(expr.left, names, row);
        const right = holds(expr.right, names, row);
        if (left === false || right === false) return false;
        return left === true && right === true ? true : undefined;
      }
      if (expr.operator === 'OR') {
        const left = holds(expr.left, names, row);
        const right = holds(expr.right, names, row);
        if (left === true || right === true) return true;
        return left === false && right === false ? false : undefined;
      }
      return compared(expr.operator, cellOf(expr.left, names, row), cellOf(expr.right, names, row));
    case 'not': {
      const inner = holds(expr.operand, names, row);
      return inner === undefined ? undefined : !inner;
    }
    case 'is-null':
      return (cellOf(expr.operand, names, row) === null) !== expr.negated;
    case 'in-list': {
      const value = cellOf(expr.operand, names, row);
      if (value === null) return undefined;
      const found = expr.items.some((item) => {
        const other = cellOf(item, names, row);
        return other !== null && String(value) === String(other);
      });
      return found !== expr.negated;
    }
    case 'like': {
      const value = cellOf(expr.operand, names, row);
      const pattern = cellOf(expr.pattern, names, row);
      if (expr.operator !== 'LIKE') throw unsupported(expr.operator);
      if (value === null || pattern === null) return undefined;
      return matchesLike(String(pattern), String(value)) !== expr.negated;
    }
    default:
      throw unsupported(expr.kind);
  }
}

function compared(operator: string, left: Cell, right: Cell): boolean | undefined {
  if (left === null || right === null) return undefined;
  const order = compareCells(left, right);
  switch (operator) {
    case '=':
      return String(left) === String(right);
    case '!=':
      return String(left) !== String(right);
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    default:
      throw unsupported(operator);
  }
}

function cellOf(expr: Expr, names: readonly string[], row: Row): Cell {
  switch (expr.kind) {
    case 'string':
      return expr.value;
    case 'number':
      return expr.text;
    case 'negate': {
      const inner = cellOf(expr.operand, names, row);
      return inner === null ? null : `-${inner}`;
    }
    case 'null':
      return null;
    case 'boolean':
      return String(expr.value);
    case 'column': {
      const wanted = (expr.path.at(-1) ?? '').toLowerCase();
      const at = names.findIndex((name) => name.toLowerCase() === wanted);
      if (at < 0) {
        throw analysisError(`Column '${expr.path.join('.')}' cannot be resolved`, 'unknown-column');
      }
      return row[at] ?? null;
    }
    default:
      throw unsupported(expr.kind);
  }
}

const NUMBER = /^-?\d+(\.\d+)?$/;

function compareCells(a: Cell, b: Cell): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  const left = String(a);
  const right = String(b);
  if (NUMBER.test(left) && NUMBER.test(right)) return Math.sign(Number(left) - Number(right));
  return left < right ? -1 : left > right ? 1 : 0;
}

function unsupported(what: string): SimError {
  return analysisError(`${what} is not supported in the WHERE clause of a SHOW`, 'unsupported');
}
