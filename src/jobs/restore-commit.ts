/**
 * End of a restore, and what its log records mean for the catalog, on the leader and at replay
 * alike (restore-jobs.md 2.3, 2.5, 2.7, 5.1). The changes are found here; `replay-job.ts` makes
 * them. Finding them again after they were made finds nothing, so a record may be applied twice.
 */
import { asId, type PhysicalPartitionId } from '../base/ids.ts';
import type { Database, OlapTable } from '../catalog/model.ts';
import { physicalPartitionById } from '../catalog/table-lookup.ts';
import { withRestoredVersions, withState } from '../catalog/table-operations.ts';
import { failed, type Status } from '../repository/status.ts';
import { type CatalogChange, perform, type Steps } from './effects.ts';
import { type IdChain, mappingRows } from './file-mapping.ts';
import { NO_OBJECTS } from './meta-objects.ts';
import type { JobTraits } from './ports.ts';
import { aliasOf, type RestoreJob } from './restore-job.ts';
import { putChanges, registration, restoredTables, takeBackChanges } from './restore-objects.ts';
import { tableNamed } from './table-lookup.ts';
import { snapshotColumns } from './tablet-snapshots.ts';
import type { StepResult } from './transition.ts';

/** COMMITTING, once every move has ended. The catalog changes when the record is applied. */
export function* commitRestore(job: RestoreJob): Steps<StepResult<RestoreJob>> {
  return {
    kind: 'move',
    job: {
      ...job,
      state: 'FINISHED',
      finishedTimeMs: yield* perform({ do: 'read-clock' }),
      restoredPartitions: [],
      restoredTbls: [],
      restoredObjects: NO_OBJECTS,
      replacedObjects: NO_OBJECTS,
      snapshotInfos: [],
    },
    // After the record: a crash before it finds the snapshots still there and commits again.
    after: [{ do: 'send-releases', snapshots: snapshotColumns(job.snapshotInfos) }],
  };
}

/** Before every step but the first: what the job restores must still be there (2.3). */
export function droppedObject(job: RestoreJob, database: Database | undefined): Status | undefined {
  if (job.state === 'PENDING') return undefined;
  if (database === undefined) {
    return failed('NOT_FOUND', `database ${job.dbId} has been dropped`);
  }
  let checked: IdChain | undefined;
  for (const { local } of mappingRows(job.fileMapping)) {
    // The rows of an index stand one after the other, and there may be very many.
    if (checked !== undefined && isSameIndex(checked, local)) continue;
    checked = local;
    const table = database.tables.get(asId(local.tableId));
    if (table === undefined) return failed('NOT_FOUND', `table ${local.tableId} has been dropped`);
    const physical = physicalPartitionById(
      table,
      asId<PhysicalPartitionId>(local.partitionId),
    )?.physical;
    if (physical === undefined) {
      return failed('NOT_FOUND', `partition ${local.partitionId} has been dropped`);
    }
    if (!physical.indexes.some((index) => index.indexId === local.indexId)) {
      return failed('NOT_FOUND', `index ${local.indexId} has been dropped`);
    }
  }
  return undefined;
}

function isSameIndex(a: IdChain, b: IdChain): boolean {
  return a.indexId === b.indexId && a.partitionId === b.partitionId && a.tableId === b.tableId;
}

/** DOWNLOAD: what the preparation did to the catalog without a record. */
export function preparedChanges(job: RestoreJob, database: Database): readonly CatalogChange[] {
  const changes: CatalogChange[] = [];
  for (const { name } of restoredTables(job)) {
    const table = tableNamed(database, aliasOf(job, name));
    if (table === undefined || table.state === 'RESTORE') continue;
    changes.push({ do: 'set-state', tableId: table.id, state: 'RESTORE' });
  }
  for (const { tableName, partition } of job.restoredPartitions) {
    const table = tableNamed(database, tableName);
    if (table === undefined || table.partitions.has(partition.name)) continue;
    changes.push({ do: 'add-partition', tableId: table.id, partition });
  }
  for (const table of job.restoredTbls) {
    if (!database.tables.has(table.id)) changes.push(registration(job, table));
  }
  return [...changes, ...putChanges(job.restoredObjects, database)];
}

/** FINISHED: tables are NORMAL again, overwritten partitions stand at the backed-up versions. */
export function finishedChanges(job: RestoreJob, database: Database): readonly CatalogChange[] {
  const changes: CatalogChange[] = [];
  for (const { name } of restoredTables(job)) {
    const table = tableNamed(database, aliasOf(job, name));
    if (table === undefined || !isRestoring(table.state)) continue;
    const versions = job.restoredVersionInfo.get(table.id) ?? new Map();
    const normal = withState(table, 'NORMAL');
    changes.push({
      do: 'replace-table',
      table: withRestoredVersions(normal, versions, job.finishedTimeMs),
    });
  }
  return changes;
}

/**
 * CANCELLED: takes back what `job`, as it was before the cancel, did. Only objects that it
 * registered itself go (restore-jobs.md 9 #17).
 */
export function cancelledChanges(
  job: RestoreJob,
  database: Database,
  traits: JobTraits,
): readonly CatalogChange[] {
  const changes: CatalogChange[] = [];
  const created = new Set(job.restoredTbls.map((table) => table.id));
  for (const { name } of restoredTables(job)) {
    const table = tableNamed(database, aliasOf(job, name));
    if (table === undefined || created.has(table.id) || !isRestoring(table.state)) continue;
    if (isForgotten(job, table, traits)) continue;
    changes.push({ do: 'set-state', tableId: table.id, state: 'NORMAL' });
  }
  for (const id of created) {
    if (database.tables.has(id)) changes.push({ do: 'drop-table', tableId: id });
  }
  for (const { tableName, partition } of job.restoredPartitions) {
    const table = tableNamed(database, tableName);
    if (table?.partitions.get(partition.name)?.id !== partition.id) continue;
    changes.push({ do: 'drop-partition', tableId: table.id, name: partition.name });
  }
  const isEarly = job.state === 'PENDING';
  if (isEarly && traits.quirks.cancelDropsByName) changes.push(...dropsByName(job, database));
  return [...changes, ...takeBackChanges(job, database, traits)];
}

/** What bears the name of something planned, whosever it is (restore-jobs.md 9 #17). */
function dropsByName(job: RestoreJob, database: Database): readonly CatalogChange[] {
  const tables = job.restoredTbls.flatMap(({ name }) => tableNamed(database, name) ?? []);
  const views = job.restoredObjects.views.filter(({ name }) => database.views.has(name));
  return [
    ...tables.map(({ id }) => ({ do: 'drop-table', tableId: id }) as const),
    ...views.map(({ name }) => ({ do: 'drop-view', name }) as const),
  ];
}

/** An active materialized view that the job marked and left alone (restore-jobs.md 9 #20). */
function isForgotten(job: RestoreJob, table: OlapTable, traits: JobTraits): boolean {
  const isSkipped = table.materializedView?.isActive === true;
  return traits.quirks.restoreForgetsSkippedViews && job.state === 'PENDING' && isSkipped;
}

function isRestoring(state: string): boolean {
  return state === 'RESTORE' || state === 'RESTORE_WITH_LOAD';
}
