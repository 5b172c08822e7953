/** COM_FIELD_LIST: the columns of a table of the current database (sql-surface.md 1.3). */
import { isSimError, SimError } from '../base/errors.ts';
import type { SqlType } from '../base/sql-type.ts';
import type { FrontendContext } from './frontend-context.ts';
import { requireStatementPrivileges } from './privileges/statement-privileges.ts';
import type { Session } from './session.ts';
import { shownColumns } from './show/shown-columns.ts';

export interface ListedField {
  readonly database: string;
  readonly table: string;
  readonly name: string;
  readonly type: SqlType;
  readonly defaultText: string | null;
}

const NOWHERE = { offset: 0, line: 1, column: 0 };

/** Whatever is missing is a plain 1064 here, without the number of its own. */
export function listFields(
  frontend: FrontendContext,
  session: Session,
  table: string,
): readonly ListedField[] {
  const { database } = session;
  if (database === undefined) throw new SimError('execution', 'No database selected');
  const name = { name: table, position: NOWHERE };
  requireStatementPrivileges(frontend, session, { kind: 'describe', table: name, all: false });
  try {
    const columns = shownColumns(frontend, session, name);
    return columns.map(({ name, type, defaultText }) => ({
      database,
      table,
      name,
      type,
      defaultText,
    }));
  } catch (error) {
    if (isSimError(error, 'unknown-database')) {
      throw new SimError('execution', `Unknown database(${database})`);
    }
    if (isSimError(error, 'unknown-table')) {
      throw new SimError('execution', `Unknown table(${table})`);
    }
    throw error;
  }
}
