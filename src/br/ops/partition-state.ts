/** `br_partition_state`: every partition that was live at a backup (BR-OPS 5.2). */
import { cell } from '../connection/connection.ts';
import { quoteList, quoteValue } from '../connection/sql-text.ts';
import { keyHash } from './manifest.ts';
import { deleteRows, insertRows, type Ops, opsTable, updateRows } from './ops.ts';

export interface PartitionState {
  readonly label: string;
  readonly database: string;
  readonly table: string;
  /** Empty for the one row of a table without partitions. */
  readonly partition: string;
  readonly partitionId: string;
  readonly visibleVersion: number;
  readonly visibleVersionTime: string;
  readonly dataBytes: number;
  /**
   * Counted by a query at this very version; `undefined` if it was not, or if the partition changed
   * before its snapshot was taken. Of a partition that is not included, what the baseline counted.
   */
  readonly rowCount: number | undefined;
  readonly schemaSignature: string;
  readonly replicationNum: number | undefined;
  /** Whether the snapshot holds it. */
  readonly isIncluded: boolean;
}

const TABLE = 'br_partition_state';

const COLUMNS = [
  'key_hash',
  'label',
  'database_name',
  'table_name',
  'partition_name',
  'partition_id',
  'visible_version',
  'visible_version_time',
  'data_size',
  'row_count',
  'schema_signature',
  'replication_num',
  'included',
];

export async function insertStates(ops: Ops, states: readonly PartitionState[]): Promise<void> {
  await insertRows(
    ops,
    TABLE,
    COLUMNS,
    states.map((state) => [
      hashOf(state),
      state.label,
      state.database,
      state.table,
      state.partition,
      state.partitionId === '' ? null : Number(state.partitionId),
      state.visibleVersion,
      state.visibleVersionTime === '' ? null : state.visibleVersionTime,
      state.dataBytes,
      state.rowCount ?? null,
      state.schemaSignature,
      state.replicationNum ?? null,
      state.isIncluded,
    ]),
  );
}

/** Of all the labels, sorted by label, table and partition. */
export async function statesOf(
  ops: Ops,
  labels: readonly string[],
): Promise<readonly PartitionState[]> {
  const rows = await ops.connection.query(
    `SELECT * FROM ${opsTable(ops, TABLE)} WHERE label IN ${quoteList(labels)} ` +
      'ORDER BY label, table_name, partition_name',
  );
  return rows.map((row) => ({
    label: cell(row, 'label'),
    database: cell(row, 'database_name'),
    table: cell(row, 'table_name'),
    partition: cell(row, 'partition_name'),
    partitionId: cell(row, 'partition_id'),
    visibleVersion: Number(cell(row, 'visible_version')),
    visibleVersionTime: cell(row, 'visible_version_time').slice(0, 19),
    dataBytes: Number(cell(row, 'data_size')),
    rowCount: numberOf(row['row_count']),
    schemaSignature: cell(row, 'schema_signature'),
    replicationNum: numberOf(row['replication_num']),
    isIncluded: ['1', 'true'].includes(cell(row, 'included')),
  }));
}

/** Keys that one statement names. */
const KEYS_MAX = 1000;

/** Their rows count as not counted. */
export async function forgetCounts(ops: Ops, states: readonly PartitionState[]): Promise<void> {
  for (const where of byKeys(states)) await updateRows(ops, TABLE, { row_count: null }, where);
}

/** These partitions are in no snapshot of their label; their rows of the manifest go too. */
export async function dropStates(ops: Ops, states: readonly PartitionState[]): Promise<void> {
  for (const where of byKeys(states)) {
    await deleteRows(ops, 'backup_partitions', where);
    await deleteRows(ops, TABLE, where);
  }
}

/** Conditions for all of them, none with too many keys; manifest and states have the same. */
function byKeys(states: readonly PartitionState[]): readonly string[] {
  const conditions: string[] = [];
  for (let from = 0; from < states.length; from += KEYS_MAX) {
    const hashes = states.slice(from, from + KEYS_MAX).map(hashOf);
    conditions.push(`key_hash IN ${quoteList(hashes)}`);
  }
  return conditions;
}

function hashOf({ label, database, table, partition }: PartitionState): string {
  return keyHash(label, database, table, partition);
}

function numberOf(text: string | null | undefined): number | undefined {
  return text === null || text === undefined ? undefined : Number(text);
}

export async function stateLabels(ops: Ops): Promise<readonly string[]> {
  const rows = await ops.connection.query(`SELECT DISTINCT label FROM ${opsTable(ops, TABLE)}`);
  return rows.map((row) => cell(row, 'label'));
}

export async function deleteStates(ops: Ops, label: string): Promise<void> {
  await deleteRows(ops, TABLE, `label = ${quoteValue(label)}`);
}
