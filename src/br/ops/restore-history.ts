/** `restore_history`: one row for each run of a restore (BR-HIST). */
import { insertRow, type Ops } from './ops.ts';

export interface RestoreEnding {
  readonly jobId: string;
  readonly label: string;
  readonly type: 'database' | 'table' | 'partition';
  readonly status: string;
  readonly repository: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly error: string | undefined;
  readonly checksum: string | undefined;
}

export async function writeRestoreHistory(ops: Ops, ending: RestoreEnding): Promise<void> {
  await insertRow(ops, 'restore_history', {
    job_id: ending.jobId,
    backup_label: ending.label,
    restore_type: ending.type,
    status: ending.status,
    repository: ending.repository,
    started_at: ending.startedAt,
    finished_at: ending.finishedAt,
    error_message: ending.error ?? null,
    verification_checksum: ending.checksum ?? null,
  });
}
