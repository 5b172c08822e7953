/** What a table of information_schema is made of. */
import type { Row } from '../base/row-stream.ts';
import type { TypeName } from '../base/sql-type.ts';
import type { Database, OlapTable } from '../catalog/model.ts';
import type { FrontendContext } from './frontend-context.ts';
import type { Session } from './session.ts';

export interface SystemTable {
  readonly columns: readonly (readonly [string, TypeName])[];
  /** In a release that has not all of them: the first so many. */
  readonly columnCountIn?: (frontend: FrontendContext) => number;
  readonly rows: (frontend: FrontendContext, session: Session) => readonly Row[];
}

export function everyTable(
  frontend: FrontendContext,
): readonly { readonly database: Database; readonly table: OlapTable }[] {
  return [...frontend.catalog.databases.values()].flatMap((database) =>
    [...database.tables.values()].map((table) => ({ database, table })),
  );
}
