/** Rows of SHOW BACKUP (backup-jobs.md 6.1, resolutions.md 7, 11, 12, 16). */
import { SECOND_MS } from '../base/units.ts';
import { statusText } from '../repository/status.ts';
import type { JobView } from './backup-handler.ts';
import type { BackupTableRef } from './backup-job.ts';
import { errorCell, timeCell, unfinishedCell } from './show-cells.ts';

export const SHOW_BACKUP_COLUMNS = [
  'JobId',
  'SnapshotName',
  'DbName',
  'State',
  'BackupObjs',
  'CreateTime',
  'SnapshotFinishedTime',
  'UploadFinishedTime',
  'FinishedTime',
  'UnfinishedTasks',
  'Progress',
  'TaskErrMsg',
  'Status',
  'Timeout',
] as const;

/** The job's row in the session's zone; undefined for a restore, which has none. */
export function showBackupRow(
  view: JobView,
  sessionTimeZone: string,
  longProgress: boolean,
): readonly (string | null)[] | undefined {
  const { job, runtime } = view;
  if (job.type !== 'BACKUP') return undefined;
  const time = (ms: number): string | null => timeCell(ms, sessionTimeZone);
  return [
    String(job.jobId),
    job.label,
    job.dbName,
    job.state,
    job.tableRefs.map(refText).join(', '),
    time(job.createTimeMs),
    time(job.snapshotFinishedTimeMs),
    time(job.snapshotUploadFinishedTimeMs),
    time(job.finishedTimeMs),
    unfinishedCell(runtime),
    progressCell(view, longProgress),
    errorCell(runtime),
    statusText(job.status),
    String(Math.floor(job.timeoutMs / SECOND_MS)),
  ];
}

/** No blank before the partition list, as in StarRocks (resolutions.md 12). */
function refText({ dbName, tableName, partitionNames }: BackupTableRef): string {
  const partitions =
    partitionNames === undefined ? '' : `PARTITIONS (${partitionNames.join(', ')})`;
  return `[${dbName}.${tableName}${partitions}]`;
}

function progressCell({ runtime }: JobView, isLong: boolean): string {
  return [...runtime.progress]
    .map(([signature, { finished, total }]) =>
      isLong
        ? `[ task id: ${signature} -> finished part:${finished}/ total number of subtasks:${total}]`
        : `[${signature}: ${finished}/${total}]`,
    )
    .join(', ');
}
