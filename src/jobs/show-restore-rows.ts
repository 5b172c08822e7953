/** Rows of SHOW RESTORE (restore-jobs.md 6.1, resolutions.md 7, 11, 16). */
import { SECOND_MS } from '../base/units.ts';
import type { BackupTableInfo } from '../repository/job-info.ts';
import { statusText } from '../repository/status.ts';
import type { JobView } from './backup-handler.ts';
import { errorCell, timeCell, unfinishedCell } from './show-cells.ts';

export const SHOW_RESTORE_COLUMNS = [
  'JobId',
  'Label',
  'Timestamp',
  'DbName',
  'State',
  'AllowLoad',
  'ReplicationNum',
  'RestoreObjs',
  'CreateTime',
  'MetaPreparedTime',
  'SnapshotFinishedTime',
  'DownloadFinishedTime',
  'FinishedTime',
  'UnfinishedTasks',
  'Progress',
  'TaskErrMsg',
  'Status',
  'Timeout',
] as const;

/** The job's row in the session's zone; undefined for a backup, which has none. */
export function showRestoreRow(
  { job, runtime }: JobView,
  sessionTimeZone: string,
): readonly (string | null)[] | undefined {
  if (job.type !== 'RESTORE') return undefined;
  const time = (ms: number): string | null => timeCell(ms, sessionTimeZone);
  return [
    String(job.jobId),
    job.label,
    job.backupTimestamp,
    job.dbName,
    job.state,
    String(job.allowLoad),
    String(job.restoreReplicationNum),
    [...job.jobInfo.tables.values()].map(objectText).join(', '),
    time(job.createTimeMs),
    time(job.metaPreparedTimeMs),
    time(job.snapshotFinishedTimeMs),
    time(job.downloadFinishedTimeMs),
    time(job.finishedTimeMs),
    unfinishedCell(runtime),
    [...runtime.progress]
      .map(([signature, { finished, total }]) => `[${signature}: ${finished}/${total}]`)
      .join(', '),
    errorCell(runtime),
    statusText(job.status),
    String(Math.floor(job.timeoutMs / SECOND_MS)),
  ];
}

/** Names of the snapshot, without the partition that only repeats its table's (restore-jobs.md 1.5). */
function objectText(table: BackupTableInfo): string {
  const names = [...table.partitions.keys()].filter((name) => name !== table.name);
  return names.length === 0 ? table.name : `${table.name} PARTITIONS [${names.join(', ')}]`;
}
