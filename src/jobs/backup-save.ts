/**
 * End of a backup: writes `__meta` and `__info` here, lets the backends forget their snapshots,
 * and uploads both files, `__info` last, since it is what makes the snapshot complete
 * (backup-jobs.md 5).
 */
import { present } from '../base/assert.ts';
import type { TableId } from '../base/ids.ts';
import { formatTimestampLabel } from '../base/time-zone.ts';
import type { Status } from '../repository/status.ts';
import { OK } from '../repository/status.ts';
import { isCatalogJob } from './abstract-job.ts';
import type { BackupJob } from './backup-job.ts';
import { jobInfoOf } from './backup-job-info.ts';
import { perform, type Steps } from './effects.ts';
import { NO_SNAPSHOTS, TabletSnapshots } from './tablet-snapshots.ts';
import type { StepResult, StepView } from './transition.ts';

/** SAVE_META: after it, metadata and snapshot infos are gone from the job. */
export function* saveMeta(job: BackupJob, view: StepView): Steps<StepResult<BackupJob>> {
  const meta = present(job.backupMeta, 'metadata of a job in SAVE_META');
  const finishTimeMs = yield* perform({ do: 'read-clock' });
  const counters = yield* autoIncrementIds(job);
  const files = yield* perform({
    do: 'write-job-files',
    label: job.label,
    timestamp: timestampOf(job, view),
    meta,
    info: jobInfoOf(job, meta, { finishTimeMs, autoIncrementIds: counters }, view),
  });
  if (files.value === undefined) return { kind: 'fail', job, status: files.status };
  // Before the state is logged: a restart sends them again, none is ever left out.
  const { columns } = TabletSnapshots.of(job.snapshotInfos);
  yield* perform({ do: 'send-releases', snapshots: columns });
  return {
    kind: 'move',
    job: {
      ...job,
      state: 'UPLOAD_INFO',
      backupMeta: undefined,
      snapshotInfos: NO_SNAPSHOTS,
      localMetaInfoFilePath: files.value.metaPath,
      localJobInfoFilePath: files.value.infoPath,
    },
  };
}

/** Counters of now: no row of the snapshot has an id that they have yet to give. */
function* autoIncrementIds(job: BackupJob): Steps<ReadonlyMap<TableId, number>> {
  if (isCatalogJob(job)) return new Map();
  const { dbId } = job;
  const database = yield* perform({ do: 'lock-database', dbId, mode: 'read' });
  const counters = new Map(database?.autoIncrementIds ?? []);
  yield* perform({ do: 'unlock-database' });
  return counters;
}

/** UPLOAD_INFO: tried again at every tick until it works, `__meta` first each time. */
export function* uploadInfo(job: BackupJob, view: StepView): Steps<StepResult<BackupJob>> {
  const meta = yield* uploadFile(job, job.localMetaInfoFilePath, undefined);
  if (meta.code !== 'OK') return { kind: 'fail', job, status: meta };
  const info = yield* uploadFile(job, job.localJobInfoFilePath, timestampOf(job, view));
  if (info.code !== 'OK') return { kind: 'fail', job, status: info };
  const finishedTimeMs = yield* perform({ do: 'read-clock' });
  return { kind: 'move', job: { ...job, state: 'FINISHED', status: OK, finishedTimeMs } };
}

function* uploadFile(
  job: BackupJob,
  path: string | undefined,
  timestamp: string | undefined,
): Steps<Status> {
  const localPath = present(path, 'local file of a job in UPLOAD_INFO');
  return yield* perform({
    do: 'upload-file',
    repoId: job.repoId,
    label: job.label,
    localPath,
    timestamp,
  });
}

/** What RESTORE calls `backup_timestamp`: the submission time in the system's zone. */
function timestampOf(job: BackupJob, view: StepView): string {
  return formatTimestampLabel(job.createTimeMs, view.systemTimeZone);
}
