/** Whether restored rows are those that were backed up (BR-DRILL). */
import { livePartitions, schemaSignatures } from '../cluster/partitions.ts';
import type { Session } from '../commands/session.ts';
import { rowCount } from '../connection/row-count.ts';
import { ServerError } from '../errors.ts';
import type { PartitionState } from '../ops/partition-state.ts';
import { type TableDigest, tableDigest } from '../restore/checksum.ts';
import type { PlannedTable } from '../restore/plan-restore.ts';

export interface Comparison {
  readonly table: string;
  readonly restored: TableDigest;
  /**
   * `live`: the source has not changed since the backup, so its rows must be the same. `recorded`:
   * what the backup counted, of the partitions that it counted. `none`: nothing to compare with.
   */
  readonly with: 'live' | 'recorded' | 'none';
  readonly expected: { readonly rows: number; readonly checksum: string | null } | null;
  readonly isSame: boolean;
}

export interface Drilled {
  readonly table: PlannedTable;
  /** Of the backup, for the partitions that were restored. */
  readonly states: readonly PartitionState[];
}

/** `sourceDatabase` has the live tables, `database` the restored ones. */
export async function compare(
  { connection }: Session,
  { table: { table, assembly, counted }, states }: Drilled,
  places: { readonly sourceDatabase: string; readonly database: string },
): Promise<Comparison> {
  const restored = await tableDigest(connection, places.database, assembly);
  const live = await unchangedDigest({ connection }, places.sourceDatabase, table, states);
  if (live !== undefined) {
    const isSame = live.checksum === restored.checksum;
    return { table, restored, with: 'live', expected: live, isSame };
  }
  if (counted === undefined) {
    return { table, restored, with: 'none', expected: null, isSame: true };
  }
  const { partitions } = counted;
  const rows =
    partitions === undefined
      ? restored.rows
      : await rowCount(connection, places.database, assembly, partitions);
  const expected = { rows: counted.rows, checksum: null };
  return { table, restored, with: 'recorded', expected, isSame: counted.rows === rows };
}

/** `undefined` if the rows are not, or not for sure, those of the backup any more. */
async function unchangedDigest(
  { connection }: Pick<Session, 'connection'>,
  database: string,
  table: string,
  states: readonly PartitionState[],
): Promise<TableDigest | undefined> {
  const names = states.map(({ partition }) => partition).filter((name) => name !== '');
  if (names.length === 0) return undefined;
  try {
    if (!(await isUnchanged({ connection }, database, table, states))) return undefined;
    const digest = await tableDigest(connection, database, table, names);
    // A load may have come in between.
    return (await isUnchanged({ connection }, database, table, states)) ? digest : undefined;
  } catch (error) {
    if (error instanceof ServerError) return undefined;
    throw error;
  }
}

async function isUnchanged(
  { connection }: Pick<Session, 'connection'>,
  database: string,
  table: string,
  states: readonly PartitionState[],
): Promise<boolean> {
  const signature = (await schemaSignatures(connection, database)).get(table);
  const live = await livePartitions(connection, database, table);
  return states.every((state) => {
    const now = live.find(({ name }) => name === state.partition);
    return (
      now?.id === state.partitionId &&
      now.visibleVersion === state.visibleVersion &&
      signature === state.schemaSignature
    );
  });
}
