/** Cells that SHOW BACKUP and SHOW RESTORE share. */
import { formatDateTime } from '../base/time-zone.ts';
import { type JobRuntime, shownId } from './job-runtime.ts';

/** `yyyy-MM-dd HH:mm:ss` in the zone, or null while not set (resolutions.md 3 and 13). */
export function timeCell(ms: number, zone: string): string | null {
  return ms > 0 ? formatDateTime(ms, zone) : null;
}

export function unfinishedCell({ unfinished }: Pick<JobRuntime, 'unfinished'>): string {
  return [...unfinished].map(([signature, task]) => `${signature}=${shownId(task)}`).join(', ');
}

export function errorCell({ taskErrMsg }: Pick<JobRuntime, 'taskErrMsg'>): string {
  return [...taskErrMsg].map(([signature, text]) => `[${signature}: ${text}]`).join(', ');
}
