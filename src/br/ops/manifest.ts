/** What each snapshot holds: `backup_partitions`, upstream's manifest. */
import { createHash } from 'node:crypto';
import { cell } from '../connection/connection.ts';
import { quoteList, quoteValue } from '../connection/sql-text.ts';
import { deleteRows, insertRows, type Ops, opsTable } from './ops.ts';

const TABLE = 'backup_partitions';

export interface ManifestRow {
  readonly label: string;
  readonly database: string;
  readonly table: string;
  readonly partition: string;
}

/** A table of a snapshot and how many of its partitions are in it. */
export interface ManifestTable {
  readonly label: string;
  readonly database: string;
  readonly table: string;
  readonly partitions: number;
}

/** MD5 of `label|database|table|partition` in hex, as upstream has it. */
export function keyHash(...parts: readonly string[]): string {
  return createHash('md5').update(parts.join('|')).digest('hex');
}

export async function insertManifest(ops: Ops, rows: readonly ManifestRow[]): Promise<void> {
  await insertRows(
    ops,
    TABLE,
    ['key_hash', 'label', 'database_name', 'table_name', 'partition_name'],
    rows.map(({ label, database, table, partition }) => [
      keyHash(label, database, table, partition),
      label,
      database,
      table,
      partition,
    ]),
  );
}

/** Of all the labels, sorted by label, database, table and partition. */
export async function manifestOf(
  ops: Ops,
  labels: readonly string[],
): Promise<readonly ManifestRow[]> {
  const rows = await ops.connection.query(
    `SELECT label, database_name, table_name, partition_name FROM ${opsTable(ops, TABLE)} ` +
      `WHERE label IN ${quoteList(labels)} ` +
      'ORDER BY label, database_name, table_name, partition_name',
  );
  return rows.map((row) => ({
    label: cell(row, 'label'),
    database: cell(row, 'database_name'),
    table: cell(row, 'table_name'),
    partition: cell(row, 'partition_name'),
  }));
}

/** Of all labels: a row for each table, however many partitions it has. */
export async function manifestTables(ops: Ops): Promise<readonly ManifestTable[]> {
  const rows = await ops.connection.query(
    'SELECT label, database_name, table_name, COUNT(*) AS partition_total ' +
      `FROM ${opsTable(ops, TABLE)} GROUP BY label, database_name, table_name ` +
      'ORDER BY label, database_name, table_name',
  );
  return rows.map((row) => ({
    label: cell(row, 'label'),
    database: cell(row, 'database_name'),
    table: cell(row, 'table_name'),
    partitions: Number(cell(row, 'partition_total')),
  }));
}

export async function deleteManifest(ops: Ops, label: string): Promise<void> {
  await deleteRows(ops, TABLE, `label = ${quoteValue(label)}`);
}
