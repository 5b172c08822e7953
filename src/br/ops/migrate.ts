/**
 * Brings ops tables of an older layout to today's: upstream 0.2 kept the manifest under four key
 * columns instead of their MD5, and our own tables gain columns. The rows are copied by the server
 * into a table beside, counted, and swapped in, so a run that is cut short loses nothing.
 */
import { rowCount } from '../connection/row-count.ts';
import { quoteName } from '../connection/sql-text.ts';
import { BrError } from '../errors.ts';
import type { Report } from '../report/report.ts';
import { type Ops, opsTable } from './ops.ts';
import { createTable, type OldTable } from './schema.ts';
import type { OpsTable } from './tables.ts';

/** Columns whose values follow from older ones; any other new column is NULL in old rows. */
const DERIVED: Readonly<Record<string, string>> = {
  'backup_partitions.key_hash':
    "MD5(CONCAT_WS('|', label, database_name, table_name, partition_name))",
};

const BESIDE = '_migrated';

export interface MigrateOptions {
  readonly replicationNum: number | undefined;
  readonly report: Report;
}

export async function migrateTables(
  ops: Ops,
  tables: readonly OldTable[],
  options: MigrateOptions,
): Promise<void> {
  for (const table of tables) await migrate(ops, table, options);
}

async function migrate(
  ops: Ops,
  { table, present, missing }: OldTable,
  options: MigrateOptions,
): Promise<void> {
  const beside = `${table.name}${BESIDE}`;
  await ops.connection.query(`DROP TABLE IF EXISTS ${opsTable(ops, beside)} FORCE`);
  await createTable(ops, { ...table, name: beside }, options);
  await ops.connection.query(
    `INSERT INTO ${opsTable(ops, beside)} ${copyText(table, present)} ` +
      `FROM ${opsTable(ops, table.name)}`,
  );
  const before = await rowCount(ops.connection, ops.database, table.name);
  const after = await rowCount(ops.connection, ops.database, beside);
  if (before !== after) {
    throw new BrError('failed', `${table.name}: ${after} of ${before} rows were copied`, {
      advice: [`nothing has changed; look at ${ops.database}.${beside}`],
    });
  }
  await ops.connection.query(
    `ALTER TABLE ${opsTable(ops, table.name)} SWAP WITH ${quoteName(beside)}`,
  );
  await ops.connection.query(`DROP TABLE ${opsTable(ops, beside)} FORCE`);
  options.report.good(`${table.name}: ${after} rows now have ${missing.join(', ')}`);
}

/** `(columns) SELECT values` for rows of a layout that has only the present columns. */
export function copyText(table: OpsTable, present: ReadonlySet<string>): string {
  const sources = new Map<string, string>();
  for (const column of table.columns) {
    const derived = DERIVED[`${table.name}.${column}`];
    if (present.has(column)) sources.set(column, quoteName(column));
    else if (derived !== undefined) sources.set(column, derived);
  }
  const columns = [...sources.keys()].map(quoteName).join(', ');
  return `(${columns}) SELECT ${[...sources.values()].join(', ')}`;
}
