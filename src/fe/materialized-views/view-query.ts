/**
 * The query of a materialized view against the catalog of now: which tables it reads, what columns
 * it gives, and why it can no longer be run.
 */
import { asSimError } from '../../base/errors.ts';
import type { ResultColumn } from '../../base/row-stream.ts';
import { innerTypes, type SqlType } from '../../base/sql-type.ts';
import type { MaterializedViewInfo, MvBaseTable } from '../../catalog/materialized-view.ts';
import type { OlapTable } from '../../catalog/model.ts';
import type { QueryContext } from '../../protocol/query.ts';
import type { QueryNode, TableName } from '../../sql/ast.ts';
import { type FullTableName, qualifiedQuery } from '../../sql/qualified-query.ts';
import { analysisError } from '../analysis-error.ts';
import type { FrontendContext } from '../frontend-context.ts';
import { ROOT_USER } from '../privileges/accounts.ts';
import { ROOT_ROLE } from '../privileges/built-in-roles.ts';
import { queryContext } from '../query-context.ts';
import {
  baseSchema,
  databaseNamed,
  findTable,
  isSystemDatabase,
  noTable,
  refuseForeignCatalog,
} from '../resolve.ts';
import { Session } from '../session.ts';

export interface ViewQuery {
  /** With every table in full. */
  readonly text: string;
  readonly query: QueryNode;
  readonly baseTables: readonly MvBaseTable[];
  readonly columns: readonly ResultColumn[];
}

/** Each run gives other rows: nothing that could be kept (StarRocks refuses them, too). */
const NON_DETERMINISTIC: ReadonlySet<string> = new Set(['rand', 'random', 'uuid', 'sleep']);

/**
 * Analyses a query; bare names are those of `defaultDb`. Throws what a query would, and `analysis`
 * for what a materialized view may not read.
 */
export function analyzeViewQuery(
  frontend: FrontendContext,
  definition: string,
  pipesAsConcat: boolean,
  defaultDb: string | undefined,
): ViewQuery {
  const bases: MvBaseTable[] = [];
  const { text, query, tables, functions } = qualifiedQuery(definition, pipesAsConcat, (name) =>
    fullName(name, defaultDb),
  );
  for (const table of tables) bases.push(baseTable(frontend, table));
  if (bases.length === 0) {
    throw analysisError('Can not find base table in query statement');
  }
  const random = [...functions].find((name) => NON_DETERMINISTIC.has(name));
  if (random !== undefined) {
    throw analysisError(
      `Materialized view query statement contains nondeterministic function ${random}`,
    );
  }
  const columns = frontend.queries.describe(query, backgroundContext(frontend, defaultDb));
  return { text, query, baseTables: bases, columns };
}

function fullName(name: TableName, defaultDb: string | undefined): FullTableName {
  refuseForeignCatalog(name.catalog);
  const db = name.db ?? defaultDb;
  if (db === undefined) throw analysisError('No database selected', 'no-database-selected');
  return { db, name: name.name };
}

function baseTable(frontend: FrontendContext, { db, name }: FullTableName): MvBaseTable {
  if (isSystemDatabase(db)) {
    throw analysisError(`Materialized view over '${db}.${name}' is not supported`, 'unsupported');
  }
  const database = databaseNamed(frontend, db);
  if (database.views.has(name)) {
    throw analysisError(
      `Materialized view over view '${db}.${name}' is not supported`,
      'unsupported',
    );
  }
  const table = findTable(database, name);
  if (table === undefined) throw noTable(database, name);
  return { dbId: database.id, dbName: database.name, tableId: table.id, tableName: table.name };
}

/** What a query sees that no client has sent. */
export function backgroundContext(
  frontend: FrontendContext,
  defaultDb: string | undefined,
): QueryContext {
  const start = { connectionId: 0, user: ROOT_USER, remoteHost: frontend.options.host };
  const root = { name: ROOT_USER, host: '%', defaultRoles: [ROOT_ROLE] };
  const session = new Session(frontend.globals, start, frontend.clock.now(), root);
  session.database = defaultDb;
  return queryContext(frontend, session);
}

/**
 * Why the view's own query does not fit its columns any more; undefined when it does. The tables
 * it reads are given back as they are called now.
 */
export function checkedViewQuery(
  frontend: FrontendContext,
  table: OlapTable,
  info: Pick<MaterializedViewInfo, 'resolvedDefinition' | 'pipesAsConcat'>,
): { readonly problem: string } | { readonly problem?: never; readonly query: ViewQuery } {
  let query: ViewQuery;
  try {
    query = analyzeViewQuery(frontend, info.resolvedDefinition, info.pipesAsConcat, undefined);
  } catch (error) {
    const known = asSimError(error);
    if (known.row.kind === 'bug') throw error;
    return { problem: known.message };
  }
  const schema = baseSchema(table);
  const fits =
    schema.length === query.columns.length &&
    schema.every((column, at) => isSameType(column.type, query.columns[at]?.type));
  return fits ? { query } : { problem: `the columns of ${table.name} do not match its query` };
}

function areSameInside(stored: SqlType, given: SqlType): boolean {
  const [ours, theirs] = [innerTypes(stored), innerTypes(given)];
  return ours.length === theirs.length && ours.every((type, at) => isSameType(type, theirs[at]));
}

function isSameType(stored: SqlType, given: SqlType | undefined): boolean {
  return (
    stored.name === given?.name &&
    stored.precision === given.precision &&
    stored.scale === given.scale &&
    areSameInside(stored, given)
  );
}
