/**
 * What BACKUP, RESTORE, CANCEL and SHOW BACKUP need beside REPOSITORY (sql-surface.md 6), with
 * StarRocks' two wrong words in refusals: DROP for a function, CREATE DATABASE for a catalog.
 */
import type { Database } from '../../catalog/model.ts';
import type { JobView } from '../../jobs/backup-handler.ts';
import type { RestoreStatement } from '../../sql/ast.ts';
import type { FrontendContext } from '../frontend-context.ts';
import { findTable } from '../resolve.ts';
import type { Session } from '../session.ts';
import {
  accessDenied,
  catalogObject,
  databaseObject,
  functionObject,
  isAllowed,
  relationObject,
  requirePrivilege,
  SYSTEM,
} from './privilege-check.ts';

/** EXPORT on each of the tables and views. */
export function requireExport(
  frontend: FrontendContext,
  session: Session,
  database: Database,
  names: readonly string[],
): void {
  for (const name of names) {
    const object = exportedObject(database, name);
    if (object !== undefined) requirePrivilege(frontend, session, 'EXPORT', object);
  }
}

/** USAGE on each of the functions; the refusal says DROP, as StarRocks' does. */
export function requireFunctionUsage(
  frontend: FrontendContext,
  session: Session,
  database: Database,
  functionNames: readonly string[],
): void {
  const wanted = new Set(functionNames.map((name) => name.toLowerCase()));
  for (const [signature, { name }] of database.functions) {
    if (!wanted.has(name)) continue;
    const object = functionObject(database, signature);
    if (isAllowed(frontend, session, 'USAGE', object)) continue;
    throw accessDenied(frontend, session, 'DROP', object);
  }
}

/** USAGE on each of the catalogs; the refusal says CREATE DATABASE, as StarRocks' does. */
export function requireCatalogUsage(
  frontend: FrontendContext,
  session: Session,
  names: readonly string[],
): void {
  for (const name of names) {
    const object = catalogObject(name);
    if (isAllowed(frontend, session, 'USAGE', object)) continue;
    throw accessDenied(frontend, session, 'CREATE DATABASE', object);
  }
}

/** Tables are looked at under their names in the snapshot; aliases are not (sql-surface.md 6). */
export function requireRestorePrivileges(
  frontend: FrontendContext,
  session: Session,
  { externalCatalogs, objects }: RestoreStatement,
  targetName: string | undefined,
): void {
  requirePrivilege(frontend, session, 'REPOSITORY', SYSTEM);
  if (externalCatalogs !== undefined) {
    requirePrivilege(frontend, session, 'CREATE EXTERNAL CATALOG', SYSTEM);
    return;
  }
  if (objects === undefined) {
    requirePrivilege(frontend, session, 'CREATE DATABASE', catalogObject());
    return;
  }
  const id = frontend.catalog.databaseIds.get(targetName ?? '');
  const database = id === undefined ? undefined : frontend.catalog.databases.get(id);
  if (database === undefined) return;
  requirePrivilege(frontend, session, 'CREATE TABLE', databaseObject(database));
  for (const object of objects) {
    const table = object.kind === 'table' ? findTable(database, object.name.name) : undefined;
    if (table === undefined) continue;
    requirePrivilege(frontend, session, 'INSERT', relationObject(database, table));
  }
}

/** CANCEL BACKUP: EXPORT on the tables of the job that runs. */
export function requireJobExport(
  frontend: FrontendContext,
  session: Session,
  database: Database,
): void {
  const view = frontend.handler.job(database.id);
  if (view?.job.type !== 'BACKUP') return;
  const names = view.job.tableRefs.map(({ tableName }) => tableName);
  requireExport(frontend, session, database, names);
}

/** Whether SHOW BACKUP may show the job: one that may not be shown hides all (quirk Q9). */
export function mayExportJob(
  frontend: FrontendContext,
  session: Session,
  { job }: JobView,
): boolean {
  if (job.type !== 'BACKUP') return true;
  const database = frontend.catalog.databases.get(job.dbId);
  if (database === undefined) return true;
  return job.tableRefs.every(({ tableName }) => {
    const object = exportedObject(database, tableName);
    return object === undefined || isAllowed(frontend, session, 'EXPORT', object);
  });
}

/** EXPORT is a privilege of tables: views and materialized views are asked for it as if they were. */
function exportedObject(
  database: Database,
  name: string,
): ReturnType<typeof relationObject> | undefined {
  const relation = findTable(database, name) ?? database.views.get(name);
  return relation === undefined
    ? undefined
    : { ...relationObject(database, relation), type: 'TABLE' };
}
