/** Makes the tablet replicas of new partitions on the backends, before a record makes them known. */
import { SimError } from '../base/errors.ts';
import { asId, type DbId, type Signature } from '../base/ids.ts';
import type { Op } from '../base/op.ts';
import { MINUTE_MS, SECOND_MS } from '../base/units.ts';
import type { MaterializedIndexMeta, OlapTable, Partition } from '../catalog/model.ts';
import { tabletsOf } from '../catalog/tablet-columns.ts';
import { tabletSchemaOf } from '../catalog/tablet-schema.ts';
import type { CreateReplicaTask, DropReplicaTask } from '../protocol/agent-task.ts';
import type { FrontendContext } from './frontend-context.ts';
import { fillOf } from './synthetic-tablets.ts';

/** The longest wait for all replicas together (restore-jobs.md 2.4). */
const CREATE_WAIT_MS_MAX = 10 * MINUTE_MS;

/** Makes them all or throws `backend-unavailable`, naming those that did not answer. */
function* createReplicas(
  frontend: FrontendContext,
  dbId: DbId,
  table: Pick<OlapTable, 'id' | 'indexMetas' | 'properties'>,
  partitions: readonly Partition[],
): Op<void> {
  const tasks = partitions.flatMap((partition) => createTasks(dbId, table, partition));
  const perTaskMs = frontend.config.getNumber('tablet_create_timeout_second') * SECOND_MS;
  const waitMs = Math.min(CREATE_WAIT_MS_MAX, perTaskMs * tasks.length);
  const outstanding = yield* frontend.tasks.createReplicas(tasks, waitMs);
  if (outstanding.length === 0) return;
  dropReplicas(frontend, dbId, partitions);
  const named = outstanding
    .slice(0, OUTSTANDING_SHOWN_MAX)
    .map((task) => `${task.tabletId} on backend ${task.backendId}`);
  throw new SimError(
    'backend-unavailable',
    `Table creation timed out: ${outstanding.length} replicas not created, ` +
      `among them tablet ${named.join(', tablet ')}`,
    { hint: 'look at SHOW BACKENDS, or raise tablet_create_timeout_second' },
  );
}

const OUTSTANDING_SHOWN_MAX = 10;

function createTasks(
  dbId: DbId,
  table: Pick<OlapTable, 'id' | 'indexMetas' | 'properties'>,
  partition: Partition,
): readonly CreateReplicaTask[] {
  const metas = new Map<number, MaterializedIndexMeta>(
    table.indexMetas.map((meta) => [meta.indexId, meta]),
  );
  const fill = fillOf(table.properties);
  const tasks: CreateReplicaTask[] = [];
  for (const physical of partition.physical) {
    for (const { indexId, tablets } of physical.indexes) {
      const meta = metas.get(indexId);
      if (meta === undefined) throw new SimError('bug', `index ${indexId} has no schema`);
      const schema = tabletSchemaOf(meta);
      for (const { tabletId, replicas } of tabletsOf(tablets)) {
        for (const { replicaId, backendId } of replicas) {
          tasks.push({
            type: 'CREATE',
            backendId,
            signature: asId<Signature>(replicaId),
            dbId,
            tableId: table.id,
            partitionId: physical.id,
            indexId,
            tabletId,
            replicaId,
            version: physical.visibleVersion,
            schema,
            isRestoreTask: false,
            ...(fill === undefined ? {} : { fill }),
          });
        }
      }
    }
  }
  return tasks;
}

/** Tells the backends at once; who does not hear it drops the tablets after its next report. */
export function dropReplicas(
  frontend: FrontendContext,
  dbId: DbId,
  partitions: Iterable<Partition>,
): void {
  const tasks: DropReplicaTask[] = [];
  for (const partition of partitions) {
    for (const physical of partition.physical) {
      for (const { tablets } of physical.indexes) {
        frontend.tasks.endMaking(tablets.tabletIds);
        frontend.stats.forget(tablets.tabletIds);
        for (const { tabletId, replicas } of tabletsOf(tablets)) {
          for (const { backendId } of replicas) {
            tasks.push({
              type: 'DROP',
              backendId,
              signature: asId<Signature>(tabletId),
              dbId,
              tabletId,
            });
          }
        }
      }
    }
  }
  frontend.tasks.send(tasks);
}

/**
 * Creates the replicas of new partitions, then runs `register`, which logs them. When that refuses
 * they go again; when the log itself has failed they stay, since the record may be on disk.
 */
export function* withNewReplicas<T>(
  frontend: FrontendContext,
  dbId: DbId,
  table: Pick<OlapTable, 'id' | 'indexMetas' | 'properties'>,
  partitions: readonly Partition[],
  register: () => Op<T>,
): Op<T> {
  yield* createReplicas(frontend, dbId, table, partitions);
  try {
    const result = yield* register();
    endMaking(frontend, partitions);
    return result;
  } catch (error) {
    if (frontend.isLogUsable()) dropReplicas(frontend, dbId, partitions);
    throw error;
  }
}

/** The tablets are in the catalog now: reports look them up there. */
function endMaking(frontend: FrontendContext, partitions: Iterable<Partition>): void {
  for (const partition of partitions) {
    for (const physical of partition.physical) {
      for (const { tablets } of physical.indexes) frontend.tasks.endMaking(tablets.tabletIds);
    }
  }
}

export function chooseBackends(
  frontend: FrontendContext,
): (tabletCount: number, replicationNum: number) => Float64Array | undefined {
  return (tabletCount, replicationNum) => frontend.backends.choose(tabletCount, replicationNum);
}

export function tooFewBackends(replicationNum: number, alive: number): SimError {
  return new SimError(
    'backend-unavailable',
    `Failed to find enough hosts with alive backends: ${replicationNum} replicas wanted, ${alive} backends alive`,
    { hint: 'start more backends or lower replication_num' },
  );
}
