/** Views, materialized views and functions of a database, and whether they have changed. */
import { createHash } from 'node:crypto';
import { type Connection, cell } from '../connection/connection.ts';
import { quoteName, quoteValue } from '../connection/sql-text.ts';

/** Digests of their definitions, by name. */
export type Definitions = Readonly<Record<string, string>>;

export async function viewDefinitions(
  connection: Connection,
  database: string,
): Promise<Definitions> {
  return await definitions(connection, database, 'views', 'VIEW_DEFINITION');
}

export async function materializedViewDefinitions(
  connection: Connection,
  database: string,
): Promise<Definitions> {
  const column = 'MATERIALIZED_VIEW_DEFINITION';
  return await definitions(connection, database, 'materialized_views', column);
}

async function definitions(
  connection: Connection,
  database: string,
  table: string,
  column: string,
): Promise<Definitions> {
  const rows = await connection.query(
    `SELECT TABLE_NAME, ${column} FROM information_schema.${table} ` +
      `WHERE TABLE_SCHEMA = ${quoteValue(database)} ORDER BY TABLE_NAME`,
  );
  return Object.fromEntries(
    rows.map((row) => [
      cell(row, 'TABLE_NAME'),
      createHash('md5').update(cell(row, column)).digest('hex'),
    ]),
  );
}

/** Each name once, however many signatures it has: BACKUP takes all of them. */
export async function functionNames(
  connection: Connection,
  database: string,
): Promise<readonly string[]> {
  const rows = await connection.query(`SHOW FULL FUNCTIONS FROM ${quoteName(database)}`);
  const names = rows.map((row) => cell(row, 'Signature').replace(/\(.*$/s, ''));
  return [...new Set(names)].sort();
}
