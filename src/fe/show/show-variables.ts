/** SHOW [GLOBAL | SESSION | VERBOSE] VARIABLES (sql-surface.md 1.7, 1.8). */
import type { Op } from '../../base/op.ts';
import { rowStreamOf } from '../../base/row-stream.ts';
import { type Executor, SHOW_TYPE, type StatementResult } from '../frontend-context.ts';
import { VARIABLE_ROWS, variableText } from '../variables.ts';
import { filterShown } from './show-filter.ts';

const COLUMNS = [
  { name: 'Variable_name', type: SHOW_TYPE },
  { name: 'Value', type: SHOW_TYPE },
];
/** Changed is what differs from the cluster's default. */
const VERBOSE_COLUMNS = [
  ...COLUMNS,
  { name: 'Default_value', type: SHOW_TYPE },
  { name: 'Is_changed', type: { name: 'BOOLEAN' } },
] as const;

export const showVariables: Executor<'show-variables'> = function* (
  { globals },
  session,
  { scope, verbose, tail },
): Op<StatementResult> {
  const rows = Object.entries(VARIABLE_ROWS).map(([name, row]) => {
    const value = session.variable(scope, name);
    const shown = [name, variableText(row, value)];
    if (!verbose) return shown;
    const byDefault = globals.defaultOf(name);
    return [...shown, variableText(row, byDefault), value !== byDefault];
  });
  const columns = verbose ? VERBOSE_COLUMNS : COLUMNS;
  const names = columns.map(({ name }) => name);
  return { kind: 'rows', ...rowStreamOf(columns, filterShown({ names, rows }, tail).rows) };
};
