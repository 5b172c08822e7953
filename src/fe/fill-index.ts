/**
 * Tablets of new indexes for a table that is there, made beside those of an index whose rows they
 * take over, and filled with these rows as a load would. The database is held meanwhile, so that
 * no load commits rows that the new index would lack.
 */
import { SimError } from '../base/errors.ts';
import { asId, type BackendId, type TabletId, type TxnId } from '../base/ids.ts';
import type { Op } from '../base/op.ts';
import type { IdRun } from '../catalog/id-run.ts';
import type {
  MaterializedIndex,
  MaterializedIndexMeta,
  OlapTable,
  Partition,
  PhysicalPartition,
  TabletColumns,
} from '../catalog/model.ts';
import { makeTablets, tabletsOf } from '../catalog/tablet-columns.ts';
import type { RowBatch, ScannedTablet } from '../protocol/data.ts';
import type { FrontendContext } from './frontend-context.ts';
import type { IndexProjection } from './index-rows.ts';

/** An index that is to be, and the one whose rows it takes over. */
export interface IndexToFill {
  readonly meta: MaterializedIndexMeta;
  readonly sourceId: number;
  readonly project: IndexProjection;
}

/** One physical partition on its way to have an index. */
export interface IndexPart {
  readonly physical: PhysicalPartition;
  readonly source: TabletColumns;
  readonly index: MaterializedIndex;
  readonly project: IndexProjection;
}

export function physicalsOf({ partitions }: OlapTable): readonly PhysicalPartition[] {
  return [...partitions.values()].flatMap(({ physical }) => physical);
}

/** Ids of the tablets and replicas of an index, as many as the source has. */
export function countTabletIds(table: OlapTable, sourceId: number): number {
  return physicalsOf(table).reduce((sum, physical) => {
    const { count, replication } = tabletsOfIndex(physical, sourceId);
    return sum + count * (1 + replication);
  }, 0);
}

/** Bucket by bucket on the backends of the source. */
export function partsOf(table: OlapTable, added: IndexToFill, ids: IdRun): readonly IndexPart[] {
  const { indexId } = added.meta;
  return physicalsOf(table).map((physical) => {
    const source = tabletsOfIndex(physical, added.sourceId);
    const tablets = makeTablets({
      count: source.count,
      replication: source.replication,
      firstTabletId: ids.take(source.count),
      firstReplicaId: ids.take(source.count * source.replication),
      backendIds: source.backendIds,
    });
    return { physical, source, index: Object.freeze({ indexId, tablets }), project: added.project };
  });
}

function tabletsOfIndex({ id, indexes }: PhysicalPartition, indexId: number): TabletColumns {
  const index = indexes.find((one) => one.indexId === indexId);
  if (index === undefined) throw new SimError('bug', `partition ${id} has no index ${indexId}`);
  return index.tablets;
}

/** The partitions with the new indexes alone, as they are before they are filled. */
export function emptyPartitions(
  table: OlapTable,
  parts: readonly IndexPart[],
): readonly Partition[] {
  return [...table.partitions.values()].map((partition) => ({
    ...partition,
    physical: partition.physical.map((one) => withOnlyNew(one, parts, versionBeforeFill(one))),
  }));
}

/** The same when they are filled. */
export function filledPhysicals(
  table: OlapTable,
  parts: readonly IndexPart[],
): readonly PhysicalPartition[] {
  return physicalsOf(table).map((one) => withOnlyNew(one, parts, one.visibleVersion));
}

function withOnlyNew(
  physical: PhysicalPartition,
  parts: readonly IndexPart[],
  visibleVersion: number,
): PhysicalPartition {
  const indexes = parts.filter((part) => part.physical === physical).map(({ index }) => index);
  return { ...physical, visibleVersion, indexes, lagging: new Map() };
}

/** A partition that was never loaded has nothing to fill. */
function versionBeforeFill({ visibleVersion }: PhysicalPartition): number {
  return Math.max(1, visibleVersion - 1);
}

/** What is committed but not yet published cannot be read from every backend. */
export function refuseUnderWay({ publisher }: FrontendContext, table: OlapTable): void {
  const isSettled = physicalsOf(table).every(
    (one) => publisher.readableVersion(one) === one.visibleVersion,
  );
  if (isSettled) return;
  throw new SimError('execution', `loads of table '${table.name}' are still being published`, {
    hint: 'run the statement again',
  });
}

/** Afterwards every replica holds the rows at the visible version of its partition. */
export function* fillParts(
  frontend: FrontendContext,
  parts: readonly IndexPart[],
  txnId: TxnId,
): Op<void> {
  for (const part of parts) {
    const version = part.physical.visibleVersion;
    if (versionBeforeFill(part.physical) === version) continue;
    yield* stageRows(frontend, part, txnId);
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
  { physical, source, index, project }: IndexPart,
  txnId: TxnId,
): Op<void> {
  const targets = [...tabletsOf(index.tablets)];
  let at = 0;
  for (const { tabletId, replicas } of tabletsOf(source)) {
    const target = targets[at];
    at += 1;
    const scanned = yield* scanWholeReplica(frontend, physical, tabletId, replicas);
    const { rowCount, columns } = scanned;
    if (target === undefined) throw new SimError('bug', `tablet ${tabletId} has no counterpart`);
    if (rowCount === 0) continue;
    const batch: RowBatch = { op: 'upsert', rowCount, columns: project(columns, rowCount) };
    const tablets = [{ tabletId: asId<TabletId>(target.tabletId), batch }];
    for (const { backendId } of target.replicas) {
      yield* frontend.backends.link(asId<BackendId>(backendId)).writeRowsets({ txnId, tablets });
    }
  }
}

/** The rows of a tablet at its partition's visible version, from a replica that is not behind. */
export function* scanWholeReplica(
  { backends }: FrontendContext,
  { lagging, visibleVersion }: PhysicalPartition,
  tabletId: number,
  replicas: readonly { readonly replicaId: number; readonly backendId: number }[],
): Op<ScannedTablet> {
  const whole = replicas.find(({ replicaId }) => !lagging.has(asId(replicaId)));
  if (whole === undefined) {
    throw new SimError('backend-unavailable', `tablet ${tabletId} has no whole replica`);
  }
  return yield* backends
    .link(asId<BackendId>(whole.backendId))
    .scanTablet({ tabletId: asId<TabletId>(tabletId), version: visibleVersion });
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
