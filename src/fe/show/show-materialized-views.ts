/**
 * SHOW MATERIALIZED VIEWS and information_schema.materialized_views: the same rows under other
 * names (sql-surface.md 4.11).
 */
import type { Op } from '../../base/op.ts';
import type { Row } from '../../base/row-stream.ts';
import type { Cell, TypeName } from '../../base/sql-type.ts';
import { formatDateTime } from '../../base/time-zone.ts';
import type {
  Database,
  IndexDefinition,
  MaterializedIndexMeta,
  OlapTable,
} from '../../catalog/model.ts';
import type { MvInCatalog } from '../../catalog/mv-bindings.ts';
import {
  type Executor,
  type FrontendContext,
  type StatementResult,
  showResult,
} from '../frontend-context.ts';
import { viewsIn } from '../materialized-views/every-view.ts';
import type { RefreshRun } from '../materialized-views/view-refresher.ts';
import { tableFigures } from '../partition-figures.ts';
import { visibleCatalog } from '../privileges/visible-objects.ts';
import { databaseOf } from '../resolve.ts';
import type { Session } from '../session.ts';
import type { SystemTable } from '../system-table.ts';
import { createMaterializedViewText } from './create-materialized-view-text.ts';
import { filterShown } from './show-filter.ts';

/** From 4.0 on there are more columns; SHOW has never had them. */
const COLUMNS_BEFORE_4 = 27;

const COLUMNS: readonly (readonly [string, TypeName])[] = [
  ['MATERIALIZED_VIEW_ID', 'BIGINT'],
  ['TABLE_SCHEMA', 'VARCHAR'],
  ['TABLE_NAME', 'VARCHAR'],
  ['REFRESH_TYPE', 'VARCHAR'],
  ['IS_ACTIVE', 'VARCHAR'],
  ['INACTIVE_REASON', 'VARCHAR'],
  ['PARTITION_TYPE', 'VARCHAR'],
  ['TASK_ID', 'BIGINT'],
  ['TASK_NAME', 'VARCHAR'],
  ['LAST_REFRESH_START_TIME', 'DATETIME'],
  ['LAST_REFRESH_FINISHED_TIME', 'DATETIME'],
  ['LAST_REFRESH_DURATION', 'DOUBLE'],
  ['LAST_REFRESH_STATE', 'VARCHAR'],
  ['LAST_REFRESH_FORCE_REFRESH', 'VARCHAR'],
  ['LAST_REFRESH_START_PARTITION', 'VARCHAR'],
  ['LAST_REFRESH_END_PARTITION', 'VARCHAR'],
  ['LAST_REFRESH_BASE_REFRESH_PARTITIONS', 'VARCHAR'],
  ['LAST_REFRESH_MV_REFRESH_PARTITIONS', 'VARCHAR'],
  ['LAST_REFRESH_ERROR_CODE', 'VARCHAR'],
  ['LAST_REFRESH_ERROR_MESSAGE', 'VARCHAR'],
  ['TABLE_ROWS', 'BIGINT'],
  ['MATERIALIZED_VIEW_DEFINITION', 'VARCHAR'],
  ['EXTRA_MESSAGE', 'VARCHAR'],
  ['QUERY_REWRITE_STATUS', 'VARCHAR'],
  ['CREATOR', 'VARCHAR'],
  ['LAST_REFRESH_PROCESS_TIME', 'DATETIME'],
  ['LAST_REFRESH_JOB_ID', 'VARCHAR'],
  ['LAST_REFRESH_TIME', 'DATETIME'],
  ['WAREHOUSE', 'VARCHAR'],
  ['REFRESH_MODE', 'VARCHAR'],
  ['REFRESH_TRIGGER', 'VARCHAR'],
  ['REFRESH_POLICY', 'VARCHAR'],
  ['RESOURCE_GROUP', 'VARCHAR'],
  ['QUERY_REWRITE_STATUS_REASON', 'VARCHAR'],
  ['LAST_FRESHNESS_CONFIRMED_AT', 'DATETIME'],
  ['BASE_TABLE_REFRESH_VERSION_TIMES', 'VARCHAR'],
  ['EFFECTIVE_REFRESH_MODE', 'VARCHAR'],
  ['EFFECTIVE_REFRESH_MODE_REASON', 'VARCHAR'],
  ['LAST_EXECUTED_REFRESH_MODE', 'VARCHAR'],
];

export const MATERIALIZED_VIEWS: SystemTable = {
  columns: COLUMNS,
  columnCountIn: ({ options }) =>
    options.profile.materializedViewsAreWide ? COLUMNS.length : COLUMNS_BEFORE_4,
  rows: (frontend, session) =>
    [...frontend.catalog.databases.values()].flatMap((database) =>
      rowsIn(frontend, session, database),
    ),
};

/** What SHOW calls otherwise, by position. */
const SHOW_NAMES: Readonly<Record<number, string>> = {
  0: 'id',
  1: 'database_name',
  2: 'name',
  20: 'rows',
  21: 'text',
};

const NAME_AT = 2;

export const showMaterializedViews: Executor<'show-materialized-views'> = function* (
  frontend,
  session,
  { database: name, tail },
): Op<StatementResult> {
  const visible = { ...frontend, catalog: visibleCatalog(frontend, session) };
  const database = visibleDatabase(visible, databaseOf(frontend, session, name));
  const names = COLUMNS.slice(0, COLUMNS_BEFORE_4).map(
    ([column], at) => SHOW_NAMES[at] ?? column.toLowerCase(),
  );
  const rows = rowsIn(frontend, session, database)
    .map((row) => row.slice(0, COLUMNS_BEFORE_4).map(shownCell))
    .sort((a, b) => (String(a[NAME_AT]) < String(b[NAME_AT]) ? -1 : 1));
  const shown = filterShown({ names, rows }, tail, NAME_AT);
  return showResult(shown.names, shown.rows);
};

/** A database in which the session sees nothing stands empty. */
function visibleDatabase({ catalog }: FrontendContext, database: Database): Database {
  const known = catalog.databases.get(database.id);
  return known ?? { ...database, tables: new Map(), views: new Map() };
}

function shownCell(cell: Cell): Cell {
  return cell === null ? null : String(cell);
}

/** Asynchronous views, and the synchronous ones, which are indexes of tables. */
function rowsIn(frontend: FrontendContext, session: Session, database: Database): readonly Row[] {
  const indexes = [...database.tables.values()].flatMap((table) =>
    table.indexMetas.flatMap((meta) => {
      const { definition } = meta;
      return definition === undefined ? [] : [indexRow(database, table, meta, definition)];
    }),
  );
  return [
    ...viewsIn(database).map((view) => viewRow(frontend, session, database, view)),
    ...indexes,
  ];
}

function indexRow(
  database: Database,
  table: OlapTable,
  { indexId, name }: MaterializedIndexMeta,
  { statement }: IndexDefinition,
): Row {
  const known: Readonly<Record<string, Cell>> = {
    MATERIALIZED_VIEW_ID: BigInt(indexId),
    TABLE_SCHEMA: database.name,
    TABLE_NAME: name,
    REFRESH_TYPE: 'ROLLUP',
    IS_ACTIVE: 'true',
    PARTITION_TYPE: table.partitionBy.kind,
    TASK_ID: 0n,
    TABLE_ROWS: 0n,
    MATERIALIZED_VIEW_DEFINITION: statement,
  };
  return COLUMNS.map(([column, type]) => known[column] ?? (type === 'VARCHAR' ? '' : null));
}

/** Texts that are not known are empty, times NULL. */
function viewRow(
  frontend: FrontendContext,
  session: Session,
  database: Database,
  { id, table, info }: MvInCatalog,
): Row {
  const run = frontend.refresher.lastRun(id.tableId);
  const time = (ms: number | undefined): Cell =>
    ms === undefined || ms <= 0 ? null : formatDateTime(ms, session.timeZone);
  const startMs = run?.startMs ?? info.lastRefreshTimeMs;
  const state = run?.state ?? (info.lastRefreshTimeMs > 0 ? 'SUCCESS' : '');
  const partitions = run?.partitionNames ?? [];
  return [
    BigInt(id.tableId),
    database.name,
    table.name,
    info.refresh.type,
    String(info.isActive),
    info.inactiveReason,
    table.partitionBy.kind,
    BigInt(id.tableId),
    `mv-${id.tableId}`,
    time(startMs),
    time(run?.finishMs),
    durationSec(run),
    state,
    run === undefined ? '' : String(run.force),
    '',
    '',
    '',
    partitions.length === 0 ? '' : `[${partitions.join(',')}]`,
    run?.error === undefined ? '' : String(run.error.row.mysql),
    run?.error?.message ?? '',
    BigInt(tableFigures(frontend.stats, table).rowCount),
    createMaterializedViewText(table, info, session.timeZone),
    '',
    '',
    "'root'@'%'",
    time(startMs),
    '',
    time(info.lastRefreshTimeMs),
    ...['', '', '', '', '', ''],
    null,
    ...['', '', '', ''],
  ];
}

function durationSec(run: RefreshRun | undefined): Cell {
  return run?.finishMs === undefined ? null : (run.finishMs - run.startMs) / 1000;
}
