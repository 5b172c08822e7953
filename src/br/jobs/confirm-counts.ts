/**
 * Keeps the row counts of a backup that hold for its snapshot. They were taken before BACKUP was
 * sent; a partition that still has the id and version of then did not change in between, so the
 * snapshot has just those rows. Of any other partition nobody can say.
 */
import { livePartitions } from '../cluster/partitions.ts';
import type { Connection } from '../connection/connection.ts';
import { ServerError } from '../errors.ts';
import type { Ops } from '../ops/ops.ts';
import { forgetCounts, type PartitionState, statesOf } from '../ops/partition-state.ts';

/** Answers the rows in the snapshot; `undefined` if they are not known of every partition. */
export async function confirmCounts(
  connection: Connection,
  ops: Ops,
  label: string,
): Promise<number | undefined> {
  const included = (await statesOf(ops, [label])).filter(({ isIncluded }) => isIncluded);
  const counted = included.filter(({ rowCount }) => rowCount !== undefined);
  if (counted.length === 0) return undefined;
  const byTable = new Map<string, PartitionState[]>();
  for (const state of counted) {
    byTable.set(state.table, [...(byTable.get(state.table) ?? []), state]);
  }
  const stale: PartitionState[] = [];
  for (const [table, states] of byTable) {
    const versions = await versionsOf(connection, states[0]?.database ?? '', table);
    stale.push(...states.filter((state) => versions.get(state.partition) !== versionText(state)));
  }
  await forgetCounts(ops, stale);
  if (stale.length > 0 || counted.length < included.length) return undefined;
  return counted.reduce((sum, { rowCount = 0 }) => sum + rowCount, 0);
}

function versionText({ partitionId, visibleVersion }: PartitionState): string {
  return `${partitionId} ${visibleVersion}`;
}

/** A table that is not there any more has none. */
async function versionsOf(
  connection: Connection,
  database: string,
  table: string,
): Promise<ReadonlyMap<string, string>> {
  try {
    const live = await livePartitions(connection, database, table);
    return new Map(live.map(({ name, id, visibleVersion }) => [name, `${id} ${visibleVersion}`]));
  } catch (error) {
    if (error instanceof ServerError) return new Map();
    throw error;
  }
}
