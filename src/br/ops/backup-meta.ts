/** `br_backup_meta`: group, lineage, server's facts of each backup that we made (BR-OPS 5.2). */
import { cell, type Row } from '../connection/connection.ts';
import { quoteValue } from '../connection/sql-text.ts';
import { type BackupObjects, parseObjects } from './backup-objects.ts';
import { deleteRows, type Field, insertRow, type Ops, opsTable, updateRows } from './ops.ts';
import { LONG_BYTES_MAX } from './tables.ts';

export interface BackupMeta {
  readonly label: string;
  readonly database: string;
  readonly group: string;
  readonly type: string;
  readonly baselineLabel: string | undefined;
  readonly rootLabel: string | undefined;
  readonly jobId: string | undefined;
  readonly snapshotTimestamp: string | undefined;
  readonly submittedAt: string | undefined;
  readonly snapshotFinishedAt: string | undefined;
  readonly finishedAt: string | undefined;
  readonly tableCount: number;
  readonly partitionCount: number;
  readonly sizeBytes: number;
  /** In the snapshot; `undefined` if not every partition was counted. */
  readonly rowCount: number | undefined;
  /** `undefined` if nobody has recorded them. */
  readonly objects: BackupObjects | undefined;
  readonly isPinned: boolean;
  readonly expiresAt: string | undefined;
  readonly metaSnapshotLabel: string | undefined;
  readonly verifiedAt: string | undefined;
  /** `reconstructed` for what was found in a repository without a record. */
  readonly toolVersion: string;
}

/** Stands where the tool's version does, when nobody recorded the backup (BR-DR). */
export const RECONSTRUCTED = 'reconstructed';

const TABLE = 'br_backup_meta';

/** All but `partitions_json`, which is for other readers, and as large as a backup is. */
const COLUMNS = [
  ...['label', 'database_name', 'inventory_group', 'backup_type', 'baseline_label', 'root_label'],
  ...['fe_job_id', 'snapshot_timestamp', 'submitted_at', 'snapshot_finished_at'],
  ...['fe_finished_at', 'table_count', 'partition_count', 'size_bytes', 'row_count'],
  ...['objects_json', 'pinned', 'expires_at', 'meta_snapshot_label', 'verified_at'],
  'tool_version',
].join(', ');

/**
 * `partitions_json`: `{"db.table": ["p1", ...]}`; views and materialized views stand there too,
 * without partitions. NULL if it is longer than the column: the manifest has the same in rows.
 */
export function partitionsText(
  database: string,
  tables: readonly (readonly [string, readonly string[]])[],
  objects: BackupObjects | undefined,
): string | null {
  const views = [
    ...Object.keys(objects?.views ?? {}),
    ...(objects?.heldMaterializedViews ?? []),
  ].map((name) => [name, []] as const);
  const entries = [...tables, ...views].map(([name, list]) => [`${database}.${name}`, list]);
  const json = JSON.stringify(Object.fromEntries(entries));
  return Buffer.byteLength(json) > LONG_BYTES_MAX ? null : json;
}

export async function insertMeta(ops: Ops, meta: Readonly<Record<string, Field>>): Promise<void> {
  await insertRow(ops, TABLE, meta);
}

export async function updateMeta(
  ops: Ops,
  label: string,
  changes: Readonly<Record<string, Field>>,
): Promise<void> {
  await updateRows(ops, TABLE, changes, `label = ${quoteValue(label)}`);
}

/** By label. */
export async function readMeta(ops: Ops): Promise<ReadonlyMap<string, BackupMeta>> {
  const rows = await ops.connection.query(`SELECT ${COLUMNS} FROM ${opsTable(ops, TABLE)}`);
  return new Map(rows.map((row) => [cell(row, 'label'), metaOf(row)]));
}

export async function metaOfLabel(ops: Ops, label: string): Promise<BackupMeta | undefined> {
  const rows = await ops.connection.query(
    `SELECT ${COLUMNS} FROM ${opsTable(ops, TABLE)} WHERE label = ${quoteValue(label)}`,
  );
  return rows.map(metaOf)[0];
}

export async function deleteMeta(ops: Ops, label: string): Promise<void> {
  await deleteRows(ops, TABLE, `label = ${quoteValue(label)}`);
}

function metaOf(row: Row): BackupMeta {
  const text = (column: string): string | undefined => row[column] ?? undefined;
  const time = (column: string): string | undefined => text(column)?.slice(0, 19);
  return {
    label: cell(row, 'label'),
    database: cell(row, 'database_name'),
    group: cell(row, 'inventory_group'),
    type: cell(row, 'backup_type'),
    baselineLabel: text('baseline_label'),
    rootLabel: text('root_label'),
    jobId: text('fe_job_id'),
    snapshotTimestamp: text('snapshot_timestamp'),
    submittedAt: time('submitted_at'),
    snapshotFinishedAt: time('snapshot_finished_at'),
    finishedAt: time('fe_finished_at'),
    tableCount: Number(cell(row, 'table_count')),
    partitionCount: Number(cell(row, 'partition_count')),
    sizeBytes: Number(cell(row, 'size_bytes')),
    rowCount: text('row_count') === undefined ? undefined : Number(text('row_count')),
    objects: parseObjects(text('objects_json')),
    isPinned: ['1', 'true'].includes(cell(row, 'pinned')),
    expiresAt: time('expires_at'),
    metaSnapshotLabel: text('meta_snapshot_label'),
    verifiedAt: time('verified_at'),
    toolVersion: cell(row, 'tool_version'),
  };
}
