/**
 * One round of the dynamic-partition scheduler: makes the partitions that tables should have by
 * now and drops those that are over. A table that is being restored is left alone; when it is
 * NORMAL again it takes part, as StarRocks registers it (restore-jobs.md 5.1 step 8).
 */
import { asSimError } from '../base/errors.ts';
import { attempt, type Op } from '../base/op.ts';
import {
  type DynamicPartition,
  dueDynamicPartitions,
  dynamicPartitionOf,
  overDynamicPartitions,
} from '../catalog/dynamic-partition.ts';
import type { Database, OlapTable } from '../catalog/model.ts';
import { addPartitions } from './add-partitions.ts';
import { analyzeAddedPartitions } from './analyze-partitions.ts';
import { changing, tableNow } from './change-database.ts';
import type { FrontendContext } from './frontend-context.ts';
import { dropReplicas } from './replica-creation.ts';
import { everyTable } from './system-table.ts';

/** Tables in order; what one of them cannot do now is told, and tried again in the next round. */
export function* scheduleDynamicPartitions(frontend: FrontendContext): Op<void> {
  if (frontend.config.get('dynamic_partition_enable') !== 'true') return;
  for (const { database, table } of everyTable(frontend)) {
    const dynamic = dynamicPartitionOf(table.properties);
    if (dynamic?.isEnabled !== true) continue;
    const done = yield* attempt(scheduleTable(frontend, database, table, dynamic));
    if (done.ok) continue;
    const { code, message } = asSimError(done.error);
    const about = { table: `${database.name}.${table.name}`, code, text: message };
    frontend.logger.log('error', 'dynamic partitions failed', about);
  }
}

function* scheduleTable(
  frontend: FrontendContext,
  database: Database,
  { id }: OlapTable,
  dynamic: DynamicPartition,
): Op<void> {
  const normal = (): OlapTable | undefined => {
    const now = frontend.catalog.databases.get(database.id)?.tables.get(id);
    return now?.state === 'NORMAL' ? now : undefined;
  };
  const table = normal();
  if (table === undefined) return;
  const { buckets, replicationNum } = dynamic;
  const due = analyzeAddedPartitions(
    dueDynamicPartitions(table, dynamic, frontend.clock.now()),
    table,
  ).map((one) => ({
    ...one,
    distribution: buckets === undefined ? one.distribution : { ...one.distribution, buckets },
    replicationNum: replicationNum ?? one.replicationNum,
  }));
  yield* addPartitions(frontend, database, table, due);
  yield* dropOver(frontend, database, table, dynamic);
}

function* dropOver(
  frontend: FrontendContext,
  database: Database,
  table: OlapTable,
  dynamic: DynamicPartition,
): Op<void> {
  yield* changing(frontend, database, function* () {
    const now = tableNow(frontend, database, table);
    if (now?.state !== 'NORMAL') return;
    for (const name of overDynamicPartitions(now, dynamic, frontend.clock.now())) {
      const dropped = now.partitions.get(name);
      yield* frontend.log({
        op: 'OP_DROP_PARTITION',
        dbId: database.id,
        tableId: now.id,
        partitionName: name,
      });
      if (dropped !== undefined) dropReplicas(frontend, database.id, [dropped]);
    }
  });
}
