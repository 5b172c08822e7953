/** Whether the ops database has its tables, and making those that it has not (BR-OPS 5.3). */

import { columnsOf } from '../cluster/columns.ts';
import { aliveBackendCount } from '../cluster/nodes.ts';
import { quoteName } from '../connection/sql-text.ts';
import { BrError, ServerError } from '../errors.ts';
import type { Report } from '../report/report.ts';
import { type Ops, opsTable } from './ops.ts';
import { OPS_TABLES, type OpsTable, UPSTREAM_TABLES } from './tables.ts';

export interface SchemaOptions {
  /** Nothing may be made: a dry run tells instead. */
  readonly isReadOnly?: boolean;
  /** What the configuration asks for; the frontend's default without. */
  readonly replicationNum: number | undefined;
  readonly report: Report;
}

/** A table whose layout is older than ours. */
export interface OldTable {
  readonly table: OpsTable;
  readonly present: ReadonlySet<string>;
  readonly missing: readonly string[];
}

export interface SchemaState {
  readonly missing: readonly OpsTable[];
  readonly old: readonly OldTable[];
}

/** One statement, whatever is there; an ops database that is not there lacks everything. */
export async function schemaState({ connection, database }: Ops): Promise<SchemaState> {
  const columns = await columnsOf(connection, database);
  const old = OPS_TABLES.flatMap((table): OldTable[] => {
    const present = columns.get(table.name);
    const missing = table.columns.filter((name) => present?.has(name) !== true);
    return present === undefined || missing.length === 0 ? [] : [{ table, present, missing }];
  });
  return { missing: OPS_TABLES.filter(({ name }) => !columns.has(name)), old };
}

/** Makes what is missing; answers the names of the tables that it made. */
export async function createSchema(ops: Ops, options: SchemaOptions): Promise<readonly string[]> {
  await ops.connection.query(`CREATE DATABASE IF NOT EXISTS ${quoteName(ops.database)}`);
  const { missing, old } = await schemaState(ops);
  requireLayout(ops, old);
  for (const table of missing) await createTable(ops, table, options);
  return missing.map(({ name }) => name);
}

/**
 * For every command but `init`: upstream's tables are made when they are missing, and the run ends
 * there, since no group can be in a new inventory. Our own are made in silence.
 */
export async function requireSchema(ops: Ops, options: SchemaOptions): Promise<void> {
  const { missing, old } = await schemaState(ops);
  requireLayout(ops, old);
  if (missing.length === 0) return;
  if (options.isReadOnly === true) throw schemaMissing(ops, missing);
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

function schemaMissing({ database }: Ops, missing: readonly OpsTable[]): BrError {
  const names = missing.map(({ name }) => name).join(', ');
  return new BrError('preflight', `database ${database} lacks ${names}`, {
    advice: ['run srbr init: a dry run makes nothing'],
  });
}

/** `unsupported` for tables of an older layout, with the command that brings them up to date. */
export function requireLayout(ops: Ops, old: readonly OldTable[]): void {
  if (old.length === 0) return;
  const names = old.map(({ table, missing }) => `${table.name} (no ${missing.join(', ')})`);
  const message = `tables of ${ops.database} have an older layout: ${names.join('; ')}`;
  throw new BrError('unsupported', message, {
    advice: ['run srbr init --migrate: it keeps the rows'],
  });
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
