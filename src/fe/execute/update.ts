/** UPDATE of primary-key tables: whole rows are read, changed and upserted (sql-surface.md 3.6). */
import type { Op } from '../../base/op.ts';
import type { OlapTable } from '../../catalog/model.ts';
import type { SelectItem, Statement } from '../../sql/ast.ts';
import { analysisError } from '../analysis-error.ts';
import { isBackendConfigs, updateBackendConfigs } from '../be-configs-table.ts';
import type { Executor, StatementResult } from '../frontend-context.ts';
import { commitLoad, routeStream, storedCell } from '../load-rows.ts';
import { queryContext } from '../query-context.ts';
import {
  baseSchema,
  columnNamed,
  refuseMaterializedView,
  refuseUnlessNormal,
  tableNamed,
} from '../resolve.ts';
import { RowRouter } from '../route-rows.ts';
import { columnItem, refuseUnlessPrimaryKey, rewriting, rowsQuery } from './rewrite-rows.ts';

type Update = Extract<Statement, { readonly kind: 'update' }>;

export const executeUpdate: Executor<'update'> = function* (
  frontend,
  session,
  statement,
): Op<StatementResult> {
  if (isBackendConfigs(statement, session)) {
    return yield* updateBackendConfigs(frontend, statement);
  }
  const { database, table } = tableNamed(frontend, session, statement.table);
  refuseMaterializedView(table, 'UPDATE', 'refresh it with REFRESH MATERIALIZED VIEW');
  refuseUnlessPrimaryKey(table);
  refuseUnlessNormal(table, 'loads');
  const { where } = statement;
  if (where === undefined) {
    throw analysisError('must specify where clause to prevent full table update');
  }
  const items = updatedItems(table, statement);
  const schema = baseSchema(table);
  const context = queryContext(frontend, session);
  return yield* rewriting(frontend, table, function* () {
    const router = new RowRouter(table, schema, { op: 'upsert', partitionNames: undefined });
    const rows = { name: statement.table, others: statement.from, where };
    const query = rowsQuery(rows, items, false);
    const stream = yield* frontend.queries.run(query, context);
    const types = stream.columns.map((column) => column.type);
    yield* routeStream(stream, router, (row) =>
      schema.map((column, at) =>
        storedCell(row[at] ?? null, types[at] ?? { name: 'VARCHAR' }, column),
      ),
    );
    return yield* commitLoad(frontend, { database, table, router, label: undefined });
  });
};

/** One item per column of the schema: what SET says, else the column itself. */
function updatedItems(table: OlapTable, statement: Update): readonly SelectItem[] {
  const changes = new Map<string, SelectItem>();
  for (const { column: name, value } of statement.set) {
    const column = columnNamed(table, name);
    if (column.isKey) {
      throw analysisError(`primary key column cannot be updated: ${column.name}`);
    }
    if (changes.has(column.name)) {
      throw analysisError(`duplicate column setting: ${column.name}`, 'duplicate-column');
    }
    changes.set(column.name, { expr: value, alias: column.name, text: column.name });
  }
  return baseSchema(table).map(
    (column) => changes.get(column.name) ?? columnItem(column.name, statement.table),
  );
}
