/** DESC t [ALL] (sql-surface.md 4.10). */
import type { Op } from '../../base/op.ts';
import type { Row } from '../../base/row-stream.ts';
import { indexIdsOf } from '../../catalog/build-partition.ts';
import type { OlapTable } from '../../catalog/model.ts';
import { indexMetaOf } from '../../catalog/table-lookup.ts';
import type { TableName } from '../../sql/ast.ts';
import {
  type Executor,
  type FrontendContext,
  type StatementResult,
  showResult,
} from '../frontend-context.ts';
import { isSystemDatabase, relationNamed } from '../resolve.ts';
import type { Session } from '../session.ts';
import { type ShownColumn, shownColumn, shownColumns } from './shown-columns.ts';

const FIELDS = ['Field', 'Type', 'Null', 'Key', 'Default', 'Extra'];

export const describeTable: Executor<'describe'> = function* (
  frontend,
  session,
  { table, all },
): Op<StatementResult> {
  const indexed = all ? tableWithIndexes(frontend, session, table) : undefined;
  if (indexed !== undefined) {
    return showResult(['IndexName', 'IndexKeysType', ...FIELDS], indexRows(indexed));
  }
  return showResult(FIELDS, shownColumns(frontend, session, table).map(columnRow));
};

function tableWithIndexes(
  frontend: FrontendContext,
  session: Session,
  name: TableName,
): OlapTable | undefined {
  if (isSystemDatabase(name.db ?? session.database ?? '')) return undefined;
  const { relation } = relationNamed(frontend, session, name);
  return relation.kind === 'VIEW' ? undefined : relation;
}

function columnRow(column: ShownColumn): Row {
  return [
    column.name,
    column.typeText,
    column.isAllowNull ? 'YES' : 'NO',
    String(column.isKey),
    column.defaultText,
    column.aggregation,
  ];
}

/** Index by index, the base index first, with an empty row between them. */
function indexRows(table: OlapTable): readonly Row[] {
  return indexIdsOf(table).flatMap((indexId, position) => {
    const { name, keysType, schema } = indexMetaOf(table, indexId);
    const rows = schema.map((column, at) => [
      ...(at === 0 ? [name, keysType] : ['', '']),
      ...columnRow(shownColumn(column)),
    ]);
    return position === 0 ? rows : [EMPTY_ROW, ...rows];
  });
}

const EMPTY_ROW: Row = Object.freeze(['', '', '', '', '', '', '', '']);
