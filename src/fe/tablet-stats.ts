/**
 * Rows, bytes and rowsets per tablet as the backends last told: after a publish and with each
 * tablet report. Shown by SHOW PARTITIONS and its like, never logged, empty after a restart until
 * the first reports.
 */
import type { BackendId, TabletId } from '../base/ids.ts';
import type { TabletStat } from '../protocol/data.ts';

interface ReplicaStat {
  readonly backendId: BackendId;
  stat: TabletStat;
}

export class TabletStats {
  /** A few replicas each: a list takes a fraction of a map's room. */
  readonly #byTablet = new Map<TabletId, ReplicaStat[]>();

  note(backendId: BackendId, stats: readonly TabletStat[]): void {
    for (const stat of stats) {
      const replicas = this.#byTablet.get(stat.tabletId);
      const known = replicas?.find((replica) => replica.backendId === backendId);
      if (replicas === undefined) this.#byTablet.set(stat.tabletId, [{ backendId, stat }]);
      else if (known === undefined) replicas.push({ backendId, stat });
      // Most reports bring what is known; then the old figures stay and the new are forgotten.
      else if (!isSame(known.stat, stat)) known.stat = stat;
    }
  }

  replica(tabletId: TabletId, backendId: BackendId): TabletStat | undefined {
    const replicas = this.#byTablet.get(tabletId);
    return replicas?.find((replica) => replica.backendId === backendId)?.stat;
  }

  /** The figures of the replica that is furthest. */
  tablet(tabletId: TabletId): TabletStat | undefined {
    let best: TabletStat | undefined;
    for (const { stat } of this.#byTablet.get(tabletId) ?? []) {
      if (best === undefined || stat.version > best.version) best = stat;
    }
    return best;
  }

  forget(tabletIds: Iterable<number>): void {
    for (const tabletId of tabletIds) this.#byTablet.delete(tabletId as TabletId);
  }
}

function isSame(a: TabletStat, b: TabletStat): boolean {
  return (
    a.version === b.version &&
    a.rowCount === b.rowCount &&
    a.dataSizeBytes === b.dataSizeBytes &&
    a.rowsetCount === b.rowsetCount
  );
}
