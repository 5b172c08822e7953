/**
 * SHOW INDEX FROM t (sql-surface.md 4.10). Keys are no indexes to StarRocks, and secondary indexes
 * are refused at CREATE TABLE, so a table that is there has no rows.
 */
import type { Op } from '../../base/op.ts';
import { type Executor, type StatementResult, showResult } from '../frontend-context.ts';
import { filterShown } from './show-filter.ts';
import { shownColumns } from './shown-columns.ts';

const NAMES = [
  'Table',
  'Non_unique',
  'Key_name',
  'Seq_in_index',
  'Column_name',
  'Collation',
  'Cardinality',
  'Sub_part',
  'Packed',
  'Null',
  'Index_type',
  'Comment',
];

export const showIndex: Executor<'show-index'> = function* (
  frontend,
  session,
  { table, tail },
): Op<StatementResult> {
  shownColumns(frontend, session, table);
  const shown = filterShown({ names: NAMES, rows: [] }, tail);
  return showResult(shown.names, shown.rows);
};
