/** The columns of a table, a view or a system table, as DESC and its like show them. */
import { type SqlType, STRING_LENGTH, typeText } from '../../base/sql-type.ts';
import type { Column, View } from '../../catalog/model.ts';
import type { TableName } from '../../sql/ast.ts';
import type { FrontendContext } from '../frontend-context.ts';
import { systemTableColumns } from '../information-schema.ts';
import { baseSchema, isSystemDatabase, relationNamed } from '../resolve.ts';
import type { Session } from '../session.ts';

export interface ShownColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly typeText: string;
  readonly isAllowNull: boolean;
  readonly isKey: boolean;
  readonly defaultText: string | null;
  /** StarRocks' word, empty for none. */
  readonly aggregation: string;
  readonly comment: string;
}

/** Throws `unknown-database`, `unknown-table` or `no-database-selected`. */
export function shownColumns(
  frontend: FrontendContext,
  session: Session,
  table: TableName,
): readonly ShownColumn[] {
  const db = table.db ?? session.database;
  if (db !== undefined && isSystemDatabase(db)) {
    return systemTableColumns(frontend, db, table.name).map(({ name, type }) =>
      // How long a text of a system table may be is nowhere kept.
      withoutMore(name, type.name === 'VARCHAR' ? { ...type, length: STRING_LENGTH } : type, ''),
    );
  }
  const { relation } = relationNamed(frontend, session, table);
  if (relation.kind === 'VIEW') return relation.columns.map(ofView);
  return baseSchema(relation).map(shownColumn);
}

/** Of a column of a table. */
export function shownColumn(column: Column): ShownColumn {
  return {
    name: column.name,
    type: column.type,
    typeText: typeText(column.type),
    isAllowNull: column.isAllowNull,
    isKey: column.isKey,
    defaultText: column.defaultValue?.text ?? null,
    aggregation: column.aggregationType ?? '',
    comment: column.comment,
  };
}

const ofView = ({ name, type, comment }: View['columns'][number]): ShownColumn =>
  withoutMore(name, type, comment);

function withoutMore(name: string, type: SqlType, comment: string): ShownColumn {
  return {
    name,
    type,
    typeText: typeText(type),
    isAllowNull: true,
    isKey: false,
    defaultText: null,
    aggregation: '',
    comment,
  };
}
