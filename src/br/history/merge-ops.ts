/** Brings the rows of a snapshot of an ops database into this one; what is here stays (BR-DR). */

import { dialectOf } from '../cluster/dialect.ts';
import { tableNames } from '../cluster/names.ts';
import type { Snapshot } from '../cluster/snapshots.ts';
import type { Session } from '../commands/session.ts';
import { cell } from '../connection/connection.ts';
import { quoteList, quoteName, quotePath } from '../connection/sql-text.ts';
import { BrError } from '../errors.ts';
import { trackJob } from '../jobs/track-job.ts';
import { addEntries } from '../ops/inventory.ts';
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
  sourceDatabase: string,
): Promise<void> {
  const { connection, ops, config } = session;
  const tables = [INVENTORY, ...Object.keys(OWNERS)];
  await dropTemporary(session);
  const statement: RestoreStatement = {
    label: snapshot.label,
    repository: config.repository,
    sourceDatabase,
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
  await mergeInventory(session);
  for (const [table, owner] of Object.entries(OWNERS)) await mergeTable(session, table, owner);
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

/** Rows stay on the server; only the owners that are here, which are few, are named. */
async function mergeTable(
  { connection, ops }: Session,
  table: string,
  owner: string,
): Promise<void> {
  const here = quotePath(ops.database, table);
  const there = quotePath(ops.database, `${table}${SUFFIX}`);
  const known = await connection.query(`SELECT DISTINCT ${quoteName(owner)} AS owner FROM ${here}`);
  const owners = known.map((row) => cell(row, 'owner'));
  const rest = owners.length === 0 ? '' : ` WHERE ${quoteName(owner)} NOT IN ${quoteList(owners)}`;
  await connection.query(`INSERT INTO ${here} SELECT * FROM ${there}${rest}`);
}

async function dropTemporary({ connection, ops }: Session): Promise<void> {
  for (const name of await tableNames(connection, ops.database)) {
    if (!name.endsWith(SUFFIX)) continue;
    await connection.query(`DROP TABLE ${quotePath(ops.database, name)} FORCE`);
  }
}
