/** What the edit log stores of jobs (backup-jobs.md 2.6): the whole job as of the state entered. */
import type { BackupJob } from './backup-job.ts';
import type { RestoreJob } from './restore-job.ts';

export type JobRecord =
  | { readonly op: 'OP_BACKUP_JOB_V2'; readonly job: BackupJob }
  | { readonly op: 'OP_RESTORE_JOB_V2'; readonly job: RestoreJob };

export type JobOp = JobRecord['op'];

/** The record of a job as it is. */
export function recordOf(job: BackupJob | RestoreJob): JobRecord {
  return job.type === 'BACKUP' ? { op: 'OP_BACKUP_JOB_V2', job } : { op: 'OP_RESTORE_JOB_V2', job };
}
