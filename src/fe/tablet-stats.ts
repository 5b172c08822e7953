/**
 * Rows, bytes and rowsets per tablet as the backends last told: after a publish and with each
 * tablet report. Shown by SHOW PARTITIONS and its like, never logged, empty after a restart until
 * the first reports.
 */
import type { BackendId, TabletId } from '../base/ids.ts';
import type { TabletStat } from '../protocol/data.ts';

export class TabletStats {
  readonly #byTablet = new Map<TabletId, Map<BackendId, TabletStat>>();

  note(backendId: BackendId, stats: readonly TabletStat[]): void {
    for (const stat of stats) {
      let replicas = this.#byTablet.get(stat.tabletId);
      if (replicas === undefined) {
        replicas = new Map();
        this.#byTablet.set(stat.tabletId, replicas);
      }
      replicas.set(backendId, stat);
    }
  }

  replica(tabletId: TabletId, backendId: BackendId): TabletStat | undefined {
    return this.#byTablet.get(tabletId)?.get(backendId);
  }

  /** The figures of the replica that is furthest. */
  tablet(tabletId: TabletId): TabletStat | undefined {
    let best: TabletStat | undefined;
    for (const stat of this.#byTablet.get(tabletId)?.values() ?? []) {
      if (best === undefined || stat.version > best.version) best = stat;
    }
    return best;
  }

  forget(tabletIds: Iterable<number>): void {
    for (const tabletId of tabletIds) this.#byTablet.delete(tabletId as TabletId);
  }
}
