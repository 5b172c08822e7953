/** SET: session, global and user variables; SET NAMES and its like change nothing (sql-surface.md 1.7). */

import { SimError } from '../../base/errors.ts';
import type { Op } from '../../base/op.ts';
import type { Cell } from '../../base/sql-type.ts';
import type { SetItem } from '../../sql/ast.ts';
import { analyzed } from '../analysis-error.ts';
import {
  DONE,
  type Executor,
  type FrontendContext,
  type StatementResult,
} from '../frontend-context.ts';
import { queryContext } from '../query-context.ts';
import { refuseReadOnly, type Session } from '../session.ts';
import { checkedVariableValue, variableRow } from '../variables.ts';

export const executeSet: Executor<'set'> = function* (
  frontend,
  session,
  statement,
): Op<StatementResult> {
  const values: (Cell | 'default')[] = [];
  for (const item of statement.items) {
    values.push(
      item.value.kind === 'default'
        ? 'default'
        : yield* frontend.queries.evaluate(item.value, queryContext(frontend, session)),
    );
  }
  // All or nothing: every item is checked before the first takes effect.
  const changes = statement.items.map((item, index) =>
    analyzed(() => change(frontend, session, item, values[index] ?? null)),
  );
  for (const apply of changes) yield* apply();
  return DONE;
};

/** Checks one item; what comes back carries it out. */
function change(
  frontend: FrontendContext,
  session: Session,
  { scope, name }: SetItem,
  value: Cell | 'default',
): () => Op<void> {
  if (scope === 'user') {
    return function* () {
      session.setUserVariable(name, value === 'default' ? null : value);
    };
  }
  if (scope === 'session') {
    const checked = session.checkedValue(name, value);
    return function* () {
      session.setVariable(name, checked);
    };
  }
  const checked = checkedGlobal(frontend, name, value);
  return () =>
    frontend.log({ op: 'OP_GLOBAL_VARIABLE_V2', name: name.toLowerCase(), value: checked });
}

function checkedGlobal(frontend: FrontendContext, name: string, value: Cell | 'default'): string {
  const row = variableRow(name);
  refuseReadOnly(name);
  if (row.scope === 'session') {
    throw new SimError('session-only-variable', `Variable '${name}' is a SESSION variable`);
  }
  return value === 'default'
    ? frontend.globals.defaultOf(name)
    : checkedVariableValue(name, row, value);
}

export const executeSetNames: Executor<'set-names'> = function* (): Op<StatementResult> {
  return DONE;
};

export const executeSetTransaction: Executor<'set-transaction'> =
  function* (): Op<StatementResult> {
    return DONE;
  };

export const executeNoEffect: Executor<'no-effect'> = function* (): Op<StatementResult> {
  return DONE;
};
