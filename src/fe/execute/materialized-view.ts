/** Statements of asynchronous materialized views (sql-surface.md 3.5). */
import { isSimError, SimError } from '../../base/errors.ts';
import { attempt, type Op } from '../../base/op.ts';
import { uuid } from '../../base/random.ts';
import { buildTable, countTableIds } from '../../catalog/build-table.ts';
import { idRun } from '../../catalog/id-run.ts';
import { inactivated, MANUAL_INACTIVE_REASON, type MvId } from '../../catalog/materialized-view.ts';
import type { Database } from '../../catalog/model.ts';
import type { MvInCatalog } from '../../catalog/mv-bindings.ts';
import { isTableName } from '../../catalog/names.ts';
import type { TableName } from '../../sql/ast.ts';
import { analysisError } from '../analysis-error.ts';
import { changing } from '../change-database.ts';
import {
  DONE,
  type Executor,
  type FrontendContext,
  type StatementResult,
  showResult,
} from '../frontend-context.ts';
import { activateMaterializedView } from '../materialized-views/activate-view.ts';
import { definedView } from '../materialized-views/define-view.ts';
import {
  chooseBackends,
  dropReplicas,
  tooFewBackends,
  withNewReplicas,
} from '../replica-creation.ts';
import {
  databaseOf,
  findTable,
  isNameTaken,
  noTable,
  refuseForeignCatalog,
  refuseUnlessNormal,
} from '../resolve.ts';
import type { Session } from '../session.ts';
import { refuseManyTablets } from '../tablet-limit.ts';
import { executeDropMaterializedView as executeDropSyncView } from './alter-rollup.ts';

export const executeCreateMaterializedView: Executor<'create-materialized-view'> = function* (
  frontend,
  session,
  statement,
): Op<StatementResult> {
  const { catalog, db, name } = statement.name;
  refuseForeignCatalog(catalog);
  const database = databaseOf(frontend, session, db);
  const taken = (): boolean => isNameTaken(database, name);
  const refuse = (): SimError => new SimError('table-exists', `Table '${name}' already exists`);
  if (taken()) {
    if (statement.ifNotExists) return DONE;
    throw refuse();
  }
  const { table: definition, info } = definedView(frontend, session, database, statement);
  refuseManyTablets(definition);
  const idCount = countTableIds(definition);
  const placement = {
    ids: idRun(yield* frontend.ids.next(idCount), idCount),
    chooseBackends: chooseBackends(frontend),
    physicalIdEqualsLogical: frontend.options.profile.jobs.physicalIdEqualsLogical,
  };
  const built = buildTable(definition, placement, frontend.clock.now());
  if (built === undefined) {
    throw tooFewBackends(definition.replicationNum, frontend.backends.aliveCount);
  }
  const table = Object.freeze({ ...built, materializedView: info });
  const register = function* (): Op<void> {
    if (taken()) throw refuse();
    const lost = info.baseTables.find(
      (base) =>
        frontend.catalog.databases.get(base.dbId)?.tables.get(base.tableId)?.name !==
        base.tableName,
    );
    if (lost !== undefined) {
      throw new SimError('unknown-table', `Base table '${lost.tableName}' was dropped meanwhile`);
    }
    yield* frontend.log({ op: 'OP_CREATE_TABLE_V2', dbId: database.id, table });
  };
  const made = yield* attempt(
    withNewReplicas(frontend, database.id, table, [...table.partitions.values()], () =>
      changing(frontend, database, register),
    ),
  );
  if (!made.ok) {
    if (statement.ifNotExists && isSimError(made.error, 'table-exists')) return DONE;
    throw made.error;
  }
  if (info.refresh.moment === 'IMMEDIATE') frontend.refresher.wake();
  return DONE;
};

/** What is no table of its own may be a synchronous view: an index of one. */
export const executeDropMaterializedView: Executor<'drop-materialized-view'> = function* (
  frontend,
  session,
  statement,
): Op<StatementResult> {
  const { name } = statement;
  refuseForeignCatalog(name.catalog);
  const database = databaseOf(frontend, session, name.db);
  if (!isNameTaken(database, name.name)) {
    return yield* executeDropSyncView(frontend, session, statement);
  }
  return yield* changing(frontend, database, function* () {
    const { table } = viewNamed(database, name.name);
    refuseUnlessNormal(table, 'DROP MATERIALIZED VIEW');
    yield* frontend.log({ op: 'OP_DROP_TABLE', dbId: database.id, tableId: table.id });
    dropReplicas(frontend, database.id, table.partitions.values());
    frontend.locks.forgetTable(table.id);
    return DONE;
  });
};

export const executeAlterMaterializedView: Executor<'alter-materialized-view'> = function* (
  frontend,
  session,
  { name, action },
): Op<StatementResult> {
  const { database, view } = namedView(frontend, session, name);
  switch (action.kind) {
    case 'active':
      yield* activateMaterializedView(frontend, view.id);
      break;
    case 'inactive':
      yield* setInactive(frontend, database, view);
      break;
    case 'rename':
      yield* rename(frontend, database, view, action.newName);
  }
  return DONE;
};

function* setInactive(
  frontend: FrontendContext,
  database: Database,
  { table: { name } }: MvInCatalog,
): Op<void> {
  yield* changing(frontend, database, function* () {
    const { id, table, info } = viewNamed(database, name);
    refuseUnlessNormal(table, 'ALTER MATERIALIZED VIEW');
    yield* frontend.log({
      op: 'OP_ALTER_MATERIALIZED_VIEW_STATUS',
      dbId: id.dbId,
      tableId: id.tableId,
      materializedView: inactivated(info, MANUAL_INACTIVE_REASON),
    });
  });
}

function* rename(
  frontend: FrontendContext,
  database: Database,
  { table: { name } }: MvInCatalog,
  newName: string,
): Op<void> {
  if (!isTableName(newName)) {
    throw analysisError(`Incorrect table name '${newName}'`, 'bad-table-name');
  }
  yield* changing(frontend, database, function* () {
    const { table } = viewNamed(database, name);
    refuseUnlessNormal(table, 'ALTER MATERIALIZED VIEW');
    if (isNameTaken(database, newName)) {
      throw new SimError('execution', `Materialized view [${newName}] is already used`);
    }
    const where = { dbId: database.id, tableId: table.id };
    yield* frontend.log({ op: 'OP_RENAME_TABLE_V2', ...where, newName });
  });
}

export const executeRefreshMaterializedView: Executor<'refresh-materialized-view'> = function* (
  frontend,
  session,
  { name, force, isSync },
): Op<StatementResult> {
  const { view } = namedView(frontend, session, name);
  if (!view.info.isActive) {
    throw new SimError(
      'execution',
      `Refresh materialized view failed because [${view.table.name}] is not active. ` +
        `You can try to active it with ALTER MATERIALIZED VIEW ${view.table.name} ACTIVE; ` +
        `reason: ${view.info.inactiveReason}`,
    );
  }
  if (isSync) yield* frontend.refresher.refresh(frontend, view.id, force);
  else frontend.refresher.ask(view.id, force);
  return showResult(['QUERY_ID'], [[uuid(frontend.random)]]);
};

function namedView(
  frontend: FrontendContext,
  session: Session,
  { catalog, db, name }: TableName,
): { readonly database: Database; readonly view: MvInCatalog } {
  refuseForeignCatalog(catalog);
  const database = databaseOf(frontend, session, db);
  return { database, view: viewNamed(database, name) };
}

function viewNamed(database: Database, name: string): MvInCatalog {
  const table = findTable(database, name);
  if (table === undefined) throw noTable(database, name);
  const info = table.materializedView;
  if (info === undefined) {
    throw analysisError(
      `Can not find the materialized view: '${database.name}.${name}' is a table`,
    );
  }
  const id: MvId = { dbId: database.id, tableId: table.id };
  return { id, table, info };
}
