/**
 * What INSERT, UPDATE and DELETE share: from rows of values to a committed, visible transaction.
 */
import { castCell } from '../base/cast-cell.ts';
import { SimError } from '../base/errors.ts';
import type { TxnId } from '../base/ids.ts';
import type { Op } from '../base/op.ts';
import { uuid } from '../base/random.ts';
import type { Row, RowStream } from '../base/row-stream.ts';
import type { Cell, SqlType } from '../base/sql-type.ts';
import type { Column, Database, OlapTable } from '../catalog/model.ts';
import type { LoadSource } from '../catalog/records.ts';
import { withAutomaticPartitions } from './automatic-partitions.ts';
import { refuseOverDataQuota } from './database-quota.ts';
import type { FrontendContext, StatementResult } from './frontend-context.ts';
import type { LoadResult } from './load-transactions.ts';
import { findTable, refuseUnlessNormal } from './resolve.ts';
import type { RowRouter } from './route-rows.ts';

/** Rows that one statement may load: they are held in memory until they are routed. */
export const LOAD_ROWS_MAX = 20_000_000;

/** Stores a value in a column: cast, length and nullability checked (sql-surface.md 3.6). */
export function storedCell(cell: Cell, from: SqlType, column: Column): Cell {
  const value = castCell(cell, from, column.type, column.name);
  if (value === null && !column.isAllowNull) {
    throw new SimError(
      'rows-filtered',
      `Insert has filtered data in strict mode: NULL value in non-nullable column '${column.name}'`,
    );
  }
  return value;
}

/**
 * Pulls all rows of a query into a router; each is made by `toRow` from the query's row, after
 * `prepare` was told how many come at once.
 */
export function* routeStream(
  stream: RowStream,
  router: RowRouter,
  toRow: (row: Row) => Row,
  prepare?: (rowCount: number) => Op<void>,
): Op<void> {
  try {
    for (let rows = yield* stream.next(); rows !== undefined; rows = yield* stream.next()) {
      if (prepare !== undefined) yield* prepare(rows.length);
      for (const row of rows) router.add(toRow(row));
      if (router.rowCount > LOAD_ROWS_MAX) {
        throw new SimError('limit-reached', `a statement may load at most ${LOAD_ROWS_MAX} rows`, {
          hint: 'load in several statements',
        });
      }
    }
  } finally {
    yield* stream.close();
  }
}

export interface RoutedLoad {
  readonly database: Database;
  readonly table: OlapTable;
  readonly router: RowRouter;
  readonly label: string | undefined;
  /** INSERT without a word. */
  readonly source?: LoadSource;
}

/** Commits what was routed and answers as StarRocks does: rows, label, status, transaction. */
export function* commitLoad(frontend: FrontendContext, load: RoutedLoad): Op<StatementResult> {
  const label = load.label ?? `insert_${uuid(frontend.random)}`;
  const result = yield* commitRows(frontend, { ...load, label });
  const status = result.isVisible ? 'VISIBLE' : 'COMMITTED';
  return loadAnswer(result.rowCount, label, status, result.txnId);
}

/** Commits what was routed under the load's label. */
export function* commitRows(
  frontend: FrontendContext,
  load: RoutedLoad & { readonly label: string },
): Op<LoadResult> {
  const { database, router, label, source } = load;
  refuseOverDataQuota(frontend, database);
  const table = yield* withPartitionsFor(frontend, load);
  return yield* frontend.loads.load(
    {
      dbId: database.id,
      table,
      label,
      ...(source !== undefined && { source }),
      underReadLock: (body) => frontend.locks.of(database.id).read(body),
      stillThere: () => tableForCommit(frontend, database, table),
    },
    router.routed(),
  );
}

/** The OK of a load, with StarRocks' info text. */
export function loadAnswer(
  affectedRows: number,
  label: string,
  status: 'VISIBLE' | 'COMMITTED',
  txnId: TxnId,
): StatementResult {
  const info = `{'label':'${label}', 'status':'${status}', 'txnId':'${txnId}'}`;
  return { kind: 'ok', affectedRows, info };
}

/** The table after the partitions that its rows lack were made. */
export function* withPartitionsFor(frontend: FrontendContext, load: RoutedLoad): Op<OlapTable> {
  const values = load.router.waitingValues();
  if (values.length === 0) return load.table;
  const { database, table } = load;
  const now = yield* withAutomaticPartitions(frontend, database, table, values);
  load.router.resume(now);
  return now;
}

function tableForCommit(
  frontend: FrontendContext,
  database: Database,
  table: OlapTable,
): OlapTable {
  const now = frontend.catalog.databases.get(database.id)?.tables.get(table.id);
  if (now === undefined || findTable(database, now.name) === undefined) {
    throw new SimError('unknown-table', `table '${table.name}' was dropped during the load`);
  }
  refuseUnlessNormal(now, 'loads');
  return now;
}
