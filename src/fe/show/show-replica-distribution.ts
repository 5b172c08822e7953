/** ADMIN SHOW REPLICA DISTRIBUTION: how a table's replicas lie on the backends (sql-surface.md 4.10). */
import type { Op } from '../../base/op.ts';
import { type Executor, type StatementResult, showResult } from '../frontend-context.ts';
import { tableNamed } from '../resolve.ts';
import { chosenPartitions } from './show-tablet.ts';

const COLUMNS = ['BackendId', 'ReplicaNum', 'Graph', 'Percent'];

export const showReplicaDistribution: Executor<'admin-show-replica-distribution'> = function* (
  frontend,
  session,
  { table: name, partitions },
): Op<StatementResult> {
  const { table } = tableNamed(frontend, session, name);
  const counts = new Map<number, number>(frontend.backends.ids().map((id) => [id, 0]));
  let total = 0;
  for (const physical of chosenPartitions(table, partitions)) {
    for (const { tablets } of physical.indexes) {
      for (const backendId of tablets.backendIds) {
        counts.set(backendId, (counts.get(backendId) ?? 0) + 1);
        total += 1;
      }
    }
  }
  const rows = [...counts].map(([backendId, count]) => {
    const percent = total === 0 ? 0 : (count * 100) / total;
    return [
      String(backendId),
      String(count),
      '>'.repeat(Math.floor(percent)),
      `${percent.toFixed(2)} %`,
    ];
  });
  return showResult(COLUMNS, rows);
};
