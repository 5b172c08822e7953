/** ALTER MATERIALIZED VIEW ... ACTIVE, by a user or by the checker: binds the view anew. */
import { SimError } from '../../base/errors.ts';
import type { Op } from '../../base/op.ts';
import { activated, type MvId } from '../../catalog/materialized-view.ts';
import { materializedViewOf } from '../../catalog/mv-bindings.ts';
import { changing } from '../change-database.ts';
import type { FrontendContext } from '../frontend-context.ts';
import { refuseUnlessNormal } from '../resolve.ts';
import { checkedViewQuery } from './view-query.ts';

/**
 * The view reads what its query names today. Throws `execution` when the query cannot be run, does
 * not give the view's columns, or reads a materialized view that is inactive itself.
 */
export function* activateMaterializedView(frontend: FrontendContext, id: MvId): Op<void> {
  const database = frontend.catalog.databases.get(id.dbId);
  if (database === undefined) throw new SimError('unknown-database', `Unknown database ${id.dbId}`);
  yield* changing(frontend, database, function* () {
    const view = materializedViewOf(frontend.catalog, id);
    if (view === undefined) throw new SimError('unknown-table', `Unknown table ${id.tableId}`);
    const { table, info } = view;
    if (info.isActive) return;
    refuseUnlessNormal(table, 'ALTER MATERIALIZED VIEW');
    const refuse = (why: string): SimError =>
      new SimError('execution', `Can not active materialized view [${table.name}] because ${why}`);
    const checked = checkedViewQuery(frontend, table, info);
    if (checked.problem !== undefined) throw refuse(checked.problem);
    const { baseTables } = checked.query;
    const inactive = baseTables.find(
      ({ dbId, tableId }) =>
        materializedViewOf(frontend.catalog, { dbId, tableId })?.info.isActive === false,
    );
    if (inactive !== undefined) throw refuse(`base mv ${inactive.tableName} is not active`);
    yield* frontend.log({
      op: 'OP_ALTER_MATERIALIZED_VIEW_STATUS',
      dbId: id.dbId,
      tableId: id.tableId,
      materializedView: Object.freeze({ ...activated(info), baseTables }),
    });
  });
}
