/**
 * History and manifest of a snapshot that nobody has recorded, from its own job info (BR-DR). What
 * it stands on cannot be known: its lineage stays open.
 */
import { type Snapshot, snapshotDetails } from '../cluster/snapshots.ts';
import type { Config } from '../config/config.ts';
import type { Connection } from '../connection/connection.ts';
import { insertMeta, RECONSTRUCTED } from '../ops/backup-meta.ts';
import { writeHistory } from '../ops/history.ts';
import { insertManifest } from '../ops/manifest.ts';
import type { Ops } from '../ops/ops.ts';

export interface ReconstructContext {
  readonly connection: Connection;
  readonly ops: Ops;
  readonly config: Config;
}

/** False if the server does not tell what is in it. */
export async function reconstruct(
  { connection, ops, config }: ReconstructContext,
  snapshot: Snapshot,
): Promise<boolean> {
  const details = await snapshotDetails(connection, config.repository, snapshot);
  if (details === undefined) return false;
  const { label, timestamp } = snapshot;
  const type = /_incremental(_r\d+)?$/.test(label) ? 'incremental' : 'full';
  const at = timeOf(timestamp);
  const rows = [...details.tables].flatMap(([table, partitions]) =>
    partitions.map((partition) => ({ label, database: details.database, table, partition })),
  );
  await insertMeta(ops, {
    label,
    database_name: details.database,
    inventory_group: null,
    backup_type: type,
    root_label: type === 'full' ? label : null,
    snapshot_timestamp: timestamp,
    submitted_at: at,
    table_count: details.tables.size,
    partition_count: rows.length,
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
  return true;
}

/** `2026-01-05-10-00-00-123` -> `2026-01-05 10:00:00`. */
function timeOf(timestamp: string): string {
  const parts = timestamp.split('-');
  return `${parts.slice(0, 3).join('-')} ${parts.slice(3, 6).join(':')}`;
}
