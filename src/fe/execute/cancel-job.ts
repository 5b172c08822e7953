/**
 * CANCEL BACKUP | RESTORE [FROM db | FOR EXTERNAL CATALOG]: done when it returns (backup-jobs.md
 * 6.2, resolutions.md 21).
 */
import type { Op } from '../../base/op.ts';
import { EXTERNAL_CATALOG_SLOT } from '../../jobs/abstract-job.ts';
import { DONE, type Executor, type StatementResult } from '../frontend-context.ts';
import { requireJobExport } from '../privileges/job-privileges.ts';
import { requirePrivilege, SYSTEM } from '../privileges/privilege-check.ts';
import { databaseNamed } from '../resolve.ts';

export const executeCancelJob: Executor<'cancel-job'> = function* (
  frontend,
  session,
  statement,
): Op<StatementResult> {
  if (statement.externalCatalog) {
    requirePrivilege(frontend, session, 'REPOSITORY', SYSTEM);
    yield* frontend.handler.cancel(statement.job, EXTERNAL_CATALOG_SLOT);
    return DONE;
  }
  // Without any database StarRocks looks up the empty name.
  const database = databaseNamed(frontend, statement.database ?? session.database ?? '');
  requirePrivilege(frontend, session, 'REPOSITORY', SYSTEM);
  if (statement.job === 'BACKUP') requireJobExport(frontend, session, database);
  yield* frontend.handler.cancel(statement.job, database.id);
  return DONE;
};
