/** The conditions that SHOW SNAPSHOT and DROP SNAPSHOT understand (repository.md 6.2). */
import { SimError } from '../base/errors.ts';
import type { Expr, SnapshotFilter } from './ast.ts';

/**
 * The filter that a WHERE stands for: one comparison or two joined by AND, whose operator is not
 * looked at, or a list. Other predicates filter nothing. Throws `analysis` for a bad shape.
 */
export function readSnapshotFilter(where: Expr): SnapshotFilter | undefined {
  if (where.kind === 'in-list' && !where.negated) {
    if (columnOf(where.operand) !== 'snapshot') throw badShape();
    return { snapshots: where.items.map(textOf), isList: true, timestamp: undefined };
  }
  if (where.kind !== 'binary') return undefined;
  if (where.operator === 'OR' || where.operator === 'XOR') throw badShape();
  const parts = where.operator === 'AND' ? [where.left, where.right] : [where];
  let snapshot: string | undefined;
  let timestamp: string | undefined;
  for (const part of parts) {
    if (part.kind !== 'binary' || !COMPARISONS.has(part.operator)) throw badShape();
    const column = columnOf(part.left);
    if (column === 'snapshot') snapshot = textOf(part.right);
    else timestamp = textOf(part.right);
  }
  if (snapshot === undefined) throw badShape();
  return { snapshots: [snapshot], isList: false, timestamp };
}

const COMPARISONS: ReadonlySet<string> = new Set(['=', '<=>', '!=', '<', '<=', '>', '>=']);

function columnOf(expr: Expr): 'snapshot' | 'timestamp' {
  const name = expr.kind === 'column' && expr.path.length === 1 ? expr.path[0] : undefined;
  const lower = name?.toLowerCase();
  if (lower !== 'snapshot' && lower !== 'timestamp') throw badShape();
  return lower;
}

function textOf(expr: Expr): string {
  if (expr.kind !== 'string' || expr.value === '') throw badShape();
  return expr.value;
}

function badShape(): SimError {
  return new SimError(
    'analysis',
    "the WHERE clause must be SNAPSHOT = '...' [AND TIMESTAMP = '...'] or SNAPSHOT IN ('...')",
  );
}
