/** Whole queries: WITH, set operations, VALUES, ORDER BY and LIMIT around selects. */
import { SimError } from '../../base/errors.ts';
import type { Expr, QueryBody, QueryNode } from '../../sql/ast.ts';
import type { BoundExpr, BoundOrder, Plan, PlanColumn } from '../bound.ts';
import { evaluateConstant } from '../interpret/evaluate-expr.ts';
import { BIGINT } from '../types.ts';
import { bindExpr, bindOrder, type ExprEnv } from './bind-expr.ts';
import { bindSelect, type SelectTail } from './bind-select.ts';
import { coerce, unify } from './coerce.ts';
import {
  type BindState,
  type CommonTableEntry,
  type CommonTables,
  newId,
  type Scope,
} from './scope.ts';

/** The plan of a query; `parent` is what the query around it lets it name. */
export function bindQuery(
  query: QueryNode,
  state: BindState,
  outer: CommonTables,
  parent: Scope | undefined,
): Plan {
  const commonTables = withTables(query, outer);
  const tail: SelectTail = {
    orderBy: query.orderBy,
    limit: rowCount(query.limit, state, 'LIMIT'),
    offset: rowCount(query.offset, state, 'OFFSET') ?? 0,
  };
  return bindBody(query.body, tail, state, commonTables, parent);
}

/** An expression environment where nothing but the given columns can be named. */
export function plainEnv(
  state: BindState,
  commonTables: CommonTables,
  scope: Scope,
  place: string,
): ExprEnv {
  return {
    state,
    scope,
    commonTables,
    aggregates: undefined,
    windows: undefined,
    place,
    bindSubquery: (inner, around, tables) => bindQuery(inner, state, tables, around),
  };
}

function withTables(query: QueryNode, outer: CommonTables): CommonTables {
  if (query.with.length === 0) return outer;
  if (query.recursive) throw new SimError('unsupported', 'WITH RECURSIVE is not supported');
  let visible = outer;
  for (const table of query.with) {
    const entry: CommonTableEntry = { table, visible };
    visible = new Map([...visible, [table.name, entry]]);
  }
  return visible;
}

function rowCount(expr: Expr | undefined, state: BindState, what: string): number | undefined {
  if (expr === undefined) return undefined;
  const env = plainEnv(state, new Map(), { columns: [], parent: undefined }, what);
  const value = evaluateConstant(coerce(bindExpr(expr, env), BIGINT));
  if (typeof value !== 'bigint' || value < 0n) {
    throw new SimError('analysis', `${what} needs a whole number that is not negative`);
  }
  return Number(value);
}

function bindBody(
  body: QueryBody,
  tail: SelectTail,
  state: BindState,
  commonTables: CommonTables,
  parent: Scope | undefined,
): Plan {
  switch (body.kind) {
    case 'select':
      return bindSelect(body, tail, state, commonTables, parent);
    case 'nested':
      return sortOutput(
        bindQuery(body.query, state, commonTables, parent),
        tail,
        state,
        commonTables,
      );
    case 'values':
      return sortOutput(bindValues(body.rows, state, commonTables), tail, state, commonTables);
    case 'set-operation': {
      const none: SelectTail = { orderBy: [], limit: undefined, offset: 0 };
      const left = bindBody(body.left, none, state, commonTables, parent);
      const right = bindBody(body.right, none, state, commonTables, parent);
      const plan = setOperation(body.operator, body.all, left, right, state);
      return sortOutput(plan, tail, state, commonTables);
    }
  }
}

function setOperation(
  operator: 'UNION' | 'INTERSECT' | 'EXCEPT',
  all: boolean,
  left: Plan,
  right: Plan,
  state: BindState,
): Plan {
  if (left.columns.length !== right.columns.length) {
    throw new SimError('analysis', 'Operands have unequal number of columns');
  }
  if (all && operator !== 'UNION') {
    throw new SimError('unsupported', `${operator} ALL is not supported`);
  }
  const pairs = left.columns.map((column, index) => {
    const other = right.columns[index] ?? column;
    return unify([
      { ...column, kind: 'column' },
      { ...other, kind: 'column' },
    ]);
  });
  const sides = [left, right].map((plan, side) => {
    const exprs = pairs.map(({ exprs: both }) => both[side]);
    return castColumns(plan, exprs, state);
  });
  const columns = left.columns.map((column, index) => ({
    id: newId(state),
    name: column.name,
    type: pairs[index]?.type ?? column.type,
  }));
  return { kind: 'set', operator, all, left: sides[0] ?? left, right: sides[1] ?? right, columns };
}

function castColumns(
  plan: Plan,
  exprs: readonly (BoundExpr | undefined)[],
  state: BindState,
): Plan {
  if (exprs.every((expr) => expr === undefined || expr.kind === 'column')) return plan;
  const items = plan.columns.map((column, index) => ({
    id: newId(state),
    expr: exprs[index] ?? ({ ...column, kind: 'column' } as const),
  }));
  const columns = items.map(({ id, expr }, index) => ({
    id,
    name: plan.columns[index]?.name ?? '',
    type: expr.type,
  }));
  const input: Plan = { kind: 'derived', input: plan, columns: plan.columns };
  return { kind: 'project', input, items, columns };
}

function bindValues(
  rows: readonly (readonly Expr[])[],
  state: BindState,
  commonTables: CommonTables,
): Plan {
  const env = plainEnv(state, commonTables, { columns: [], parent: undefined }, 'VALUES');
  const bound = rows.map((row) => row.map((expr) => bindExpr(expr, env)));
  const width = bound[0]?.length ?? 0;
  if (bound.some((row) => row.length !== width)) {
    throw new SimError('analysis', 'Values have unequal number of columns');
  }
  const columns: PlanColumn[] = [];
  const casts = Array.from({ length: width }, (_, index) => {
    const met = unify(bound.flatMap((row) => row[index] ?? []));
    columns.push({ id: newId(state), name: `column_${index}`, type: met.type });
    return met.exprs;
  });
  const typed = bound.map((_, row) => casts.flatMap((column) => column[row] ?? []));
  return { kind: 'values', rows: typed, columns };
}

/** ORDER BY and LIMIT over finished columns: only these can be named. */
export function sortOutput(
  plan: Plan,
  tail: SelectTail,
  state: BindState,
  commonTables: CommonTables,
): Plan {
  if (tail.orderBy.length === 0 && tail.limit === undefined && tail.offset === 0) return plan;
  const scope: Scope = {
    columns: plan.columns.map((column) => ({
      ...column,
      table: undefined,
      db: undefined,
      catalog: undefined,
    })),
    parent: undefined,
  };
  const env = plainEnv(state, commonTables, scope, 'ORDER BY clause');
  const order = bindOrder(tail.orderBy, (expr) => {
    const ordinal = outputOrdinal(expr, plan.columns);
    return ordinal === undefined ? bindExpr(expr, env) : { ...ordinal, kind: 'column' };
  });
  return sorted(plan, order, tail);
}

export function sorted(plan: Plan, order: readonly BoundOrder[], tail: SelectTail): Plan {
  const { limit, offset } = tail;
  if (order.length === 0 && limit === undefined && offset === 0) return plan;
  return { kind: 'sort', input: plan, order, limit, offset, columns: plan.columns };
}

/** The output column that a bare number in GROUP BY or ORDER BY counts to. */
export function outputOrdinal<T>(expr: Expr, outputs: readonly T[]): T | undefined {
  if (expr.kind !== 'number' || !/^\d+$/.test(expr.text)) return undefined;
  const output = outputs[Number(expr.text) - 1];
  if (output === undefined) {
    throw new SimError(
      'analysis',
      `ORDER BY or GROUP BY position ${expr.text} is not in select list`,
    );
  }
  return output;
}
