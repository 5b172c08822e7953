/**
 * Middle of a backup: what the backends snapshotted is frozen into the job, then dealt out as
 * upload tasks, backend by backend (backup-jobs.md 2.2, 4.3).
 */
import { present } from '../base/assert.ts';
import { asId, type TabletId } from '../base/ids.ts';
import type { BackupJob } from './backup-job.ts';
import { perform, type Steps } from './effects.ts';
import { byBackend, type SnapshotInfo } from './snapshot-info.ts';
import { type JobToUpload, TabletsUploadTask } from './tablet-tasks.ts';
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
  const shared = jobToUpload(job, view);
  const tasks = batches.map((batch, index) => {
    const { beId } = present(batch[0], 'a tablet of a batch');
    return new TabletsUploadTask(shared, asId(first + index), beId, batch);
  });
  yield* perform({ do: 'start-tasks', tasks, snapshots: job.snapshotInfos });
  return { kind: 'move', job: { ...job, state: 'UPLOADING' } };
}

function jobToUpload({ dbId, jobId, label }: BackupJob, { repository }: StepView): JobToUpload {
  return {
    dbId,
    jobId,
    storage: repository.storage,
    tabletDirectory: (info) =>
      repository.tabletDirectory(label, {
        dbId: info.dbId,
        tableId: info.tblId,
        partitionId: info.partitionId,
        indexId: info.indexId,
        tabletId: info.tabletId,
      }),
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
