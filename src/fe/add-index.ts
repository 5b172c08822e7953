/**
 * A rollup for a table that is there: its tablets are made beside those of the base index, filled
 * with the rows of the base index as a load would, and become part of the table by one record.
 * The database is held meanwhile, so that no load commits rows that the rollup would lack.
 */
import { SimError } from '../base/errors.ts';
import { asId, type BackendId, type IndexId, type TabletId, type TxnId } from '../base/ids.ts';
import type { Op } from '../base/op.ts';
import { idRun } from '../catalog/id-run.ts';
import type {
  Database,
  MaterializedIndex,
  MaterializedIndexMeta,
  OlapTable,
  PhysicalPartition,
  RollupJob,
  TabletColumns,
} from '../catalog/model.ts';
import { indexMetaFor, type NewIndex } from '../catalog/rollup-schema.ts';
import { baseIndexMeta } from '../catalog/table-lookup.ts';
import { makeTablets, tabletsOf } from '../catalog/tablet-columns.ts';
import type { RowBatch } from '../protocol/data.ts';
import type { FrontendContext } from './frontend-context.ts';
import { type IndexProjection, indexProjection } from './index-rows.ts';
import { withNewReplicas } from './replica-creation.ts';

/** One physical partition on its way to have the index. */
interface IndexPart {
  readonly physical: PhysicalPartition;
  readonly base: TabletColumns;
  readonly index: MaterializedIndex;
}

/** The caller holds the database and has checked the table and the index. */
export function* addIndex(
  frontend: FrontendContext,
  database: Database,
  table: OlapTable,
  added: NewIndex,
): Op<void> {
  const createTimeMs = frontend.clock.now();
  refuseUnderWay(frontend, table);
  const physicals = [...table.partitions.values()].flatMap(({ physical }) => physical);
  const idCount = physicals.reduce((sum, one) => sum + idsFor(baseTablets(one)), 3);
  const ids = idRun(yield* frontend.ids.next(idCount), idCount);
  const jobId = ids.next();
  const txnId = asId<TxnId>(ids.next());
  const meta = indexMetaFor(added, asId<IndexId>(ids.next()));
  const parts = physicals.map((physical): IndexPart => {
    const base = baseTablets(physical);
    const tablets = makeTablets({
      count: base.count,
      replication: base.replication,
      firstTabletId: ids.take(base.count),
      firstReplicaId: ids.take(base.count * base.replication),
      backendIds: base.backendIds,
    });
    return { physical, base, index: Object.freeze({ indexId: meta.indexId, tablets }) };
  });
  const target = { id: table.id, indexMetas: [meta], properties: table.properties };
  const empty = [...table.partitions.values()].map((partition) => ({
    ...partition,
    physical: parts
      .filter(({ physical }) => physical.parentId === partition.id)
      .map((part) => withOnlyIndex(part, versionBeforeFill(part.physical))),
  }));
  yield* withNewReplicas(frontend, database.id, target, empty, () =>
    frontend.loads.running(txnId, function* () {
      yield* fill(frontend, table, meta, parts, txnId);
      const job: RollupJob = {
        jobId,
        tableId: table.id,
        tableName: table.name,
        baseIndexName: table.name,
        rollupIndexName: meta.name,
        rollupId: meta.indexId,
        txnId,
        createTimeMs,
        finishedTimeMs: frontend.clock.now(),
      };
      const physical = parts.map((part) => withOnlyIndex(part, part.physical.visibleVersion));
      const where = { dbId: database.id, tableId: table.id };
      yield* frontend.log({ op: 'OP_ALTER_JOB_V2', ...where, job, meta, physical });
    }),
  );
}

/** A partition that was never loaded has nothing to fill. */
function versionBeforeFill({ visibleVersion }: PhysicalPartition): number {
  return Math.max(1, visibleVersion - 1);
}

function baseTablets({ id, indexes }: PhysicalPartition): TabletColumns {
  const [base] = indexes;
  if (base === undefined) throw new SimError('bug', `partition ${id} has no base index`);
  return base.tablets;
}

const idsFor = ({ count, replication }: TabletColumns): number => count * (1 + replication);

function withOnlyIndex({ physical, index }: IndexPart, visibleVersion: number): PhysicalPartition {
  return { ...physical, visibleVersion, indexes: [index], lagging: new Map() };
}

/** What is committed but not yet published cannot be read from every backend. */
function refuseUnderWay({ publisher }: FrontendContext, table: OlapTable): void {
  for (const { physical } of table.partitions.values()) {
    if (physical.every((one) => publisher.readableVersion(one) === one.visibleVersion)) continue;
    throw new SimError('execution', `loads of table '${table.name}' are still being published`, {
      hint: 'run the statement again',
    });
  }
}

function* fill(
  frontend: FrontendContext,
  table: OlapTable,
  meta: MaterializedIndexMeta,
  parts: readonly IndexPart[],
  txnId: TxnId,
): Op<void> {
  const project = indexProjection(meta, baseIndexMeta(table).schema);
  for (const part of parts) {
    const version = part.physical.visibleVersion;
    if (versionBeforeFill(part.physical) === version) continue;
    yield* stageRows(frontend, part, project, txnId);
    for (const [backendId, tabletIds] of tabletsByBackend(part.index)) {
      const tablets = tabletIds.map((tabletId) => ({ tabletId, version }));
      const stats = yield* frontend.backends.link(backendId).publishVersion({
        txnId,
        tablets,
        isDurable: true,
      });
      frontend.stats.note(backendId, stats);
    }
  }
}

/** Tablet by tablet: only one's rows are in memory at a time. */
function* stageRows(
  frontend: FrontendContext,
  { physical, base, index }: IndexPart,
  project: IndexProjection,
  txnId: TxnId,
): Op<void> {
  const targets = [...tabletsOf(index.tablets)];
  let at = 0;
  for (const { tabletId, replicas } of tabletsOf(base)) {
    const target = targets[at];
    at += 1;
    const source = replicas.find(({ replicaId }) => !physical.lagging.has(asId(replicaId)));
    if (source === undefined || target === undefined) {
      throw new SimError('backend-unavailable', `tablet ${tabletId} has no whole replica`);
    }
    const { rowCount, columns } = yield* frontend.backends
      .link(asId<BackendId>(source.backendId))
      .scanTablet({ tabletId: asId<TabletId>(tabletId), version: physical.visibleVersion });
    if (rowCount === 0) continue;
    const batch: RowBatch = { op: 'upsert', rowCount, columns: project(columns) };
    const tablets = [{ tabletId: asId<TabletId>(target.tabletId), batch }];
    for (const { backendId } of target.replicas) {
      yield* frontend.backends.link(asId<BackendId>(backendId)).writeRowsets({ txnId, tablets });
    }
  }
}

function tabletsByBackend({
  tablets,
}: MaterializedIndex): ReadonlyMap<BackendId, readonly TabletId[]> {
  const found = new Map<BackendId, TabletId[]>();
  for (const { tabletId, replicas } of tabletsOf(tablets)) {
    for (const { backendId } of replicas) {
      const id = asId<BackendId>(backendId);
      const mine = found.get(id) ?? [];
      mine.push(asId<TabletId>(tabletId));
      found.set(id, mine);
    }
  }
  return found;
}
