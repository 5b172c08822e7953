/**
 * What restores have brought of materialized views and of the tables under them, by their names
 * and ids in the snapshot (restore-jobs.md 1.8, 5.4.1). It outlives the jobs, so that a view and
 * its tables may come by separate ones, in either order; replay builds it again.
 */
import type { Millis } from '../../base/clock.ts';
import { asId, type DbId, type TableId } from '../../base/ids.ts';
import type { MvId } from '../../catalog/materialized-view.ts';
import type { BackupTableInfo } from '../../repository/job-info.ts';
import { mappingRows } from '../file-mapping.ts';
import { aliasOf, type RestoreJob } from '../restore-job.ts';

/** A restored table that has materialized views over it. */
export interface MvBaseTableBackupInfo {
  readonly backupTableInfo: BackupTableInfo;
  readonly localDbName: string;
  readonly localTableName: string;
  readonly remoteTableId: TableId;
  readonly backupTimeMs: Millis;
  /** When the restore was submitted: what is older than the retention is forgotten. */
  readonly restoreTimeMs: Millis;
}

/** A restored materialized view. */
export interface MvBackupInfo {
  readonly dbName: string;
  readonly mvName: string;
  /** Undefined before the first step of its job, and when the job leaves a local view alone. */
  readonly localMvId: MvId | undefined;
  readonly restoreTimeMs: Millis;
}

export class MvRestoreContext {
  readonly #baseTables = new Map<string, MvBaseTableBackupInfo>();
  readonly #views = new Map<string, MvBackupInfo>();

  /** Takes in a job as a record or an image has it; the newest restore of a table counts. */
  note(job: RestoreJob): void {
    const { jobInfo, backupMeta, createTimeMs: restoreTimeMs } = job;
    let localIdOf: ReturnType<typeof localIds> | undefined;
    for (const info of backupMeta === undefined ? [] : jobInfo.tables.values()) {
      const table = backupMeta?.tables.get(info.name);
      if (table === undefined) continue;
      if (table.materializedView !== undefined) {
        const id = remoteMvId(job, info);
        const known = this.#views.get(keyOfView(id));
        localIdOf ??= localIds(job);
        const localMvId = localIdOf(info) ?? known?.localMvId;
        const { dbName } = jobInfo;
        this.#views.set(keyOfView(id), { dbName, mvName: info.name, localMvId, restoreTimeMs });
      }
      if ((table.relatedMaterializedViews ?? []).length === 0) continue;
      this.#baseTables.set(keyOfTable(jobInfo.dbName, info.name), {
        backupTableInfo: info,
        localDbName: job.dbName,
        localTableName: aliasOf(job, info.name),
        remoteTableId: asId<TableId>(info.id),
        backupTimeMs: jobInfo.backupTimeMs,
        restoreTimeMs,
      });
    }
  }

  /** A job is forgotten: so is what it brought, unless a newer one brought it again. */
  discard(job: RestoreJob): void {
    for (const info of job.jobInfo.tables.values()) {
      this.#views.delete(keyOfView(remoteMvId(job, info)));
      const key = keyOfTable(job.jobInfo.dbName, info.name);
      const isOfJob = this.#baseTables.get(key)?.backupTimeMs === job.jobInfo.backupTimeMs;
      if (isOfJob) this.#baseTables.delete(key);
    }
  }

  /** What jobs brought that later ones have replaced in their slots since. */
  discardBefore(timeMs: Millis): void {
    for (const map of [this.#baseTables, this.#views]) {
      for (const [key, { restoreTimeMs }] of map) if (restoreTimeMs < timeMs) map.delete(key);
    }
  }

  /** By the names in the snapshot. */
  baseTable(dbName: string, tableName: string): MvBaseTableBackupInfo | undefined {
    return this.#baseTables.get(keyOfTable(dbName, tableName));
  }

  /** By the ids in the snapshot. */
  view(id: MvId): MvBackupInfo | undefined {
    return this.#views.get(keyOfView(id));
  }
}

/** The ids that a view of a job's snapshot has there. */
export function remoteMvId({ jobInfo }: RestoreJob, { id }: BackupTableInfo): MvId {
  return { dbId: asId<DbId>(jobInfo.dbId), tableId: asId<TableId>(id) };
}

/** The views that the job makes or fills; known since its first step. */
function localIds(job: RestoreJob): (info: BackupTableInfo) => MvId | undefined {
  const tables = new Map<number, number>();
  for (const { local, remote } of mappingRows(job.fileMapping)) {
    if (!tables.has(remote.tableId)) tables.set(remote.tableId, local.tableId);
  }
  return (info) => {
    // A view without partitions has no tablets to map.
    const made = job.restoredTbls.find(({ name }) => name === aliasOf(job, info.name));
    const tableId = tables.get(info.id) ?? made?.id;
    return tableId === undefined ? undefined : { dbId: job.dbId, tableId: asId(tableId) };
  };
}

function keyOfTable(dbName: string, tableName: string): string {
  return JSON.stringify([dbName, tableName]);
}

function keyOfView({ dbId, tableId }: MvId): string {
  return `${dbId}/${tableId}`;
}
