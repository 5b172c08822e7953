/**
 * Refresh of a materialized view: runs its query and puts the rows in place of the old ones, as
 * INSERT OVERWRITE would: new partitions, in one record, of which readers see all or nothing.
 */
import { SimError } from '../../base/errors.ts';
import type { Op } from '../../base/op.ts';
import { uuid } from '../../base/random.ts';
import type { Row, RowStream } from '../../base/row-stream.ts';
import type { NewPartition } from '../../catalog/build-partition.ts';
import type { MvId } from '../../catalog/materialized-view.ts';
import type { OlapTable, Partition } from '../../catalog/model.ts';
import { type MvInCatalog, materializedViewOf } from '../../catalog/mv-bindings.ts';
import type { CommitRecord } from '../../catalog/records.ts';
import { withPartitionsOverwritten } from '../../catalog/table-operations.ts';
import { parseQueryText } from '../../sql/qualified-query.ts';
import { changing } from '../change-database.ts';
import type { FrontendContext } from '../frontend-context.ts';
import { routeStream, storedCell } from '../load-rows.ts';
import { newPartitions } from '../new-partitions.ts';
import { dropReplicas, withNewReplicas } from '../replica-creation.ts';
import { baseSchema, refuseUnlessNormal } from '../resolve.ts';
import { RowRouter } from '../route-rows.ts';
import {
  type BaseVersions,
  baseTablesOf,
  baseVersions,
  changedPartitions,
  isStale,
  readVersions,
} from './base-versions.ts';
import { backgroundContext } from './view-query.ts';

/**
 * Brings a view up to its base tables; with `force` also what is up to date. Answers the partitions
 * that were written anew; none if the view had read everything already. One at a time for each
 * view. Throws `execution` for a view that is inactive or changes meanwhile, and what its
 * query or the load throws.
 */
export function refreshMaterializedView(
  frontend: FrontendContext,
  id: MvId,
  force: boolean,
): Op<readonly string[]> {
  return frontend.locks.readModifyWrite(id.tableId).hold(() => refreshAlone(frontend, id, force));
}

function* refreshAlone(frontend: FrontendContext, id: MvId, force: boolean): Op<readonly string[]> {
  const view = refreshableView(frontend, id);
  const database = frontend.catalog.databases.get(id.dbId);
  if (database === undefined) throw gone(id);
  const versions = baseVersions(frontend, view.info);
  const startMs = frontend.clock.now();
  const plan = refreshPlan(frontend, view, versions, force);
  const { shapes, dropped } = plan;
  if (shapes.length === 0 && dropped.length === 0) return [];
  const { table } = view;
  const fresh = shapes.length === 0 ? [] : yield* newPartitions(frontend, table, shapes);
  const replaced = [...fresh.map(({ name }) => name), ...dropped].flatMap(
    (name) => table.partitions.get(name) ?? [],
  );
  yield* withNewReplicas(frontend, id.dbId, table, fresh, function* () {
    const overwritten = withPartitionsOverwritten(table, fresh, dropped);
    const router = yield* routedRows(frontend, view, overwritten);
    const freshIds = new Set(
      fresh.flatMap((partition) => partition.physical.map((physical) => physical.id)),
    );
    yield* frontend.loads.overwrite(
      {
        dbId: id.dbId,
        table: overwritten,
        label: `insert_${uuid(frontend.random)}`,
        register: (commit) =>
          changing(frontend, database, () =>
            register(frontend, id, view, { fresh, replaced, dropped, versions, startMs, commit }),
          ),
      },
      router.routed().filter((tablet) => freshIds.has(tablet.physicalPartitionId)),
    );
  });
  dropReplicas(frontend, id.dbId, replaced);
  return fresh.map(({ name }) => name);
}

function refreshableView(frontend: FrontendContext, id: MvId): MvInCatalog {
  const view = materializedViewOf(frontend.catalog, id);
  if (view === undefined) throw gone(id);
  const { table, info } = view;
  if (!info.isActive) {
    throw new SimError(
      'execution',
      `Materialized view ${table.name} is not active: ${info.inactiveReason}`,
      { hint: 'ALTER MATERIALIZED VIEW ... ACTIVE' },
    );
  }
  refuseUnlessNormal(table, 'REFRESH MATERIALIZED VIEW');
  for (const base of baseTablesOf(frontend, info)) refuseUnlessNormal(base, 'being read');
  return view;
}

function gone({ tableId }: MvId): SimError {
  return new SimError('unknown-table', `Materialized view ${tableId} does not exist`);
}

interface RefreshPlan {
  /** Partitions to fill anew. */
  readonly shapes: readonly NewPartition[];
  /** Partitions that no partition of the base table stands behind any more. */
  readonly dropped: readonly string[];
}

function refreshPlan(
  frontend: FrontendContext,
  { table, info }: MvInCatalog,
  versions: BaseVersions,
  force: boolean,
): RefreshPlan {
  const { partitionExpr } = info;
  const isAll = force || info.lastRefreshTimeMs === 0;
  const shape = (partition: Pick<NewPartition, 'name' | 'range'>): NewPartition => ({
    name: partition.name,
    distribution: table.defaultDistribution,
    replicationNum: Number(table.properties.get('replication_num')),
    ...(partition.range === undefined ? {} : { range: partition.range }),
  });
  if (partitionExpr === undefined) {
    if (!isAll && !isStale(info, versions)) return { shapes: [], dropped: [] };
    return { shapes: [shape({ name: table.name })], dropped: [] };
  }
  const base = info.baseTables[partitionExpr.baseTableAt];
  const followed =
    base === undefined
      ? undefined
      : frontend.catalog.databases.get(base.dbId)?.tables.get(base.tableId);
  if (base === undefined || followed === undefined) {
    throw new SimError('execution', `Base table ${base?.tableName} does not exist`);
  }
  const others = { ...info, baseTables: info.baseTables.filter((one) => one !== base) };
  const isWhole = isAll || isStale(others, versions) || !info.baseTableVersions.has(base.tableId);
  const changed = changedPartitions(info, versions, base.tableId);
  const partitions = [...followed.partitions.values()];
  return {
    shapes: partitions
      .filter(({ name }) => isWhole || changed.has(name) || !table.partitions.has(name))
      .map(shape),
    dropped: [...table.partitions.keys()].filter((name) => !followed.partitions.has(name)),
  };
}

/** The rows of the query of now, each on its way to a tablet. */
function* routedRows(
  frontend: FrontendContext,
  { info }: MvInCatalog,
  table: OlapTable,
): Op<RowRouter> {
  const schema = baseSchema(table);
  const query = parseQueryText(info.resolvedDefinition, info.pipesAsConcat);
  const context = backgroundContext(frontend, undefined);
  const stream: RowStream = yield* frontend.queries.run(query, context);
  const types = stream.columns.map((column) => column.type);
  if (types.length !== schema.length) {
    yield* stream.close();
    throw new SimError('execution', `the query of ${table.name} gives ${types.length} columns`);
  }
  const router = new RowRouter(table, schema, { op: 'upsert', partitionNames: undefined });
  const stored = (row: Row): Row =>
    schema.map((column, at) =>
      storedCell(row[at] ?? null, types[at] ?? { name: 'VARCHAR' }, column),
    );
  yield* routeStream(stream, router, stored);
  return router;
}

interface Refreshed {
  readonly dropped: readonly string[];
  readonly fresh: readonly Partition[];
  readonly replaced: readonly Partition[];
  readonly versions: BaseVersions;
  /** When the versions were looked up. */
  readonly startMs: number;
  readonly commit: CommitRecord;
}

/** The view may have been altered, dropped or restored while its query ran. */
function* register(
  frontend: FrontendContext,
  id: MvId,
  before: MvInCatalog,
  { fresh, replaced, dropped, versions, startMs, commit }: Refreshed,
): Op<void> {
  const now = refreshableView(frontend, id);
  const isSame =
    replaced.every(({ name, id: was }) => now.table.partitions.get(name)?.id === was) &&
    now.info.resolvedDefinition === before.info.resolvedDefinition &&
    now.table.name === before.table.name;
  if (!isSame) {
    throw new SimError(
      'execution',
      `Materialized view ${before.table.name} was changed while it was being refreshed`,
      { hint: 'refresh it again' },
    );
  }
  yield* frontend.log({
    op: 'OP_INSERT_OVERWRITE_STATE_CHANGE',
    dbId: id.dbId,
    tableId: id.tableId,
    partitions: fresh,
    dropped,
    commit,
    materializedView: Object.freeze({
      ...now.info,
      baseTableVersions: readVersions(versions, startMs),
      lastRefreshTimeMs: startMs,
    }),
  });
}
