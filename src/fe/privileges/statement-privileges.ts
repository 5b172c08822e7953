/**
 * What each statement needs (sql-surface.md 6). Privileges are looked at after the names have been
 * (resolutions.md 23): what does not exist is left to the executor, whose refusal says so. `free`
 * needs none; `inside` asks while it runs, because only then it knows what it is about.
 */
import { SimError } from '../../base/errors.ts';
import { functionSignature } from '../../catalog/user-function.ts';
import type { Statement, StatementKind, TableName } from '../../sql/ast.ts';
import { isBackendConfigs } from '../be-configs-table.ts';
import type { FrontendContext } from '../frontend-context.ts';
import { databaseOf, isSystemDatabase, relationNamed } from '../resolve.ts';
import type { Session } from '../session.ts';
import type { Action } from './object-types.ts';
import {
  catalogObject,
  databaseObject,
  functionObject,
  isAllPowerful,
  isOneself,
  relationObject,
  requireAny,
  requirePrivilege,
  SYSTEM,
} from './privilege-check.ts';
import { databaseFilter } from './visible-objects.ts';

type Rule<K extends StatementKind> =
  | 'free'
  | 'inside'
  | ((
      frontend: FrontendContext,
      session: Session,
      statement: Extract<Statement, { readonly kind: K }>,
    ) => void);

/** Throws `access-denied` when the session may not run the statement. */
export function requireStatementPrivileges(
  frontend: FrontendContext,
  session: Session,
  statement: Statement,
): void {
  // The table pairs each kind with its own rule; the compiler cannot follow that through a key.
  const rule = RULES[statement.kind] as Rule<StatementKind>;
  if (typeof rule === 'string' || isAllPowerful(frontend, session)) return;
  rule(frontend, session, statement);
}

const onSystem =
  (...actions: readonly Action[]) =>
  (frontend: FrontendContext, session: Session): void =>
    requirePrivilege(frontend, session, actions, SYSTEM);

function onDatabase(
  frontend: FrontendContext,
  session: Session,
  name: string | undefined,
  action: Action,
): void {
  const database = found(() => databaseOf(frontend, session, name));
  if (database === undefined) return;
  requirePrivilege(frontend, session, action, databaseObject(database));
}

function onRelation(
  frontend: FrontendContext,
  session: Session,
  name: TableName,
  action: Action | 'any',
): void {
  if (isSystemDatabase(name.db ?? session.database ?? '')) return;
  const relation = found(() => relationNamed(frontend, session, name));
  if (relation === undefined) return;
  const object = relationObject(relation.database, relation.relation);
  if (action === 'any') requireAny(frontend, session, object);
  else requirePrivilege(frontend, session, action, object);
}

/** What `find` gives; undefined where it throws that there is no such thing. */
function found<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch (error) {
    if (error instanceof SimError) return undefined;
    throw error;
  }
}

const repositoryRule = onSystem('REPOSITORY');
/** What looks at the nodes of the cluster, or changes how they work. */
const operateRule = onSystem('OPERATE', 'NODE');

const onUsers = onSystem('GRANT');

const RULES: { readonly [K in StatementKind]: Rule<K> } = Object.freeze({
  'admin-execute': onSystem('OPERATE'),
  'admin-failpoint': onSystem('OPERATE'),
  'admin-backend': onSystem('OPERATE'),
  'admin-set-config': onSystem('OPERATE'),
  'admin-show-config': onSystem('OPERATE'),
  'admin-show-replica-distribution': onSystem('OPERATE'),
  'alter-broker': onSystem('NODE'),
  'alter-database': (frontend, session, { name }) => onDatabase(frontend, session, name, 'ALTER'),
  'alter-materialized-view': (frontend, session, { name }) =>
    onRelation(frontend, session, name, 'ALTER'),
  'alter-table': (frontend, session, { table, action }) => {
    onRelation(frontend, session, table, 'ALTER');
    if (action.kind !== 'swap') return;
    onRelation(frontend, session, { ...table, name: action.other }, 'ALTER');
  },
  'alter-user': onUsers,
  'alter-view': (frontend, session, { view }) => onRelation(frontend, session, view, 'ALTER'),
  backup: 'inside',
  'cancel-job': 'inside',
  'create-database': (frontend, session) =>
    requirePrivilege(frontend, session, 'CREATE DATABASE', catalogObject()),
  'create-catalog': onSystem('CREATE EXTERNAL CATALOG'),
  'create-function': (frontend, session, { signature }) =>
    onDatabase(frontend, session, signature.name.db, 'CREATE FUNCTION'),
  'create-materialized-view': (frontend, session, { name }) =>
    onDatabase(frontend, session, name.db, 'CREATE MATERIALIZED VIEW'),
  'create-repository': repositoryRule,
  'create-role': onUsers,
  'create-sync-materialized-view': (frontend, session, { name }) =>
    onDatabase(frontend, session, name.db, 'CREATE MATERIALIZED VIEW'),
  'create-table': (frontend, session, { table }) =>
    onDatabase(frontend, session, table.db, 'CREATE TABLE'),
  'create-table-as-select': (frontend, session, { create }) =>
    onDatabase(frontend, session, create.table.db, 'CREATE TABLE'),
  'create-table-like': (frontend, session, { table, source }) => {
    onDatabase(frontend, session, table.db, 'CREATE TABLE');
    onRelation(frontend, session, source, 'any');
  },
  'create-user': onUsers,
  'create-view': (frontend, session, { view }) =>
    onDatabase(frontend, session, view.db, 'CREATE VIEW'),
  deallocate: 'free',
  delete: (frontend, session, { table }) => onRelation(frontend, session, table, 'DELETE'),
  describe: (frontend, session, { table }) => onRelation(frontend, session, table, 'any'),
  'drop-database': (frontend, session, { name }) => onDatabase(frontend, session, name, 'DROP'),
  'drop-catalog': (frontend, session, { name }) => {
    if (!frontend.catalog.externalCatalogs.has(name)) return;
    requirePrivilege(frontend, session, 'DROP', catalogObject(name));
  },
  'drop-function': (frontend, session, { signature }) => {
    const { name, db } = signature.name;
    const database = found(() => databaseOf(frontend, session, db));
    if (database === undefined) return;
    const text = functionSignature({ ...signature, name: name.toLowerCase() });
    if (!database.functions.has(text)) return;
    requirePrivilege(frontend, session, 'DROP', functionObject(database, text));
  },
  'drop-materialized-view': (frontend, session, { name }) =>
    onRelation(frontend, session, name, 'DROP'),
  'drop-repository': repositoryRule,
  'drop-role': onUsers,
  'drop-snapshot': repositoryRule,
  'drop-table': (frontend, session, { table }) => onRelation(frontend, session, table, 'DROP'),
  'drop-user': onUsers,
  'drop-view': (frontend, session, { view }) => onRelation(frontend, session, view, 'DROP'),
  execute: 'free',
  'grant-privileges': 'inside',
  'grant-roles': onUsers,
  insert: (frontend, session, { table }) => onRelation(frontend, session, table, 'INSERT'),
  kill: 'inside',
  'no-effect': 'free',
  // Tables are looked at where the query names them.
  prepare: 'free',
  'refresh-materialized-view': (frontend, session, { name }) =>
    onRelation(frontend, session, name, 'REFRESH'),
  restore: 'inside',
  'revoke-privileges': 'inside',
  'revoke-roles': onUsers,
  // Tables are looked at where the query names them.
  select: 'free',
  set: (frontend, session, { items }) => {
    if (items.some(({ scope }) => scope === 'global')) {
      requirePrivilege(frontend, session, 'OPERATE', SYSTEM);
    }
  },
  'set-default-role': (frontend, session, { user }) => {
    if (!isOneself(session, user)) onUsers(frontend, session);
  },
  'set-catalog': 'free',
  'set-names': 'free',
  'set-password': (frontend, session, { user }) => {
    if (user !== undefined && !isOneself(session, user)) onUsers(frontend, session);
  },
  'set-role': 'free',
  'set-transaction': 'free',
  'set-user-property': onUsers,
  'show-backends': operateRule,
  'show-broker': operateRule,
  'show-create-table': (frontend, session, { table }) =>
    onRelation(frontend, session, table, 'any'),
  'show-columns': (frontend, session, { table }) => onRelation(frontend, session, table, 'any'),
  'show-create-database': (frontend, session, { database }) =>
    requireKnownDatabase(frontend, session, database),
  'show-data': (frontend, session, { table }) => {
    if (table !== undefined) onRelation(frontend, session, table, 'any');
  },
  'show-databases': 'inside',
  'show-dynamic-partition-tables': 'inside',
  'show-failpoints': onSystem('OPERATE'),
  'show-fixed': 'free',
  'show-frontends': operateRule,
  'show-create-catalog': (frontend, session, { name }) =>
    requireAny(frontend, session, catalogObject(name)),
  'show-functions': 'inside',
  'show-grants': (frontend, session, { grantee }) => {
    if (grantee === undefined) return;
    if (grantee.kind === 'user' && isOneself(session, grantee.user)) return;
    onUsers(frontend, session);
  },
  'show-index': (frontend, session, { table }) => onRelation(frontend, session, table, 'any'),
  'show-jobs': 'inside',
  'show-load': 'inside',
  'show-materialized-views': 'inside',
  'show-partitions': (frontend, session, { table }) => onRelation(frontend, session, table, 'any'),
  'show-repositories': repositoryRule,
  'show-roles': onUsers,
  'show-proc': operateRule,
  'show-processlist': 'inside',
  'show-column-jobs': 'inside',
  'show-rollup-jobs': 'inside',
  'show-snapshot': repositoryRule,
  'show-tables': 'inside',
  'show-table-status': 'inside',
  'show-tablet': operateRule,
  'show-tablets': (frontend, session, { table }) => onRelation(frontend, session, table, 'any'),
  'show-user-property': (frontend, session, { user }) => {
    if (user !== undefined && user !== session.user) onUsers(frontend, session);
  },
  'show-transaction': (frontend, session, { database }) => {
    if (database !== undefined) requireKnownDatabase(frontend, session, database);
  },
  'show-users': onUsers,
  'show-variables': 'free',
  'truncate-table': (frontend, session, { table }) =>
    onRelation(frontend, session, table, 'DELETE'),
  update: (frontend, session, statement) => {
    if (isBackendConfigs(statement, session)) operateRule(frontend, session);
    else onRelation(frontend, session, statement.table, 'UPDATE');
  },
  use: (frontend, session, { database }) => requireKnownDatabase(frontend, session, database),
});

/** A database can be entered by whoever has any privilege in it. */
export function requireKnownDatabase(
  frontend: FrontendContext,
  session: Session,
  name: string,
): void {
  if (isSystemDatabase(name) || isAllPowerful(frontend, session)) return;
  const database = found(() => databaseOf(frontend, session, name));
  if (database === undefined || databaseFilter(frontend, session)(database)) return;
  requireAny(frontend, session, databaseObject(database));
}
