/** How many rows a table has, or some partitions of it. */
import { type Connection, cell } from './connection.ts';
import { quoteName, quotePath } from './sql-text.ts';

export async function rowCount(
  connection: Connection,
  database: string,
  table: string,
  partitions?: readonly string[],
): Promise<number> {
  const from = quotePath(database, table) + partitionText(partitions);
  const [row] = await connection.query(`SELECT COUNT(*) AS row_total FROM ${from}`);
  return row === undefined ? 0 : Number(cell(row, 'row_total'));
}

export function partitionText(partitions: readonly string[] | undefined): string {
  return partitions === undefined ? '' : ` PARTITION (${partitions.map(quoteName).join(', ')})`;
}
