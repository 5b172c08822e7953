/** DELETE: from primary-key tables the keys that match are removed (sql-surface.md 3.6). */
import type { Op } from '../../base/op.ts';
import { analysisError } from '../analysis-error.ts';
import type { Executor, StatementResult } from '../frontend-context.ts';
import { commitLoad, routeStream } from '../load-rows.ts';
import { queryContext } from '../query-context.ts';
import { baseSchema, refuseMaterializedView, refuseUnlessNormal, tableNamed } from '../resolve.ts';
import { RowRouter } from '../route-rows.ts';
import { deleteWhere } from './delete-where.ts';
import { columnItem, rewriting, rowsQuery } from './rewrite-rows.ts';

export const executeDelete: Executor<'delete'> = function* (
  frontend,
  session,
  statement,
): Op<StatementResult> {
  const { database, table } = tableNamed(frontend, session, statement.table);
  refuseMaterializedView(table, 'DELETE', 'refresh it with REFRESH MATERIALIZED VIEW');
  refuseUnlessNormal(table, 'loads');
  if (table.keysType !== 'PRIMARY_KEYS') {
    return yield* deleteWhere(frontend, session, statement, database, table);
  }
  const { where } = statement;
  if (where === undefined) {
    throw analysisError('Delete must specify where clause to prevent full table delete');
  }
  const keys = baseSchema(table).filter((column) => column.isKey);
  const context = queryContext(frontend, session);
  return yield* rewriting(frontend, table, function* () {
    const router = new RowRouter(table, keys, { op: 'delete', partitionNames: undefined });
    const items = keys.map((column) => columnItem(column.name, statement.table));
    const { table: name, partitions, using: others } = statement;
    const query = rowsQuery({ name, partitions, others, where }, items, others.length > 0);
    const stream = yield* frontend.queries.run(query, context);
    yield* routeStream(stream, router, (row) => row);
    return yield* commitLoad(frontend, { database, table, router, label: undefined });
  });
};
