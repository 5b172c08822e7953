/**
 * The WHERE of a DELETE from tables without a primary key: what StarRocks stores as a delete
 * predicate, a conjunction of simple conditions on columns (sql-surface.md 3.6).
 */
import { castCell } from '../base/cast-cell.ts';
import { asSimError } from '../base/errors.ts';
import type { Op } from '../base/op.ts';
import { type Cell, isNestedType } from '../base/sql-type.ts';
import type { Column, OlapTable } from '../catalog/model.ts';
import type { QueryContext } from '../protocol/query.ts';
import type { Expr } from '../sql/ast.ts';
import { analysisError } from './analysis-error.ts';
import { compareStored } from './compare-stored.ts';
import type { FrontendContext } from './frontend-context.ts';
import { columnNamed } from './resolve.ts';

const COMPARISONS = ['=', '!=', '<', '<=', '>', '>='] as const;
type Comparison = (typeof COMPARISONS)[number];

export type DeleteTest =
  | { readonly kind: 'compare'; readonly operator: Comparison; readonly value: Cell }
  | { readonly kind: 'in'; readonly values: readonly Cell[]; readonly negated: boolean }
  | { readonly kind: 'is-null'; readonly negated: boolean };

export interface DeleteCondition {
  readonly column: Column;
  readonly test: DeleteTest;
}

/** Conditions of one statement. */
const CONDITIONS_MAX = 10_000;

interface Scope {
  readonly frontend: FrontendContext;
  readonly table: OlapTable;
  readonly context: QueryContext;
}

/** Constants are worked out. Throws `analysis` for what is no delete predicate. */
export function* deleteConditions(scope: Scope, where: Expr): Op<readonly DeleteCondition[]> {
  const conditions: DeleteCondition[] = [];
  const open = [where];
  for (let expr = open.pop(); expr !== undefined; expr = open.pop()) {
    if (expr.kind === 'binary' && expr.operator === 'AND') {
      open.push(expr.right, expr.left);
      continue;
    }
    conditions.push(...(yield* simpleConditions(scope, expr)));
    if (conditions.length > CONDITIONS_MAX) {
      throw analysisError(`DELETE takes at most ${CONDITIONS_MAX} conditions`, 'limit-reached');
    }
  }
  return conditions;
}

function* simpleConditions(scope: Scope, expr: Expr): Op<readonly DeleteCondition[]> {
  switch (expr.kind) {
    case 'binary': {
      const operator = COMPARISONS.find((one) => one === expr.operator);
      if (operator === undefined) break;
      return [yield* comparison(scope, operator, expr.left, expr.right)];
    }
    case 'between':
      if (expr.negated) break;
      return [
        yield* comparison(scope, '>=', expr.operand, expr.low),
        yield* comparison(scope, '<=', expr.operand, expr.high),
      ];
    case 'in-list': {
      const column = conditionColumn(scope, expr.operand);
      const values: Cell[] = [];
      for (const item of expr.items) values.push(yield* constant(scope, column, item));
      return [{ column, test: { kind: 'in', values, negated: expr.negated } }];
    }
    case 'is-null': {
      const column = conditionColumn(scope, expr.operand);
      return [{ column, test: { kind: 'is-null', negated: expr.negated } }];
    }
    default:
  }
  throw analysisError(
    'Where clause only supports compound predicate with AND, binary predicate, is_null predicate ' +
      'and in predicate',
    'analysis',
    'the table has no primary key: a DELETE from it stores its condition',
  );
}

function* comparison(
  scope: Scope,
  operator: Comparison,
  left: Expr,
  right: Expr,
): Op<DeleteCondition> {
  const column = conditionColumn(scope, left);
  const value = yield* constant(scope, column, right);
  return { column, test: { kind: 'compare', operator, value } };
}

/** Of a key, or of any column where rows of one key are not combined. */
function conditionColumn({ table }: Scope, operand: Expr): Column {
  const name = operand.kind === 'column' ? operand.path.at(-1) : undefined;
  if (name === undefined) {
    throw analysisError('Left expr of a condition of DELETE should be a column name');
  }
  const column = columnNamed(table, name);
  const isFloat = column.type.name === 'FLOAT' || column.type.name === 'DOUBLE';
  const isOpaque =
    isNestedType(column.type) || column.type.name === 'JSON' || column.type.name === 'VARBINARY';
  if ((!column.isKey && table.keysType !== 'DUP_KEYS') || isFloat || isOpaque) {
    throw analysisError(
      `Column[${column.name}] is not key column or storage model is not duplicate or column type ` +
        'is float, double, json, varbinary or nested',
    );
  }
  return column;
}

function* constant({ frontend, context }: Scope, column: Column, expr: Expr): Op<Cell> {
  const { cell, type } = yield* frontend.queries.evaluateTyped(expr, context);
  try {
    return castCell(cell, type, column.type, column.name);
  } catch (error) {
    if (asSimError(error).row.kind !== 'user') throw error;
    throw analysisError(`Invalid column value[${String(cell)}] for column ${column.name}`);
  }
}

/** What is compared with NULL matches nothing. */
export function isMatch({ column, test }: DeleteCondition, cell: Cell): boolean {
  if (test.kind === 'is-null') return (cell === null) !== test.negated;
  if (cell === null) return false;
  if (test.kind === 'compare') {
    if (test.value === null) return false;
    return holds(test.operator, compareStored(column.type, cell, test.value));
  }
  const isThere = test.values.some(
    (value) => value !== null && compareStored(column.type, cell, value) === 0,
  );
  if (!test.negated) return isThere;
  return !isThere && !test.values.includes(null);
}

function holds(operator: Comparison, order: number): boolean {
  switch (operator) {
    case '=':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}
