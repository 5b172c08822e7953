/**
 * ALTER TABLE ... COMPACT: the backends that hold tablets of the table are told, and do it when
 * their turn comes; the statement does not wait.
 */
import type { BackendId, TabletId } from '../../base/ids.ts';
import { asId } from '../../base/ids.ts';
import type { OlapTable, Partition } from '../../catalog/model.ts';
import type { AlterAction } from '../../sql/ast.ts';
import { analysisError } from '../analysis-error.ts';
import type { FrontendContext } from '../frontend-context.ts';

type Compact = Extract<AlterAction, { readonly kind: 'compact' }>;

/** Backends that are down are passed over: compaction changes no row. */
export function compactTable(
  { backends }: FrontendContext,
  table: OlapTable,
  { mode, partitions: names }: Compact,
): void {
  const partitions = names?.map((name) => named(table, name)) ?? [...table.partitions.values()];
  const byBackend = new Map<BackendId, Set<TabletId>>();
  for (const { tablets } of partitions.flatMap(({ physical }) =>
    physical.flatMap(({ indexes }) => indexes),
  )) {
    for (let at = 0; at < tablets.backendIds.length; at += 1) {
      const backendId = asId<BackendId>(tablets.backendIds[at] ?? 0);
      const tabletId = tablets.tabletIds[Math.floor(at / tablets.replication)] ?? 0;
      const mine = byBackend.get(backendId) ?? new Set();
      byBackend.set(backendId, mine.add(asId<TabletId>(tabletId)));
    }
  }
  for (const [backendId, tabletIds] of byBackend) {
    if (!backends.isAlive(backendId)) continue;
    backends.link(backendId).compact({ tabletIds: [...tabletIds], mode });
  }
}

function named(table: OlapTable, name: string): Partition {
  const partition = table.partitions.get(name);
  if (partition !== undefined) return partition;
  throw analysisError(`Unknown partition '${name}' in table '${table.name}'`, 'unknown-partition');
}
