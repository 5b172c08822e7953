/** What a session is shown: objects on which it has any privilege (sql-surface.md 6). */
import type { Catalog, Database, OlapTable, View } from '../../catalog/model.ts';
import type { FrontendContext } from '../frontend-context.ts';
import type { Session } from '../session.ts';
import { allowsAny } from './grants.ts';
import { isInDatabase } from './object-types.ts';
import {
  databaseObject,
  functionObject,
  grantsOf,
  isAllPowerful,
  relationObject,
} from './privilege-check.ts';

/** A filter of tables and views, made once for many. */
export function relationFilter(
  frontend: FrontendContext,
  session: Session,
): (database: Database, relation: OlapTable | View) => boolean {
  if (isAllPowerful(frontend, session)) return () => true;
  const grants = grantsOf(frontend, session);
  return (database, relation) => allowsAny(grants, relationObject(database, relation));
}

/** A filter of databases: a privilege on one, or on anything in it, shows it. */
export function databaseFilter(
  frontend: FrontendContext,
  session: Session,
): (database: Database) => boolean {
  if (isAllPowerful(frontend, session)) return () => true;
  const grants = grantsOf(frontend, session);
  return (database) =>
    allowsAny(grants, databaseObject(database)) ||
    grants.some(({ type, path: [db] }) => {
      return isInDatabase(type) && (db === '*' || db === String(database.id));
    });
}

/** The catalog with only what the session is shown: what information_schema is made from. */
export function visibleCatalog(frontend: FrontendContext, session: Session): Catalog {
  const { catalog } = frontend;
  if (isAllPowerful(frontend, session)) return catalog;
  const isRelationShown = relationFilter(frontend, session);
  const shown = [...catalog.databases.values()]
    .filter(databaseFilter(frontend, session))
    .map((database): Database => {
      const isShown = ([, relation]: readonly [unknown, OlapTable | View]): boolean =>
        isRelationShown(database, relation);
      return {
        ...database,
        tables: new Map([...database.tables].filter(isShown)),
        views: new Map([...database.views].filter(isShown)),
      };
    });
  return {
    ...catalog,
    databases: new Map(shown.map((database) => [database.id, database])),
    databaseIds: new Map(shown.map(({ name, id }) => [name, id])),
  };
}

/** A filter of a database's functions, by signature. */
export function functionFilter(
  frontend: FrontendContext,
  session: Session,
  database: Database,
): (signature: string) => boolean {
  if (isAllPowerful(frontend, session)) return () => true;
  const grants = grantsOf(frontend, session);
  return (signature) => allowsAny(grants, functionObject(database, signature));
}
