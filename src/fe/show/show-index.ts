/** SHOW INDEX FROM t: secondary indexes (sql-surface.md 4.10). Keys are none to StarRocks. */
import type { Op } from '../../base/op.ts';
import type { TableIndex } from '../../catalog/model.ts';
import type { TableName } from '../../sql/ast.ts';
import {
  type Executor,
  type FrontendContext,
  type StatementResult,
  showResult,
} from '../frontend-context.ts';
import { isSystemDatabase, relationNamed } from '../resolve.ts';
import type { Session } from '../session.ts';
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

/** System tables and views have none. */
function indexesOf(
  frontend: FrontendContext,
  session: Session,
  table: TableName,
): readonly TableIndex[] {
  const db = table.db ?? session.database;
  if (db !== undefined && isSystemDatabase(db)) return [];
  const { relation } = relationNamed(frontend, session, table);
  return relation.kind === 'VIEW' ? [] : (relation.indexes ?? []);
}

export const showIndex: Executor<'show-index'> = function* (
  frontend,
  session,
  { table, tail },
): Op<StatementResult> {
  shownColumns(frontend, session, table);
  const rows = indexesOf(frontend, session, table).map(({ name, columns, type, comment }) => [
    table.name,
    '',
    name,
    '',
    columns.join(','),
    '',
    '',
    '',
    '',
    '',
    type,
    comment,
  ]);
  const shown = filterShown({ names: NAMES, rows }, tail);
  return showResult(shown.names, shown.rows);
};
