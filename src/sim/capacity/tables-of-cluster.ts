/**
 * The table set of a cluster that runs, real or emulated, read with SHOW and information_schema
 * alone: nothing there is changed. Sizes are what SHOW PARTITIONS says, spread evenly over tablets.
 */
import { SimError } from '../../base/errors.ts';
import type { PlannedTable, TableSet } from './table-set.ts';
import { parseBytes } from './table-set.ts';

export type NamedRow = Readonly<Record<string, string | null>>;

/** Runs a statement and answers its rows by column name. */
export type Ask = (sql: string) => Promise<readonly NamedRow[]>;

/** Databases that no backup is about. */
const SYSTEM_DATABASES: ReadonlySet<string> = new Set([
  'information_schema',
  '_statistics_',
  'sys',
  'starrocks_monitor',
]);

/** Names of tables that are stored: what the type is called depends on the release. */
const STORED_TYPES: ReadonlySet<string> = new Set(['BASE TABLE', 'TABLE', 'MATERIALIZED VIEW']);

const PARTITIONS_MAX = 10_000;

const quotedName = (name: string): string => `\`${name.replaceAll('`', '``')}\``;
const quotedText = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;

/** One planned table per partition. Without a database, all that are not the system's. */
export async function tablesOfCluster(
  ask: Ask,
  database: string | undefined,
  filesPerTablet: number,
): Promise<TableSet> {
  const found: PlannedTable[] = [];
  for (const name of database === undefined ? await databasesOf(ask) : [database]) {
    const tables = await ask(
      'SELECT TABLE_NAME, TABLE_TYPE FROM information_schema.tables ' +
        `WHERE TABLE_SCHEMA = ${quotedText(name)}`,
    );
    for (const row of tables) {
      if (!STORED_TYPES.has(cell(row, 'TABLE_TYPE'))) continue;
      const table = cell(row, 'TABLE_NAME');
      const partitions = await ask(`SHOW PARTITIONS FROM ${quotedName(name)}.${quotedName(table)}`);
      for (const partition of partitions) {
        found.push(plannedOf(`${name}.${table}`, partition, filesPerTablet));
      }
      if (found.length > PARTITIONS_MAX) {
        throw new SimError('bad-option', `--from: more than ${PARTITIONS_MAX} partitions`, {
          hint: 'Name one database in the URL.',
        });
      }
    }
  }
  if (found.length > 0) return found;
  const where = database === undefined ? 'the cluster' : `database ${database}`;
  throw new SimError('bad-option', `--from: ${where} has no tables`);
}

async function databasesOf(ask: Ask): Promise<readonly string[]> {
  const rows = await ask('SHOW DATABASES');
  return rows
    .map((row) => Object.values(row)[0] ?? '')
    .filter((name) => name !== '' && !SYSTEM_DATABASES.has(name));
}

function plannedOf(table: string, row: NamedRow, filesPerTablet: number): PlannedTable {
  const name = `${table} ${cell(row, 'PartitionName')}`;
  const tablets = Number(cell(row, 'Buckets'));
  const replicas = Number(cell(row, 'ReplicationNum'));
  if (!(tablets >= 1 && replicas >= 1)) {
    throw new SimError('bad-option', `--from: SHOW PARTITIONS of ${name} has no bucket count`);
  }
  const bytes = parseBytes(cell(row, 'DataSize'), `--from: DataSize of ${name}`);
  const tabletBytes = Math.round(bytes / tablets);
  return {
    name,
    tablets,
    tabletBytes,
    filesPerTablet: Math.max(1, Math.min(filesPerTablet, tabletBytes)),
    replicas,
  };
}

function cell(row: NamedRow, column: string): string {
  const value = row[column];
  if (typeof value === 'string') return value;
  throw new SimError('bad-option', `--from: the cluster's answer has no column ${column}`);
}
