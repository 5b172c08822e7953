/** The live partitions of a table and what tells whether one has changed (BR-FULL, BR-INC). */
import { createHash } from 'node:crypto';
import { type Connection, cell, type Row } from '../connection/connection.ts';
import { quotePath, quoteValue } from '../connection/sql-text.ts';
import { parseBytes } from './nodes.ts';

export interface LivePartition {
  readonly name: string;
  /** Another id: re-created, truncated or overwritten. */
  readonly id: string;
  /** Grows with every change of the rows. */
  readonly visibleVersion: number;
  /** `yyyy-MM-dd HH:mm:ss` in the zone of the cluster. */
  readonly visibleVersionTime: string;
  readonly dataBytes: number;
  readonly replicationNum: number;
}

/** In the order of the server; one for each name. `ServerError` if the table is none. */
export async function livePartitions(
  connection: Connection,
  database: string,
  table: string,
): Promise<readonly LivePartition[]> {
  const rows = await connection.query(`SHOW PARTITIONS FROM ${quotePath(database, table)}`);
  const byName = new Map<string, LivePartition>();
  for (const row of rows) {
    const partition = partitionOf(row);
    const known = byName.get(partition.name);
    byName.set(partition.name, known === undefined ? partition : joined(known, partition));
  }
  return [...byName.values()];
}

function partitionOf(row: Row): LivePartition {
  return {
    name: cell(row, 'PartitionName'),
    id: cell(row, 'PartitionId'),
    visibleVersion: Number(cell(row, 'VisibleVersion')),
    visibleVersionTime: cell(row, 'VisibleVersionTime').slice(0, 19),
    dataBytes: parseBytes(cell(row, 'DataSize')) ?? 0,
    replicationNum: Number(cell(row, 'ReplicationNum')),
  };
}

/**
 * A partition with several physical ones has a row for each. Versions only grow, so their sum
 * changes whenever one of them does.
 */
function joined(a: LivePartition, b: LivePartition): LivePartition {
  const later = a.visibleVersionTime > b.visibleVersionTime ? a : b;
  return {
    name: a.name,
    id: Number(a.id) < Number(b.id) ? a.id : b.id,
    visibleVersion: a.visibleVersion + b.visibleVersion,
    visibleVersionTime: later.visibleVersionTime,
    dataBytes: a.dataBytes + b.dataBytes,
    replicationNum: a.replicationNum,
  };
}

/** By table: a digest of columns, keys and distribution. Two statements, whatever the database. */
export async function schemaSignatures(
  connection: Connection,
  database: string,
): Promise<ReadonlyMap<string, string>> {
  const columns = await connection.query(
    'SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_KEY, COLUMN_DEFAULT, EXTRA ' +
      `FROM information_schema.columns WHERE TABLE_SCHEMA = ${quoteValue(database)} ` +
      'ORDER BY TABLE_NAME, ORDINAL_POSITION',
  );
  const tables = await connection.query(
    'SELECT TABLE_NAME, TABLE_MODEL, PRIMARY_KEY, PARTITION_KEY, DISTRIBUTE_KEY, ' +
      `DISTRIBUTE_TYPE, SORT_KEY FROM information_schema.tables_config WHERE TABLE_SCHEMA = ${quoteValue(database)}`,
  );
  const texts = new Map<string, string[]>();
  for (const row of [...columns, ...tables]) {
    const name = cell(row, 'TABLE_NAME');
    const lines = texts.get(name) ?? [];
    lines.push(JSON.stringify(Object.values(row)));
    texts.set(name, lines);
  }
  return new Map(
    [...texts].map(([name, lines]) => [
      name,
      createHash('md5').update(lines.join('\n')).digest('hex'),
    ]),
  );
}
