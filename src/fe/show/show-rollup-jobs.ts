/** SHOW ALTER TABLE ROLLUP and SHOW ALTER MATERIALIZED VIEW: a row for each rollup that was added. */
import type { Op } from '../../base/op.ts';
import { formatDateTime } from '../../base/time-zone.ts';
import { type Executor, type StatementResult, showResult } from '../frontend-context.ts';
import { relationFilter } from '../privileges/visible-objects.ts';
import { databaseOf, findTable } from '../resolve.ts';
import { filterShown } from './show-filter.ts';

const NAMES = [
  'JobId',
  'TableName',
  'CreateTime',
  'FinishedTime',
  'BaseIndexName',
  'RollupIndexName',
  'RollupId',
  'TransactionId',
  'State',
  'Msg',
  'Progress',
  'Timeout',
];

/** Seconds; StarRocks' `alter_table_timeout_second`. */
export const ALTER_TIMEOUT_SECONDS = 86_400;

export const showRollupJobs: Executor<'show-rollup-jobs'> = function* (
  frontend,
  session,
  statement,
): Op<StatementResult> {
  const database = databaseOf(frontend, session, statement.database);
  const isShown = relationFilter(frontend, session);
  const jobs = database.rollupJobs.filter(({ tableName }) => {
    const table = findTable(database, tableName);
    return table === undefined || isShown(database, table);
  });
  const rows = jobs.map((job) => [
    String(job.jobId),
    job.tableName,
    formatDateTime(job.createTimeMs, session.timeZone),
    formatDateTime(job.finishedTimeMs, session.timeZone),
    job.baseIndexName,
    job.rollupIndexName,
    String(job.rollupId),
    String(job.txnId),
    'FINISHED',
    '',
    null,
    String(ALTER_TIMEOUT_SECONDS),
  ]);
  const shown = filterShown({ names: NAMES, rows }, statement.tail, 1);
  return showResult(shown.names, shown.rows);
};
