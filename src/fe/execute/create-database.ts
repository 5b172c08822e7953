/** CREATE DATABASE (sql-surface.md 3.1). */
import { SimError } from '../../base/errors.ts';
import { asId } from '../../base/ids.ts';
import type { Op } from '../../base/op.ts';
import { isDatabaseName } from '../../catalog/names.ts';
import { analysisError } from '../analysis-error.ts';
import { DONE, type Executor, type StatementResult } from '../frontend-context.ts';
import { isSystemDatabase } from '../resolve.ts';

export const executeCreateDatabase: Executor<'create-database'> = function* (
  frontend,
  _session,
  { name, ifNotExists },
): Op<StatementResult> {
  if (!isDatabaseName(name)) {
    throw analysisError(`Incorrect database name '${name}'`, 'bad-database-name');
  }
  const exists = (): boolean => isSystemDatabase(name) || frontend.catalog.databaseIds.has(name);
  const refuse = (): SimError =>
    new SimError('database-exists', `Can't create database '${name}'; database exists`);
  if (exists()) {
    if (ifNotExists) return DONE;
    throw refuse();
  }
  const dbId = yield* frontend.ids.next(1);
  return yield* frontend.locks.catalog.hold(function* () {
    if (exists()) {
      if (ifNotExists) return DONE;
      throw refuse();
    }
    yield* frontend.log({ op: 'OP_CREATE_DB_V2', dbId: asId(dbId), name });
    return DONE;
  });
};
