/** What the interpreter has: an exact, small part of SQL. Everything else is named here. */
import { type AggregateName, type BoundExpr, childrenOf, type Plan } from '../bound.ts';

const AGGREGATES: ReadonlySet<AggregateName> = new Set<AggregateName>([
  'COUNT_ALL',
  'COUNT',
  'SUM',
  'AVG',
  'MIN',
  'MAX',
  'ANY_VALUE',
  'BOOL_OR',
  'BOOL_AND',
]);

/** The first thing in the expression that the interpreter lacks; undefined if it has all. */
export function missingInExpr(expr: BoundExpr): string | undefined {
  switch (expr.kind) {
    case 'in-plan':
    case 'exists':
    case 'scalar-plan':
      return 'a subquery in an expression';
    case 'like':
      if (expr.operator === 'RLIKE') return 'RLIKE';
      break;
    case 'call':
      if (expr.spec.evaluate === undefined) return `function ${expr.spec.name.toLowerCase()}`;
      break;
    default:
      break;
  }
  return first(childrenOf(expr), missingInExpr);
}

function first<T>(
  things: readonly T[],
  test: (thing: T) => string | undefined,
): string | undefined {
  for (const thing of things) {
    const missing = test(thing);
    if (missing !== undefined) return missing;
  }
  return undefined;
}

/** The first thing in the plan that the interpreter lacks; undefined if it has all. */
export function missingInPlan(plan: Plan): string | undefined {
  switch (plan.kind) {
    case 'one-row':
    case 'scan':
    case 'rows':
    case 'files':
    case 'series':
      return undefined;
    case 'values':
      return first(plan.rows.flat(), missingInExpr);
    case 'join':
      return 'a join';
    case 'window':
      return 'a window function';
    case 'set':
      return missingInPlan(plan.left) ?? missingInPlan(plan.right);
    case 'filter':
      return missingInExpr(plan.condition) ?? missingInPlan(plan.input);
    case 'project':
      return first(plan.items, ({ expr }) => missingInExpr(expr)) ?? missingInPlan(plan.input);
    case 'sort':
      return first(plan.order, ({ expr }) => missingInExpr(expr)) ?? missingInPlan(plan.input);
    case 'aggregate':
      if (plan.sets !== undefined) return 'GROUPING SETS';
      return (
        first(plan.groups, ({ expr }) => missingInExpr(expr)) ??
        first(plan.aggregates, ({ name, args }) =>
          AGGREGATES.has(name) ? first(args, missingInExpr) : `aggregate ${name.toLowerCase()}`,
        ) ??
        missingInPlan(plan.input)
      );
    case 'unnest':
      return first(plan.args, missingInExpr) ?? missingInPlan(plan.input);
    case 'distinct':
    case 'derived':
      return missingInPlan(plan.input);
  }
}

/** Whether rows come from tablets or may be so many that only DuckDB should make them. */
export function readsMuch(plan: Plan): boolean {
  switch (plan.kind) {
    case 'scan':
    case 'files':
    case 'series':
      return true;
    case 'one-row':
    case 'rows':
    case 'values':
      return false;
    case 'join':
    case 'set':
      return readsMuch(plan.left) || readsMuch(plan.right);
    default:
      return readsMuch(plan.input);
  }
}
