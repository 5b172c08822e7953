/** Reading and writing rows of the ops database, batched and quoted. */
import { type Connection, cell } from '../connection/connection.ts';
import { quoteName, quotePath, quoteValue, type Value } from '../connection/sql-text.ts';

/** The ops database through a connection: what every file of this folder works on. */
export interface Ops {
  readonly connection: Connection;
  readonly database: string;
}

/** A value that is SQL already, such as `NOW()`. */
export interface SqlValue {
  readonly sql: string;
}

export type Field = Value | SqlValue;

export const SERVER_NOW: SqlValue = { sql: 'NOW()' };

/** Rows of one INSERT. Thousands of rows take few statements, and none grows without bound. */
const ROWS_PER_INSERT_MAX = 1000;

export function opsTable(ops: Ops, table: string): string {
  return quotePath(ops.database, table);
}

/** In upserting tables a row replaces the one with its key as a whole. */
export async function insertRows(
  ops: Ops,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly Field[])[],
): Promise<void> {
  const head = `INSERT INTO ${opsTable(ops, table)} (${columns.map(quoteName).join(', ')}) VALUES `;
  for (let from = 0; from < rows.length; from += ROWS_PER_INSERT_MAX) {
    const part = rows.slice(from, from + ROWS_PER_INSERT_MAX);
    const texts = part.map((row) => `(${row.map(fieldText).join(', ')})`);
    await ops.connection.query(`${head}${texts.join(', ')}`);
  }
}

export async function insertRow(
  ops: Ops,
  table: string,
  row: Readonly<Record<string, Field>>,
): Promise<void> {
  await insertRows(ops, table, Object.keys(row), [Object.values(row)]);
}

/** `where` is SQL made with `quoteValue`. */
export async function updateRows(
  ops: Ops,
  table: string,
  changes: Readonly<Record<string, Field>>,
  where: string,
): Promise<void> {
  const parts = Object.entries(changes).map(([name, value]) => {
    return `${quoteName(name)} = ${fieldText(value)}`;
  });
  const target = opsTable(ops, table);
  await ops.connection.query(`UPDATE ${target} SET ${parts.join(', ')} WHERE ${where}`);
}

export async function deleteRows(ops: Ops, table: string, where: string): Promise<void> {
  await ops.connection.query(`DELETE FROM ${opsTable(ops, table)} WHERE ${where}`);
}

/** The cluster's own clock, in its zone: `yyyy-MM-dd HH:mm:ss`. */
export async function serverNow(connection: Connection): Promise<string> {
  const [row] = await connection.query('SELECT NOW() AS server_now');
  return row === undefined ? '' : cell(row, 'server_now').slice(0, 19);
}

function fieldText(field: Field): string {
  return typeof field === 'object' && field !== null ? field.sql : quoteValue(field);
}
