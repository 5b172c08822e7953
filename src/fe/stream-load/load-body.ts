/** The rows of a Stream Load on their way into the table: read, mapped, cast, filtered, committed. */
import { tryCastCell } from '../../base/cast-cell.ts';
import type { Millis } from '../../base/clock.ts';
import { isSimError, SimError } from '../../base/errors.ts';
import type { TxnId } from '../../base/ids.ts';
import type { Op } from '../../base/op.ts';
import type { Row } from '../../base/row-stream.ts';
import { type Cell, type SqlType, STRING_LENGTH } from '../../base/sql-type.ts';
import type { Column, OlapTable } from '../../catalog/model.ts';
import { analysisError } from '../analysis-error.ts';
import { rowIds } from '../auto-increment.ts';
import { defaultCell } from '../column-default.ts';
import type { FrontendContext } from '../frontend-context.ts';
import { grownTable } from '../grow-partition.ts';
import { commitRows, storedCell } from '../load-rows.ts';
import { queryContext } from '../query-context.ts';
import { baseSchema } from '../resolve.ts';
import { RowRouter } from '../route-rows.ts';
import type { Session } from '../session.ts';
import {
  type ColumnMapping,
  columnMapping,
  mappingContext,
  mappingQuery,
} from './column-mapping.ts';
import { sourceRows } from './source-rows.ts';
import type { StreamLoadOptions } from './stream-load-options.ts';
import { targetOf } from './target.ts';

export interface BodyToLoad {
  readonly database: string;
  readonly table: string;
  readonly label: string;
  readonly body: readonly Uint8Array[];
}

export interface LoadCounts {
  readonly total: number;
  readonly loaded: number;
  readonly filtered: number;
  readonly unselected: number;
  readonly readMs: Millis;
  readonly writeMs: Millis;
  readonly commitMs: Millis;
}

export const NO_COUNTS: LoadCounts = Object.freeze({
  total: 0,
  loaded: 0,
  filtered: 0,
  unselected: 0,
  readMs: 0,
  writeMs: 0,
  commitMs: 0,
});

export interface LoadedBody {
  readonly txnId: TxnId;
  readonly isVisible: boolean;
}

const TEXT: SqlType = Object.freeze({ name: 'VARCHAR', length: STRING_LENGTH });

/** `count` hears of the rows as soon as they are known, also when the load then fails. */
export function* loadBody(
  frontend: FrontendContext,
  session: Session,
  request: BodyToLoad,
  options: StreamLoadOptions,
  count: (counts: LoadCounts) => void,
): Op<LoadedBody> {
  const { clock } = frontend;
  const { database, table: named } = targetOf(frontend, session, request);
  refuseUnknownPartitions(named, options);
  const schema = baseSchema(named);
  const mapping = columnMapping(options.columns, schema);
  refuseMissing(schema, mapping);
  const beganMs = clock.now();
  const rows = sourceRows(request.body, options, mapping.source);
  const mapped = yield* mappedRows(frontend, session, mapping, options, rows);
  const readMs = clock.now() - beganMs;
  const table = yield* grownTable(frontend, database, named);
  const router = new RowRouter(table, schema, {
    op: 'upsert',
    partitionNames: options.partitions,
  });
  const ids = rowIds(frontend.autoIncrement, database, table);
  const givesIds = schema.some(
    (column) => column.isAutoIncrement && !mapping.targets.some((one) => one.column === column),
  );
  if (givesIds) yield* ids.prepare(mapped.rows.length);
  const context = queryContext(frontend, session);
  const toRow = rowMaker(schema, mapping, mapped.types, options, (column) =>
    column.isAutoIncrement ? ids.next() : defaultCell(column, context),
  );
  let firstProblem = rows.find(({ problem }) => problem !== undefined)?.problem;
  for (const row of mapped.rows) {
    const problem = tryRow(() => router.add(toRow(row)));
    firstProblem ??= problem;
  }
  const broken = rows.filter(({ problem }) => problem !== undefined).length;
  const selected = mapped.rows.length;
  const unselected = rows.length - broken - selected;
  const filtered = broken + selected - router.rowCount;
  const counts = { total: rows.length, loaded: router.rowCount, filtered, unselected };
  const writeMs = clock.now() - beganMs - readMs;
  count({ ...NO_COUNTS, ...counts, readMs, writeMs });
  if (filtered > options.maxFilterRatio * (rows.length - unselected)) {
    throw new SimError('rows-filtered', `too many filtered rows: ${firstProblem ?? ''}`);
  }
  if (router.rowCount === 0) {
    throw new SimError('insert-failed', 'No partitions have data available for loading');
  }
  const source = 'STREAM_LOAD' as const;
  const load = { database, table, router, label: request.label, source };
  const { txnId, isVisible } = yield* commitRows(frontend, load);
  const commitMs = clock.now() - beganMs - readMs - writeMs;
  count({ ...NO_COUNTS, ...counts, readMs, writeMs, commitMs });
  return { txnId, isVisible };
}

function refuseUnknownPartitions(table: OlapTable, { partitions }: StreamLoadOptions): void {
  const missing = partitions?.find((name) => !table.partitions.has(name));
  if (missing === undefined) return;
  throw analysisError(
    `Unknown partition '${missing}' in table '${table.name}'`,
    'unknown-partition',
  );
}

function refuseMissing(schema: readonly Column[], { targets }: ColumnMapping): void {
  const missing = schema.find(
    (column) =>
      !targets.some((one) => one.column === column) &&
      column.defaultValue === undefined &&
      !column.isAllowNull &&
      !column.isAutoIncrement,
  );
  if (missing === undefined) return;
  throw analysisError(`Column has no default value, column=${missing.name}`, 'no-default');
}

interface MappedRows {
  readonly rows: readonly Row[];
  readonly types: readonly SqlType[];
}

/** The rows that can be taken apart and that `where` takes, with a value for each target. */
function* mappedRows(
  frontend: FrontendContext,
  session: Session,
  mapping: ColumnMapping,
  { where, timeZone }: StreamLoadOptions,
  rows: readonly { readonly cells: Row; readonly problem?: string }[],
): Op<MappedRows> {
  const { source, targets } = mapping;
  const whole = rows.flatMap(({ cells, problem }) => (problem === undefined ? [cells] : []));
  const at = targets.map(({ from }) => (typeof from === 'string' ? source.indexOf(from) : -1));
  if (where === undefined && !at.includes(-1)) {
    const inOrder =
      at.length === source.length && at.every((position, index) => position === index);
    const picked = inOrder ? whole : whole.map((row) => at.map((index) => row[index] ?? null));
    return { rows: picked, types: targets.map(() => TEXT) };
  }
  const facts = queryContext(frontend, session);
  const context = mappingContext({ ...facts, timeZone: timeZone ?? facts.timeZone }, source, whole);
  const stream = yield* frontend.queries.run(mappingQuery(mapping, where), context);
  const found: Row[] = [];
  try {
    for (let batch = yield* stream.next(); batch !== undefined; batch = yield* stream.next()) {
      for (const row of batch) found.push(row);
    }
  } finally {
    yield* stream.close();
  }
  return { rows: found, types: stream.columns.map(({ type }) => type) };
}

/** From a row of targets to a row of the table. Throws `rows-filtered` for one that has no place. */
function rowMaker(
  schema: readonly Column[],
  { targets }: ColumnMapping,
  types: readonly SqlType[],
  { isStrict }: StreamLoadOptions,
  missing: (column: Column) => Cell,
): (row: Row) => Row {
  const cells = schema.map((column): ((row: Row) => Cell) => {
    const at = targets.findIndex((one) => one.column === column);
    const from = types[at];
    if (from === undefined) return () => missing(column);
    return (row) => {
      const cell = row[at] ?? null;
      const isLost = !isStrict && tryCastCell(cell, from, column.type) === undefined;
      return storedCell(isLost ? null : cell, from, column);
    };
  });
  return (row) => cells.map((cellOf) => cellOf(row));
}

/** What keeps one row out of the table. */
function tryRow(add: () => void): string | undefined {
  try {
    add();
    return undefined;
  } catch (error) {
    if (isSimError(error, 'rows-filtered') || isSimError(error, 'no-partition-for-row')) {
      return error.message;
    }
    throw error;
  }
}
