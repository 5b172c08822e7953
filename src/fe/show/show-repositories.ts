/** SHOW REPOSITORIES and SHOW SNAPSHOT ON (repository.md 6, resolutions.md 14 to 17). */
import { SimError } from '../../base/errors.ts';
import type { Op } from '../../base/op.ts';
import type { Row } from '../../base/row-stream.ts';
import { formatDateTime } from '../../base/time-zone.ts';
import type { Repository } from '../../repository/repository.ts';
import { showSnapshots } from '../../repository/show-snapshot.ts';
import { analysisError } from '../analysis-error.ts';
import { type Executor, type StatementResult, showResult } from '../frontend-context.ts';
import { filterShown } from './show-filter.ts';

const REPOSITORY_COLUMNS = [
  'RepoId',
  'RepoName',
  'CreateTime',
  'IsReadOnly',
  'Location',
  'Broker',
  'ErrMsg',
];

export const showRepositories: Executor<'show-repositories'> = function* (
  frontend,
  session,
  { tail },
): Op<StatementResult> {
  const rows = frontend.repositories.repositoryRows(session.timeZone);
  const shown = filterShown({ names: REPOSITORY_COLUMNS, rows }, tail, 1);
  return showResult(shown.names, shown.rows);
};

const SNAPSHOT_COLUMNS = ['Snapshot', 'Timestamp', 'Status'];
const DETAIL_COLUMNS = ['Snapshot', 'Timestamp', 'Database', 'Details', 'Status'];

/** Appended from 4.2 on, in both shapes (resolutions.md 9). */
const RETENTION_COLUMNS = ['ClusterId', 'FinishTime', 'TTL', 'ExpireTime'];

export const showSnapshot: Executor<'show-snapshot'> = function* (
  frontend,
  session,
  { repository: name, filter },
): Op<StatementResult> {
  const repository = frontend.repositories.byName(name);
  if (repository === undefined) {
    throw analysisError(`Repository [${name}] does not exist`, 'common-error');
  }
  const asked = filter ?? { snapshots: [], isList: false, timestamp: undefined };
  const rows = yield* showSnapshots(repository, asked);
  if (rows.value === undefined) throw new SimError('common-error', rows.status.msg);
  const columns = asked.timestamp === undefined ? SNAPSHOT_COLUMNS : DETAIL_COLUMNS;
  if (!frontend.options.profile.hasSnapshotRetention) return showResult(columns, rows.value);
  const wide: Row[] = [];
  for (const row of rows.value) {
    wide.push([...row, ...(yield* retentionCells(repository, row, session.timeZone))]);
  }
  return showResult([...columns, ...RETENTION_COLUMNS], wide);
};

/** Of the newest job info of the label; NULL where there is none or it cannot be read. */
function* retentionCells(repository: Repository, row: Row, timeZone: string): Op<Row> {
  const [label, timestamps] = row.map((cell) => String(cell ?? ''));
  const timestamp = timestamps?.split('\n').at(-1) ?? '';
  if (row.at(-1) !== 'OK') return RETENTION_COLUMNS.map(() => null);
  const { value: info } = yield* repository.fetchJobInfo(label ?? '', timestamp);
  const time = (ms: number | undefined): string | null =>
    ms === undefined || ms <= 0 ? null : formatDateTime(ms, timeZone);
  return [
    info?.clusterId === undefined ? null : String(info.clusterId),
    time(info?.finishTimeMs),
    info?.ttl ?? null,
    time(info?.expireTimeMs),
  ];
}
