/** DESC t and SHOW COLUMNS FROM t (sql-surface.md 4.10). */
import type { Op } from '../../base/op.ts';
import type { Row } from '../../base/row-stream.ts';
import { typeText } from '../../base/sql-type.ts';
import type { OlapTable, View } from '../../catalog/model.ts';
import { type Executor, type StatementResult, showResult } from '../frontend-context.ts';
import { baseSchema, relationNamed } from '../resolve.ts';

export const describeTable: Executor<'describe'> = function* (
  frontend,
  session,
  statement,
): Op<StatementResult> {
  const { relation } = relationNamed(frontend, session, statement.table);
  return showResult(
    ['Field', 'Type', 'Null', 'Key', 'Default', 'Extra'],
    relation.kind === 'VIEW' ? viewRows(relation) : tableRows(relation),
  );
};

function tableRows(table: OlapTable): readonly Row[] {
  return baseSchema(table).map((column) => [
    column.name,
    typeText(column.type),
    column.isAllowNull ? 'YES' : 'NO',
    String(column.isKey),
    column.defaultValue?.text ?? null,
    column.aggregationType ?? '',
  ]);
}

function viewRows(view: View): readonly Row[] {
  return view.columns.map(({ name, type }) => [name, typeText(type), 'YES', 'false', null, '']);
}
