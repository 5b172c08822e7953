/** Which expressions are the same: a text for each, so that GROUP BY and ORDER BY find theirs. */
import { typeText } from '../base/sql-type.ts';
import { type BoundExpr, childrenOf, type Plan } from './bound.ts';

/** Equal texts: the same value for the same row. Subqueries are equal only to themselves. */
export function exprKey(expr: BoundExpr): string {
  switch (expr.kind) {
    case 'column':
      return `#${expr.id}`;
    case 'literal': {
      const shown = expr.value instanceof Uint8Array ? expr.value.join() : String(expr.value);
      return `${typeText(expr.type)}:${JSON.stringify(shown)}`;
    }
    case 'exists':
    case 'scalar-plan':
    case 'in-plan':
      return `${expr.kind}@${planNumber(expr.plan)}(${childrenOf(expr).map(exprKey).join()})`;
    default:
      return `${detailOf(expr)}(${childrenOf(expr).map(exprKey).join()})`;
  }
}

function detailOf(expr: BoundExpr): string {
  const type = typeText(expr.type);
  if ('operator' in expr) return `${expr.kind} ${expr.operator} ${type}`;
  if (expr.kind === 'is-null') return `is-null ${expr.negated}`;
  if (expr.kind === 'call') return `call ${expr.spec.name} ${type}`;
  return `${expr.kind} ${type}`;
}

const planNumbers = new WeakMap<Plan, number>();
let plansNumbered = 0;

function planNumber(plan: Plan): number {
  let known = planNumbers.get(plan);
  if (known === undefined) {
    plansNumbered += 1;
    known = plansNumbered;
    planNumbers.set(plan, known);
  }
  return known;
}
