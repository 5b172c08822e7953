/** ALTER DATABASE: another name, quotas (sql-surface.md 3.1). */
import { SimError } from '../../base/errors.ts';
import type { Op } from '../../base/op.ts';
import type { Database } from '../../catalog/model.ts';
import { isDatabaseName } from '../../catalog/names.ts';
import { isTerminal } from '../../jobs/abstract-job.ts';
import { analysisError } from '../analysis-error.ts';
import { changing } from '../change-database.ts';
import {
  DONE,
  type Executor,
  type FrontendContext,
  type StatementResult,
} from '../frontend-context.ts';
import { databaseNamed, isSystemDatabase } from '../resolve.ts';

export const executeAlterDatabase: Executor<'alter-database'> = function* (
  frontend,
  _session,
  { name, action },
): Op<StatementResult> {
  if (isSystemDatabase(name)) {
    throw new SimError('access-denied', `Access denied; database '${name}' cannot be changed`);
  }
  const database = databaseNamed(frontend, name);
  if (action.kind === 'rename') {
    yield* frontend.locks.catalog.hold(() => rename(frontend, database, action.newName));
    return DONE;
  }
  const { id: dbId } = database;
  yield* changing(frontend, database, function* () {
    const change =
      action.kind === 'data-quota'
        ? { dataQuotaBytes: action.bytes }
        : { replicaQuota: action.count };
    yield* frontend.log({ op: 'OP_ALTER_DB_V2', dbId, ...change });
  });
  return DONE;
};

/** A running job knows its database by name, too. */
function* rename(frontend: FrontendContext, database: Database, newName: string): Op<void> {
  const { catalog, handler } = frontend;
  if (!isDatabaseName(newName)) {
    throw analysisError(`Incorrect database name '${newName}'`, 'bad-database-name');
  }
  if (newName === database.name) throw new SimError('execution', 'Same database name');
  yield* changing(frontend, database, function* () {
    if (isSystemDatabase(newName) || catalog.databaseIds.has(newName)) {
      throw new SimError('execution', `Database name[${newName}] is already used`);
    }
    const job = handler.job(database.id)?.job;
    if (job !== undefined && !isTerminal(job.state)) {
      const text = `${job.type} job ${job.label} of database '${database.name}' is running`;
      throw new SimError('execution', text, { hint: 'wait for it or cancel it' });
    }
    yield* frontend.log({ op: 'OP_RENAME_DB_V2', dbId: database.id, newName });
  });
}
