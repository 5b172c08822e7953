/** DESC t and SHOW COLUMNS FROM t (sql-surface.md 4.10). */
import type { Op } from '../../base/op.ts';
import { typeText } from '../../base/sql-type.ts';
import { type Executor, type StatementResult, showResult } from '../frontend-context.ts';
import { baseSchema, tableNamed } from '../resolve.ts';

export const describeTable: Executor<'describe'> = function* (
  frontend,
  session,
  statement,
): Op<StatementResult> {
  const { table } = tableNamed(frontend, session, statement.table);
  return showResult(
    ['Field', 'Type', 'Null', 'Key', 'Default', 'Extra'],
    baseSchema(table).map((column) => [
      column.name,
      typeText(column.type),
      column.isAllowNull ? 'YES' : 'NO',
      String(column.isKey),
      column.defaultValue?.text ?? null,
      column.aggregationType ?? '',
    ]),
  );
};
