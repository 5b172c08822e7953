/** SHOW REPOSITORIES and SHOW SNAPSHOT ON (repository.md 6, resolutions.md 14 to 17). */
import { SimError } from '../../base/errors.ts';
import type { Op } from '../../base/op.ts';
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

export const showSnapshot: Executor<'show-snapshot'> = function* (
  frontend,
  _session,
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
  return showResult(columns, rows.value);
};
