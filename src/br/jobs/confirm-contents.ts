/**
 * Brings what was written about a snapshot before BACKUP was sent to what it holds: a table that
 * goes in as a whole takes partitions along that a load has made since, and lacks dropped ones.
 */
import type { SnapshotDetails } from '../cluster/snapshots.ts';
import { type BackupMeta, partitionsText } from '../ops/backup-meta.ts';
import { insertManifest } from '../ops/manifest.ts';
import type { Field, Ops } from '../ops/ops.ts';
import { dropStates, insertStates, type PartitionState, statesOf } from '../ops/partition-state.ts';

/** Answers what `br_backup_meta` is to say of it. */
export async function confirmContents(
  ops: Ops,
  { label, objects }: BackupMeta,
  { database, tables }: SnapshotDetails,
): Promise<Readonly<Record<string, Field>>> {
  const states = await statesOf(ops, [label]);
  const included = states.filter(({ isIncluded, partition }) => isIncluded && partition !== '');
  const gone = included.filter(({ table, partition }) => {
    return tables.get(table)?.includes(partition) === false;
  });
  const known = new Set(included.map(({ table, partition }) => key(table, partition)));
  const come = firstOfTables(included).flatMap((like) =>
    (tables.get(like.table) ?? [])
      .filter((partition) => !known.has(key(like.table, partition)))
      .map((partition) => unknownState(like, partition)),
  );
  await dropStates(ops, gone);
  await insertStates(ops, come);
  await insertManifest(ops, come);
  // Always told in full: a run that stops here is settled once more, and finds no difference.
  const held = firstOfTables(states.filter(({ isIncluded }) => isIncluded));
  return {
    partition_count: included.length + come.length - gone.length,
    partitions_json: partitionsText(
      database,
      held.map(({ table }) => [table, [...(tables.get(table) ?? [])].sort()]),
      objects,
    ),
  };
}

/** Its id and version are not known, so the next incremental backup has it again. */
function unknownState(like: PartitionState, partition: string): PartitionState {
  return {
    ...like,
    partition,
    partitionId: '',
    visibleVersion: 0,
    visibleVersionTime: '',
    dataBytes: 0,
    rowCount: undefined,
  };
}

function firstOfTables(states: readonly PartitionState[]): readonly PartitionState[] {
  return [...new Map(states.map((state) => [state.table, state])).values()];
}

function key(table: string, partition: string): string {
  return JSON.stringify([table, partition]);
}
