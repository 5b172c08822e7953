/** Empty partitions for a table that is there, with ids and backends: ADD PARTITION and TRUNCATE. */
import type { Op } from '../base/op.ts';
import {
  buildPartition,
  countPartitionIds,
  indexIdsOf,
  type NewPartition,
} from '../catalog/build-partition.ts';
import { idRun } from '../catalog/id-run.ts';
import type { OlapTable, Partition } from '../catalog/model.ts';
import { partitionChooser } from './colocate.ts';
import type { FrontendContext } from './frontend-context.ts';
import { tooFewBackends } from './replica-creation.ts';

/** Nothing is created on a backend yet. Throws `backend-unavailable` when there are too few. */
export function* newPartitions(
  frontend: FrontendContext,
  table: OlapTable,
  shapes: readonly NewPartition[],
): Op<readonly Partition[]> {
  const indexIds = indexIdsOf(table);
  const idCount = shapes.reduce((sum, shape) => sum + countPartitionIds(shape, indexIds.length), 0);
  const placement = {
    ids: idRun(yield* frontend.ids.next(idCount), idCount),
    chooseBackends: partitionChooser(frontend, table, shapes),
    physicalIdEqualsLogical: frontend.options.profile.jobs.physicalIdEqualsLogical,
  };
  return shapes.map((shape) => {
    const made = buildPartition(shape, indexIds, placement, frontend.clock.now());
    if (made === undefined) {
      throw tooFewBackends(shape.replicationNum, frontend.backends.aliveCount);
    }
    return made;
  });
}
