/** RESTORE: analysed in the order of sql-surface.md 5.2, then handed to the handler. */
import type { Op } from '../../base/op.ts';
import { isDatabaseName } from '../../catalog/names.ts';
import { analyzeLabel, analyzeRestoreNames, type NamedTable } from '../../jobs/analyze-objects.ts';
import { analyzeRestoreProperties } from '../../jobs/analyze-properties.ts';
import type { RestoreObject, RestoreRequest } from '../../jobs/submit-restore.ts';
import type { RestoreStatement } from '../../sql/ast.ts';
import { analysisError, analyzed } from '../analysis-error.ts';
import { jobConfigOf } from '../config.ts';
import {
  DONE,
  type Executor,
  type FrontendContext,
  type StatementResult,
} from '../frontend-context.ts';
import { requireRestorePrivileges } from '../privileges/job-privileges.ts';
import type { Session } from '../session.ts';
import { objectList } from './backup-objects.ts';

export const executeRestore: Executor<'restore'> = function* (
  frontend,
  session,
  statement,
): Op<StatementResult> {
  refuseMixedForms(statement);
  analyzed(() => analyzeLabel(statement.label));
  for (const name of [statement.database, statement.databaseAlias, statement.labelDb]) {
    if (name !== undefined && !isDatabaseName(name)) {
      throw analysisError(`Incorrect database name '${name}'`, 'bad-database-name');
    }
  }
  const list = statement.objects === undefined ? undefined : objectList(statement.objects);
  if (list !== undefined) {
    analyzed(() => analyzeRestoreNames(list.listed));
    analyzed(() => analyzeRestoreNames(list.functions));
  }
  const properties = analyzed(() =>
    analyzeRestoreProperties(statement.properties, jobConfigOf(frontend.config)),
  );
  const target = targetDatabase(frontend, session, statement);
  requireRestorePrivileges(frontend, session, statement, target);
  const request: RestoreRequest = {
    label: statement.label,
    repository: statement.repository,
    ...properties,
    ...(statement.database === undefined ? {} : { snapshotDbName: statement.database }),
    ...(statement.externalCatalogs === undefined
      ? {}
      : { catalogs: analyzedCatalogs(statement.externalCatalogs) }),
    ...(target === undefined ? {} : { targetDbName: target }),
    ...(list === undefined
      ? {}
      : {
          objects: list.listed.map(restoreObject),
          addsAllTables: list.addsAllTables,
          addsAllViews: list.addsAllViews,
          addsAllMaterializedViews: list.addsAllMaterializedViews,
          functions: list.functions,
          addsAllFunctions: list.addsAllFunctions,
        }),
  };
  yield* frontend.handler.submitRestore(request);
  return DONE;
};

function restoreObject({ name, partitions, alias }: NamedTable): RestoreObject {
  return {
    name,
    ...(partitions === undefined ? {} : { partitionNames: partitions.names }),
    ...(partitions?.isTemporary === true ? { hasTemporaryPartitions: true } : {}),
    ...(alias === undefined ? {} : { alias }),
  };
}

function analyzedCatalogs(
  written: NonNullable<RestoreStatement['externalCatalogs']>,
): NonNullable<RestoreRequest['catalogs']> {
  if (written === 'ALL') return written;
  const catalogs = written.map(({ name, alias }) => ({
    name,
    ...(alias === undefined ? {} : { alias }),
  }));
  analyzed(() => analyzeRestoreNames(catalogs));
  return catalogs;
}

function refuseMixedForms(statement: RestoreStatement): void {
  const { externalCatalogs, labelDb, database, objects } = statement;
  const isMixed = labelDb !== undefined || database !== undefined || objects !== undefined;
  if (externalCatalogs !== undefined && isMixed) {
    throw analysisError('EXTERNAL CATALOG cannot be used together with a database or ON');
  }
  if (statement.database !== undefined && statement.labelDb !== undefined) {
    throw analysisError('A label with a database cannot be used together with DATABASE');
  }
}

/** AS name, else DATABASE name, else the prefix; 3.3 takes the session's last (resolutions.md 10). */
function targetDatabase(
  frontend: FrontendContext,
  session: Session,
  statement: RestoreStatement,
): string | undefined {
  const written = statement.databaseAlias ?? statement.database ?? statement.labelDb;
  if (written !== undefined || frontend.options.profile.hasNewBackupForms) return written;
  return session.database ?? '';
}
