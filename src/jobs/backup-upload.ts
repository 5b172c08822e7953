/**
 * Middle of a backup: what the backends snapshotted is frozen into the job, then dealt out as
 * upload tasks, backend by backend (backup-jobs.md 2.2, 4.3).
 */
import { asId } from '../base/ids.ts';
import type { UploadTask } from '../protocol/agent-task.ts';
import type { BackupJob } from './backup-job.ts';
import { perform, type Steps } from './effects.ts';
import { TabletSnapshots } from './tablet-snapshots.ts';
import { type BackendToUpload, type JobToUpload, TabletsUploadTask } from './tablet-tasks.ts';
import { batchCount, batchRanges } from './task-batches.ts';
import type { StepResult, StepView } from './transition.ts';

/** SNAPSHOTING, once every snapshot is there. */
export function* endSnapshots(job: BackupJob, view: StepView): Steps<StepResult<BackupJob>> {
  return {
    kind: 'move',
    job: {
      ...job,
      state: 'UPLOAD_SNAPSHOT',
      snapshotFinishedTimeMs: view.nowMs,
      snapshotInfos: new TabletSnapshots(view.runtime.snapshots),
    },
  };
}

/** UPLOAD_SNAPSHOT: every tablet goes into exactly one task of the backend that has its snapshot. */
export function* sendUploads(job: BackupJob, view: StepView): Steps<StepResult<BackupJob>> {
  const snapshots = TabletSnapshots.of(job.snapshotInfos);
  const byBackend = snapshots.columns.byBackend();
  const taskMax = view.config.maxUploadTaskPerBe;
  let count = 0;
  for (const { length } of byBackend.values()) count += batchCount(length, taskMax);
  const first = yield* perform({ do: 'take-ids', count });
  const shared = jobToUpload(job, view, snapshots);
  const tasks: UploadTask[] = [];
  for (const [backendId, positions] of byBackend) {
    const ofBackend: BackendToUpload = { job: shared, backendId, positions };
    for (const { from, to } of batchRanges(positions.length, taskMax)) {
      tasks.push(new TabletsUploadTask(ofBackend, from, to, asId(first + tasks.length)));
    }
  }
  yield* perform({ do: 'start-tasks', tasks, snapshots });
  return { kind: 'move', job: { ...job, state: 'UPLOADING' } };
}

function jobToUpload(
  { dbId, jobId, label }: BackupJob,
  { repository }: StepView,
  snapshots: TabletSnapshots,
): JobToUpload {
  return {
    dbId,
    jobId,
    snapshots,
    storage: repository.storage,
    tabletDirectory: (place, tabletId) =>
      repository.tabletDirectory(label, {
        dbId: place.dbId,
        tableId: place.tblId,
        partitionId: place.partitionId,
        indexId: place.indexId,
        tabletId,
      }),
  };
}

/** UPLOADING, once every task has ended: file names now carry their checksums. */
export function* endUploads(job: BackupJob, view: StepView): Steps<StepResult<BackupJob>> {
  // A restart leads back to where uploads are sent, so these are the snapshots of the reports.
  const snapshotInfos = TabletSnapshots.of(job.snapshotInfos).withFiles(view.runtime.uploadedFiles);
  return {
    kind: 'move',
    job: { ...job, state: 'SAVE_META', snapshotUploadFinishedTimeMs: view.nowMs, snapshotInfos },
  };
}
