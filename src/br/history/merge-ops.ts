/** Brings the rows of a snapshot of an ops database into this one; what is here stays (BR-DR). */

import { columnsOf } from '../cluster/columns.ts';
import { dialectOf } from '../cluster/dialect.ts';
import { tableNames } from '../cluster/names.ts';
import type { Snapshot, SnapshotDetails } from '../cluster/snapshots.ts';
import type { Session } from '../commands/session.ts';
import { cell } from '../connection/connection.ts';
import { quoteList, quoteName, quotePath } from '../connection/sql-text.ts';
import { BrError } from '../errors.ts';
import { trackJob } from '../jobs/track-job.ts';
import { addEntries } from '../ops/inventory.ts';
import { copyText } from '../ops/migrate.ts';
import { OPS_TABLES, type OpsTable } from '../ops/tables.ts';
import { type RestoreStatement, restoreText } from '../restore/statement.ts';

/**
 * Tables that are merged, and the column that tells whose rows are here already. Slots and claims
 * belong to runs that are over; the inventory is merged row by row.
 */
const OWNERS: Readonly<Record<string, string>> = {
  backup_history: 'label',
  restore_history: 'job_id',
  backup_partitions: 'label',
  br_backup_meta: 'label',
  br_partition_state: 'label',
};

const INVENTORY = 'table_inventory';

const SUFFIX = '_bootstrap';

export async function mergeOps(
  session: Session,
  snapshot: Snapshot,
  details: SnapshotDetails,
): Promise<void> {
  const { connection, ops, config } = session;
  // Upstream's ops database has none of our tables.
  const tables = [INVENTORY, ...Object.keys(OWNERS)].filter((name) => details.tables.has(name));
  await dropTemporary(session);
  const statement: RestoreStatement = {
    label: snapshot.label,
    repository: config.repository,
    sourceDatabase: details.database,
    database: ops.database,
    items: tables.map((table) => ({ table, partitions: undefined, alias: `${table}${SUFFIX}` })),
    timestamp: snapshot.timestamp,
    replicationNum: config.opsReplicationNum,
    timeoutSeconds: undefined,
  };
  await connection.query(restoreText(statement, await dialectOf(connection)));
  const tracked = { kind: 'restore', database: ops.database, label: snapshot.label } as const;
  const end = await trackJob(tracked, { ...session, beat: async () => undefined });
  if (end.state !== 'FINISHED') {
    throw new BrError('restore', `the restore of ${snapshot.label} ended ${end.state}`, {
      advice: [end.reason ?? 'SHOW RESTORE tells more'],
    });
  }
  const columns = await columnsOf(connection, ops.database);
  if (tables.includes(INVENTORY)) await mergeInventory(session);
  for (const table of OPS_TABLES) {
    const owner = OWNERS[table.name];
    const present = columns.get(`${table.name}${SUFFIX}`);
    if (owner !== undefined && present !== undefined) {
      await mergeTable(session, table, owner, present);
    }
  }
  await dropTemporary(session);
}

async function mergeInventory({ connection, ops }: Session): Promise<void> {
  const rows = await connection.query(
    'SELECT inventory_group, database_name, table_name FROM ' +
      quotePath(ops.database, `${INVENTORY}${SUFFIX}`),
  );
  const entries = rows.map((row) => ({
    group: cell(row, 'inventory_group'),
    database: cell(row, 'database_name'),
    table: cell(row, 'table_name'),
  }));
  await addEntries(ops, entries);
}

/**
 * Rows stay on the server; only the owners that are here, which are few, are named. The snapshot
 * may be of a release whose tables had fewer columns.
 */
async function mergeTable(
  { connection, ops }: Session,
  table: OpsTable,
  owner: string,
  present: ReadonlySet<string>,
): Promise<void> {
  const here = quotePath(ops.database, table.name);
  const there = quotePath(ops.database, `${table.name}${SUFFIX}`);
  const known = await connection.query(`SELECT DISTINCT ${quoteName(owner)} AS owner FROM ${here}`);
  const owners = known.map((row) => cell(row, 'owner'));
  const rest = owners.length === 0 ? '' : ` WHERE ${quoteName(owner)} NOT IN ${quoteList(owners)}`;
  await connection.query(`INSERT INTO ${here} ${copyText(table, present)} FROM ${there}${rest}`);
}

async function dropTemporary({ connection, ops }: Session): Promise<void> {
  for (const name of await tableNames(connection, ops.database)) {
    if (!name.endsWith(SUFFIX)) continue;
    await connection.query(`DROP TABLE ${quotePath(ops.database, name)} FORCE`);
  }
}
