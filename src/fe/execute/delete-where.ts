/**
 * DELETE from tables without a primary key. StarRocks stores the condition as a version of its
 * own; here the version holds what the condition means for the rows of that moment: the keys that
 * go, and the rows of these keys that stay. Readers of earlier versions see what was there.
 */
import { SimError } from '../../base/errors.ts';
import { asId, type TabletId } from '../../base/ids.ts';
import type { Op } from '../../base/op.ts';
import { uuid } from '../../base/random.ts';
import type { Cell, ColumnVector } from '../../base/sql-type.ts';
import type {
  Database,
  MaterializedIndexMeta,
  OlapTable,
  Partition,
  PhysicalPartition,
} from '../../catalog/model.ts';
import { isSameName } from '../../catalog/rollup-schema.ts';
import { indexMetaOf } from '../../catalog/table-lookup.ts';
import { tabletsOf } from '../../catalog/tablet-columns.ts';
import type { RowBatch } from '../../protocol/data.ts';
import type { Statement } from '../../sql/ast.ts';
import { analysisError } from '../analysis-error.ts';
import { changing, stillNormal } from '../change-database.ts';
import { type DeleteCondition, deleteConditions, isMatch } from '../delete-conditions.ts';
import { refuseUnderWay, scanWholeReplica } from '../fill-index.ts';
import type { FrontendContext, StatementResult } from '../frontend-context.ts';
import { LOAD_ROWS_MAX, loadAnswer } from '../load-rows.ts';
import { prunedPartitions } from '../prune-partitions.ts';
import { queryContext } from '../query-context.ts';
import type { RoutedTablet } from '../route-rows.ts';
import type { Session } from '../session.ts';
import { refuseSynthetic } from '../synthetic-tablets.ts';

type Delete = Extract<Statement, { readonly kind: 'delete' }>;

export function* deleteWhere(
  frontend: FrontendContext,
  session: Session,
  statement: Delete,
  database: Database,
  table: OlapTable,
): Op<StatementResult> {
  const { where, using } = statement;
  if (using.length > 0) {
    throw analysisError('DELETE with USING is supported on primary key tables only', 'unsupported');
  }
  if (where === undefined) {
    throw analysisError('Delete must specify where clause to prevent full table delete');
  }
  refuseSynthetic(table, 'DELETE');
  const context = queryContext(frontend, session);
  const conditions = yield* deleteConditions({ frontend, table, context }, where);
  const label = `delete_${uuid(frontend.random)}`;
  return yield* changing(frontend, database, function* () {
    const now = stillNormal(frontend, database, table, 'loads');
    if (now.indexMetas !== table.indexMetas) {
      throw new SimError('execution', `Table '${table.name}' was changed during the DELETE`, {
        hint: 'run the statement again',
      });
    }
    refuseUnderWay(frontend, now);
    const metas = new Map(now.indexMetas.map((meta) => [meta.indexId, meta]));
    for (const meta of metas.values()) checkIndex(now, meta, conditions);
    const tablets: RoutedTablet[] = [];
    for (const { physical } of chosenPartitions(now, statement, conditions)) {
      for (const one of physical) yield* collect(frontend, now, one, conditions, tablets);
    }
    const result = yield* frontend.loads.load(
      {
        dbId: database.id,
        table: now,
        label,
        underReadLock: (body) => body(),
        stillThere: () => now,
        commitsWithoutRows: true,
      },
      tablets,
    );
    const status = result.isVisible ? 'VISIBLE' : 'COMMITTED';
    return loadAnswer(0, label, status, result.txnId);
  });
}

function chosenPartitions(
  table: OlapTable,
  { partitions: named }: Delete,
  conditions: readonly DeleteCondition[],
): readonly Partition[] {
  if (named === undefined) return prunedPartitions(table, conditions);
  const from = named.isTemporary ? table.tempPartitions : table.partitions;
  return [...new Set(named.names)].map((name) => {
    const partition = from.get(name);
    if (partition !== undefined) return partition;
    throw analysisError(
      `Unknown partition '${name}' in table '${table.name}'`,
      'unknown-partition',
    );
  });
}

/** Each index must tell which of its rows are meant. */
function checkIndex(
  { keysType }: OlapTable,
  meta: MaterializedIndexMeta,
  conditions: readonly DeleteCondition[],
): void {
  for (const { column } of conditions) {
    const own = meta.schema.find((one) => isSameName(one.name, column.name));
    const isPlain = meta.definition === undefined && keysType === 'DUP_KEYS';
    if (own !== undefined && (own.isKey || isPlain)) continue;
    throw new SimError(
      'unknown-column',
      `Unknown column '${column.name}' in index '${meta.name}'`,
      {
        hint: `drop ${meta.name}, or give it the column as a key`,
      },
    );
  }
}

/** What each tablet of a partition is to be told, and one of each index in any case. */
function* collect(
  frontend: FrontendContext,
  table: OlapTable,
  physical: PhysicalPartition,
  conditions: readonly DeleteCondition[],
  tablets: RoutedTablet[],
): Op<void> {
  for (const index of physical.indexes) {
    const meta = indexMetaOf(table, index.indexId);
    let bucket = 0;
    for (const { tabletId, replicas } of tabletsOf(index.tablets)) {
      const scanned = yield* scanWholeReplica(frontend, physical, tabletId, replicas);
      const batches = batchesFor(meta, scanned.columns, scanned.rowCount, conditions);
      for (const batch of batches.length === 0 && bucket === 0 ? [NO_ROWS] : batches) {
        tablets.push({
          tabletId: asId<TabletId>(tabletId),
          physicalPartitionId: physical.id,
          index,
          isBase: index.indexId === table.baseIndexId,
          bucket,
          batch,
        });
      }
      bucket += 1;
    }
  }
  const rowCount = tablets.reduce((sum, { batch }) => sum + batch.rowCount, 0);
  if (rowCount <= LOAD_ROWS_MAX) return;
  throw new SimError('limit-reached', `a DELETE may touch at most ${LOAD_ROWS_MAX} rows`, {
    hint: 'delete in several statements',
  });
}

/** Commits a version without changing a row. */
const NO_ROWS: RowBatch = Object.freeze({ op: 'upsert', rowCount: 0, columns: [] });

/** The keys of rows that match, then the rows of these keys that do not. */
function batchesFor(
  { schema }: MaterializedIndexMeta,
  columns: readonly ColumnVector[],
  rowCount: number,
  conditions: readonly DeleteCondition[],
): readonly RowBatch[] {
  const tests = conditions.map((condition) => ({
    condition,
    cells: columns[schema.findIndex((one) => isSameName(one.name, condition.column.name))] ?? [],
  }));
  const keys = schema.flatMap((column, at) => (column.isKey ? [columns[at] ?? []] : []));
  const textOf = (row: number): string =>
    keys.map((cells) => (cells[row] === null ? '' : `=${String(cells[row])}`)).join('\0');
  const gone = new Map<string, number>();
  const others: number[] = [];
  for (let row = 0; row < rowCount; row += 1) {
    const isGone = tests.every(({ condition, cells }) => isMatch(condition, cells[row] ?? null));
    if (isGone) gone.set(textOf(row), row);
    else others.push(row);
  }
  if (gone.size === 0) return [];
  const stay = others.filter((row) => gone.has(textOf(row)));
  const batch = (
    op: RowBatch['op'],
    from: readonly ColumnVector[],
    rows: readonly number[],
  ): RowBatch => ({
    op,
    rowCount: rows.length,
    columns: from.map((cells) => rows.map((row): Cell => cells[row] ?? null)),
  });
  const deletes = batch('delete', keys, [...gone.values()]);
  return stay.length === 0 ? [deletes] : [deletes, batch('upsert', columns, stay)];
}
