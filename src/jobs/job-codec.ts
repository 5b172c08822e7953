/**
 * Jobs as JSON, for the edit log and the image. Keys are StarRocks' (backup-jobs.md 1,
 * restore-jobs.md 1.2); a file mapping is a list of chain pairs. Encoding streams, since a job with
 * many tablets is hundreds of megabytes of text.
 */
import { chunksOf, type JsonChunks, type JsonText, writeAll } from '../catalog/json-chunks.ts';
import { JsonCursor } from '../catalog/json-cursor.ts';
import { decodeBackupJob, writeBackupJob } from './backup-job-codec.ts';
import type { Job } from './job-machine.ts';
import type { JobOp, JobRecord } from './records.ts';
import { decodeRestoreJob, writeRestoreJob } from './restore-job-codec.ts';

export const JOB_OPS: readonly JobOp[] = ['OP_BACKUP_JOB_V2', 'OP_RESTORE_JOB_V2'];

export function isJobOp(op: string): op is JobOp {
  return JOB_OPS.some((one) => one === op);
}

/** The record's body as JSON text in chunks. The operation travels beside it. */
export function encodeJobRecord(record: JobRecord): JsonText {
  return chunksOf((out) => writeJob(out, record.job));
}

/** From the parsed body. Throws `metadata-unreadable`, naming the path, for what does not fit. */
export function decodeJobRecord(op: JobOp, body: unknown): JobRecord {
  const json = new JsonCursor(body);
  return op === 'OP_BACKUP_JOB_V2'
    ? { op, job: decodeBackupJob(json) }
    : { op, job: decodeRestoreJob(json) };
}

/** All jobs, for the image. */
export function encodeJobs(jobs: readonly Job[]): JsonText {
  return chunksOf((out) => writeAll(out, '[]', jobs, (job) => writeJob(out, job)));
}

export function decodeJobs(json: unknown): readonly Job[] {
  return new JsonCursor(json).items().map((item) => {
    const type = item.field('type').oneOf(['BACKUP', 'RESTORE'] as const);
    return type === 'BACKUP' ? decodeBackupJob(item) : decodeRestoreJob(item);
  });
}

function writeJob(out: JsonChunks, job: Job): JsonText {
  return job.type === 'BACKUP' ? writeBackupJob(out, job) : writeRestoreJob(out, job);
}
