/** Whether the ops database has its tables, and making those that it has not (BR-OPS 5.3). */

import { databaseNames, tableNames } from '../cluster/names.ts';
import { aliveBackendCount } from '../cluster/nodes.ts';
import { quoteName } from '../connection/sql-text.ts';
import { BrError, ServerError } from '../errors.ts';
import type { Report } from '../report/report.ts';
import { type Ops, opsTable } from './ops.ts';
import { OPS_TABLES, type OpsTable, OWN_TABLES, UPSTREAM_TABLES } from './tables.ts';

export interface SchemaOptions {
  /** What the configuration asks for; the frontend's default without. */
  readonly replicationNum: number | undefined;
  readonly report: Report;
}

/** Makes what is missing; answers the names of the tables that it made. */
export async function createSchema(ops: Ops, options: SchemaOptions): Promise<readonly string[]> {
  await ops.connection.query(`CREATE DATABASE IF NOT EXISTS ${quoteName(ops.database)}`);
  const missing = await missingTables(ops, OPS_TABLES);
  for (const table of missing) await createTable(ops, table, options);
  return missing.map(({ name }) => name);
}

/**
 * For every command but `init`: upstream's tables are made when they are missing, and the run ends
 * there, since no group can be in a new inventory. Our own are made in silence.
 */
export async function requireSchema(ops: Ops, options: SchemaOptions): Promise<void> {
  const databases = await databaseNames(ops.connection);
  const isThere = databases.includes(ops.database);
  const missing = isThere ? await missingTables(ops, OPS_TABLES) : OPS_TABLES;
  if (missing.length === 0) return;
  const made = await createSchema(ops, options);
  const upstreams = UPSTREAM_TABLES.filter(({ name }) => made.includes(name));
  if (upstreams.length === 0) {
    options.report.info(`created ${made.join(', ')} in database ${ops.database}`);
    return;
  }
  options.report.warn(`database ${ops.database} had no schema: created ${made.join(', ')}`);
  options.report.warn(`fill ${ops.database}.table_inventory before the next run`);
  throw new BrError('schema-created', `the ops schema was created: ${made.join(', ')}`, {
    advice: [
      `add rows to ${ops.database}.table_inventory, or table_inventory to the configuration and run srbr init`,
      'then run this command again',
    ],
  });
}

/** Old layouts of upstream have no `key_hash`; `init --migrate` brings their rows over. */
export async function hasOldManifest(ops: Ops): Promise<boolean> {
  const tables = await tableNames(ops.connection, ops.database);
  if (!tables.includes('backup_partitions')) return false;
  const columns = await ops.connection.query(`DESC ${opsTable(ops, 'backup_partitions')}`);
  return !columns.some((row) => row['Field'] === 'key_hash');
}

export async function missingTables(
  ops: Ops,
  wanted: readonly OpsTable[],
): Promise<readonly OpsTable[]> {
  const there = new Set(await tableNames(ops.connection, ops.database));
  return wanted.filter(({ name }) => !there.has(name));
}

export function ownTableNames(): readonly string[] {
  return OWN_TABLES.map(({ name }) => name);
}

/**
 * Upstream sets no replication, so a cluster of one backend with a default of three refuses. Then,
 * and only then, as many replicas as backends live.
 */
export async function createTable(
  ops: Ops,
  table: OpsTable,
  { replicationNum, report }: SchemaOptions,
): Promise<void> {
  const head = `CREATE TABLE IF NOT EXISTS ${opsTable(ops, table.name)} ${table.definition}`;
  const withReplicas = (count: number): string =>
    `${head}\nPROPERTIES ("replication_num" = "${count}")`;
  try {
    await ops.connection.query(replicationNum === undefined ? head : withReplicas(replicationNum));
  } catch (error) {
    const isTooMany = error instanceof ServerError && /replication/i.test(error.message);
    const backends = isTooMany ? await aliveBackendCount(ops.connection) : 0;
    if (replicationNum !== undefined || backends === 0) throw error;
    report.warn(`${table.name}: ${backends} replicas, since only so many backends live`);
    await ops.connection.query(withReplicas(backends));
  }
}
