/**
 * Figures of tablets for reports. Rows of a primary-key tablet are counted by their live keys,
 * which are kept for tablets of moderate size; larger ones are estimated from their files.
 */
import { attempt, type Op } from '../base/op.ts';
import type { TabletStat } from '../protocol/data.ts';
import type { Engine } from './engine.ts';
import { survivors } from './merge-rows.ts';
import type { TabletState } from './meta-state.ts';
import { keyPositions, keyText } from './row-key.ts';
import { runsAt } from './tablet-runs.ts';

/** Of a tablet without any data, at once; undefined for any other. */
export function emptyTabletStat(tablet: TabletState): TabletStat | undefined {
  if (tablet.rowsets.length > 0 || tablet.inline.length > 0) return undefined;
  const { tabletId, version } = tablet;
  return { tabletId, version, rowCount: 0, dataSizeBytes: 0, rowsetCount: 0 };
}

export function* tabletStat(engine: Engine, tablet: TabletState): Op<TabletStat> {
  const files = tablet.rowsets.flatMap((rowset) => rowset.files);
  return {
    tabletId: tablet.tabletId,
    version: tablet.version,
    rowCount: yield* countRows(engine, tablet),
    dataSizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, tablet.inlineBytes),
    rowsetCount: tablet.rowsets.length + tablet.inline.length,
  };
}

/**
 * Live rows. As in StarRocks, unique and aggregate keys count the rows of their rowsets, less those
 * that were deleted; very large tablets with deletes are estimated: rows less deletes.
 */
function* countRows(engine: Engine, tablet: TabletState): Op<number> {
  // Asked after every publish: what is known must not be counted again.
  if (tablet.liveKeys !== undefined) return tablet.liveKeys.size;
  const { upserts, deletes } = storedRows(tablet);
  // Nothing to read; and what a synthetic tablet has cannot be.
  if (upserts + deletes === 0) return 0;
  const isPrimary = tablet.schema.keysType === 'PRIMARY_KEYS';
  if (!isPrimary && deletes === 0) return upserts;
  if (upserts + deletes > engine.config.exactCountRowsMax) return Math.max(0, upserts - deletes);
  const { version } = tablet;
  const runs = yield* attempt(runsAt(engine, tablet, version));
  engine.life.check();
  // A damaged file is the reader's error, not the report's.
  if (!runs.ok) return Math.max(0, upserts - deletes);
  const left = survivors(tablet.schema, runs.value, isPrimary);
  if (!isPrimary) return left.reduce((sum, { rows }) => sum + rows.length, 0);
  const liveKeys = new Set<string>();
  for (const { columns, rows } of left) {
    const key = keyPositions(tablet.schema).map((position) => columns[position] ?? []);
    for (const row of rows) liveKeys.add(keyText(key, row));
  }
  // A publish or a move may have come in while the files were read.
  const isCurrent = engine.state.tablets.get(tablet.tabletId) === tablet;
  if (isCurrent && tablet.version === version) tablet.liveKeys = liveKeys;
  return liveKeys.size;
}

function storedRows(tablet: TabletState): { readonly upserts: number; readonly deletes: number } {
  let upserts = 0;
  let deletes = 0;
  for (const { files } of tablet.rowsets) {
    for (const { kind, rowCount } of files) {
      if (kind === 'data') upserts += rowCount;
      else deletes += rowCount;
    }
  }
  for (const { batches } of tablet.inline) {
    for (const { op, n } of batches) {
      if (op === 'upsert') upserts += n;
      else deletes += n;
    }
  }
  return { upserts, deletes };
}
