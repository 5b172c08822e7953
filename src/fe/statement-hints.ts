/** Session variables that a statement's hints set for itself alone: `SET_VAR (...)`. */
import type { Op } from '../base/op.ts';
import type { SetItem } from '../sql/ast.ts';
import { analyzed } from './analysis-error.ts';
import type { FrontendContext, StatementResult } from './frontend-context.ts';
import { queryContext } from './query-context.ts';
import type { Session } from './session.ts';

/** Runs a statement under its hints; the variables are as before once its answer has ended. */
export function* withHints(
  frontend: FrontendContext,
  session: Session,
  hints: readonly SetItem[],
  run: () => Op<StatementResult>,
): Op<StatementResult> {
  if (hints.length === 0) return yield* run();
  const values = new Map<string, string>();
  for (const { name, value } of hints) {
    const cell =
      value.kind === 'default'
        ? 'default'
        : yield* frontend.queries.evaluate(value, queryContext(frontend, session));
    values.set(
      name,
      analyzed(() => session.checkedValue(name, cell)),
    );
  }
  const restore = session.override(values);
  let result: StatementResult;
  try {
    result = yield* run();
  } catch (error) {
    restore();
    throw error;
  }
  if (result.kind === 'ok') {
    restore();
    return result;
  }
  const rows = result;
  return {
    kind: 'rows',
    columns: rows.columns,
    next: () => rows.next(),
    *close(): Op<void> {
      try {
        yield* rows.close();
      } finally {
        restore();
      }
    },
  };
}
