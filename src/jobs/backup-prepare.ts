/**
 * First step of a backup: looks the objects up again, picks a replica of every tablet and orders
 * its snapshot, and copies the metadata as it is at that moment (backup-jobs.md 2.3, 4.1, 4.2).
 */
import { asId, type JobId } from '../base/ids.ts';
import { isSecretProperty } from '../base/secret-property.ts';
import { SECOND_MS } from '../base/units.ts';
import type { Database, ExternalCatalog, OlapTable, Partition, View } from '../catalog/model.ts';
import { indexMetaOf } from '../catalog/table-lookup.ts';
import { replicaForBackup, tabletIdAt } from '../catalog/tablet-columns.ts';
import type { MakeSnapshotTask } from '../protocol/agent-task.ts';
import { type BackupMeta, EMPTY_META } from '../repository/meta-info.ts';
import { failed, OK, type Status } from '../repository/status.ts';
import { isCatalogJob } from './abstract-job.ts';
import type { BackupJob, BackupTableRef } from './backup-job.ts';
import { perform, type Steps } from './effects.ts';
import { copyForBackup } from './mv/backup-views.ts';
import { tableNamed } from './table-lookup.ts';
import { NO_SNAPSHOTS } from './tablet-snapshots.ts';
import { type IndexToSnapshot, TabletSnapshotTask } from './tablet-tasks.ts';
import type { StepResult, StepView } from './transition.ts';

/** What goes into a repository: whoever can read that must not learn how to enter a catalog. */
function withoutSecrets(catalog: ExternalCatalog): ExternalCatalog {
  const properties = [...catalog.properties].filter(([key]) => !isSecretProperty(key));
  return { ...catalog, properties: new Map(properties) };
}

/** PENDING: everything is validated anew, with the versions and metadata of now. */
export function* prepareSnapshots(job: BackupJob, view: StepView): Steps<StepResult<BackupJob>> {
  if (isCatalogJob(job)) {
    const catalogs = job.backupCatalogs.map(withoutSecrets);
    const backupMeta: BackupMeta = { ...EMPTY_META, catalogs };
    return { kind: 'move', job: { ...job, state: 'SAVE_META', backupMeta } };
  }
  const { dbId, dbName } = job;
  const database = yield* perform({ do: 'lock-database', dbId, mode: 'read' });
  if (database === undefined) {
    const status = failed('NOT_FOUND', `database ${dbName} (id ${dbId}) does not exist`);
    return { kind: 'fail', job, status };
  }
  const jobId = asId<JobId>(yield* perform({ do: 'take-ids', count: 1 }));
  const begun: BackupJob = { ...job, jobId };
  const missing = firstMissing(job, database);
  if (missing !== undefined) return { kind: 'fail', job: begun, status: missing };
  // StarRocks asks whether it is the one OK; what comes from the log has another (9 Q1).
  const isTheOk = job.status === OK;
  if (view.traits.quirks.reloadedPendingLoops && !isTheOk) return { kind: 'stay', job: begun };
  const plan = planSnapshots(begun, database);
  if (!plan.ok) return { kind: 'fail', job: begun, status: plan.status };
  yield* perform({ do: 'unlock-database' });
  yield* perform({ do: 'start-tasks', tasks: plan.tasks, snapshots: NO_SNAPSHOTS });
  return {
    kind: 'move',
    job: { ...begun, state: 'SNAPSHOTING', backupMeta: plan.meta },
  };
}

type SnapshotPlan =
  | {
      readonly ok: true;
      readonly tasks: readonly MakeSnapshotTask[];
      readonly meta: BackupMeta;
    }
  | { readonly ok: false; readonly status: Status };

function planSnapshots(job: BackupJob, database: Database): SnapshotPlan {
  const tasks: MakeSnapshotTask[] = [];
  const tables = new Map<string, OlapTable>();
  const views = new Map<string, View>();
  for (const ref of job.tableRefs) {
    const view = database.views.get(ref.tableName);
    if (view !== undefined) views.set(view.name, view);
    const table = tableNamed(database, ref.tableName);
    if (table === undefined) continue;
    for (const partition of selectedPartitions(table, ref)) {
      const status = addTasks(tasks, job, table, partition);
      if (status !== undefined) return { ok: false, status };
    }
    tables.set(table.name, copyForBackup(table, ref.partitionNames));
  }
  return { ok: true, tasks, meta: { tables, views, functions: job.backupFunctions, catalogs: [] } };
}

function firstMissing(job: BackupJob, database: Database): Status | undefined {
  for (const ref of job.tableRefs) {
    const status = missingObject(database, ref);
    if (status !== undefined) return status;
  }
  return undefined;
}

function missingObject(database: Database, ref: BackupTableRef): Status | undefined {
  // A view has no partitions that could be missing.
  if (database.views.has(ref.tableName)) return undefined;
  const table = tableNamed(database, ref.tableName);
  if (table === undefined) {
    return failed('NOT_FOUND', `table ${ref.tableName} does not exist`);
  }
  const missing = ref.partitionNames?.find((name) => !table.partitions.has(name));
  if (missing === undefined) return undefined;
  return failed('NOT_FOUND', `partition ${missing} does not exist in table ${ref.tableName}`);
}

/** The named partitions, or all that are not temporary. */
function selectedPartitions(table: OlapTable, ref: BackupTableRef): readonly Partition[] {
  const all = [...table.partitions.values()];
  if (ref.partitionNames === undefined) return all;
  const names = new Set(ref.partitionNames);
  return all.filter((partition) => names.has(partition.name));
}

/** One task for each tablet of the partition; a status when some tablet has no replica to read. */
function addTasks(
  tasks: MakeSnapshotTask[],
  job: BackupJob,
  table: OlapTable,
  partition: Partition,
): Status | undefined {
  const timeoutSec = Math.floor(job.timeoutMs / SECOND_MS);
  for (const physical of partition.physical) {
    for (const index of physical.indexes) {
      const { schemaHash } = indexMetaOf(table, index.indexId);
      const shared: IndexToSnapshot = {
        dbId: job.dbId,
        jobId: job.jobId,
        tableId: table.id,
        partitionId: physical.id,
        indexId: index.indexId,
        version: physical.visibleVersion,
        schemaHash,
        timeoutSec,
      };
      for (let at = 0; at < index.tablets.count; at += 1) {
        const tabletId = tabletIdAt(index.tablets, at);
        const replica = replicaForBackup(physical, index.tablets, at);
        if (replica === undefined) {
          return failed(
            'COMMON_ERROR',
            `no replica of tablet ${tabletId} can be read at version ${physical.visibleVersion}`,
          );
        }
        tasks.push(new TabletSnapshotTask(shared, tabletId, replica.backendId));
      }
    }
  }
  return undefined;
}
