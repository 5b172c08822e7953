/** SHOW [GLOBAL | SESSION] VARIABLES (sql-surface.md 1.7, 1.8). */
import type { Op } from '../../base/op.ts';
import { type Executor, type StatementResult, showResult } from '../frontend-context.ts';
import { VARIABLE_ROWS, variableText } from '../variables.ts';
import { filterShown } from './show-filter.ts';

export const showVariables: Executor<'show-variables'> = function* (
  _frontend,
  session,
  { scope, tail },
): Op<StatementResult> {
  const rows = Object.entries(VARIABLE_ROWS).map(([name, row]) => [
    name,
    variableText(row, session.variable(scope, name)),
  ]);
  const shown = filterShown({ names: ['Variable_name', 'Value'], rows }, tail);
  return showResult(shown.names, shown.rows);
};
