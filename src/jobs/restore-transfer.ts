/**
 * Middle of a restore: backends fetch the snapshot's files into their local snapshots, then move
 * them over the tablets (restore-jobs.md 2.2, 4.3, 4.4).
 */
import { assert } from '../base/assert.ts';
import { asId, type Signature, type TabletId } from '../base/ids.ts';
import { OnlyEntry } from '../base/only-entry.ts';
import type { Database, MaterializedIndex } from '../catalog/model.ts';
import { physicalPartitionById } from '../catalog/table-lookup.ts';
import { replicasOf } from '../catalog/tablet-columns.ts';
import type { DownloadTask, MoveTask } from '../protocol/agent-task.ts';
import { failed, type Status } from '../repository/status.ts';
import { perform, type Steps } from './effects.ts';
import { type IdChain, remoteByTablet } from './file-mapping.ts';
import { NO_OBJECTS } from './meta-objects.ts';
import { colocateRecords } from './restore-colocate.ts';
import type { RestoreJob } from './restore-job.ts';
import { stillThere } from './restore-objects.ts';
import { type SnapshotInfo, snapshotTabletPath } from './snapshot-info.ts';
import { NO_SNAPSHOTS, snapshotColumns } from './tablet-snapshots.ts';
import { taskBatches } from './task-batches.ts';
import type { StepResult, StepView } from './transition.ts';

/** SNAPSHOTING, once every snapshot is there. */
export function* endLocalSnapshots(job: RestoreJob, view: StepView): Steps<StepResult<RestoreJob>> {
  const { dbId } = job;
  const database = yield* perform({ do: 'lock-database', dbId, mode: 'read' });
  // The record puts them in place anew: not those that somebody has dropped since.
  const restoredObjects =
    database === undefined ? NO_OBJECTS : stillThere(job.restoredObjects, database);
  yield* perform({ do: 'unlock-database' });
  return {
    kind: 'move',
    job: {
      ...job,
      restoredObjects,
      state: 'DOWNLOAD',
      snapshotFinishedTimeMs: view.nowMs,
      snapshotInfos: [...view.runtime.snapshots.values()],
    },
    after: colocateRecords(job),
  };
}

/** DOWNLOAD: every local snapshot goes into exactly one task of its backend. */
export function* sendDownloads(job: RestoreJob, view: StepView): Steps<StepResult<RestoreJob>> {
  const { dbId } = job;
  const database = yield* perform({ do: 'lock-database', dbId, mode: 'read' });
  if (database === undefined) {
    const status = failed('NOT_FOUND', `database ${dbId} does not exist`);
    return { kind: 'fail', job, status };
  }
  const remote = remoteByTablet(job.fileMapping);
  const missing = missingObject(job, database, remote);
  yield* perform({ do: 'unlock-database' });
  if (missing !== undefined) return { kind: 'fail', job, status: missing };
  const batches: SnapshotInfo[][] = [];
  const snapshots = snapshotColumns(job.snapshotInfos);
  for (const positions of snapshots.byBackend().values()) {
    for (const batch of taskBatches(positions, view.config.maxDownloadTaskPerBe)) {
      batches.push(batch.map((position) => snapshots.at(position)));
    }
  }
  const first = yield* perform({ do: 'take-ids', count: batches.length });
  const tasks = batches.map((batch, at) =>
    downloadTask(job, view, batch, remote, asId(first + at)),
  );
  yield* perform({ do: 'start-tasks', tasks, snapshots: NO_SNAPSHOTS });
  return { kind: 'move', job: { ...job, state: 'DOWNLOADING' } };
}

function downloadTask(
  job: RestoreJob,
  view: StepView,
  batch: readonly SnapshotInfo[],
  remote: ReadonlyMap<TabletId, IdChain>,
  signature: Signature,
): DownloadTask {
  const head = batch[0];
  assert(head !== undefined, 'a batch has a tablet');
  const directoryOf = ({ tabletId }: SnapshotInfo): string => {
    const chain = remote.get(tabletId);
    assert(chain !== undefined, `tablet ${tabletId} is mapped`);
    const { dbId } = job.jobInfo;
    return view.repository.tabletDirectory(job.label, { dbId, ...chain });
  };
  const srcDest =
    batch.length === 1
      ? new OnlyEntry(directoryOf(head), snapshotTabletPath(head))
      : new Map(batch.map((info) => [directoryOf(info), snapshotTabletPath(info)]));
  return {
    type: 'DOWNLOAD',
    backendId: head.beId,
    signature,
    dbId: job.dbId,
    jobId: job.jobId,
    srcDest,
    storage: view.repository.storage,
  };
}

/** The first thing that a download would need and that is gone (restore-jobs.md 4.3). */
function missingObject(
  job: RestoreJob,
  database: Database,
  remote: ReadonlyMap<TabletId, IdChain>,
): Status | undefined {
  const positions = new Map<MaterializedIndex, ReadonlyMap<number, number>>();
  for (const info of job.snapshotInfos) {
    const { tabletId } = info;
    const table = database.tables.get(info.tblId);
    // StarRocks names the tablet here, not the table (restore-jobs.md 9 #11).
    if (table === undefined)
      return failed('NOT_FOUND', `restored table ${tabletId} does not exist`);
    const physical = physicalPartitionById(table, info.partitionId)?.physical;
    if (physical === undefined) {
      return failed('NOT_FOUND', `partition ${info.partitionId} in table ${table.name} not found`);
    }
    const index = physical.indexes.find((one) => one.indexId === info.indexId);
    if (index === undefined) {
      return failed('NOT_FOUND', `index ${info.indexId} in table ${table.name} not found`);
    }
    let positionOf = positions.get(index);
    if (positionOf === undefined) {
      positionOf = new Map(Array.from(index.tablets.tabletIds, (id, at) => [id, at]));
      positions.set(index, positionOf);
    }
    const at = positionOf.get(tabletId);
    if (at === undefined) return failed('NOT_FOUND', `tablet ${tabletId} not found`);
    if (!replicasOf(index.tablets, at).some(({ backendId }) => backendId === info.beId)) {
      return failed('NOT_FOUND', `replica of tablet ${tabletId} on backend ${info.beId} not found`);
    }
    if (!remote.has(tabletId)) {
      return failed('NOT_FOUND', `no file mapping for tablet ${tabletId}`);
    }
  }
  return undefined;
}

/** DOWNLOADING, once every task has ended. */
export function* endDownloads(job: RestoreJob, view: StepView): Steps<StepResult<RestoreJob>> {
  return {
    kind: 'move',
    job: { ...job, state: 'COMMIT', downloadFinishedTimeMs: view.nowMs },
  };
}

/** COMMIT: one move for each local snapshot. From here on overwritten data is lost. */
export function* sendMoves(job: RestoreJob): Steps<StepResult<RestoreJob>> {
  const first = yield* perform({ do: 'take-ids', count: job.snapshotInfos.length });
  const tasks = job.snapshotInfos.map(
    (info, at): MoveTask => ({
      type: 'MOVE',
      backendId: info.beId,
      signature: asId(first + at),
      dbId: job.dbId,
      jobId: job.jobId,
      tabletId: info.tabletId,
      schemaHash: info.schemaHash,
      src: snapshotTabletPath(info),
    }),
  );
  yield* perform({ do: 'start-tasks', tasks, snapshots: NO_SNAPSHOTS });
  return { kind: 'move', job: { ...job, state: 'COMMITTING' } };
}
