/**
 * History and manifest of snapshots that nobody has recorded, from their own job infos (BR-DR).
 * What they stand on cannot be known: their lineage stays open.
 */
import { type Snapshot, snapshotDetails } from '../cluster/snapshots.ts';
import type { Config } from '../config/config.ts';
import type { Connection } from '../connection/connection.ts';
import { insertMeta, RECONSTRUCTED } from '../ops/backup-meta.ts';
import { NO_OBJECTS, objectsText } from '../ops/backup-objects.ts';
import { writeHistory } from '../ops/history.ts';
import { insertManifest } from '../ops/manifest.ts';
import type { Ops } from '../ops/ops.ts';
import { guessType, type KnownSnapshot, typeByLabel } from './guess-type.ts';

export interface ReconstructContext {
  readonly connection: Connection;
  readonly ops: Ops;
  readonly config: Config;
}

/** The labels that have a record now; of the others the server does not tell what they hold. */
export async function reconstruct(
  context: ReconstructContext,
  wanted: readonly Snapshot[],
  inRepository: readonly Snapshot[],
): Promise<readonly string[]> {
  const known = await knownSnapshots(context, wanted, inRepository);
  const done: string[] = [];
  for (const { label } of wanted) {
    const snapshot = known.find((each) => each.label === label);
    if (snapshot === undefined) continue;
    await record(context, snapshot, guessType(snapshot, known));
    done.push(label);
  }
  return done;
}

/** With the others of the repository only where a label does not tell its own type. */
async function knownSnapshots(
  { connection, config }: ReconstructContext,
  wanted: readonly Snapshot[],
  inRepository: readonly Snapshot[],
): Promise<readonly KnownSnapshot[]> {
  const isPlain = wanted.every(({ label }) => typeByLabel(label) !== undefined);
  const known: KnownSnapshot[] = [];
  for (const snapshot of isPlain ? wanted : inRepository) {
    const details = await snapshotDetails(connection, config.repository, snapshot);
    const { label, timestamp } = snapshot;
    if (details !== undefined) known.push({ label, timestamp, details });
  }
  return known;
}

async function record(
  { ops, config }: ReconstructContext,
  { label, timestamp, details }: KnownSnapshot,
  type: 'full' | 'incremental',
): Promise<void> {
  const at = timeOf(timestamp);
  const rows = [...details.tables].flatMap(([table, partitions]) =>
    partitions.map((partition) => ({ label, database: details.database, table, partition })),
  );
  // A job info lists views as tables without partitions.
  const views = [...details.tables].filter(([, partitions]) => partitions.length === 0);
  await insertMeta(ops, {
    label,
    database_name: details.database,
    inventory_group: null,
    backup_type: type,
    root_label: type === 'full' ? label : null,
    snapshot_timestamp: timestamp,
    submitted_at: at,
    table_count: details.tables.size - views.length,
    partition_count: rows.length,
    objects_json: objectsText({
      ...NO_OBJECTS,
      views: Object.fromEntries(views.map(([name]) => [name, ''])),
    }),
    tool_version: RECONSTRUCTED,
    pinned: false,
  });
  await insertManifest(ops, rows);
  await writeHistory(ops, {
    label,
    type,
    status: 'FINISHED',
    repository: config.repository,
    startedAt: at,
    finishedAt: at,
    error: undefined,
  });
}

/** `2026-01-05-10-00-00-123` -> `2026-01-05 10:00:00`. */
function timeOf(timestamp: string): string {
  const parts = timestamp.split('-');
  return `${parts.slice(0, 3).join('-')} ${parts.slice(3, 6).join(':')}`;
}
