/**
 * Reading tablets: files at a version for a query, under a lease, and all live rows merged here.
 * Every file is checked before it is handed out.
 */
import { SimError } from '../base/errors.ts';
import type { Op } from '../base/op.ts';
import type {
  OpenedFile,
  OpenedTablet,
  OpenTabletRequest,
  ScannedTablet,
} from '../protocol/data.ts';
import type { Engine } from './engine.ts';
import { flushTablet } from './flush.ts';
import { mergeRuns } from './merge-rows.ts';
import type { TabletState } from './meta-state.ts';
import { rowsetPaths } from './rowset-files.ts';
import { directoryOf, filesOf, rowsetsAt, runsAt } from './tablet-runs.ts';

/** The leases that queries hold, by number. */
export interface Leases {
  open(paths: readonly string[]): number;
  /** A lease that is not known is fine: it was of an earlier life. */
  close(leaseId: number): void;
}

export function createLeases(engine: Engine): Leases {
  const open = new Map<number, readonly string[]>();
  // Numbers of different lives differ, so that a late close cannot hit a new lease.
  let next = engine.state.life * 2 ** 32;
  return {
    open(paths: readonly string[]): number {
      next += 1;
      open.set(next, paths);
      engine.rowsetFiles.beginLease(paths);
      return next;
    },
    close(leaseId: number): void {
      const paths = open.get(leaseId);
      if (paths === undefined) return;
      open.delete(leaseId);
      engine.rowsetFiles.endLease(paths);
    },
  };
}

/** Throws `tablet-unreadable` when a tablet has not, or no longer, the version asked for. */
export function checkVersion(engine: Engine, tablet: TabletState, version: number): void {
  if (version >= tablet.baseVersion && version <= tablet.version) return;
  const { tabletId, baseVersion, version: newest } = tablet;
  const has =
    baseVersion === newest ? `only version ${newest}` : `versions ${baseVersion}-${newest}`;
  throw new SimError(
    'tablet-unreadable',
    `tablet ${tabletId} on ${engine.where} has ${has}: version ${version} is not available`,
  );
}

/** Files whose rows up to `version` are the tablet; a row's own version counts where it has one. */
export function* openTablet(
  engine: Engine,
  leases: Leases,
  { tabletId, version }: OpenTabletRequest,
): Op<OpenedTablet> {
  const { state, rowsetFiles, where } = engine;
  checkVersion(engine, state.tablet(tabletId, where), version);
  yield* flushTablet(engine, tabletId, version);
  const tablet = state.tablet(tabletId, where);
  checkVersion(engine, tablet, version);
  const directory = directoryOf(engine, tablet);
  const rowsets = rowsetsAt(tablet, version);
  const leaseId = leases.open(rowsetPaths(directory, rowsets));
  try {
    const files: OpenedFile[] = [];
    for (const { rowset, file } of filesOf(rowsets)) {
      const path = `${directory}/${file.name}`;
      yield* rowsetFiles.verify(tabletId, path, file);
      files.push({
        path,
        kind: file.kind,
        version: rowset.endVersion,
        hasRowVersions: file.hasRowVersions,
        order: files.length,
        rowCount: file.rowCount,
        sizeBytes: file.sizeBytes,
        contentKey: `${file.md5}:${file.sizeBytes}`,
      });
    }
    return { tabletId, version, schema: tablet.schema, files, leaseId };
  } catch (error) {
    leases.close(leaseId);
    throw error;
  }
}

/** All live rows at a version, merged by the key model; nothing is written for it. */
export function* scanTablet(
  engine: Engine,
  { tabletId, version }: OpenTabletRequest,
): Op<ScannedTablet> {
  const tablet = engine.state.tablet(tabletId, engine.where);
  checkVersion(engine, tablet, version);
  const { schema } = tablet;
  const runs = yield* runsAt(engine, tablet, version);
  return { tabletId, ...mergeRuns(schema, runs) };
}
