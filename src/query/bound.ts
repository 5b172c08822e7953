/**
 * A query after names and types are settled: what both engines run, so that they agree. Columns are
 * numbers that are unique in the query; operands have been cast to the type they are used in.
 */
import type { Cell, SqlType } from '../base/sql-type.ts';
import type { ResolvedTable } from '../protocol/query.ts';
import type { FilesTable } from './files/files-table.ts';
import type { FunctionSpec } from './functions/function-spec.ts';

export type ColumnId = number;

export type ArithmeticOperator = '+' | '-' | '*' | '/' | 'DIV' | '%' | '&' | '|' | '^';
export type CompareOperator = '=' | '<=>' | '!=' | '<' | '<=' | '>' | '>=';

export type BoundExpr =
  | { readonly kind: 'literal'; readonly value: Cell; readonly type: SqlType }
  | {
      readonly kind: 'column';
      readonly id: ColumnId;
      readonly type: SqlType;
      readonly name: string;
    }
  | { readonly kind: 'cast'; readonly operand: BoundExpr; readonly type: SqlType }
  | {
      readonly kind: 'arithmetic';
      readonly operator: ArithmeticOperator;
      readonly left: BoundExpr;
      readonly right: BoundExpr;
      readonly type: SqlType;
    }
  | { readonly kind: 'negate' | 'bit-not'; readonly operand: BoundExpr; readonly type: SqlType }
  | {
      readonly kind: 'compare';
      readonly operator: CompareOperator;
      readonly left: BoundExpr;
      readonly right: BoundExpr;
      readonly type: SqlType;
    }
  | {
      readonly kind: 'logic';
      readonly operator: 'AND' | 'OR' | 'XOR';
      readonly left: BoundExpr;
      readonly right: BoundExpr;
      readonly type: SqlType;
    }
  | { readonly kind: 'not'; readonly operand: BoundExpr; readonly type: SqlType }
  | {
      readonly kind: 'is-null';
      readonly operand: BoundExpr;
      readonly negated: boolean;
      readonly type: SqlType;
    }
  | {
      readonly kind: 'in-list';
      readonly operand: BoundExpr;
      readonly items: readonly BoundExpr[];
      readonly type: SqlType;
    }
  | {
      readonly kind: 'like';
      readonly operator: 'LIKE' | 'RLIKE';
      readonly operand: BoundExpr;
      readonly pattern: BoundExpr;
      readonly type: SqlType;
    }
  | {
      readonly kind: 'case';
      readonly branches: readonly { readonly when: BoundExpr; readonly value: BoundExpr }[];
      readonly otherwise: BoundExpr;
      readonly type: SqlType;
    }
  | {
      readonly kind: 'call';
      readonly spec: FunctionSpec;
      readonly args: readonly BoundExpr[];
      readonly type: SqlType;
    }
  | {
      readonly kind: 'in-plan';
      readonly operand: BoundExpr;
      readonly plan: Plan;
      readonly type: SqlType;
    }
  | { readonly kind: 'exists' | 'scalar-plan'; readonly plan: Plan; readonly type: SqlType };

export interface PlanColumn {
  readonly id: ColumnId;
  readonly name: string;
  readonly type: SqlType;
}

export interface BoundOrder {
  readonly expr: BoundExpr;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/** The aggregates, by what they compute; `argument` is already of the type they work in. */
export type AggregateName =
  | 'COUNT_ALL'
  | 'COUNT'
  | 'SUM'
  | 'AVG'
  | 'MIN'
  | 'MAX'
  | 'ANY_VALUE'
  | 'GROUP_CONCAT'
  | 'STDDEV'
  | 'STDDEV_SAMP'
  | 'VARIANCE'
  | 'VAR_SAMP'
  | 'BOOL_OR'
  | 'BOOL_AND'
  | 'MAX_BY'
  | 'MIN_BY'
  | 'COVAR_POP'
  | 'COVAR_SAMP'
  | 'CORR'
  | 'PERCENTILE_CONT'
  | 'PERCENTILE_DISC'
  | 'GROUPING'
  | 'ARRAY_AGG';

export interface BoundAggregate {
  readonly id: ColumnId;
  readonly name: AggregateName;
  readonly args: readonly BoundExpr[];
  readonly distinct: boolean;
  /** GROUP_CONCAT only. */
  readonly separator: string;
  readonly orderBy: readonly BoundOrder[];
  readonly type: SqlType;
}

export type WindowName =
  | AggregateName
  | 'ROW_NUMBER'
  | 'RANK'
  | 'DENSE_RANK'
  | 'PERCENT_RANK'
  | 'CUME_DIST'
  | 'NTILE'
  | 'LAG'
  | 'LEAD'
  | 'FIRST_VALUE'
  | 'LAST_VALUE';

export interface BoundWindow {
  readonly id: ColumnId;
  readonly name: WindowName;
  readonly args: readonly BoundExpr[];
  readonly partitionBy: readonly BoundExpr[];
  readonly orderBy: readonly BoundOrder[];
  /** Checked words such as `ROWS BETWEEN 1 PRECEDING AND CURRENT ROW`. */
  readonly frame: string | undefined;
  readonly ignoresNulls: boolean;
  readonly type: SqlType;
}

export type TabletTable = Extract<ResolvedTable, { kind: 'tablets' }>;
export type RowsTable = Extract<ResolvedTable, { kind: 'rows' }>;

export type JoinType = 'INNER' | 'LEFT' | 'RIGHT' | 'FULL' | 'CROSS' | 'SEMI' | 'ANTI';

/** `columns` is what a node gives to the one above it. */
export type Plan =
  | { readonly kind: 'one-row'; readonly columns: readonly PlanColumn[] }
  | { readonly kind: 'scan'; readonly table: TabletTable; readonly columns: readonly PlanColumn[] }
  | { readonly kind: 'rows'; readonly table: RowsTable; readonly columns: readonly PlanColumn[] }
  | { readonly kind: 'files'; readonly table: FilesTable; readonly columns: readonly PlanColumn[] }
  | {
      readonly kind: 'values';
      readonly rows: readonly (readonly BoundExpr[])[];
      readonly columns: readonly PlanColumn[];
    }
  | {
      readonly kind: 'series';
      readonly start: bigint;
      readonly end: bigint;
      readonly step: bigint;
      readonly columns: readonly PlanColumn[];
    }
  | {
      readonly kind: 'filter';
      readonly input: Plan;
      readonly condition: BoundExpr;
      readonly columns: readonly PlanColumn[];
    }
  | {
      readonly kind: 'join';
      readonly type: JoinType;
      readonly left: Plan;
      readonly right: Plan;
      readonly on: BoundExpr | undefined;
      readonly columns: readonly PlanColumn[];
    }
  | {
      readonly kind: 'aggregate';
      readonly input: Plan;
      readonly groups: readonly { readonly id: ColumnId; readonly expr: BoundExpr }[];
      /** Which of `groups` each grouping has, by index; without it, all are in the only one. */
      readonly sets?: readonly (readonly number[])[];
      readonly aggregates: readonly BoundAggregate[];
      readonly columns: readonly PlanColumn[];
    }
  | {
      readonly kind: 'window';
      readonly input: Plan;
      readonly windows: readonly BoundWindow[];
      readonly columns: readonly PlanColumn[];
    }
  | {
      readonly kind: 'project';
      readonly input: Plan;
      readonly items: readonly { readonly id: ColumnId; readonly expr: BoundExpr }[];
      readonly columns: readonly PlanColumn[];
    }
  | { readonly kind: 'distinct'; readonly input: Plan; readonly columns: readonly PlanColumn[] }
  | {
      readonly kind: 'sort';
      readonly input: Plan;
      readonly order: readonly BoundOrder[];
      readonly limit: number | undefined;
      readonly offset: number;
      readonly columns: readonly PlanColumn[];
    }
  | {
      readonly kind: 'set';
      readonly operator: 'UNION' | 'INTERSECT' | 'EXCEPT';
      readonly all: boolean;
      readonly left: Plan;
      readonly right: Plan;
      readonly columns: readonly PlanColumn[];
    }
  /** Rows of the input for each element of arrays; `keepsEmpty`: once with NULL where there is none. */
  | {
      readonly kind: 'unnest';
      readonly input: Plan;
      readonly args: readonly BoundExpr[];
      readonly keepsEmpty: boolean;
      readonly columns: readonly PlanColumn[];
    }
  /** A border over which expressions are not merged: subqueries in FROM. */
  | { readonly kind: 'derived'; readonly input: Plan; readonly columns: readonly PlanColumn[] };

export const BOOLEAN_TYPE: SqlType = Object.freeze({ name: 'BOOLEAN' });

/** Calls `visit` for the expression and all below it, not into subqueries. */
export function visitExpr(expr: BoundExpr, visit: (expr: BoundExpr) => void): void {
  visit(expr);
  for (const child of childrenOf(expr)) visitExpr(child, visit);
}

export function childrenOf(expr: BoundExpr): readonly BoundExpr[] {
  switch (expr.kind) {
    case 'literal':
    case 'column':
    case 'exists':
    case 'scalar-plan':
      return [];
    case 'cast':
    case 'negate':
    case 'bit-not':
    case 'not':
    case 'is-null':
    case 'in-plan':
      return [expr.operand];
    case 'arithmetic':
    case 'compare':
    case 'logic':
      return [expr.left, expr.right];
    case 'in-list':
      return [expr.operand, ...expr.items];
    case 'like':
      return [expr.operand, expr.pattern];
    case 'case':
      return [...expr.branches.flatMap(({ when, value }) => [when, value]), expr.otherwise];
    case 'call':
      return expr.args;
  }
}

/** The expression with each child replaced by what `change` makes of it. */
export function mapChildren(expr: BoundExpr, change: (child: BoundExpr) => BoundExpr): BoundExpr {
  switch (expr.kind) {
    case 'literal':
    case 'column':
    case 'exists':
    case 'scalar-plan':
      return expr;
    case 'cast':
    case 'negate':
    case 'bit-not':
    case 'not':
    case 'is-null':
    case 'in-plan':
      return { ...expr, operand: change(expr.operand) };
    case 'arithmetic':
    case 'compare':
    case 'logic':
      return { ...expr, left: change(expr.left), right: change(expr.right) };
    case 'in-list':
      return { ...expr, operand: change(expr.operand), items: expr.items.map(change) };
    case 'like':
      return { ...expr, operand: change(expr.operand), pattern: change(expr.pattern) };
    case 'case':
      return {
        ...expr,
        branches: expr.branches.map(({ when, value }) => ({
          when: change(when),
          value: change(value),
        })),
        otherwise: change(expr.otherwise),
      };
    case 'call':
      return { ...expr, args: expr.args.map(change) };
  }
}

/** Expressions that stand in a node of a plan itself. */
export function exprsOf(plan: Plan): readonly BoundExpr[] {
  switch (plan.kind) {
    case 'values':
      return plan.rows.flat();
    case 'filter':
      return [plan.condition];
    case 'join':
      return plan.on === undefined ? [] : [plan.on];
    case 'aggregate':
      return [
        ...plan.groups.map(({ expr }) => expr),
        ...plan.aggregates.flatMap(({ args, orderBy }) => [...args, ...orderBy.map((o) => o.expr)]),
      ];
    case 'window':
      return plan.windows.flatMap(({ args, partitionBy, orderBy }) => [
        ...args,
        ...partitionBy,
        ...orderBy.map(({ expr }) => expr),
      ]);
    case 'project':
      return plan.items.map(({ expr }) => expr);
    case 'unnest':
      return plan.args;
    case 'sort':
      return plan.order.map(({ expr }) => expr);
    default:
      return [];
  }
}

/** Calls `visit` for the plan and all plans in it, those of subqueries in expressions too. */
export function visitPlans(plan: Plan, visit: (plan: Plan) => void): void {
  visit(plan);
  for (const expr of exprsOf(plan)) {
    visitExpr(expr, (inner) => {
      if ('plan' in inner) visitPlans(inner.plan, visit);
    });
  }
  if (plan.kind === 'join' || plan.kind === 'set') {
    visitPlans(plan.left, visit);
    visitPlans(plan.right, visit);
  } else if ('input' in plan) {
    visitPlans(plan.input, visit);
  }
}
