/** New partitions of an existing table: placed, created on the backends, then logged. */
import { SimError } from '../base/errors.ts';
import type { Op } from '../base/op.ts';
import type { NewPartition } from '../catalog/build-partition.ts';
import type { Database, OlapTable } from '../catalog/model.ts';
import { changing, hasSameIndexes, stillNormal } from './change-database.ts';
import { refuseOverReplicaQuota } from './database-quota.ts';
import type { FrontendContext } from './frontend-context.ts';
import { newPartitions } from './new-partitions.ts';
import { withNewReplicas } from './replica-creation.ts';

/**
 * Adds the definitions, which were checked against `table`. Throws `execution` when its partitions
 * or indexes have changed since, `unknown-table`, `table-not-normal` or `backend-unavailable`.
 */
export function* addPartitions(
  frontend: FrontendContext,
  database: Database,
  table: OlapTable,
  definitions: readonly NewPartition[],
): Op<void> {
  if (definitions.length === 0) return;
  const partitions = yield* newPartitions(frontend, table, definitions);
  const register = function* (): Op<void> {
    const now = stillNormal(frontend, database, table, 'ALTER TABLE');
    if (!hasSamePartitions(now, table) || !hasSameIndexes(now, table)) {
      throw new SimError(
        'execution',
        `Table '${table.name}' was changed while a partition was being added`,
        { hint: 'run the statement again' },
      );
    }
    refuseOverReplicaQuota(database, partitions);
    yield* frontend.log({
      op: 'OP_ADD_PARTITIONS_V2',
      dbId: database.id,
      tableId: table.id,
      partitions,
    });
  };
  yield* withNewReplicas(frontend, database.id, table, partitions, () =>
    changing(frontend, database, register),
  );
}

/** Loads make new partition objects; what must not change is which partitions there are. */
export function hasSamePartitions(a: OlapTable, b: OlapTable): boolean {
  if (a.partitions.size !== b.partitions.size) return false;
  return [...a.partitions].every(([name, { id }]) => b.partitions.get(name)?.id === id);
}
