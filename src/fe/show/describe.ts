/** DESC t and SHOW COLUMNS FROM t (sql-surface.md 4.10). */
import type { Op } from '../../base/op.ts';
import type { Row } from '../../base/row-stream.ts';
import { typeText } from '../../base/sql-type.ts';
import { indexIdsOf } from '../../catalog/build-partition.ts';
import type { Column, OlapTable, View } from '../../catalog/model.ts';
import { indexMetaOf } from '../../catalog/table-lookup.ts';
import { type Executor, type StatementResult, showResult } from '../frontend-context.ts';
import { baseSchema, relationNamed } from '../resolve.ts';

const FIELDS = ['Field', 'Type', 'Null', 'Key', 'Default', 'Extra'];

export const describeTable: Executor<'describe'> = function* (
  frontend,
  session,
  statement,
): Op<StatementResult> {
  const { relation } = relationNamed(frontend, session, statement.table);
  if (statement.all && relation.kind !== 'VIEW') {
    return showResult(['IndexName', 'IndexKeysType', ...FIELDS], indexRows(relation));
  }
  return showResult(FIELDS, relation.kind === 'VIEW' ? viewRows(relation) : tableRows(relation));
};

function tableRows(table: OlapTable): readonly Row[] {
  return baseSchema(table).map(columnRow);
}

function columnRow(column: Column): Row {
  return [
    column.name,
    typeText(column.type),
    column.isAllowNull ? 'YES' : 'NO',
    String(column.isKey),
    column.defaultValue?.text ?? null,
    column.aggregationType ?? '',
  ];
}

/** DESC t ALL: index by index, the base index first, with an empty row between them. */
function indexRows(table: OlapTable): readonly Row[] {
  return indexIdsOf(table).flatMap((indexId, position) => {
    const { name, keysType, schema } = indexMetaOf(table, indexId);
    const rows = schema.map((column, at) => [
      ...(at === 0 ? [name, keysType] : ['', '']),
      ...columnRow(column),
    ]);
    return position === 0 ? rows : [EMPTY_ROW, ...rows];
  });
}

const EMPTY_ROW: Row = Object.freeze(['', '', '', '', '', '', '', '']);

function viewRows(view: View): readonly Row[] {
  return view.columns.map(({ name, type }) => [name, typeText(type), 'YES', 'false', null, '']);
}
