/**
 * Runs a plan over rows in memory, without a promise: virtual mode's engine, and real mode's for
 * queries that read no tablet. Rows of tables come from `scanTablet`.
 */
import { SimError } from '../../base/errors.ts';
import type { Op } from '../../base/op.ts';
import type { Cell } from '../../base/sql-type.ts';
import type { BoundOrder, Plan, PlanColumn } from '../bound.ts';
import { compareCells, rowKey } from '../compare-cells.ts';
import { elementsOf } from '../functions/nested-values.ts';
import { aggregateRows } from './aggregate.ts';
import { compileExpr, needsEngine, type Slots } from './evaluate-expr.ts';

type Rows = readonly (readonly Cell[])[];
/** Reads all rows of a table, columns in schema order. */
export type ScanTable = (plan: Extract<Plan, { kind: 'scan' }>) => Op<Rows>;

/** Rows that one series makes in the interpreter. */
export const SERIES_ROWS_MAX = 1_000_000n;

export function slotsOf(columns: readonly PlanColumn[]): Slots {
  return new Map(columns.map(({ id }, index) => [id, index]));
}

export function* interpretPlan(plan: Plan, scan: ScanTable): Op<Rows> {
  switch (plan.kind) {
    case 'one-row':
      return [[]];
    case 'scan':
      return yield* scan(plan);
    case 'rows':
      return plan.table.rows;
    case 'values':
      return plan.rows.map((row) => row.map((expr) => compileExpr(expr, new Map())([])));
    case 'series':
      return seriesRows(plan);
    case 'files':
      throw needsEngine('a file');
    case 'join':
      throw needsEngine('a join');
    case 'window':
      throw needsEngine('a window function');
    case 'set': {
      const left = yield* interpretPlan(plan.left, scan);
      return combine(plan, left, yield* interpretPlan(plan.right, scan));
    }
    default: {
      const rows = yield* interpretPlan(plan.input, scan);
      return applyStep(plan, rows, slotsOf(plan.input.columns));
    }
  }
}

type Step = Extract<
  Plan,
  { kind: 'filter' | 'aggregate' | 'project' | 'distinct' | 'sort' | 'unnest' | 'derived' }
>;

function applyStep(plan: Step, rows: Rows, slots: Slots): Rows {
  switch (plan.kind) {
    case 'filter': {
      const holds = compileExpr(plan.condition, slots);
      return rows.filter((row) => holds(row) === true);
    }
    case 'aggregate':
      return aggregateRows(plan, rows, slots);
    case 'project': {
      const items = plan.items.map(({ expr }) => compileExpr(expr, slots));
      return rows.map((row) => items.map((item) => item(row)));
    }
    case 'distinct':
      return unique(rows);
    case 'sort':
      return sortRows(plan, rows, slots);
    case 'unnest':
      return unnested(plan, rows, slots);
    case 'derived':
      return rows;
  }
}

function unnested(plan: Extract<Plan, { kind: 'unnest' }>, rows: Rows, slots: Slots): Rows {
  const arrays = plan.args.map((arg) => ({ of: compileExpr(arg, slots), type: arg.type }));
  return rows.flatMap((row) => {
    const lists = arrays.map(({ of, type }) => elementsOf(of(row), type));
    const longest = Math.max(...lists.map((list) => list.length));
    const count = plan.keepsEmpty ? Math.max(1, longest) : longest;
    return Array.from({ length: count }, (_, index) => [
      ...row,
      ...lists.map((list) => list[index] ?? null),
    ]);
  });
}

function unique(rows: Rows): Rows {
  return [...new Map(rows.map((row): [string, readonly Cell[]] => [rowKey(row), row])).values()];
}

function combine(plan: Extract<Plan, { kind: 'set' }>, left: Rows, right: Rows): Rows {
  if (plan.operator === 'UNION') {
    const all = [...left, ...right];
    return plan.all ? all : unique(all);
  }
  const others = new Set(right.map(rowKey));
  const keepsShared = plan.operator === 'INTERSECT';
  return unique(left).filter((row) => others.has(rowKey(row)) === keepsShared);
}

function seriesRows(plan: Extract<Plan, { kind: 'series' }>): Rows {
  const { start, end, step } = plan;
  const count = (end - start) / step + 1n;
  if ((end - start) * step < 0n) return [];
  if (count > SERIES_ROWS_MAX) {
    throw new SimError('limit-reached', `generate_series of more than ${SERIES_ROWS_MAX} rows`);
  }
  const isBig = plan.columns[0]?.type.name === 'BIGINT';
  return Array.from({ length: Number(count) }, (_, index) => {
    const value = start + BigInt(index) * step;
    return [isBig ? value : Number(value)];
  });
}

function orderOf(order: readonly BoundOrder[]): (a: readonly Cell[], b: readonly Cell[]) => number {
  return (a, b) => {
    for (const [index, { expr, descending, nullsFirst }] of order.entries()) {
      const left = a[index] ?? null;
      const right = b[index] ?? null;
      if (left === null || right === null) {
        if (left === right) continue;
        return (left === null) === nullsFirst ? -1 : 1;
      }
      const sign = compareCells(left, right, expr.type);
      if (sign !== 0) return descending ? -sign : sign;
    }
    return 0;
  };
}

function sortRows(plan: Extract<Plan, { kind: 'sort' }>, rows: Rows, slots: Slots): Rows {
  let sorted = rows;
  if (plan.order.length > 0) {
    const keys = plan.order.map(({ expr }) => compileExpr(expr, slots));
    const compare = orderOf(plan.order);
    sorted = rows
      .map((row) => ({ row, key: keys.map((key) => key(row)) }))
      .sort((a, b) => compare(a.key, b.key))
      .map(({ row }) => row);
  }
  const end = plan.limit === undefined ? undefined : plan.offset + plan.limit;
  return plan.offset === 0 && end === undefined ? sorted : sorted.slice(plan.offset, end);
}
