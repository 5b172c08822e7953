/** TRUNCATE TABLE: same names, new ids, version 1; not undone by anything (sql-surface.md 3.5). */

import { SimError } from '../../base/errors.ts';
import type { Op } from '../../base/op.ts';
import { emptyCopyOf } from '../../catalog/build-partition.ts';
import type { OlapTable, Partition } from '../../catalog/model.ts';
import type { PartitionNames } from '../../sql/ast.ts';
import { analysisError } from '../analysis-error.ts';
import { changing, hasSameIndexes, tableNow } from '../change-database.ts';
import { DONE, type Executor, type StatementResult } from '../frontend-context.ts';
import { newPartitions } from '../new-partitions.ts';
import { dropReplicas, withNewReplicas } from '../replica-creation.ts';
import { refuseMaterializedView, refuseUnlessNormal, tableNamed } from '../resolve.ts';

export const executeTruncateTable: Executor<'truncate-table'> = function* (
  frontend,
  session,
  statement,
): Op<StatementResult> {
  const { database, table } = tableNamed(frontend, session, statement.table);
  refuseMaterializedView(table, 'TRUNCATE', 'refresh it with REFRESH MATERIALIZED VIEW');
  refuseUnlessNormal(table, 'TRUNCATE');
  const old = chosenPartitions(table, statement.partitions);
  const fresh = yield* newPartitions(frontend, table, old.map(emptyCopyOf));
  const register = function* (): Op<void> {
    const now = tableNow(frontend, database, table);
    const isSame = old.every(
      (partition) => now?.partitions.get(partition.name)?.id === partition.id,
    );
    const isWhole = now !== undefined && isSame && hasSameIndexes(now, table);
    if (!isWhole || now.state !== 'NORMAL') {
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
    throw analysisError('Not support truncate temp partitions');
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
