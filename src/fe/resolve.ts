/**
 * Names to objects, with StarRocks' errors (sql-surface.md 5.4, resolutions.md 4): unknown database
 * 5501, unknown table 5502, no database selected 1046.
 */
import { SimError } from '../base/errors.ts';
import type { Column, Database, OlapTable, View } from '../catalog/model.ts';
import { analysisError } from './analysis-error.ts';
import type { FrontendContext } from './frontend-context.ts';
import type { Session } from './session.ts';

export const DEFAULT_CATALOG = 'default_catalog';

/** Exists for clients; holds no tables of users and is never backed up (sql-surface.md 3.1). */
export const SYSTEM_DATABASES = ['_statistics_', 'information_schema', 'sys'] as const;

export function isSystemDatabase(name: string): boolean {
  return SYSTEM_DATABASES.some((known) => known === name.toLowerCase());
}

interface NameParts {
  readonly catalog?: string;
  readonly db?: string;
  readonly name: string;
}

export function refuseForeignCatalog(catalog: string | undefined): void {
  if (catalog !== undefined && catalog !== DEFAULT_CATALOG) {
    throw analysisError(
      `Unknown catalog '${catalog}'`,
      'unknown-catalog',
      'external catalogs are kept as metadata: nothing in them can be read',
    );
  }
}

export function unknownDatabase(name: string): SimError {
  return analysisError(`Unknown database '${name}'`, 'unknown-database');
}

/** A database by name; system databases are not among them. */
export function databaseNamed(frontend: FrontendContext, name: string): Database {
  const { catalog } = frontend;
  const id = catalog.databaseIds.get(name);
  const database = id === undefined ? undefined : catalog.databases.get(id);
  if (database === undefined) throw unknownDatabase(name);
  return database;
}

/** The named database, or else the session's. */
export function databaseOf(
  frontend: FrontendContext,
  session: Session,
  name: string | undefined,
): Database {
  const wanted = name ?? session.database;
  if (wanted === undefined) {
    throw analysisError('No database selected', 'no-database-selected', 'say USE <database>');
  }
  return databaseNamed(frontend, wanted);
}

export interface ResolvedName {
  readonly database: Database;
  readonly table: OlapTable;
}

export function tableNamed(
  frontend: FrontendContext,
  session: Session,
  name: NameParts,
): ResolvedName {
  refuseForeignCatalog(name.catalog);
  const database = databaseOf(frontend, session, name.db);
  const table = findTable(database, name.name);
  if (table === undefined) throw noTable(database, name.name);
  return { database, table };
}

/** Why a name is not that of a table. */
export function noTable(database: Database, name: string): SimError {
  if (database.views.has(name)) {
    return analysisError(`'${database.name}.${name}' is a view, not a table`, 'not-olap-table');
  }
  return analysisError(`Unknown table '${database.name}.${name}'`, 'unknown-table');
}

/** Tables and views share their names. */
export function isNameTaken(database: Database, name: string): boolean {
  return database.tableIds.has(name) || database.views.has(name);
}

/** The table or the view of a name. */
export function relationNamed(
  frontend: FrontendContext,
  session: Session,
  name: NameParts,
): { readonly database: Database; readonly relation: OlapTable | View } {
  refuseForeignCatalog(name.catalog);
  const database = databaseOf(frontend, session, name.db);
  const relation = findTable(database, name.name) ?? database.views.get(name.name);
  if (relation === undefined) throw noTable(database, name.name);
  return { database, relation };
}

export function findTable(database: Database, name: string): OlapTable | undefined {
  const id = database.tableIds.get(name);
  return id === undefined ? undefined : database.tables.get(id);
}

/** Columns are found without case (sql-surface.md 2.1). */
export function columnNamed(table: OlapTable, name: string): Column {
  const column = findColumn(table, name);
  if (column === undefined) {
    throw analysisError(
      `Column '${name}' cannot be resolved in table '${table.name}'`,
      'unknown-column',
    );
  }
  return column;
}

export function findColumn(table: OlapTable, name: string): Column | undefined {
  const wanted = name.toLowerCase();
  return baseSchema(table).find((column) => column.name.toLowerCase() === wanted);
}

export function baseSchema(table: OlapTable): readonly Column[] {
  const meta = table.indexMetas.find((candidate) => candidate.indexId === table.baseIndexId);
  if (meta === undefined) throw new SimError('bug', `table ${table.name} has no base index`);
  return meta.schema;
}

/** The rows of a materialized view are what its query gives, and its shape is its own statements'. */
export function refuseMaterializedView(table: OlapTable, what: string, hint: string): void {
  if (table.materializedView === undefined) return;
  throw analysisError(
    `'${table.name}' is a materialized view: ${what} is not possible`,
    'analysis',
    hint,
  );
}

/** DDL and loads want a table that no job has in its hands (sql-surface.md 3.4, 5014). */
export function refuseUnlessNormal(table: OlapTable, what: string): void {
  if (table.state === 'NORMAL') return;
  throw new SimError(
    'table-not-normal',
    `Table '${table.name}' is in state ${table.state} and does not allow ${what}`,
    { hint: 'wait until SHOW RESTORE says that the job is done' },
  );
}
