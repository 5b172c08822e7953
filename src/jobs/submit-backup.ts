/**
 * BACKUP, from the analysed statement to the job in its slot: checks in StarRocks' order, each with
 * its code (backup-jobs.md 3.2 C, sql-surface.md 5.1 rows 20 to 30).
 */
import { SimError } from '../base/errors.ts';
import type { Op } from '../base/op.ts';
import type { Database, ExternalCatalog, OlapTable, UserFunction } from '../catalog/model.ts';
import type { Repository } from '../repository/repository.ts';
import { EXTERNAL_CATALOG_SLOT } from './abstract-job.ts';
import { type BackupTableRef, newBackupJob } from './backup-job.ts';
import type { JobPorts } from './ports.ts';
import { recordOf } from './records.ts';
import { announceSubmitted } from './run-job.ts';
import { tableNamed } from './table-lookup.ts';

export const BACKUP_TYPES = ['FULL', 'INCREMENTAL'] as const;
export type BackupType = (typeof BACKUP_TYPES)[number];

/** What an analysed BACKUP statement asks for. */
export interface BackupRequest {
  /** Empty for external catalogs. */
  readonly dbName: string;
  readonly label: string;
  readonly repository: string;
  readonly type: BackupType;
  readonly timeoutMs: number;
  /** As checked by `parseTtl`; without it the snapshot is kept for ever. */
  readonly ttl?: string;
  /** In the order of the analysis. */
  readonly tableRefs: readonly BackupTableRef[];
  /** Names of functions, each for all its overloads. */
  readonly functionNames?: readonly string[];
  /** External catalogs, and then nothing else. */
  readonly catalogNames?: readonly string[];
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
  if (database === undefined && request.catalogNames === undefined) {
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
  database: Database | undefined,
): Op<void> {
  const { ports } = submission;
  const dbId = database?.id ?? EXTERNAL_CATALOG_SLOT;
  submission.checkSlotFree(dbId);
  if (repository.data.isReadOnly) {
    throw new SimError('common-error', `Repository ${request.repository} is read only`);
  }
  if (database !== undefined) {
    yield* ports.catalog.lockOf(dbId).read(function* () {
      for (const ref of request.tableRefs) checkObject(ports, database, ref);
    });
  }
  yield* checkLabelFree(repository, request);
  const job = newBackupJob({
    repoId: repository.data.id,
    label: request.label,
    dbId,
    dbName: database?.name ?? '',
    createTimeMs: ports.clock.now(),
    timeoutMs: request.timeoutMs,
    tableRefs: request.tableRefs,
    ttl: request.ttl,
    backupFunctions:
      database === undefined ? [] : functionsOf(database, request.functionNames ?? []),
    backupCatalogs: catalogsOf(ports, request.catalogNames ?? []),
  });
  yield* ports.journal.append(recordOf(job));
  yield* announceSubmitted(ports, job);
}

/** By name, then by signature; of each name all overloads. */
function functionsOf(database: Database, names: readonly string[]): readonly UserFunction[] {
  const all = [...database.functions].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, fn]) => fn);
  return names.flatMap((name) => {
    const overloads = all.filter((fn) => fn.name === name);
    if (overloads.length > 0) return overloads;
    throw new SimError('common-error', `Function ${name} does not exist`);
  });
}

function catalogsOf(ports: JobPorts, names: readonly string[]): readonly ExternalCatalog[] {
  const known = ports.catalog.externalCatalogs();
  return names.map((name) => {
    const catalog = known.get(name);
    if (catalog !== undefined) return catalog;
    throw new SimError('common-error', `External catalog ${name} does not exist`);
  });
}

function checkObject(ports: JobPorts, database: Database, ref: BackupTableRef): void {
  if (!database.views.has(ref.tableName)) {
    checkTable(database, ref);
    return;
  }
  if (ports.traits.hasMetadataObjects) return;
  throw new SimError(
    'common-error',
    `Table: ${ref.tableName} can not support backup restore, type: VIEW`,
  );
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
