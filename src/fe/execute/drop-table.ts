/** DROP TABLE. The table goes at once, with or without FORCE: there is no recycle bin. */
import { SimError } from '../../base/errors.ts';
import type { Op } from '../../base/op.ts';
import { allPartitions } from '../../catalog/table-lookup.ts';
import { changing } from '../change-database.ts';
import { DONE, type Executor, type StatementResult } from '../frontend-context.ts';
import { dropReplicas } from '../replica-creation.ts';
import {
  databaseOf,
  findTable,
  noTable,
  refuseForeignCatalog,
  refuseMaterializedView,
  refuseUnlessNormal,
} from '../resolve.ts';

export const executeDropTable: Executor<'drop-table'> = function* (
  frontend,
  session,
  { table: name, ifExists, force },
): Op<StatementResult> {
  refuseForeignCatalog(name.catalog);
  const database = databaseOf(frontend, session, name.db);
  const unknown = `Unknown table '${database.name}.${name.name}'`;
  if (findTable(database, name.name) === undefined) {
    if (ifExists && !database.views.has(name.name)) return DONE;
    throw noTable(database, name.name);
  }
  return yield* changing(frontend, database, function* () {
    const table = findTable(database, name.name);
    if (table === undefined) {
      if (ifExists && !database.views.has(name.name)) return DONE;
      throw new SimError('unknown-table', unknown);
    }
    refuseMaterializedView(table, 'DROP TABLE', 'use DROP MATERIALIZED VIEW');
    if (!force) refuseUnlessNormal(table, 'DROP TABLE without FORCE');
    yield* frontend.log({ op: 'OP_DROP_TABLE', dbId: database.id, tableId: table.id });
    dropReplicas(frontend, database.id, allPartitions(table));
    frontend.locks.forgetTable(table.id);
    frontend.autoIncrement.forget(table.id);
    return DONE;
  });
};
