/**
 * After the commit of a restore: its materialized views become active again, and so do those that
 * waited for its tables (restore-jobs.md 5.1 step 8, 5.4.2, 5.4.3). Every change is a record.
 */
import type { Op } from '../../base/op.ts';
import {
  isSnapshotReason,
  type MaterializedViewInfo,
  type MvId,
} from '../../catalog/materialized-view.ts';
import type { Database, OlapTable } from '../../catalog/model.ts';
import { isSameMv } from '../../catalog/table-operations.ts';
import { isCatalogJob } from '../abstract-job.ts';
import type { JobPorts } from '../ports.ts';
import { aliasOf, type RestoreJob } from '../restore-job.ts';
import { tableNamed } from '../table-lookup.ts';
import { type MvRestoreContext, remoteMvId } from './mv-restore-context.ts';
import { updatedView } from './mv-restore-updater.ts';

/** Views over views over views, at most: no chain of names leads in a circle for ever. */
const DEPTH_MAX = 64;

interface Run {
  readonly ports: JobPorts;
  readonly context: MvRestoreContext;
  /** Done again after a restart: leaves alone what somebody has set inactive meanwhile. */
  readonly isAgain: boolean;
}

/** For each table of a finished restore, in the order of the snapshot. */
export function* afterRestore(
  ports: JobPorts,
  context: MvRestoreContext,
  job: RestoreJob,
  isAgain: boolean,
): Op<void> {
  if (isCatalogJob(job) || job.backupMeta === undefined) return;
  const run: Run = { ports, context, isAgain };
  for (const info of job.jobInfo.tables.values()) {
    const database = ports.catalog.database(job.dbId);
    const table =
      database === undefined ? undefined : tableNamed(database, aliasOf(job, info.name));
    if (database === undefined || table === undefined) continue;
    const remote = job.backupMeta.tables.get(info.name);
    if (table.materializedView !== undefined) {
      const id = { dbId: database.id, tableId: table.id };
      yield* updateView(run, { id, formerId: remoteMvId(job, info), depth: 0 });
    }
    const related = [
      ...(remote?.relatedMaterializedViews ?? []),
      ...(table.relatedMaterializedViews ?? []),
    ];
    yield* updateViewsOver(run, related, 0);
  }
}

/** Restored views that say they are over a table that is here now. */
function* updateViewsOver(run: Run, related: readonly MvId[], depth: number): Op<void> {
  const unique = related.filter((one, at) => related.findIndex((id) => isSameMv(id, one)) === at);
  for (const formerId of unique) {
    const id = run.context.view(formerId)?.localMvId;
    if (id !== undefined) yield* updateView(run, { id, formerId, depth: depth + 1 });
  }
}

interface Update {
  readonly id: MvId;
  /** Its ids in the snapshot. */
  readonly formerId: MvId;
  /** 0: the view itself was restored; else a table under it was. */
  readonly depth: number;
}

function* updateView(run: Run, update: Update): Op<void> {
  const { ports } = run;
  const { id, depth } = update;
  const database = ports.catalog.database(id.dbId);
  if (database === undefined || depth > DEPTH_MAX) return;
  const isNowActive = yield* ports.catalog
    .lockOf(id.dbId)
    .write(() => updateLocked(run, database, update));
  if (!isNowActive) return;
  const table = database.tables.get(id.tableId);
  yield* updateViewsOver(run, table?.relatedMaterializedViews ?? [], depth);
}

/** True when the view is active and bound to other tables by this. */
function* updateLocked(run: Run, database: Database, update: Update): Op<boolean> {
  const { ports, context } = run;
  const { id, formerId, depth } = update;
  const { catalog, views: analyzer, traits } = ports;
  const table = database.tables.get(id.tableId);
  const info = table?.materializedView;
  if (table === undefined || info === undefined || !mayUpdate(run, table, depth)) {
    return false;
  }
  const materializedView = updatedView(
    { catalog, context, analyzer, traits },
    database,
    table,
    info,
  );
  const where = { dbId: id.dbId, tableId: id.tableId };
  // Already so: what it has read since must not be forgotten.
  if (depth > 0 && info.isActive && hasSameBases(info, materializedView)) return false;
  if (materializedView.isActive) {
    yield* ports.journal.append({
      op: 'OP_ALTER_MATERIALIZED_VIEW_BASE_TABLE_INFOS',
      ...where,
      formerId,
      materializedView,
    });
    return true;
  }
  if (info.isActive || materializedView.inactiveReason !== info.inactiveReason) {
    yield* ports.journal.append({
      op: 'OP_ALTER_MATERIALIZED_VIEW_STATUS',
      ...where,
      materializedView,
    });
  }
  return false;
}

function hasSameBases(a: MaterializedViewInfo, b: MaterializedViewInfo): boolean {
  return (
    b.isActive && a.baseTables.every(({ tableId }, at) => b.baseTables[at]?.tableId === tableId)
  );
}

/**
 * A restored view that is active was left alone, or is done already (9 #20, #25); a restored table
 * may still take the place of another under it. One that another restore has in its hands waits
 * for that.
 */
function mayUpdate({ ports, isAgain }: Run, table: OlapTable, depth: number): boolean {
  const info = table.materializedView;
  if (info === undefined || table.state !== 'NORMAL') return false;
  if (isAgain) return !info.isActive && isSnapshotReason(info.inactiveReason);
  return !info.isActive || depth > 0 || ports.traits.quirks.restoreForgetsSkippedViews;
}
