/**
 * information_schema.be_configs: the settings of backends that answer. UPDATE changes one of them,
 * on all backends or on the one that the condition names; a change lives until the backend ends.
 */
import { SimError } from '../base/errors.ts';
import type { Op } from '../base/op.ts';
import type { Row } from '../base/row-stream.ts';
import type { Expr, Statement } from '../sql/ast.ts';
import { analysisError } from './analysis-error.ts';
import { DONE, type FrontendContext, type StatementResult } from './frontend-context.ts';
import type { Session } from './session.ts';
import type { SystemTable } from './system-table.ts';

export const BE_CONFIGS: SystemTable = {
  columns: [
    ['BE_ID', 'BIGINT'],
    ['NAME', 'VARCHAR'],
    ['VALUE', 'VARCHAR'],
    ['TYPE', 'VARCHAR'],
    ['DEFAULT', 'VARCHAR'],
    ['MUTABLE', 'BOOLEAN'],
  ],
  rows: ({ backends }) =>
    backends
      .states()
      .filter(({ isAlive }) => isAlive)
      .flatMap(({ id }) =>
        backends
          .link(id)
          .settings()
          .map(
            ({ name, value, type, defaultValue, isMutable }): Row => [
              BigInt(id),
              name,
              value,
              type,
              defaultValue,
              isMutable,
            ],
          ),
      ),
};

type Update = Extract<Statement, { readonly kind: 'update' }>;

export function isBackendConfigs({ table }: Update, session: Session): boolean {
  const db = table.db ?? session.database ?? '';
  return db.toLowerCase() === 'information_schema' && table.name.toLowerCase() === 'be_configs';
}

export function* updateBackendConfigs(
  { backends }: FrontendContext,
  { set, where }: Update,
): Op<StatementResult> {
  const [change, ...others] = set;
  const value = change === undefined ? undefined : textOf(change.value);
  if (change?.column.toLowerCase() !== 'value' || value === undefined || others.length > 0) {
    throw analysisError("UPDATE of be_configs sets one thing: SET VALUE = '...'");
  }
  const conditions = new Map(where === undefined ? [] : equalities(where));
  const name = conditions.get('name');
  const only = conditions.get('be_id');
  conditions.delete('name');
  conditions.delete('be_id');
  if (name === undefined || conditions.size > 0) {
    throw analysisError("UPDATE of be_configs wants WHERE NAME = '...' [AND BE_ID = ...]");
  }
  const alive = backends.states().filter(({ isAlive }) => isAlive);
  const chosen = alive.filter(({ id }) => only === undefined || only === String(id));
  if (chosen.length === 0) {
    const which = only === undefined ? 'no backend' : `no backend ${only}`;
    throw new SimError('backend-unavailable', `${which} answers`);
  }
  for (const { id } of chosen) {
    backends.link(id).changeSetting(name, value);
  }
  return DONE;
}

/** `a = 'x' AND b = 1`, in any order; anything else is refused. */
function equalities(condition: Expr): (readonly [string, string])[] {
  if (condition.kind === 'binary' && condition.operator === 'AND') {
    return [...equalities(condition.left), ...equalities(condition.right)];
  }
  if (condition.kind === 'binary' && condition.operator === '=') {
    const { left, right } = condition;
    const value = textOf(right);
    const column = left.kind === 'column' ? left.path.at(-1) : undefined;
    if (column !== undefined && value !== undefined) return [[column.toLowerCase(), value]];
  }
  throw analysisError("UPDATE of be_configs wants WHERE NAME = '...' [AND BE_ID = ...]");
}

function textOf(value: Expr): string | undefined {
  if (value.kind === 'string') return value.value;
  return value.kind === 'number' ? value.text : undefined;
}
