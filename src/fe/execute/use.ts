/** USE, SET CATALOG and COM_INIT_DB: the database may be named `catalog.db` (sql-surface.md 1.2, 1.7). */
import type { Op } from '../../base/op.ts';
import { analysisError } from '../analysis-error.ts';
import {
  DONE,
  type Executor,
  type FrontendContext,
  type StatementResult,
} from '../frontend-context.ts';
import { databaseNamed, isSystemDatabase, refuseForeignCatalog } from '../resolve.ts';
import type { Session } from '../session.ts';

export const executeUse: Executor<'use'> = function* (
  frontend,
  session,
  statement,
): Op<StatementResult> {
  refuseForeignCatalog(statement.catalog);
  useDatabase(frontend, session, statement.database);
  return DONE;
};

/** SET CATALOG, USE 'CATALOG c': nothing in an external one can be read. */
export const executeSetCatalog: Executor<'set-catalog'> = function* (
  frontend,
  session,
  { catalog },
): Op<StatementResult> {
  if (frontend.catalog.externalCatalogs.has(catalog)) {
    throw analysisError(`SET CATALOG ${catalog}: external catalogs are metadata`, 'unsupported');
  }
  refuseForeignCatalog(catalog);
  session.database = undefined;
  return DONE;
};

export function useDatabase(frontend: FrontendContext, session: Session, name: string): void {
  if (!isSystemDatabase(name)) databaseNamed(frontend, name);
  session.database = name;
}
