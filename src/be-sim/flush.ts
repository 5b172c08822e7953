/**
 * Turns published rows of the meta log into a file, and folds small files of late into it, so that
 * many small loads cost a reader few files. Rows keep their versions: any version stays readable.
 */
import { asSimError } from '../base/errors.ts';
import type { TabletId } from '../base/ids.ts';
import { attempt, type Op } from '../base/op.ts';
import type { Engine } from './engine.ts';
import { detach } from './life.ts';
import { gatherRuns, type MergedRows, type RowRun } from './merge-rows.ts';
import type { Rowset } from './meta-records.ts';
import { inlineRuns, type TabletState } from './meta-state.ts';
import type { RowsToWrite } from './rowset-files.ts';
import { directoryOf, inOrder, runsOfRowsets } from './tablet-runs.ts';

/** Flushes a tablet in the background once its rows in the log are many. */
export function flushIfLarge(engine: Engine, tablet: TabletState): void {
  const { config, life, events } = engine;
  const isLarge =
    tablet.inlineRowCount > config.inlineTabletRowsMax ||
    tablet.inlineBytes > config.inlineTabletBytesMax;
  if (!isLarge) return;
  detach(life, flushTablet(engine, tablet.tabletId, tablet.version), (error) => {
    // The rows are safe in the log; the next publish or read tries again.
    const { message } = asSimError(error);
    events.emit('be.flush.failed', { backendId: engine.backendId, text: message });
  });
}

/** Afterwards all rows of versions up to `upTo` are in files. */
export function* flushTablet(engine: Engine, tabletId: TabletId, upTo: number): Op<void> {
  const hasRows = (tablet: TabletState | undefined): boolean =>
    tablet?.inline.some(({ v }) => v <= upTo) === true;
  if (!hasRows(engine.state.tablets.get(tabletId))) return;
  yield* engine.locks.hold(tabletId, function* () {
    const tablet = engine.state.tablets.get(tabletId);
    if (tablet !== undefined && hasRows(tablet)) yield* flushHeld(engine, tablet);
  });
}

/** The same where the tablet's lock is held already. */
export function* flushHeld(engine: Engine, tablet: TabletState): Op<void> {
  const { version: upTo } = tablet;
  const inline = inlineRuns(tablet, upTo);
  const candidates = foldable(engine, tablet, rowsIn(inline));
  const directory = directoryOf(engine, tablet);
  // A damaged file stays as it is: folding must not turn damage into a valid file.
  const read = yield* attempt(runsOfRowsets(engine, tablet, directory, candidates));
  engine.life.check();
  const runs = inOrder([...(read.ok ? read.value : []), ...inline]);
  yield* replaceRowsets(engine, tablet, { replaced: read.ok ? candidates : [], runs, upTo });
}

export interface Replacement {
  readonly replaced: readonly Rowset[];
  /** All rows of those, in order, and of the log up to `upTo`. */
  readonly runs: readonly RowRun[];
  readonly upTo: number;
}

/** One rowset takes the place of others and of rows in the log; its record makes it so. */
export function* replaceRowsets(
  engine: Engine,
  tablet: TabletState,
  { replaced, runs, upTo }: Replacement,
): Op<void> {
  const { tabletId } = tablet;
  const directory = directoryOf(engine, tablet);
  const rowset = yield* writeGathered(engine, tablet, directory, runs);
  const paths = (rowset?.files ?? []).map(({ name }) => `${directory}/${name}`);
  const ids = replaced.map(({ rowsetId }) => rowsetId);
  const record = { op: 'flush', id: tabletId, replaced: ids, rowset, upTo } as const;
  const logged = yield* attempt(engine.log.append([record], true));
  if (logged.ok) return;
  if (!engine.life.isOver) engine.rowsetFiles.release(paths);
  throw logged.error;
}

/** Rowsets of late that are no larger than what is already to be written: each row moves rarely. */
function foldable(engine: Engine, tablet: TabletState, rowCount: number): readonly Rowset[] {
  const chosen: Rowset[] = [];
  let total = rowCount;
  for (const rowset of tablet.rowsets.toReversed()) {
    const rows = rowset.files.reduce((sum, file) => sum + file.rowCount, 0);
    if (rows > 2 * total || total + rows > engine.config.foldRowsMax) break;
    chosen.push(rowset);
    total += rows;
  }
  return chosen.reverse();
}

const rowsIn = (runs: readonly RowRun[]): number =>
  runs.reduce((sum, { from, to }) => sum + to - from, 0);

/** One rowset that says at every version what the runs say; null when they say nothing. */
export function* writeGathered(
  engine: Engine,
  tablet: Pick<TabletState, 'schema'>,
  directory: string,
  runs: readonly RowRun[],
): Op<Rowset | null> {
  const startVersion = runs[0]?.version ?? 0;
  const endVersion = runs.at(-1)?.version ?? 0;
  const { upserts, deletes } = gatherRuns(tablet.schema, runs);
  if (upserts.rowCount + deletes.rowCount === 0) return null;
  const isOneVersion = startVersion === endVersion;
  const part = (
    kind: RowsToWrite['kind'],
    rows: MergedRows & { readonly versions: readonly number[] },
  ): RowsToWrite => {
    const { versions, ...plain } = rows;
    return isOneVersion ? { ...plain, kind } : { ...plain, kind, versions };
  };
  const rowsetId = engine.newRowsetId();
  const parts = [part('delete', deletes), part('data', upserts)];
  const files = yield* engine.rowsetFiles.write(directory, tablet.schema, rowsetId, parts);
  return { rowsetId, startVersion, endVersion, files };
}
