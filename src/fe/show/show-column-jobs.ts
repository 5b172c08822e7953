/** SHOW ALTER TABLE COLUMN: a row for each index that a change of columns has made anew. */
import type { Op } from '../../base/op.ts';
import { formatDateTime } from '../../base/time-zone.ts';
import { type Executor, type StatementResult, showResult } from '../frontend-context.ts';
import { relationFilter } from '../privileges/visible-objects.ts';
import { databaseOf, findTable } from '../resolve.ts';
import { filterShown } from './show-filter.ts';
import { ALTER_TIMEOUT_SECONDS } from './show-rollup-jobs.ts';

const NAMES = [
  'JobId',
  'TableName',
  'CreateTime',
  'FinishTime',
  'IndexName',
  'IndexId',
  'OriginIndexId',
  'SchemaVersion',
  'TransactionId',
  'State',
  'Msg',
  'Progress',
  'Timeout',
];

export const showColumnJobs: Executor<'show-column-jobs'> = function* (
  frontend,
  session,
  statement,
): Op<StatementResult> {
  const database = databaseOf(frontend, session, statement.database);
  const isShown = relationFilter(frontend, session);
  const jobs = database.schemaChangeJobs.filter(({ tableName }) => {
    const table = findTable(database, tableName);
    return table === undefined || isShown(database, table);
  });
  const rows = jobs.flatMap((job) =>
    job.indexes.map((index) => [
      String(job.jobId),
      job.tableName,
      formatDateTime(job.createTimeMs, session.timeZone),
      formatDateTime(job.finishedTimeMs, session.timeZone),
      index.name,
      String(index.indexId),
      String(index.originIndexId),
      `${index.schemaVersion}:${index.schemaHash}`,
      String(job.txnId),
      'FINISHED',
      '',
      null,
      String(ALTER_TIMEOUT_SECONDS),
    ]),
  );
  const shown = filterShown({ names: NAMES, rows }, statement.tail, 1);
  return showResult(shown.names, shown.rows);
};
