/** BACKUP: analysed in the order of sql-surface.md 5.1, then handed to the handler. */
import type { Op } from '../../base/op.ts';
import { isDatabaseName } from '../../catalog/names.ts';
import {
  analyzeBackupFunctions,
  analyzeBackupTables,
  analyzeLabel,
  refuseListPartitions,
} from '../../jobs/analyze-objects.ts';
import { analyzeBackupProperties, type BackupProperties } from '../../jobs/analyze-properties.ts';
import type { BackupStatement } from '../../sql/ast.ts';
import { analysisError, analyzed } from '../analysis-error.ts';
import { jobConfigOf } from '../config.ts';
import {
  DONE,
  type Executor,
  type FrontendContext,
  type StatementResult,
} from '../frontend-context.ts';
import {
  requireCatalogUsage,
  requireExport,
  requireFunctionUsage,
} from '../privileges/job-privileges.ts';
import { requirePrivilege, SYSTEM } from '../privileges/privilege-check.ts';
import { databaseNamed } from '../resolve.ts';
import type { Session } from '../session.ts';
import { objectList } from './backup-objects.ts';

export const executeBackup: Executor<'backup'> = function* (
  frontend,
  session,
  statement,
): Op<StatementResult> {
  if (statement.externalCatalogs !== undefined) {
    return yield* backUpCatalogs(frontend, session, statement, statement.externalCatalogs);
  }
  refuseTwoDatabases(statement);
  const database = databaseNamed(frontend, databaseName(session, statement));
  analyzed(() => analyzeLabel(statement.label));
  analyzeRepository(frontend, statement.repository);
  const list = statement.objects === undefined ? undefined : objectList(statement.objects);
  const takesViews = frontend.config.getBoolean('enable_backup_materialized_view');
  const tableRefs = analyzed(() =>
    analyzeBackupTables(database, list?.listed ?? [], {
      allTables: list?.addsAllTables ?? true,
      allViews: list?.addsAllViews ?? true,
      // What is named is taken all the same (resolutions.md (b) 5).
      allMaterializedViews: takesViews && (list?.addsAllMaterializedViews ?? true),
      hasBaseTable: ({ dbId, tableId }) =>
        frontend.catalog.databases.get(dbId)?.tables.has(tableId) === true,
    }),
  );
  if (!frontend.options.profile.jobs.backsUpListPartitions) {
    analyzed(() => refuseListPartitions(database, tableRefs));
  }
  const functionNames = frontend.options.profile.jobs.hasMetadataObjects
    ? analyzed(() =>
        analyzeBackupFunctions(database, list?.functions ?? [], list?.addsAllFunctions ?? true),
      )
    : [];
  const properties = analyzeProperties(frontend, statement);
  requirePrivilege(frontend, session, 'REPOSITORY', SYSTEM);
  if (tableRefs.length === 0 && functionNames.length === 0) {
    throw analysisError(`Database [${database.name}] is empty`, 'analysis', 'create a table first');
  }
  const names = tableRefs.map(({ tableName }) => tableName);
  requireExport(frontend, session, database, names);
  requireFunctionUsage(frontend, session, database, functionNames);
  yield* frontend.handler.submitBackup({
    dbName: database.name,
    label: statement.label,
    repository: statement.repository,
    ...properties,
    tableRefs,
    functionNames,
  });
  return DONE;
};

/** The properties first, then the catalogs; the repository is looked up later (3.2 A'). */
function* backUpCatalogs(
  frontend: FrontendContext,
  session: Session,
  statement: BackupStatement,
  catalogs: 'ALL' | readonly string[],
): Op<StatementResult> {
  const { label, repository, labelDb, database, objects } = statement;
  if (labelDb !== undefined || database !== undefined || objects !== undefined) {
    throw analysisError('EXTERNAL CATALOG cannot be used together with a database or ON');
  }
  const properties = analyzeProperties(frontend, statement);
  analyzed(() => analyzeLabel(label));
  const known = frontend.catalog.externalCatalogs;
  const catalogNames = catalogs === 'ALL' ? [...known.keys()].sort() : [...new Set(catalogs)];
  if (catalogNames.length === 0) {
    throw analysisError('There is no external catalog to back up', 'common-error');
  }
  const missing = catalogNames.find((name) => !known.has(name));
  if (missing !== undefined) {
    throw analysisError(`External catalog ${missing} does not exist`, 'common-error');
  }
  requirePrivilege(frontend, session, 'REPOSITORY', SYSTEM);
  requireCatalogUsage(frontend, session, catalogNames);
  yield* frontend.handler.submitBackup({
    dbName: '',
    label,
    repository,
    ...properties,
    tableRefs: [],
    catalogNames,
  });
  return DONE;
}

function analyzeProperties(
  frontend: FrontendContext,
  { properties }: BackupStatement,
): BackupProperties {
  return analyzed(() =>
    analyzeBackupProperties(properties, jobConfigOf(frontend.config), {
      traits: frontend.options.profile.jobs,
      nowMs: frontend.clock.now(),
      systemTimeZone: frontend.options.systemTimeZone,
    }),
  );
}

function refuseTwoDatabases(statement: BackupStatement): void {
  if (statement.database !== undefined && statement.labelDb !== undefined) {
    throw analysisError('A label with a database cannot be used together with DATABASE');
  }
}

/** What was written, else the session's; without any, StarRocks looks up the empty name. */
function databaseName(session: Session, { database, labelDb }: BackupStatement): string {
  const written = database ?? labelDb;
  if (written !== undefined && !isDatabaseName(written)) {
    throw analysisError(`Incorrect database name '${written}'`, 'bad-database-name');
  }
  return written ?? session.database ?? '';
}

/** BACKUP checks the repository while it analyses, RESTORE later (backup-jobs.md 3.2 A 3). */
function analyzeRepository(frontend: FrontendContext, name: string): void {
  if (name !== '' && frontend.repositories.byName(name) !== undefined) return;
  throw analysisError(
    name === '' ? 'The repository name is empty' : `Repository [${name}] does not exist`,
    'common-error',
    'SHOW REPOSITORIES lists them',
  );
}
