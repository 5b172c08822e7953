/**
 * RESTORE of a snapshot of external catalogs, from the analysed statement to the job in its slot
 * (restore-jobs.md 3.3 steps 3, 6 and 11).
 */
import { SimError } from '../base/errors.ts';
import type { Op } from '../base/op.ts';
import type { ExternalCatalog } from '../catalog/model.ts';
import type { BackupJobInfo } from '../repository/job-info.ts';
import type { Repository } from '../repository/repository.ts';
import { OK } from '../repository/status.ts';
import { EXTERNAL_CATALOG_SLOT } from './abstract-job.ts';
import type { JobPorts } from './ports.ts';
import { recordOf } from './records.ts';
import { newRestoreJob } from './restore-job.ts';
import { announceSubmitted } from './run-job.ts';
import type { Submission } from './submit-backup.ts';
import type { RestoreRequest } from './submit-restore.ts';

/** A catalog of the snapshot, found without case, and its name here. */
export interface NamedCatalog {
  readonly name: string;
  readonly alias?: string;
}

const INTERNAL_CATALOG = 'default_catalog';

/** A snapshot of catalogs goes into no database, and has no objects that ON could list. */
export function checkCatalogForm(ports: JobPorts, request: RestoreRequest): void {
  const { label, snapshotDbName, targetDbName, objects } = request;
  if (!ports.traits.hasCatalogSlot) {
    throw new SimError(
      'common-error',
      `Snapshot ${label} holds external catalogs, which this release cannot restore`,
    );
  }
  const database = snapshotDbName ?? targetDbName;
  if (database !== undefined || objects !== undefined) {
    throw new SimError(
      'common-error',
      `Snapshot ${label} holds external catalogs: ` +
        (database === undefined
          ? 'ON cannot be used'
          : `it cannot be restored into database ${database}`),
    );
  }
}

export function* submitCatalogs(
  submission: Submission,
  request: RestoreRequest,
  repository: Repository,
  info: BackupJobInfo,
): Op<void> {
  const { ports } = submission;
  submission.checkSlotFree(EXTERNAL_CATALOG_SLOT);
  const meta = yield* repository.fetchMeta(request.label);
  if (meta.value === undefined) {
    throw new SimError(
      'common-error',
      `Failed to read the metadata of snapshot ${request.label}: ${meta.status.msg}`,
    );
  }
  const job = newRestoreJob({
    repoId: repository.data.id,
    label: request.label,
    dbId: EXTERNAL_CATALOG_SLOT,
    dbName: '',
    createTimeMs: ports.clock.now(),
    timeoutMs: request.timeoutMs,
    backupTimestamp: request.backupTimestamp,
    jobInfo: { ...info, tables: new Map() },
    tblAlias: new Map(),
    allowLoad: request.allowLoad,
    backupMeta: { ...meta.value, catalogs: chosenCatalogs(request, meta.value.catalogs) },
    status: OK,
    restoreReplicationNum: request.replicationNum,
  });
  yield* ports.journal.append(recordOf(job));
  yield* announceSubmitted(ports, job);
}

function chosenCatalogs(
  { label, catalogs }: RestoreRequest,
  there: readonly ExternalCatalog[],
): readonly ExternalCatalog[] {
  if (catalogs === undefined || catalogs === 'ALL') return there;
  return catalogs.map(({ name, alias }) => {
    const found = there.find((one) => one.name.toLowerCase() === name.toLowerCase());
    if (found === undefined) {
      throw new SimError(
        'common-error',
        `External catalog ${name} does not exist in snapshot ${label}`,
      );
    }
    if (alias?.toLowerCase() === INTERNAL_CATALOG) {
      throw new SimError('common-error', `Do not support alias with ${INTERNAL_CATALOG}`);
    }
    return alias === undefined ? found : { ...found, name: alias };
  });
}
