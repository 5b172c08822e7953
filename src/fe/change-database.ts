/**
 * Changes of a database's tables: check, log and apply while nobody else changes it. A database
 * that was dropped while a statement waited is found out here: a record of it could never be
 * replayed.
 */
import { SimError } from '../base/errors.ts';
import type { Op } from '../base/op.ts';
import type { Database, OlapTable } from '../catalog/model.ts';
import type { FrontendContext } from './frontend-context.ts';
import { refuseUnlessNormal } from './resolve.ts';

/** Throws `unknown-database` when it is gone by the time it is free. */
export function changing<T>(
  frontend: FrontendContext,
  database: Database,
  body: () => Op<T>,
): Op<T> {
  return frontend.locks.of(database.id).write(function* () {
    if (frontend.catalog.databases.get(database.id) !== database) {
      throw new SimError('unknown-database', `Unknown database '${database.name}'`);
    }
    return yield* body();
  });
}

/** A table as it is now, by its id: names may have changed meanwhile. */
export function tableNow(
  frontend: FrontendContext,
  database: Database,
  table: OlapTable,
): OlapTable | undefined {
  return frontend.catalog.databases.get(database.id)?.tables.get(table.id);
}

/** The same, for a change that wants the table NORMAL; `what` names the change in the refusal. */
export function stillNormal(
  frontend: FrontendContext,
  database: Database,
  table: OlapTable,
  what: string,
): OlapTable {
  const now = tableNow(frontend, database, table);
  if (now === undefined) throw new SimError('unknown-table', `Unknown table '${table.name}'`);
  refuseUnlessNormal(now, what);
  return now;
}

/** A partition made for one set of indexes is no good for another. */
export function hasSameIndexes(a: OlapTable, b: OlapTable): boolean {
  if (a.indexMetas.length !== b.indexMetas.length) return false;
  return a.indexMetas.every(({ indexId }, at) => b.indexMetas[at]?.indexId === indexId);
}
