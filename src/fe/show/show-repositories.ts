/** SHOW REPOSITORIES and SHOW SNAPSHOT ON (repository.md 6, resolutions.md 14 to 17). */
import { SimError } from '../../base/errors.ts';
import type { Op } from '../../base/op.ts';
import { showSnapshotColumns, showSnapshots } from '../../repository/show-snapshot.ts';
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
  const { hasSnapshotRetention } = frontend.options.profile.jobs;
  const cells = { cache: frontend.handler.retentions, sessionTimeZone: session.timeZone };
  const rows = yield* showSnapshots(repository, asked, hasSnapshotRetention ? cells : undefined);
  if (rows.value === undefined) throw new SimError('common-error', rows.status.msg);
  return showResult(showSnapshotColumns(asked, hasSnapshotRetention), rows.value);
};
