/** TRUNCATE TABLE: same names, new ids, version 1; not undone by anything (sql-surface.md 3.5). */

import { SimError } from '../../base/errors.ts';
import type { Op } from '../../base/op.ts';
import {
  buildPartition,
  countPartitionIds,
  emptyCopyOf,
  indexIdsOf,
} from '../../catalog/build-partition.ts';
import { idRun } from '../../catalog/id-run.ts';
import type { OlapTable, Partition } from '../../catalog/model.ts';
import type { PartitionNames } from '../../sql/ast.ts';
import { analysisError } from '../analysis-error.ts';
import { changing, tableNow } from '../change-database.ts';
import {
  DONE,
  type Executor,
  type FrontendContext,
  type StatementResult,
} from '../frontend-context.ts';
import {
  chooseBackends,
  dropReplicas,
  tooFewBackends,
  withNewReplicas,
} from '../replica-creation.ts';
import { refuseUnlessNormal, tableNamed } from '../resolve.ts';

export const executeTruncateTable: Executor<'truncate-table'> = function* (
  frontend,
  session,
  statement,
): Op<StatementResult> {
  const { database, table } = tableNamed(frontend, session, statement.table);
  refuseUnlessNormal(table, 'TRUNCATE');
  const old = chosenPartitions(table, statement.partitions);
  const fresh = yield* emptyPartitions(frontend, table, old);
  const register = function* (): Op<void> {
    const now = tableNow(frontend, database, table);
    const isSame = old.every(
      (partition) => now?.partitions.get(partition.name)?.id === partition.id,
    );
    if (now === undefined || !isSame || now.state !== 'NORMAL') {
      throw new SimError(
        'execution',
        `Table '${table.name}' was changed while it was being truncated`,
        { hint: 'run the statement again' },
      );
    }
    yield* frontend.log({
      op: 'OP_TRUNCATE_TABLE',
      dbId: database.id,
      tableId: table.id,
      partitions: fresh,
    });
  };
  yield* withNewReplicas(frontend, database.id, table, fresh, () =>
    changing(frontend, database, register),
  );
  dropReplicas(frontend, database.id, old);
  return DONE;
};

function chosenPartitions(
  table: OlapTable,
  wanted: PartitionNames | undefined,
): readonly Partition[] {
  if (wanted === undefined) return [...table.partitions.values()];
  if (wanted.isTemporary) {
    throw analysisError('TRUNCATE of temporary partitions is not supported', 'unsupported');
  }
  return [...new Set(wanted.names)].map((name) => {
    const partition = table.partitions.get(name);
    if (partition === undefined) {
      throw analysisError(
        `Unknown partition '${name}' in table '${table.name}'`,
        'unknown-partition',
      );
    }
    return partition;
  });
}

function* emptyPartitions(
  frontend: FrontendContext,
  table: OlapTable,
  old: readonly Partition[],
): Op<readonly Partition[]> {
  const indexIds = indexIdsOf(table);
  const shapes = old.map(emptyCopyOf);
  const idCount = shapes.reduce((sum, shape) => sum + countPartitionIds(shape, indexIds.length), 0);
  const placement = {
    ids: idRun(yield* frontend.ids.next(idCount), idCount),
    chooseBackends: chooseBackends(frontend),
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
