/** Upstream 0.2 kept the manifest under four key columns; since 0.3 under their MD5. */
import { cell } from '../connection/connection.ts';
import { quoteName } from '../connection/sql-text.ts';
import type { Report } from '../report/report.ts';
import { insertManifest } from './manifest.ts';
import { type Ops, opsTable } from './ops.ts';
import { createTable } from './schema.ts';
import { UPSTREAM_TABLES } from './tables.ts';

const TABLE = 'backup_partitions';
const OLD_TABLE = 'backup_partitions_before_key_hash';

/** The old table stays beside the new one under another name. */
export async function migrateManifest(ops: Ops, report: Report): Promise<void> {
  const layout = UPSTREAM_TABLES.find(({ name }) => name === TABLE);
  if (layout === undefined) throw new Error('bug: the manifest has no layout');
  const rows = await ops.connection.query(
    `SELECT label, database_name, table_name, partition_name FROM ${opsTable(ops, TABLE)}`,
  );
  await ops.connection.query(`ALTER TABLE ${opsTable(ops, TABLE)} RENAME ${quoteName(OLD_TABLE)}`);
  await createTable(ops, layout, { replicationNum: undefined, report });
  await insertManifest(
    ops,
    rows.map((row) => ({
      label: cell(row, 'label'),
      database: cell(row, 'database_name'),
      table: cell(row, 'table_name'),
      partition: cell(row, 'partition_name'),
    })),
  );
  report.good(`${TABLE}: ${rows.length} rows moved to the layout with key_hash`);
  report.info(`the old rows stay in ${ops.database}.${OLD_TABLE}; drop it when you like`);
}
