/** SHOW TABLE STATUS (sql-surface.md 4.10): the figures of information_schema.tables. */
import type { Op } from '../../base/op.ts';
import type { ResultColumn, Row } from '../../base/row-stream.ts';
import { rowStreamOf } from '../../base/row-stream.ts';
import type { TypeName } from '../../base/sql-type.ts';
import type { Executor, StatementResult } from '../frontend-context.ts';
import { visibleCatalog } from '../privileges/visible-objects.ts';
import { databaseOf, isSystemDatabase } from '../resolve.ts';
import { TABLES } from '../tables-table.ts';
import { filterShown } from './show-filter.ts';

/** Each with its type and the column of information_schema.tables that it shows. */
const COLUMNS: readonly (readonly [string, TypeName, string])[] = [
  ['Name', 'VARCHAR', 'TABLE_NAME'],
  ['Engine', 'VARCHAR', 'ENGINE'],
  ['Version', 'BIGINT', 'VERSION'],
  ['Row_format', 'VARCHAR', 'ROW_FORMAT'],
  ['Rows', 'BIGINT', 'TABLE_ROWS'],
  ['Avg_row_length', 'BIGINT', 'AVG_ROW_LENGTH'],
  ['Data_length', 'BIGINT', 'DATA_LENGTH'],
  ['Max_data_length', 'BIGINT', 'MAX_DATA_LENGTH'],
  ['Index_length', 'BIGINT', 'INDEX_LENGTH'],
  ['Data_free', 'BIGINT', 'DATA_FREE'],
  ['Auto_increment', 'BIGINT', 'AUTO_INCREMENT'],
  ['Create_time', 'DATETIME', 'CREATE_TIME'],
  ['Update_time', 'DATETIME', 'UPDATE_TIME'],
  ['Check_time', 'DATETIME', 'CHECK_TIME'],
  ['Collation', 'VARCHAR', 'TABLE_COLLATION'],
  ['Checksum', 'BIGINT', 'CHECKSUM'],
  ['Create_options', 'VARCHAR', 'CREATE_OPTIONS'],
  ['Comment', 'VARCHAR', 'TABLE_COMMENT'],
];

const at = (name: string): number => TABLES.columns.findIndex(([column]) => column === name);
const SCHEMA_AT = at('TABLE_SCHEMA');
const SOURCES = COLUMNS.map(([, , source]) => at(source));
const RESULT_COLUMNS: readonly ResultColumn[] = COLUMNS.map(([name, type]) => ({
  name,
  type: { name: type },
}));

export const showTableStatus: Executor<'show-table-status'> = function* (
  frontend,
  session,
  { database, tail },
): Op<StatementResult> {
  const wanted = database ?? session.database;
  const isSystem = wanted !== undefined && isSystemDatabase(wanted);
  const name = isSystem ? undefined : databaseOf(frontend, session, wanted).name;
  const visible = { ...frontend, catalog: visibleCatalog(frontend, session) };
  const rows = TABLES.rows(visible, session)
    .filter((row) => row[SCHEMA_AT] === name)
    .map((row): Row => SOURCES.map((source) => row[source] ?? null))
    .sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1));
  const shown = filterShown({ names: COLUMNS.map(([column]) => column), rows }, tail);
  return { kind: 'rows', ...rowStreamOf(RESULT_COLUMNS, shown.rows) };
};
