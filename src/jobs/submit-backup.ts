/**
 * BACKUP, from the analysed statement to the job in its slot: checks in StarRocks' order, each with
 * its code (backup-jobs.md 3.2 C, sql-surface.md 5.1 rows 20 to 30).
 */
import { SimError } from '../base/errors.ts';
import type { Op } from '../base/op.ts';
import type { Database, OlapTable } from '../catalog/model.ts';
import type { Repository } from '../repository/repository.ts';
import { type BackupTableRef, newBackupJob } from './backup-job.ts';
import type { JobPorts } from './ports.ts';
import { recordOf } from './records.ts';
import { announceSubmitted } from './run-job.ts';
import { tableNamed } from './table-lookup.ts';

export const BACKUP_TYPES = ['FULL', 'INCREMENTAL'] as const;
export type BackupType = (typeof BACKUP_TYPES)[number];

/** What an analysed BACKUP statement asks for. */
export interface BackupRequest {
  readonly dbName: string;
  readonly label: string;
  readonly repository: string;
  readonly type: BackupType;
  readonly timeoutMs: number;
  /** As checked by `parseTtl`; without it the snapshot is kept for ever. */
  readonly ttl?: string;
  /** In the order of the analysis. */
  readonly tableRefs: readonly BackupTableRef[];
}

/** What a submission needs of the handler. */
export interface Submission {
  readonly ports: JobPorts;
  hold<T>(body: () => Op<T>): Op<T>;
  /** Throws `common-error` while the database's last job is not done. */
  checkSlotFree(dbId: Database['id']): void;
}

export function* submitBackup(submission: Submission, request: BackupRequest): Op<void> {
  const { ports } = submission;
  const repository = knownRepository(ports, request.repository);
  const database = ports.catalog.databaseByName(request.dbName);
  if (database === undefined) {
    throw new SimError('unknown-database', `Unknown database '${request.dbName}'`);
  }
  yield* submission.hold(() => submitAlone(submission, request, repository, database));
}

export function knownRepository(ports: JobPorts, name: string): Repository {
  const repository = ports.repositories.byName(name);
  if (repository === undefined) {
    throw new SimError('common-error', `Repository [${name}] does not exist`);
  }
  return repository;
}

function* submitAlone(
  submission: Submission,
  request: BackupRequest,
  repository: Repository,
  database: Database,
): Op<void> {
  const { ports } = submission;
  submission.checkSlotFree(database.id);
  if (repository.data.isReadOnly) {
    throw new SimError('common-error', `Repository ${request.repository} is read only`);
  }
  yield* ports.catalog.lockOf(database.id).read(function* () {
    for (const ref of request.tableRefs) checkTable(database, ref);
  });
  yield* checkLabelFree(repository, request);
  const job = newBackupJob({
    repoId: repository.data.id,
    label: request.label,
    dbId: database.id,
    dbName: database.name,
    createTimeMs: ports.clock.now(),
    timeoutMs: request.timeoutMs,
    tableRefs: request.tableRefs,
    ttl: request.ttl,
  });
  yield* ports.journal.append(recordOf(job));
  yield* announceSubmitted(ports, job);
}

function checkTable(database: Database, ref: BackupTableRef): void {
  const table: OlapTable | undefined = tableNamed(database, ref.tableName);
  if (table === undefined) {
    throw new SimError('unknown-table', `Unknown table '${ref.tableName}'`);
  }
  if (table.tempPartitions.size > 0) {
    throw new SimError(
      'common-error',
      `Do not support backup of table ${table.name}, which has temp partitions`,
    );
  }
  if (ref.hasTemporaryPartitions === true) {
    throw new SimError('common-error', 'Do not support backup of temp partitions');
  }
  const missing = ref.partitionNames?.find((name) => !table.partitions.has(name));
  if (missing !== undefined) {
    throw new SimError('common-error', `Unknown partition ${missing} in table ${table.name}`);
  }
}

/** A label is taken once its directory is in the repository, whoever wrote it (3.4). */
function* checkLabelFree(repository: Repository, request: BackupRequest): Op<void> {
  const { label, type } = request;
  const labels = yield* repository.listSnapshots();
  if (labels.value === undefined) throw new SimError('common-error', labels.status.msg);
  if (!labels.value.includes(label)) return;
  if (type === 'INCREMENTAL') {
    throw new SimError('common-error', 'Currently does not support incremental backup');
  }
  throw new SimError('common-error', `Snapshot with name '${label}' already exist in repository`, {
    hint: 'choose another label, or remove the snapshot first',
  });
}
