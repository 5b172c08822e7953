/**
 * CREATE MATERIALIZED VIEW as written -> the table that will hold its rows and what makes it a
 * view (sql-surface.md 3.5). Changes nothing.
 */
import type { ResultColumn } from '../../base/row-stream.ts';
import { STRING_LENGTH } from '../../base/sql-type.ts';
import { parseDateTime } from '../../base/time-zone.ts';
import type { NewTable } from '../../catalog/build-table.ts';
import { COLOCATE_WITH } from '../../catalog/colocation.ts';
import {
  type MaterializedViewInfo,
  MV_TIME_UNITS,
  type MvPartitionExpr,
  type MvRefreshScheme,
} from '../../catalog/materialized-view.ts';
import type { Database, OlapTable } from '../../catalog/model.ts';
import type { ColumnDef, CreateMaterializedView, QueryNode } from '../../sql/ast.ts';
import { analysisError } from '../analysis-error.ts';
import { analyzeTable } from '../analyze-table.ts';
import type { FrontendContext } from '../frontend-context.ts';
import { BUCKET_SIZE } from '../grow-partition.ts';
import { findColumn } from '../resolve.ts';
import type { Session } from '../session.ts';
import { analyzeViewQuery, type ViewQuery } from './view-query.ts';

export interface DefinedView {
  readonly table: NewTable;
  readonly info: MaterializedViewInfo;
}

/** Kept and shown: they steer how StarRocks uses a view in other queries, or how it is filled. */
const SHOWN_ONLY: ReadonlySet<string> = new Set([
  'enable_query_rewrite',
  'force_external_table_query_rewrite',
  'foreign_key_constraints',
  'mv_rewrite_staleness_second',
  'partition_refresh_number',
  'query_rewrite_consistency',
  'unique_constraints',
]);

/** Throws `analysis` and its like, as CREATE TABLE and SELECT would. */
export function definedView(
  frontend: FrontendContext,
  session: Session,
  database: Database,
  statement: CreateMaterializedView,
): DefinedView {
  const { definition } = statement;
  const { pipesAsConcat } = session;
  const query = analyzeViewQuery(frontend, definition, pipesAsConcat, session.database);
  const columns = viewColumns(statement, query.columns);
  const partitionExpr = partitionExprOf(frontend, database, statement, query, columns);
  const refresh = refreshScheme(frontend, session, statement);
  const info: MaterializedViewInfo = Object.freeze({
    dbId: database.id,
    definition,
    resolvedDefinition: query.text,
    pipesAsConcat,
    baseTables: query.baseTables,
    isActive: true,
    inactiveReason: '',
    refresh,
    baseTableVersions: new Map(),
    lastRefreshTimeMs: 0,
    ...(partitionExpr === undefined ? {} : { partitionExpr }),
  });
  return { table: tableOf(frontend, statement, columns), info };
}

function viewColumns(
  { columns, name }: CreateMaterializedView,
  given: readonly ResultColumn[],
): readonly ColumnDef[] {
  if (columns.length > 0 && columns.length !== given.length) {
    throw analysisError(
      `column count ${columns.length} of the materialized view does not match ` +
        `that of its query: ${given.length}`,
    );
  }
  return given.map(({ name: ownName, type }, at) => ({
    name: columns[at]?.name ?? ownName,
    type: type.name === 'VARCHAR' ? { length: STRING_LENGTH, ...type } : type,
    isKey: false,
    aggregation: undefined,
    nullable: true,
    defaultValue: undefined,
    isAutoIncrement: false,
    comment: columns[at]?.comment,
    position: name.position,
  }));
}

/** What a refresh, which makes new partitions, does not carry on. */
const TABLES_ONLY = [COLOCATE_WITH, BUCKET_SIZE];

/** Like a duplicate-key table of these columns; partitions come with the first refresh. */
function tableOf(
  frontend: FrontendContext,
  statement: CreateMaterializedView,
  columns: readonly ColumnDef[],
): NewTable {
  const refused = TABLES_ONLY.find((key) => statement.properties.has(key));
  if (refused !== undefined) {
    throw analysisError(`${refused} of a materialized view is not supported`, 'unsupported');
  }
  const own = [...statement.properties].filter(([key]) => SHOWN_ONLY.has(key));
  const others = [...statement.properties].filter(([key]) => !SHOWN_ONLY.has(key));
  const table = analyzeTable(
    {
      kind: 'create-table',
      ifNotExists: false,
      table: statement.name,
      columns,
      engine: undefined,
      keys: undefined,
      comment: statement.comment,
      partitionBy: undefined,
      distribution: statement.distribution,
      orderBy: statement.orderBy,
      rollups: [],
      indexes: [],
      properties: new Map(others),
    },
    {
      replicationNum: frontend.config.getNumber('default_replication_num'),
      aliveBackends: frontend.backends.aliveCount,
      systemTimeZone: frontend.options.systemTimeZone,
    },
  );
  const properties = new Map([...table.properties, ...own]);
  const { partitionBy } = statement;
  if (partitionBy === undefined) return { ...table, properties };
  return {
    ...table,
    properties,
    partitionBy: { kind: 'RANGE', columns: [partitionBy] },
    partitions: [],
  };
}

/** The view follows the partitions of the table whose partition column it is partitioned by. */
function partitionExprOf(
  frontend: FrontendContext,
  database: Database,
  statement: CreateMaterializedView,
  { query, baseTables }: ViewQuery,
  columns: readonly ColumnDef[],
): MvPartitionExpr | undefined {
  const wanted = statement.partitionBy;
  if (wanted === undefined) return undefined;
  const at = columns.findIndex((column) => column.name.toLowerCase() === wanted.toLowerCase());
  const column = columns[at];
  if (column === undefined) {
    throw analysisError(`Materialized view partition exp: ${wanted} must related to column`);
  }
  const source = plainColumn(query, at);
  const followed =
    source === undefined
      ? []
      : baseTables.flatMap((base, baseTableAt) => {
          const table = frontend.catalog.databases.get(base.dbId)?.tables.get(base.tableId);
          return table !== undefined && isPartitionedBy(table, source) ? [baseTableAt] : [];
        });
  const [baseTableAt] = followed;
  if (baseTableAt === undefined || followed.length > 1) {
    throw analysisError(
      `Materialized view partition column ${wanted} must be the only partition column of one ` +
        'of its base tables with range partitions',
    );
  }
  return {
    dbName: database.name,
    tableName: statement.name.name,
    columnName: column.name,
    baseTableAt,
  };
}

/** The name of the column that an item of the SELECT list is, if it is one. */
function plainColumn({ body }: QueryNode, at: number): string | undefined {
  if (body.kind !== 'select') return undefined;
  const hasStar = body.items.some(({ expr }) => expr.kind === 'star');
  const expr = body.items[at]?.expr;
  return hasStar || expr?.kind !== 'column' ? undefined : expr.path.at(-1);
}

function isPartitionedBy(table: OlapTable, columnName: string): boolean {
  const { partitionBy } = table;
  if (partitionBy.kind !== 'RANGE' && partitionBy.kind !== 'EXPR_RANGE') return false;
  const [only, ...others] = partitionBy.columns;
  if (only === undefined || others.length > 0) return false;
  return findColumn(table, columnName)?.name.toLowerCase() === only.toLowerCase();
}

function refreshScheme(
  frontend: FrontendContext,
  session: Session,
  { refresh: { type, moment, every, start } }: CreateMaterializedView,
): MvRefreshScheme {
  if (every === undefined) return { type, moment };
  const unit = MV_TIME_UNITS.find((one) => one === every.unit);
  if (unit === undefined) {
    throw analysisError(
      `Unsupported interval unit: ${every.unit}, it only support interval unit: SECOND, MINUTE, HOUR, DAY`,
    );
  }
  if (every.step <= 0)
    throw analysisError(`Unsupported negative or zero step value: ${every.step}`);
  const startMs =
    start === undefined ? frontend.clock.now() : parseDateTime(start, session.timeZone);
  if (startMs === undefined) throw analysisError(`Invalid date literal: '${start}'`);
  return { type, moment, every: { step: every.step, unit }, startMs };
}
