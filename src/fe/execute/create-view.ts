/**
 * CREATE [OR REPLACE] VIEW, ALTER VIEW ... AS and DROP VIEW. A view keeps its query as written and
 * the database it was made in (sql-surface.md 3.5).
 */
import { SimError } from '../../base/errors.ts';
import { asId, type TableId } from '../../base/ids.ts';
import type { Op } from '../../base/op.ts';
import type { Database, View, ViewColumn } from '../../catalog/model.ts';
import { isColumnName, isTableName } from '../../catalog/names.ts';
import type { CreateView } from '../../sql/ast.ts';
import { analysisError, analyzed } from '../analysis-error.ts';
import { changing } from '../change-database.ts';
import { DONE, type Executor, type FrontendContext } from '../frontend-context.ts';
import { newViewContext } from '../query-context.ts';
import { databaseOf, findTable, refuseForeignCatalog } from '../resolve.ts';
import type { Session } from '../session.ts';

type Defined = Pick<CreateView, 'view' | 'columns' | 'query' | 'definition'> & {
  readonly comment?: string | undefined;
};

export const executeCreateView: Executor<'create-view'> = function* (frontend, session, statement) {
  const { ifNotExists, orReplace } = statement;
  const { name } = statement.view;
  if (ifNotExists && orReplace) {
    throw analysisError('OR REPLACE and IF NOT EXISTS cannot be used together');
  }
  const database = databaseOf(frontend, session, statement.view.db);
  const isDone = (): boolean => {
    const isTaken = findTable(database, name) !== undefined;
    if (!isTaken && (orReplace || !database.views.has(name))) return false;
    if (ifNotExists) return true;
    throw new SimError('table-exists', `Table '${name}' already exists`);
  };
  if (isDone()) return DONE;
  const view = yield* definedView(frontend, session, database, statement);
  return yield* changing(frontend, database, function* () {
    if (!isDone()) yield* frontend.log({ op: 'OP_CREATE_VIEW', dbId: database.id, view });
    return DONE;
  });
};

export const executeAlterView: Executor<'alter-view'> = function* (frontend, session, statement) {
  const { name } = statement.view;
  const database = databaseOf(frontend, session, statement.view.db);
  const before = viewToChange(database, name);
  const { comment } = before;
  const made = yield* definedView(frontend, session, database, { ...statement, comment });
  const view: View = { ...made, createTimeMs: before.createTimeMs };
  return yield* changing(frontend, database, function* () {
    viewToChange(database, name);
    yield* frontend.log({ op: 'OP_CREATE_VIEW', dbId: database.id, view });
    return DONE;
  });
};

export const executeDropView: Executor<'drop-view'> = function* (
  frontend,
  session,
  { view: { catalog, db, name }, ifExists },
) {
  refuseForeignCatalog(catalog);
  const database = databaseOf(frontend, session, db);
  const isMissing = (): boolean => {
    const isThere = database.views.has(name) || findTable(database, name) !== undefined;
    if (!isThere && ifExists) return true;
    viewToChange(database, name);
    return false;
  };
  if (isMissing()) return DONE;
  return yield* changing(frontend, database, function* () {
    if (!isMissing()) yield* frontend.log({ op: 'OP_DROP_VIEW', dbId: database.id, name });
    return DONE;
  });
};

function viewToChange(database: Database, name: string): View {
  const view = database.views.get(name);
  if (view !== undefined) return view;
  if (findTable(database, name) !== undefined) {
    throw analysisError(`'${database.name}.${name}' is a table, not a view`, 'wrong-object');
  }
  throw analysisError(`Unknown table '${database.name}.${name}'`, 'unknown-table');
}

function* definedView(
  frontend: FrontendContext,
  session: Session,
  database: Database,
  statement: Defined,
): Op<View> {
  const { name, catalog } = statement.view;
  refuseForeignCatalog(catalog);
  if (!isTableName(name)) throw analysisError(`Incorrect table name '${name}'`, 'bad-table-name');
  const definitionDb = session.database;
  const displayName = `${database.name}.${name}`;
  const context = newViewContext(frontend, session, definitionDb, [displayName]);
  const given = analyzed(() => frontend.queries.describe(statement.query, context));
  return Object.freeze({
    kind: 'VIEW',
    id: asId<TableId>(yield* frontend.ids.next(1)),
    name,
    createTimeMs: frontend.clock.now(),
    columns: viewColumns(statement, given),
    definition: statement.definition,
    definitionDb,
    pipesAsConcat: session.pipesAsConcat,
    comment: statement.comment ?? '',
  });
}

function viewColumns(
  { columns }: Defined,
  given: readonly Pick<ViewColumn, 'name' | 'type'>[],
): readonly ViewColumn[] {
  if (columns.length > 0 && columns.length !== given.length) {
    throw analysisError(
      `View's SELECT and view's field list have different column counts: ` +
        `${given.length} and ${columns.length}`,
    );
  }
  const seen = new Set<string>();
  return given.map(({ name: ownName, type }, index) => {
    const name = columns[index]?.name ?? ownName;
    if (columns.length > 0 && !isColumnName(name)) {
      throw analysisError(`Incorrect column name '${name}'`, 'bad-column-name');
    }
    if (seen.has(name.toLowerCase())) {
      throw analysisError(`Duplicate column name '${name}'`, 'duplicate-column');
    }
    seen.add(name.toLowerCase());
    return { name, type, comment: columns[index]?.comment ?? '' };
  });
}
