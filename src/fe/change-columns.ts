/**
 * Other columns for a table that is there: each index that changes is built anew beside the old
 * one, out of its rows, and takes its place by one record.
 */
import { tryCastCell } from '../base/cast-cell.ts';
import { SimError } from '../base/errors.ts';
import { asId, type IndexId, type TxnId } from '../base/ids.ts';
import type { Op } from '../base/op.ts';
import { type Cell, type ColumnVector, typeText } from '../base/sql-type.ts';
import { idRun } from '../catalog/id-run.ts';
import type { Column, Database, OlapTable, Partition, SchemaChangeJob } from '../catalog/model.ts';
import {
  type ChangedColumn,
  type ChangedIndex,
  type ChangedSchema,
  changedMeta,
} from '../catalog/schema-change.ts';
import type { QueryContext } from '../protocol/query.ts';
import { defaultCell } from './column-default.ts';
import {
  countTabletIds,
  emptyPartitions,
  filledPhysicals,
  fillParts,
  partsOf,
  refuseUnderWay,
} from './fill-index.ts';
import type { FrontendContext } from './frontend-context.ts';
import type { IndexProjection } from './index-rows.ts';
import { dropReplicas, withNewReplicas } from './replica-creation.ts';

/** The caller holds the database and has checked the table; `context` gives default values. */
export function* changeColumns(
  frontend: FrontendContext,
  database: Database,
  table: OlapTable,
  changed: ChangedSchema,
  context: QueryContext,
): Op<void> {
  const createTimeMs = frontend.clock.now();
  refuseUnderWay(frontend, table);
  const tabletIds = changed.indexes.map(({ former }) => countTabletIds(table, former.indexId));
  const idCount = tabletIds.reduce((sum, count) => sum + count, 2 + changed.indexes.length);
  const ids = idRun(yield* frontend.ids.next(idCount), idCount);
  const jobId = ids.next();
  const txnId = asId<TxnId>(ids.next());
  const indexes = changed.indexes.map((index) => ({
    formerId: index.former.indexId,
    meta: changedMeta(index, asId<IndexId>(ids.next())),
    project: projectionOf(index, context),
  }));
  const parts = indexes.flatMap(({ formerId, meta, project }) =>
    partsOf(table, { meta, sourceId: formerId, project }, ids),
  );
  const indexMetas = indexes.map(({ meta }) => meta);
  const target = { id: table.id, indexMetas, properties: table.properties };
  yield* withNewReplicas(frontend, database.id, target, emptyPartitions(table, parts), () =>
    frontend.loads.running(txnId, function* () {
      yield* fillParts(frontend, parts, txnId);
      const job: SchemaChangeJob = {
        jobId,
        tableId: table.id,
        tableName: table.name,
        indexes: indexes.map(({ formerId, meta }) => ({
          name: meta.name,
          indexId: meta.indexId,
          originIndexId: formerId,
          schemaVersion: meta.schemaVersion,
          schemaHash: meta.schemaHash,
        })),
        txnId,
        createTimeMs,
        finishedTimeMs: frontend.clock.now(),
      };
      const { sortKey, maxColUniqueId, renames, lost } = changed;
      yield* frontend.log({
        op: 'OP_MODIFY_TABLE_ADD_OR_DROP_COLUMNS',
        dbId: database.id,
        tableId: table.id,
        job,
        indexes: indexes.map(({ formerId, meta }) => ({ formerId, meta })),
        physical: filledPhysicals(table, parts),
        sortKey,
        maxColUniqueId,
        renames,
        lost,
      });
    }),
  );
  dropReplicas(frontend, database.id, withOnlyFormer(table, changed.indexes));
}

/** The partitions with the indexes alone that others have taken the place of. */
function withOnlyFormer(table: OlapTable, indexes: readonly ChangedIndex[]): readonly Partition[] {
  const gone = new Set<IndexId>(indexes.map(({ former }) => former.indexId));
  return [...table.partitions.values()].map((partition) => ({
    ...partition,
    physical: partition.physical.map((one) => ({
      ...one,
      indexes: one.indexes.filter(({ indexId }) => gone.has(indexId)),
    })),
  }));
}

function projectionOf({ former, columns }: ChangedIndex, context: QueryContext): IndexProjection {
  const makers = columns.map((column) => makerOf(former.schema, column, context));
  return (vectors, rowCount) => makers.map((make) => make(vectors, rowCount));
}

type Maker = (vectors: readonly ColumnVector[], rowCount: number) => ColumnVector;

function makerOf(
  formerSchema: readonly Column[],
  { column, source }: ChangedColumn,
  context: QueryContext,
): Maker {
  if (source === undefined) {
    const cell = defaultCell(column, context);
    return (_vectors, rowCount) => new Array<Cell>(rowCount).fill(cell);
  }
  const at = formerSchema.indexOf(source);
  if (at < 0) throw new SimError('bug', `column ${column.name} has no source ${source.name}`);
  if (typeText(source.type) === typeText(column.type)) return (vectors) => vectors[at] ?? [];
  return (vectors) => (vectors[at] ?? []).map((cell) => converted(cell, source, column));
}

/** A value that the new type has not stops the change: the rows stay as they are. */
function converted(cell: Cell, from: Column, to: Column): Cell {
  const value = tryCastCell(cell, from.type, to.type);
  const isLong =
    typeof value === 'string' && Buffer.byteLength(value) > (to.type.length ?? Infinity);
  if (value !== undefined && !isLong) return value;
  throw new SimError(
    'execution',
    `Can not change column ${from.name} to ${typeText(to.type)}: value '${String(cell)}' does not fit`,
    { hint: 'the table is as it was' },
  );
}
