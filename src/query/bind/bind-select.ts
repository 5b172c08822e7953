/**
 * One SELECT: rows of FROM, WHERE, groups, HAVING, windows, QUALIFY, order, the list, DISTINCT.
 * Expressions above a grouping may use group keys and aggregates only, as StarRocks demands.
 */
import { SimError } from '../../base/errors.ts';
import { innerTypes, type SqlType } from '../../base/sql-type.ts';
import type { Expr, OrderItem, SelectItem, SelectNode } from '../../sql/ast.ts';
import {
  type BoundAggregate,
  type BoundExpr,
  type BoundOrder,
  type BoundWindow,
  type ColumnId,
  mapChildren,
  type Plan,
  type PlanColumn,
} from '../bound.ts';
import { exprKey } from '../expr-key.ts';
import { bindExpr, bindOrder, type ExprEnv } from './bind-expr.ts';
import { outputOrdinal, plainEnv, sorted } from './bind-query.ts';
import { type BoundRelation, bindFrom } from './bind-relation.ts';
import { condition, NULL_LITERAL } from './coerce.ts';
import {
  type BindState,
  type CommonTables,
  columnExpr,
  localColumn,
  newId,
  type Scope,
  starColumns,
} from './scope.ts';

export interface SelectTail {
  readonly orderBy: readonly OrderItem[];
  readonly limit: number | undefined;
  readonly offset: number;
}

interface Item {
  readonly name: string;
  readonly expr: BoundExpr;
}

interface Parts {
  readonly items: readonly Item[];
  readonly groups: readonly BoundExpr[];
  readonly sets: SelectNode['groupingSets'];
  readonly having: BoundExpr | undefined;
  readonly qualify: BoundExpr | undefined;
  readonly order: readonly BoundOrder[];
  readonly aggregates: readonly BoundAggregate[];
  readonly windows: readonly BoundWindow[];
}

export function bindSelect(
  select: SelectNode,
  tail: SelectTail,
  state: BindState,
  commonTables: CommonTables,
  parent: Scope | undefined,
): Plan {
  const exprEnv = (scope: Scope, place: string): ExprEnv =>
    plainEnv(state, commonTables, scope, place);
  const from = bindFrom(select.from, { state, commonTables, parent, exprEnv });
  const scope: Scope = { columns: from.columns, parent };
  let plan = from.plan;
  if (select.where !== undefined) {
    const where = condition(bindExpr(select.where, exprEnv(scope, 'WHERE clause')));
    plan = filter(plan, where);
  }
  const bound = bindParts(select, tail, exprEnv(scope, 'select list'));
  const isGrouped =
    bound.groups.length > 0 || bound.sets !== undefined || bound.aggregates.length > 0;
  const parts = isGrouped || bound.having !== undefined ? regroup(bound, from, state) : undefined;
  if (parts !== undefined) plan = aggregated(plan, parts);
  const { items, having, windows, qualify, order } = parts ?? bound;
  if (having !== undefined) plan = filter(plan, having);
  if (windows.length > 0) {
    const added = windows.map(({ id, name, type }) => ({ id, name, type }));
    plan = { kind: 'window', input: plan, windows, columns: [...plan.columns, ...added] };
  }
  if (qualify !== undefined) plan = filter(plan, qualify);
  if (!select.distinct) return project(sorted(plan, order, tail), items, state);
  for (const { expr } of items) refuseJsonGroup(expr);
  const distinct = project(plan, items, state);
  const output: Plan = { kind: 'distinct', input: distinct, columns: distinct.columns };
  return sorted(output, orderOfDistinct(order, items, output.columns), tail);
}

function filter(input: Plan, where: BoundExpr): Plan {
  return { kind: 'filter', input, condition: where, columns: input.columns };
}

function project(input: Plan, items: readonly Item[], state: BindState): Plan {
  const named = items.map(({ name, expr }) => ({ id: newId(state), name, expr }));
  const columns = named.map(({ id, name, expr }): PlanColumn => ({ id, name, type: expr.type }));
  return { kind: 'project', input, items: named, columns };
}

function bindParts(select: SelectNode, tail: SelectTail, env: ExprEnv): Parts {
  const aggregates: BoundAggregate[] = [];
  const windows: BoundWindow[] = [];
  const listEnv: ExprEnv = { ...env, aggregates, windows };
  const items = select.items.flatMap((item) => bindItem(item, listEnv));
  const byName = aliasesOf(select.items, items);
  const groups = select.groupBy.map((expr) => bindGroup(expr, items, byName, env));
  const having =
    select.having === undefined
      ? undefined
      : condition(
          bindExpr(select.having, {
            ...listEnv,
            windows: undefined,
            aliases: { byName, first: false },
            place: 'HAVING clause',
          }),
        );
  const late: ExprEnv = { ...listEnv, aliases: { byName, first: true }, place: 'ORDER BY clause' };
  const qualify =
    select.qualify === undefined
      ? undefined
      : condition(bindExpr(select.qualify, { ...late, place: 'QUALIFY clause' }));
  const order = bindOrder(
    tail.orderBy,
    (expr) => outputOrdinal(expr, items)?.expr ?? bindExpr(expr, late),
  );
  const sets = select.groupingSets;
  checkGrouping(aggregates, groups, sets);
  return { items, groups, sets, having, qualify, order, aggregates, windows };
}

function bindItem(item: SelectItem, env: ExprEnv): readonly Item[] {
  if (item.expr.kind === 'star') {
    return starColumns(env.state, env.scope, item.expr.table).map((column) => ({
      name: column.name,
      expr: columnExpr(column),
    }));
  }
  const plainName = item.expr.kind === 'column' ? item.expr.path.at(-1) : undefined;
  return [{ name: item.alias ?? plainName ?? item.text, expr: bindExpr(item.expr, env) }];
}

function aliasesOf(
  written: readonly SelectItem[],
  items: readonly Item[],
): ReadonlyMap<string, BoundExpr> {
  const byName = new Map<string, BoundExpr>();
  const aliases = new Set(written.map(({ alias }) => alias?.toLowerCase()));
  for (const { name, expr } of items) {
    const key = name.toLowerCase();
    if (aliases.has(key) && !byName.has(key)) byName.set(key, expr);
  }
  return byName;
}

function bindGroup(
  expr: Expr,
  items: readonly Item[],
  byName: ReadonlyMap<string, BoundExpr>,
  env: ExprEnv,
): BoundExpr {
  const ordinal = outputOrdinal(expr, items);
  if (ordinal !== undefined) return ordinal.expr;
  if (expr.kind === 'column' && expr.path.length === 1) {
    const alias = byName.get((expr.path[0] ?? '').toLowerCase());
    if (alias !== undefined && localColumn(env.state, env.scope, expr.path) === undefined) {
      return alias;
    }
  }
  return bindExpr(expr, { ...env, place: 'GROUP BY clause' });
}

interface Regrouped extends Parts {
  readonly keys: readonly { readonly id: ColumnId; readonly expr: BoundExpr }[];
}

/** Puts group keys in place of the expressions they stand for, and refuses all other columns. */
function regroup(parts: Parts, from: BoundRelation, state: BindState): Regrouped {
  const computed = new Set([...parts.aggregates, ...parts.windows].map(({ id }) => id));
  const keys: { id: ColumnId; expr: BoundExpr }[] = [];
  const known = new Map<string, BoundExpr>();
  const places = new Map<string, number>();
  for (const expr of parts.groups) {
    refuseJsonGroup(expr);
    refuseComputed(expr, computed);
    const key = exprKey(expr);
    if (known.has(key)) continue;
    const id = newId(state);
    places.set(key, keys.length);
    keys.push({ id, expr });
    const name = expr.kind === 'column' ? expr.name : '';
    known.set(key, { kind: 'column', id, type: expr.type, name });
  }
  const ungrouped = new Set(from.plan.columns.map(({ id }) => id));
  const change = (expr: BoundExpr): BoundExpr => {
    const key = known.get(exprKey(expr));
    if (key !== undefined) return key;
    if (expr.kind === 'column' && ungrouped.has(expr.id)) {
      throw new SimError(
        'analysis',
        `'${expr.name}' must be an aggregate expression or appear in GROUP BY clause`,
      );
    }
    return mapChildren(expr, change);
  };
  const changeOrder = (order: readonly BoundOrder[]): readonly BoundOrder[] =>
    order.map((item) => ({ ...item, expr: change(item.expr) }));
  return {
    keys,
    groups: parts.groups,
    sets: parts.sets?.map((set) => [
      ...new Set(set.map((index) => places.get(exprKey(parts.groups[index] ?? NULL_LITERAL)) ?? 0)),
    ]),
    items: parts.items.map(({ name, expr }) => ({ name, expr: change(expr) })),
    having: parts.having === undefined ? undefined : change(parts.having),
    qualify: parts.qualify === undefined ? undefined : change(parts.qualify),
    order: changeOrder(parts.order),
    aggregates: parts.aggregates,
    windows: parts.windows.map((window) => ({
      ...window,
      args: window.args.map(change),
      partitionBy: window.partitionBy.map(change),
      orderBy: changeOrder(window.orderBy),
    })),
  };
}

function holdsJson(type: SqlType): boolean {
  return type.name === 'JSON' || innerTypes(type).some(holdsJson);
}

function refuseJsonGroup({ type }: BoundExpr): void {
  if (!holdsJson(type)) return;
  throw new SimError(
    'analysis',
    'Type (nested) percentile/hll/bitmap/json not support aggregation/group-by',
  );
}

function refuseComputed(expr: BoundExpr, computed: ReadonlySet<ColumnId>): void {
  if (expr.kind === 'column' && computed.has(expr.id)) {
    throw new SimError('analysis', `GROUP BY clause cannot contain aggregations: ${expr.name}`);
  }
  mapChildren(expr, (child) => {
    refuseComputed(child, computed);
    return child;
  });
}

function aggregated(input: Plan, parts: Regrouped): Plan {
  const columns: PlanColumn[] = [
    ...parts.keys.map(({ id, expr }) => ({ id, name: '', type: expr.type })),
    ...parts.aggregates.map(({ id, name, type }) => ({ id, name, type })),
  ];
  const { keys: groups, aggregates, sets } = parts;
  const grouping = sets === undefined ? {} : { sets };
  return { kind: 'aggregate', input, groups, ...grouping, aggregates, columns };
}

/** GROUPING asks about columns of ROLLUP, CUBE or GROUPING SETS. */
function checkGrouping(
  aggregates: readonly BoundAggregate[],
  groups: readonly BoundExpr[],
  sets: SelectNode['groupingSets'],
): void {
  const keys = new Set(groups.map(exprKey));
  for (const { name, args } of aggregates) {
    if (name !== 'GROUPING') continue;
    if (sets === undefined) {
      throw new SimError(
        'analysis',
        'cannot use GROUPING functions without [grouping sets|rollup|cube] clause',
      );
    }
    if (!args.every((arg) => keys.has(exprKey(arg)))) {
      throw new SimError('analysis', 'the arguments of GROUPING must be columns of GROUP BY');
    }
  }
}

/** With DISTINCT, rows can be ordered only by what the list holds. */
function orderOfDistinct(
  order: readonly BoundOrder[],
  items: readonly Item[],
  columns: readonly PlanColumn[],
): readonly BoundOrder[] {
  const outputs = new Map(items.map(({ expr }, index) => [exprKey(expr), columns[index]]));
  const change = (expr: BoundExpr): BoundExpr => {
    const output = outputs.get(exprKey(expr));
    if (output !== undefined) return { ...output, kind: 'column' };
    if (expr.kind === 'column') {
      throw new SimError(
        'analysis',
        `For SELECT DISTINCT, ORDER BY expression '${expr.name}' must appear in select list`,
      );
    }
    return mapChildren(expr, change);
  };
  return order.map((item) => ({ ...item, expr: change(item.expr) }));
}
