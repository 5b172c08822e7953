/**
 * Rows, bytes and rowsets per tablet as the backends last told: after a publish and with each
 * tablet report. Shown by SHOW PARTITIONS and its like, never logged, empty after a restart until
 * the first reports.
 */
import { IdPages } from '../base/id-pages.ts';
import type { BackendId, TabletId } from '../base/ids.ts';
import type { TabletStat } from '../protocol/data.ts';

/** What a backend has told of a replica. Never changed: those that are alike share it. */
class ReplicaStat {
  readonly backendId: BackendId;
  readonly stat: ReplicaFigures;
  /** The list of a tablet with one replica. */
  readonly alone: readonly ReplicaStat[] = [this];

  constructor(backendId: BackendId, stat: ReplicaFigures) {
    this.backendId = backendId;
    this.stat = stat;
  }
}

type ReplicaFigures = Omit<TabletStat, 'tabletId'>;

export class TabletStats {
  /** A few replicas each: a list takes a fraction of a map's room. */
  readonly #byTablet = new IdPages<readonly ReplicaStat[]>();

  note(backendId: BackendId, stats: readonly TabletStat[]): void {
    let last: ReplicaStat | undefined;
    for (const stat of stats) {
      const replicas = this.#byTablet.get(stat.tabletId);
      const known = replicas?.find((replica) => replica.backendId === backendId);
      // Most reports bring what is known; then the old figures stay and the new are forgotten.
      if (known !== undefined && isSame(known.stat, stat)) continue;
      // Tablets of an index are mostly alike, above all the empty ones.
      if (last === undefined || !isSame(last.stat, stat)) {
        last = new ReplicaStat(backendId, figuresOf(stat));
      }
      const others = replicas?.filter((replica) => replica !== known) ?? [];
      this.#byTablet.set(stat.tabletId, others.length === 0 ? last.alone : [...others, last]);
    }
  }

  replica(tabletId: TabletId, backendId: BackendId): ReplicaFigures | undefined {
    const replicas = this.#byTablet.get(tabletId);
    return replicas?.find((replica) => replica.backendId === backendId)?.stat;
  }

  /** The figures of the replica that is furthest. */
  tablet(tabletId: TabletId): ReplicaFigures | undefined {
    let best: ReplicaFigures | undefined;
    for (const { stat } of this.#byTablet.get(tabletId) ?? []) {
      if (best === undefined || stat.version > best.version) best = stat;
    }
    return best;
  }

  forget(tabletIds: Iterable<number>): void {
    for (const tabletId of tabletIds) this.#byTablet.delete(tabletId);
  }
}

function figuresOf({ version, rowCount, dataSizeBytes, rowsetCount }: TabletStat): ReplicaFigures {
  return { version, rowCount, dataSizeBytes, rowsetCount };
}

function isSame(a: ReplicaFigures, b: ReplicaFigures): boolean {
  return (
    a.version === b.version &&
    a.rowCount === b.rowCount &&
    a.dataSizeBytes === b.dataSizeBytes &&
    a.rowsetCount === b.rowsetCount
  );
}
