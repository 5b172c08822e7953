/** CANCEL BACKUP | RESTORE [FROM db]: done when it returns (backup-jobs.md 6.2, resolutions.md 21). */
import type { Op } from '../../base/op.ts';
import { analysisError } from '../analysis-error.ts';
import { DONE, type Executor, type StatementResult } from '../frontend-context.ts';
import { databaseNamed } from '../resolve.ts';

export const executeCancelJob: Executor<'cancel-job'> = function* (
  frontend,
  session,
  statement,
): Op<StatementResult> {
  if (statement.externalCatalog) {
    throw analysisError(
      `CANCEL ${statement.job} FOR EXTERNAL CATALOG is not supported`,
      'unsupported',
    );
  }
  // Without any database StarRocks looks up the empty name.
  const database = databaseNamed(frontend, statement.database ?? session.database ?? '');
  yield* frontend.handler.cancel(statement.job, database.id);
  return DONE;
};
