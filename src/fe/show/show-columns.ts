/** SHOW [FULL] COLUMNS FROM t (sql-surface.md 4.10): what DESC tells, in MySQL's words. */
import type { Op } from '../../base/op.ts';
import { type Executor, type StatementResult, showResult } from '../frontend-context.ts';
import { filterShown } from './show-filter.ts';
import { type ShownColumn, shownColumns } from './shown-columns.ts';

const PLAIN = ['Field', 'Type', 'Null', 'Key', 'Default', 'Extra'];
const FULL = [
  'Field',
  'Type',
  'Collation',
  'Null',
  'Key',
  'Default',
  'Extra',
  'Privileges',
  'Comment',
];

const yesOrNo = (is: boolean): string => (is ? 'YES' : 'NO');

export const showColumns: Executor<'show-columns'> = function* (
  frontend,
  session,
  { table, full, tail },
): Op<StatementResult> {
  const rows = shownColumns(frontend, session, table).map((column) => cells(column, full));
  const shown = filterShown({ names: full ? FULL : PLAIN, rows }, tail);
  return showResult(shown.names, shown.rows);
};

/** Collation and privileges stay empty; the aggregation of a column stands under Extra. */
function cells(column: ShownColumn, full: boolean): readonly (string | null)[] {
  const { name, typeText, isAllowNull, isKey, defaultText, aggregation, comment } = column;
  const rest = [yesOrNo(isAllowNull), yesOrNo(isKey), defaultText, aggregation];
  return full ? [name, typeText, '', ...rest, '', comment] : [name, typeText, ...rest];
}
