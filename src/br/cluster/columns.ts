/** The columns of every table of a database. */
import { type Connection, cell } from '../connection/connection.ts';
import { quoteValue } from '../connection/sql-text.ts';

/** By table, one statement; empty for a database that is not there. */
export async function columnsOf(
  connection: Connection,
  database: string,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const rows = await connection.query(
    'SELECT TABLE_NAME, COLUMN_NAME FROM information_schema.columns ' +
      `WHERE TABLE_SCHEMA = ${quoteValue(database)}`,
  );
  const columns = new Map<string, Set<string>>();
  for (const row of rows) {
    const name = cell(row, 'TABLE_NAME');
    columns.set(name, (columns.get(name) ?? new Set()).add(cell(row, 'COLUMN_NAME')));
  }
  return columns;
}
