/** Databases and tables of a cluster. */
import type { Connection } from '../connection/connection.ts';
import { cell } from '../connection/connection.ts';
import { quoteName } from '../connection/sql-text.ts';

const SYSTEM_DATABASES = new Set(['information_schema', 'mysql', 'sys', '_statistics_']);

export async function databaseNames(connection: Connection): Promise<readonly string[]> {
  const rows = await connection.query('SHOW DATABASES');
  return rows.map((row) => cell(row, 'Database'));
}

/** Without those that no user has made, and without the one of the ops tables. */
export async function businessDatabases(
  connection: Connection,
  opsDatabase: string,
): Promise<readonly string[]> {
  const names = await databaseNames(connection);
  return names.filter((name) => !SYSTEM_DATABASES.has(name) && name !== opsDatabase);
}

export interface TableName {
  readonly name: string;
  readonly kind: 'table' | 'view' | 'materialized view';
}

/** Every table-like object of a database; `ServerError` if there is no such database. */
export async function tablesOf(
  connection: Connection,
  database: string,
): Promise<readonly TableName[]> {
  const rows = await connection.query(`SHOW FULL TABLES FROM ${quoteName(database)}`);
  const column = `Tables_in_${database}`;
  const listed = rows.map((row) => ({
    name: cell(row, column),
    kind: cell(row, 'Table_type') === 'VIEW' ? ('view' as const) : ('table' as const),
  }));
  if (!listed.some(({ kind }) => kind === 'view')) return listed;
  const views = await materializedViewNames(connection, database);
  return listed.map((each) =>
    views.has(each.name) ? { ...each, kind: 'materialized view' as const } : each,
  );
}

async function materializedViewNames(
  connection: Connection,
  database: string,
): Promise<ReadonlySet<string>> {
  const rows = await connection.query(`SHOW MATERIALIZED VIEWS FROM ${quoteName(database)}`);
  return new Set(rows.map((row) => cell(row, 'name')));
}

export async function tableNames(
  connection: Connection,
  database: string,
): Promise<readonly string[]> {
  const rows = await connection.query(`SHOW TABLES FROM ${quoteName(database)}`);
  return rows.map((row) => cell(row, `Tables_in_${database}`));
}
