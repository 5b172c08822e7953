/** INSERT INTO | OVERWRITE ... VALUES | SELECT (sql-surface.md 3.6). */
import type { SimError } from '../../base/errors.ts';
import type { Op } from '../../base/op.ts';
import type { Row } from '../../base/row-stream.ts';
import type { Cell, SqlType } from '../../base/sql-type.ts';
import type { Column, OlapTable } from '../../catalog/model.ts';
import { isLoadLabel } from '../../catalog/names.ts';
import type { QueryContext } from '../../protocol/query.ts';
import type { Statement } from '../../sql/ast.ts';
import { analysisError } from '../analysis-error.ts';
import { type RowIds, rowIds } from '../auto-increment.ts';
import { defaultCell } from '../column-default.ts';
import type { Executor, FrontendContext, StatementResult } from '../frontend-context.ts';
import { grownTable } from '../grow-partition.ts';
import { commitLoad, type RoutedLoad, routeStream, storedCell } from '../load-rows.ts';
import { overwriteTable } from '../overwrite-table.ts';
import { queryContext } from '../query-context.ts';
import {
  baseSchema,
  findColumn,
  refuseMaterializedView,
  refuseUnlessNormal,
  tableNamed,
} from '../resolve.ts';
import { type RouteOptions, RowRouter } from '../route-rows.ts';
import type { Session } from '../session.ts';
import { refuseSynthetic } from '../synthetic-tablets.ts';

type Insert = Extract<Statement, { readonly kind: 'insert' }>;

/** For each column of the schema: its position among the written values, or -1 for its default. */
type Layout = readonly number[];

export const executeInsert: Executor<'insert'> = function* (
  frontend,
  session,
  statement,
): Op<StatementResult> {
  const { label } = statement;
  if (label === undefined) return yield* insertRows(frontend, session, statement);
  if (!isLoadLabel(label)) throw analysisError(`Incorrect label name '${label}'`, 'bad-label');
  const { database } = tableNamed(frontend, session, statement.table);
  return yield* frontend.labels.hold(database.id, label, () =>
    insertRows(frontend, session, statement),
  );
};

function* insertRows(
  frontend: FrontendContext,
  session: Session,
  statement: Insert,
): Op<StatementResult> {
  const { database, table: named } = tableNamed(frontend, session, statement.table);
  refuseMaterializedView(named, 'INSERT', 'refresh it with REFRESH MATERIALIZED VIEW');
  refuseUnlessNormal(named, 'loads');
  refuseSynthetic(named, 'loading into it');
  const partitions = chosen(named, statement);
  if (statement.overwrite && partitions.isTemporary === true) {
    throw analysisError('INSERT OVERWRITE of temporary partitions is not supported', 'unsupported');
  }
  const table = statement.overwrite ? named : yield* grownTable(frontend, database, named);
  const router = new RowRouter(table, baseSchema(table), { op: 'upsert', ...partitions });
  yield* routeRows(frontend, session, statement, { database, table, router });
  const load = { database, table, router, label: statement.label };
  if (!statement.overwrite) return yield* commitLoad(frontend, load);
  return yield* overwriteTable(frontend, load, partitions.partitionNames);
}

/** The rows of the statement, each on its way to a tablet of the table. */
function* routeRows(
  frontend: FrontendContext,
  session: Session,
  statement: Insert,
  { database, table, router }: Pick<RoutedLoad, 'database' | 'table' | 'router'>,
): Op<void> {
  const schema = baseSchema(table);
  const written = statement.columns.length === 0 ? schema : writtenColumns(table, statement);
  const layout = schema.map((column) => written.indexOf(column));
  checkDefaults(schema, layout);
  const context = queryContext(frontend, session);
  const ids = rowIds(frontend.autoIncrement, database, table);
  const missing = (column: Column): Cell =>
    column.isAutoIncrement ? ids.next() : defaultCell(column, context);
  if (statement.source.kind === 'values') {
    yield* routeValues(frontend, statement, context, { schema, layout, router, ids, missing });
    return;
  }
  const stream = yield* frontend.queries.run(statement.source.query, context, 'load');
  const types = stream.columns.map((column) => column.type);
  if (types.length !== written.length) {
    yield* stream.close();
    throw columnCountError(written.length, types.length);
  }
  const givesIds = schema.some((column, at) => column.isAutoIncrement && layout[at] === -1);
  yield* routeStream(
    stream,
    router,
    (row) => storedRow(schema, layout, row, types, missing),
    (rowCount) => ids.prepare(givesIds ? rowCount : 0),
  );
}

function writtenColumns(table: OlapTable, statement: Insert): readonly Column[] {
  const columns: Column[] = [];
  for (const name of statement.columns) {
    const column = findColumn(table, name);
    if (column === undefined) {
      throw analysisError(`Unknown column '${name}' in '${table.name}'`, 'unknown-column');
    }
    if (columns.includes(column)) {
      throw analysisError(`Column '${name}' specified twice`, 'duplicate-column');
    }
    columns.push(column);
  }
  return columns;
}

function checkDefaults(schema: readonly Column[], layout: Layout): void {
  for (const [index, column] of schema.entries()) {
    const isMissing =
      layout[index] === -1 &&
      column.defaultValue === undefined &&
      !column.isAllowNull &&
      !column.isAutoIncrement;
    if (isMissing) {
      throw analysisError(
        `'${column.name}' must be explicitly mentioned in column permutation`,
        'no-default',
      );
    }
  }
}

/** Where the rows may go: the partitions that the statement names, temporary ones included. */
function chosen(
  table: OlapTable,
  { partitions: wanted }: Insert,
): Pick<RouteOptions, 'partitionNames' | 'isTemporary'> {
  if (wanted === undefined) return { partitionNames: undefined };
  const from = wanted.isTemporary ? table.tempPartitions : table.partitions;
  const missing = wanted.names.find((name) => !from.has(name));
  if (missing !== undefined) {
    throw analysisError(
      `Unknown partition '${missing}' in table '${table.name}'`,
      'unknown-partition',
    );
  }
  return { partitionNames: wanted.names, isTemporary: wanted.isTemporary };
}

function columnCountError(columns: number, values: number): SimError {
  return analysisError(
    `Column count doesn't match value count: ${columns} columns, ${values} values`,
    'insert-column-count',
  );
}

interface ValuesTarget {
  readonly schema: readonly Column[];
  readonly layout: Layout;
  readonly router: RowRouter;
  readonly ids: RowIds;
  /** The value of a column that the statement gives none. */
  readonly missing: (column: Column) => Cell;
}

function* routeValues(
  frontend: FrontendContext,
  statement: Insert,
  context: QueryContext,
  { schema, layout, router, ids, missing }: ValuesTarget,
): Op<void> {
  if (statement.source.kind !== 'values') return;
  const writtenCount = statement.columns.length === 0 ? schema.length : statement.columns.length;
  for (const expressions of statement.source.rows) {
    if (expressions.length !== writtenCount) {
      throw columnCountError(writtenCount, expressions.length);
    }
    const row: Cell[] = [];
    for (const [index, column] of schema.entries()) {
      const expression = expressions[layout[index] ?? -1];
      if (expression === undefined || expression.kind === 'default') {
        if (column.isAutoIncrement) yield* ids.prepare(1);
        row.push(missing(column));
        continue;
      }
      const { cell, type } = yield* frontend.queries.evaluateTyped(expression, context);
      row.push(storedCell(cell, type, column));
    }
    router.add(row);
  }
}

function storedRow(
  schema: readonly Column[],
  layout: Layout,
  row: Row,
  types: readonly SqlType[],
  missing: (column: Column) => Cell,
): Row {
  return schema.map((column, index) => {
    const at = layout[index] ?? -1;
    const type = types[at];
    return type === undefined ? missing(column) : storedCell(row[at] ?? null, type, column);
  });
}
