/**
 * DROP DATABASE. Its tables go at once, with or without FORCE: there is no recycle bin. A job of
 * the database past its first steps does not notice (backup-jobs.md Q22) or cancels itself
 * (restore-jobs.md 2.3).
 */
import { SimError } from '../../base/errors.ts';
import type { Op } from '../../base/op.ts';
import { allPartitions } from '../../catalog/table-lookup.ts';
import { DONE, type Executor, type StatementResult } from '../frontend-context.ts';
import { dropReplicas } from '../replica-creation.ts';
import { isSystemDatabase } from '../resolve.ts';

export const executeDropDatabase: Executor<'drop-database'> = function* (
  frontend,
  session,
  { name, ifExists },
): Op<StatementResult> {
  if (isSystemDatabase(name)) {
    throw new SimError('access-denied', `Access denied; database '${name}' cannot be dropped`);
  }
  const missing = (): StatementResult => {
    if (ifExists) return DONE;
    throw new SimError(
      'drop-unknown-database',
      `Can't drop database '${name}'; database doesn't exist`,
    );
  };
  const id = frontend.catalog.databaseIds.get(name);
  if (id === undefined) return missing();
  return yield* frontend.locks.of(id).write(function* () {
    const database = frontend.catalog.databases.get(id);
    if (database === undefined) return missing();
    yield* frontend.log({ op: 'OP_DROP_DB', dbId: id });
    for (const table of database.tables.values()) {
      dropReplicas(frontend, id, allPartitions(table));
      frontend.locks.forgetTable(table.id);
      frontend.autoIncrement.forget(table.id);
    }
    if (session.database === name) session.database = undefined;
    return DONE;
  });
};
