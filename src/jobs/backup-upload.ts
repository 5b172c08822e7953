/**
 * Middle of a backup: what the backends snapshotted is frozen into the job, then dealt out as
 * upload tasks, backend by backend (backup-jobs.md 2.2, 4.3).
 */
import { assert } from '../base/assert.ts';
import { asId, type Signature, type TabletId } from '../base/ids.ts';
import type { UploadTask } from '../protocol/agent-task.ts';
import type { BackupJob } from './backup-job.ts';
import { perform, type Steps } from './effects.ts';
import { byBackend, type SnapshotInfo, snapshotTabletPath } from './snapshot-info.ts';
import { taskBatches } from './task-batches.ts';
import type { StepResult, StepView } from './transition.ts';

/** SNAPSHOTING, once every snapshot is there. */
export function* endSnapshots(job: BackupJob, view: StepView): Steps<StepResult<BackupJob>> {
  const snapshotInfos = new Map<TabletId, SnapshotInfo>();
  for (const info of view.runtime.snapshots.values()) snapshotInfos.set(info.tabletId, info);
  return {
    kind: 'move',
    job: {
      ...job,
      state: 'UPLOAD_SNAPSHOT',
      snapshotFinishedTimeMs: view.nowMs,
      snapshotInfos,
    },
  };
}

/** UPLOAD_SNAPSHOT: every tablet goes into exactly one task of the backend that has its snapshot. */
export function* sendUploads(job: BackupJob, view: StepView): Steps<StepResult<BackupJob>> {
  const batches: SnapshotInfo[][] = [];
  for (const infos of byBackend(job.snapshotInfos.values()).values()) {
    for (const batch of taskBatches(infos, view.config.maxUploadTaskPerBe)) batches.push(batch);
  }
  const first = yield* perform({ do: 'take-ids', count: batches.length });
  const tasks = batches.map((batch, index) => uploadTask(job, view, batch, asId(first + index)));
  const snapshots = new Map<Signature, SnapshotInfo>();
  for (const info of job.snapshotInfos.values()) snapshots.set(asId(info.tabletId), info);
  yield* perform({ do: 'start-tasks', tasks, snapshots });
  return { kind: 'move', job: { ...job, state: 'UPLOADING' } };
}

function uploadTask(
  job: BackupJob,
  view: StepView,
  batch: readonly SnapshotInfo[],
  signature: Signature,
): UploadTask {
  const head = batch[0];
  assert(head !== undefined, 'a batch has a tablet');
  const srcDest = new Map<string, string>();
  for (const info of batch) {
    const remote = view.repository.tabletDirectory(job.label, {
      dbId: info.dbId,
      tableId: info.tblId,
      partitionId: info.partitionId,
      indexId: info.indexId,
      tabletId: info.tabletId,
    });
    srcDest.set(snapshotTabletPath(info), remote);
  }
  return {
    type: 'UPLOAD',
    backendId: head.beId,
    signature,
    dbId: job.dbId,
    jobId: job.jobId,
    srcDest,
    storage: view.repository.storage,
  };
}

/** UPLOADING, once every task has ended: file names now carry their checksums. */
export function* endUploads(job: BackupJob, view: StepView): Steps<StepResult<BackupJob>> {
  const snapshotInfos = new Map<TabletId, SnapshotInfo>();
  for (const [tabletId, info] of job.snapshotInfos) {
    const files = view.runtime.uploadedFiles.get(tabletId);
    snapshotInfos.set(tabletId, files === undefined ? info : { ...info, files });
  }
  return {
    kind: 'move',
    job: { ...job, state: 'SAVE_META', snapshotUploadFinishedTimeMs: view.nowMs, snapshotInfos },
  };
}
