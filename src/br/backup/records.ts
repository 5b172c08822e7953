/** The rows about a backup that stand before BACKUP is sent (BR-FULL). */
import { deleteMeta, insertMeta, partitionsText } from '../ops/backup-meta.ts';
import { type BackupObjects, objectsText } from '../ops/backup-objects.ts';
import { deleteManifest, insertManifest } from '../ops/manifest.ts';
import { type Ops, SERVER_NOW } from '../ops/ops.ts';
import { deleteStates, insertStates } from '../ops/partition-state.ts';
import { TOOL_VERSION } from '../version.ts';
import type { BaselineChoice } from './baseline.ts';
import type { RowCounts } from './row-counts.ts';
import { type LiveTable, type SelectedTable, statesFor } from './selection.ts';

export interface Records {
  readonly label: string;
  readonly type: 'full' | 'incremental';
  readonly group: string;
  readonly database: string;
  readonly baseline: BaselineChoice | undefined;
  readonly tables: readonly LiveTable[];
  readonly selection: readonly SelectedTable[];
  readonly objects: BackupObjects;
  readonly counts: RowCounts;
}

export async function writeRecords(ops: Ops, records: Records): Promise<void> {
  const { label, database, selection, objects } = records;
  const states = statesFor({ ...records, baseline: records.baseline?.baseline });
  const included = states.filter(({ isIncluded }) => isIncluded);
  const partitions = included.filter(({ partition }) => partition !== '');
  await insertMeta(ops, {
    label,
    database_name: database,
    inventory_group: records.group,
    backup_type: records.type,
    baseline_label: records.baseline?.label ?? null,
    root_label: records.baseline?.rootLabel ?? label,
    submitted_at: SERVER_NOW,
    table_count: selection.length,
    partition_count: partitions.length,
    size_bytes: included.reduce((sum, { dataBytes }) => sum + dataBytes, 0),
    partitions_json: partitionsText(
      database,
      selection.map(({ name, partitions }) => [name, partitions]),
      objects,
    ),
    objects_json: objectsText(objects),
    tool_version: TOOL_VERSION,
    pinned: false,
  });
  await insertStates(ops, states);
  await insertManifest(
    ops,
    partitions.map(({ table, partition }) => ({ label, database, table, partition })),
  );
}

/** After a refusal: nothing was begun under the label. */
export async function deleteRecords(ops: Ops, label: string): Promise<void> {
  await deleteManifest(ops, label);
  await deleteStates(ops, label);
  await deleteMeta(ops, label);
}
