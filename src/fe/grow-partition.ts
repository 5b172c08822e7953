/**
 * Partitions of random buckets that grow: when the youngest physical partition has reached
 * `bucket_size` in each bucket, a load opens another, and rows go there from then on
 * (sql-surface.md 3.2; StarRocks' automatic buckets).
 */
import { asId, type PhysicalPartitionId } from '../base/ids.ts';
import type { Op } from '../base/op.ts';
import { countPartitionIds, emptyPhysical, indexIdsOf } from '../catalog/build-partition.ts';
import { idRun } from '../catalog/id-run.ts';
import type { Database, OlapTable, Partition, PhysicalPartition } from '../catalog/model.ts';
import { changing, hasSameIndexes, tableNow } from './change-database.ts';
import type { FrontendContext } from './frontend-context.ts';
import { partitionFigures } from './partition-figures.ts';
import { chooseBackends, tooFewBackends, withNewReplicas } from './replica-creation.ts';

export const BUCKET_SIZE = 'bucket_size';

/** Physical partitions of one partition; a partition that has so many grows no more. */
const PHYSICAL_PARTITIONS_MAX = 1000;

/** The table with room for a load; as it was where no partition is full. */
export function* grownTable(
  frontend: FrontendContext,
  database: Database,
  table: OlapTable,
): Op<OlapTable> {
  const bucketSizeBytes = Number(table.properties.get(BUCKET_SIZE) ?? 0);
  if (bucketSizeBytes === 0) return table;
  const full = [...table.partitions.values()].filter((partition) =>
    isFull(frontend, partition, bucketSizeBytes),
  );
  if (full.length === 0) return table;
  for (const partition of full) yield* grow(frontend, database, table, partition);
  return tableNow(frontend, database, table) ?? table;
}

function isFull(
  { stats }: FrontendContext,
  { physical, distribution }: Partition,
  bucketSizeBytes: number,
): boolean {
  const youngest = physical.at(-1);
  if (youngest === undefined || physical.length >= PHYSICAL_PARTITIONS_MAX) return false;
  const { dataSizeBytes } = partitionFigures(stats, youngest);
  return dataSizeBytes >= bucketSizeBytes * distribution.buckets;
}

function* grow(
  frontend: FrontendContext,
  database: Database,
  table: OlapTable,
  partition: Partition,
): Op<void> {
  const indexIds = indexIdsOf(table);
  const idCount = countPartitionIds(partition, indexIds.length);
  const ids = idRun(yield* frontend.ids.next(idCount), idCount);
  const placement = {
    ids,
    chooseBackends: chooseBackends(frontend),
    physicalIdEqualsLogical: frontend.options.profile.jobs.physicalIdEqualsLogical,
  };
  const own = { id: partition.id, physicalId: asId<PhysicalPartitionId>(ids.next()) };
  const physical = emptyPhysical(partition, own, indexIds, placement, frontend.clock.now());
  if (physical === undefined) {
    throw tooFewBackends(partition.replicationNum, frontend.backends.aliveCount);
  }
  const made = [{ ...partition, physical: [physical] }];
  yield* withNewReplicas(frontend, database.id, table, made, () =>
    changing(frontend, database, () => register(frontend, database, table, partition, physical)),
  );
}

/** Another load may have been first: then there is room, and the new tablets are strangers. */
function* register(
  frontend: FrontendContext,
  database: Database,
  table: OlapTable,
  partition: Partition,
  physical: PhysicalPartition,
): Op<void> {
  const now = tableNow(frontend, database, table);
  const here = now?.partitions.get(partition.name);
  const mayGrow =
    now?.state === 'NORMAL' &&
    hasSameIndexes(now, table) &&
    here?.id === partition.id &&
    here.physical.length === partition.physical.length;
  if (!mayGrow) return;
  const where = { dbId: database.id, tableId: table.id, partitionId: partition.id };
  yield* frontend.log({ op: 'OP_ADD_SUB_PARTITIONS_V2', ...where, physical });
}
