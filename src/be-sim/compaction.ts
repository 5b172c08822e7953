/**
 * Compaction: rowsets of a tablet become one, as StarRocks' backends do in the background, so that
 * many loads cost readers and backups few files. Rows keep their versions, so every version that
 * could be read or snapshot stays so; old files go when their last lease ends.
 */
import type { TabletId } from '../base/ids.ts';
import type { Op } from '../base/op.ts';
import type { CompactionMode } from '../protocol/data.ts';
import type { Engine } from './engine.ts';
import { flushHeld, replaceRowsets } from './flush.ts';
import type { Life } from './life.ts';
import { detach } from './life.ts';
import type { Rowset } from './meta-records.ts';
import type { TabletState } from './meta-state.ts';
import { directoryOf, inOrder, runsOfRowsets } from './tablet-runs.ts';

/** Whoever wants a tablet compacted says so here; it happens when its turn comes. */
export interface Compactor {
  /** Again before its turn is the same wish; `all` is more than `recent`. */
  ask(tabletId: TabletId, mode: CompactionMode): void;
  /** Tablets compacted at the same time; with 0 wishes wait. */
  limit(countMax: number): void;
}

export interface CompactorOptions {
  readonly life: Life;
  readonly countMax: number;
  readonly compact: (tabletId: TabletId, mode: CompactionMode) => Op<void>;
  readonly failed: (tabletId: TabletId, error: unknown) => void;
}

export function createCompactor({ life, countMax, compact, failed }: CompactorOptions): Compactor {
  /** A tablet stands here once, so there are at most as many as tablets. */
  const waiting = new Map<TabletId, CompactionMode>();
  let runningMax = countMax;
  let running = 0;
  const next = (): void => {
    const [first] = waiting;
    if (first === undefined || running >= runningMax || life.isOver) return;
    const [tabletId, mode] = first;
    waiting.delete(tabletId);
    running += 1;
    detach(life, one(tabletId, mode), (error) => failed(tabletId, error));
    next();
  };
  const one = function* (tabletId: TabletId, mode: CompactionMode): Op<void> {
    try {
      yield* compact(tabletId, mode);
    } finally {
      running -= 1;
      next();
    }
  };
  return Object.freeze({
    ask(tabletId: TabletId, mode: CompactionMode): void {
      if (waiting.get(tabletId) !== 'all') waiting.set(tabletId, mode);
      next();
    },
    limit(count: number): void {
      runningMax = count;
      next();
    },
  });
}

/** Asks for a tablet whose young rowsets have become many. */
export function compactIfMany(engine: Engine, tablet: TabletState): void {
  const { compactRowsetsMin } = engine.config;
  if (tablet.rowsets.length < compactRowsetsMin) return;
  if (youngRowsets(engine, tablet).length >= compactRowsetsMin) {
    engine.compactor.ask(tablet.tabletId, 'recent');
  }
}

/** A tablet that is not here any more is fine. Throws `tablet-unreadable` for a damaged file. */
export function* compactTablet(engine: Engine, tabletId: TabletId, mode: CompactionMode): Op<void> {
  const { state, locks, config } = engine;
  yield* locks.hold(tabletId, function* () {
    const tablet = state.tablets.get(tabletId);
    if (tablet === undefined) return;
    if (mode === 'recent') {
      yield* compactHeld(engine, tabletId, youngRowsets(engine, tablet));
      return;
    }
    if (tablet.inline.length > 0) yield* flushHeld(engine, tablet);
    const rowsets = state.tablets.get(tabletId)?.rowsets ?? [];
    for (const group of groups(rowsets, config.compactRowsMax)) {
      yield* compactHeld(engine, tabletId, group);
    }
  });
}

/** The lock is held: nobody else changes the list of rowsets, but the tablet may be dropped. */
function* compactHeld(engine: Engine, tabletId: TabletId, rowsets: readonly Rowset[]): Op<void> {
  const tablet = engine.state.tablets.get(tabletId);
  if (rowsets.length < 2 || tablet === undefined) return;
  const directory = directoryOf(engine, tablet);
  const runs = inOrder(yield* runsOfRowsets(engine, tablet, directory, rowsets));
  engine.life.check();
  yield* replaceRowsets(engine, tablet, { replaced: rowsets, runs, upTo: NOTHING_OF_THE_LOG });
}

/** Versions begin above it. */
const NOTHING_OF_THE_LOG = 0;

/** From the youngest back, while each is small beside what is taken: so each row moves rarely. */
function youngRowsets({ config }: Engine, tablet: TabletState): readonly Rowset[] {
  const chosen: Rowset[] = [];
  let total = 0;
  for (const rowset of tablet.rowsets.toReversed()) {
    const rows = rowCountOf(rowset);
    const isLarge = total > 0 && rows > 2 * total;
    if (rows === 0 || isLarge || total + rows > config.foldRowsMax) break;
    chosen.push(rowset);
    total += rows;
  }
  return chosen.reverse();
}

/** Neighbours together, as many as memory should hold; what has no rows is left alone. */
function groups(rowsets: readonly Rowset[], rowsMax: number): readonly (readonly Rowset[])[] {
  const found: Rowset[][] = [];
  let total = 0;
  for (const rowset of rowsets) {
    const rows = rowCountOf(rowset);
    // Synthetic tablets have files that hold no rows.
    if (rows === 0) continue;
    const group = found.at(-1);
    if (group === undefined || total + rows > rowsMax) {
      found.push([rowset]);
      total = rows;
    } else {
      group.push(rowset);
      total += rows;
    }
  }
  return found;
}

const rowCountOf = ({ files }: Rowset): number =>
  files.reduce((sum, { rowCount }) => sum + rowCount, 0);
