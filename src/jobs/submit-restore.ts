/**
 * RESTORE, from the analysed statement to the job in its slot: checks in StarRocks' order, each
 * with its code (restore-jobs.md 3.3, resolutions.md 24).
 */
import { SimError } from '../base/errors.ts';
import { asId, type DbId } from '../base/ids.ts';
import type { Op } from '../base/op.ts';
import type { Database } from '../catalog/model.ts';
import type { BackupJobInfo, BackupTableInfo } from '../repository/job-info.ts';
import type { BackupMeta } from '../repository/meta-info.ts';
import type { Repository } from '../repository/repository.ts';
import type { NamedFunction } from './analyze-objects.ts';
import type { JobPorts } from './ports.ts';
import { recordOf } from './records.ts';
import { newRestoreJob } from './restore-job.ts';
import { announceSubmitted } from './run-job.ts';
import { knownRepository, type Submission } from './submit-backup.ts';
import { checkCatalogForm, type NamedCatalog, submitCatalogs } from './submit-catalogs.ts';

/** An object of an ON list. */
export interface RestoreObject {
  readonly name: string;
  /** Without any, all that the snapshot has of the table. */
  readonly partitionNames?: readonly string[];
  readonly hasTemporaryPartitions?: boolean;
  readonly alias?: string;
}

/** What an analysed RESTORE statement asks for. */
export interface RestoreRequest {
  readonly label: string;
  readonly repository: string;
  /** DATABASE x: the database inside the snapshot. */
  readonly snapshotDbName?: string;
  /** The AS name, or the label's prefix. */
  readonly targetDbName?: string;
  /** Without an ON clause, everything. */
  readonly objects?: readonly RestoreObject[];
  /** ON (ALL TABLES, ...): the tables that are not listed, too; and so for views. */
  readonly addsAllTables?: boolean;
  readonly addsAllViews?: boolean;
  readonly addsAllMaterializedViews?: boolean;
  /** Of the objects: functions, each name for all its overloads. */
  readonly functions?: readonly NamedFunction[];
  readonly addsAllFunctions?: boolean;
  /** Of a snapshot of external catalogs: which, under which names; all without this. */
  readonly catalogs?: 'ALL' | readonly NamedCatalog[];
  readonly backupTimestamp: string;
  readonly timeoutMs: number;
  readonly allowLoad: boolean;
  readonly replicationNum: number;
}

export function* submitRestore(submission: Submission, request: RestoreRequest): Op<void> {
  const { ports } = submission;
  const repository = knownRepository(ports, request.repository);
  const info = yield* fetchInfo(repository, request);
  if (info.dbName === '') {
    checkCatalogForm(ports, request);
    yield* submission.hold(() => submitCatalogs(submission, request, repository, info));
    return;
  }
  if (request.catalogs !== undefined) {
    throw new SimError(
      'common-error',
      `Snapshot ${request.label} is of database ${info.dbName} and holds no external catalogs`,
    );
  }
  const database = yield* targetDatabase(ports, request, info);
  yield* submission.hold(() => submitAlone(submission, request, repository, info, database));
}

function* fetchInfo(repository: Repository, request: RestoreRequest): Op<BackupJobInfo> {
  const { label, backupTimestamp } = request;
  const info = yield* repository.fetchJobInfo(label, backupTimestamp);
  if (info.value !== undefined) return info.value;
  throw new SimError(
    'common-error',
    `Failed to get info of snapshot '${label}' because: ${info.status.msg}. ` +
      'Maybe specified wrong backup timestamp',
  );
}

/** A database that is created here stays, whatever later checks say (9 #7). */
function* targetDatabase(
  ports: JobPorts,
  request: RestoreRequest,
  info: BackupJobInfo,
): Op<Database> {
  const name = request.targetDbName ?? request.snapshotDbName ?? info.dbName;
  const existing = ports.catalog.databaseByName(name);
  if (existing !== undefined) return existing;
  if (!ports.traits.createsMissingDatabase) {
    throw new SimError('unknown-database', `Unknown database '${name}'`);
  }
  const dbId = asId<DbId>(yield* ports.ids.next(1));
  // Another statement may have created it while the id was reserved.
  if (ports.catalog.databaseByName(name) === undefined) {
    yield* ports.journal.append({ op: 'OP_CREATE_DB_V2', dbId, name });
  }
  const created = ports.catalog.databaseByName(name);
  if (created === undefined) throw new SimError('common-error', `Can not create database ${name}`);
  return created;
}

function* submitAlone(
  submission: Submission,
  request: RestoreRequest,
  repository: Repository,
  info: BackupJobInfo,
  database: Database,
): Op<void> {
  const { ports } = submission;
  submission.checkSlotFree(database.id);
  // A failure shows only later, as a cancelled job (9 #8).
  const meta = yield* repository.fetchMeta(request.label);
  const { snapshotDbName } = request;
  if (snapshotDbName !== undefined && snapshotDbName !== info.dbName) {
    throw new SimError(
      'common-error',
      `Database [${snapshotDbName}] does not exist in snapshot ${request.label}`,
    );
  }
  const chosen = chosenTables(request, info, meta.value);
  checkTypes(ports, request, chosen, meta.value);
  const job = newRestoreJob({
    repoId: repository.data.id,
    label: request.label,
    dbId: database.id,
    dbName: database.name,
    createTimeMs: ports.clock.now(),
    timeoutMs: request.timeoutMs,
    backupTimestamp: request.backupTimestamp,
    jobInfo: { ...info, tables: chosen },
    tblAlias: aliases(request),
    allowLoad: request.allowLoad,
    backupMeta: meta.value === undefined ? undefined : withFunctions(ports, request, meta.value),
    status: meta.status,
    restoreReplicationNum: request.replicationNum,
  });
  yield* ports.journal.append(recordOf(job));
  yield* announceSubmitted(ports, job);
}

function chosenTables(
  request: RestoreRequest,
  info: BackupJobInfo,
  meta: BackupMeta | undefined,
): ReadonlyMap<string, BackupTableInfo> {
  if (request.objects === undefined) return info.tables;
  const chosen = new Map<string, BackupTableInfo>();
  for (const object of request.objects) {
    const table = info.tables.get(object.name);
    if (table === undefined) {
      throw new SimError(
        'common-error',
        `Table ${object.name} does not exist in snapshot ${info.name}`,
      );
    }
    chosen.set(object.name, chosenPartitions(object, table, info.name));
  }
  for (const [name, table] of info.tables) {
    if (isInAll(request, name, meta) && !chosen.has(name)) chosen.set(name, table);
  }
  return chosen;
}

/** ALL of its kind is asked for; what is not in the metadata counts as a table. */
function isInAll(request: RestoreRequest, name: string, meta: BackupMeta | undefined): boolean {
  if (meta?.views.has(name) === true) return request.addsAllViews === true;
  const isView = meta?.tables.get(name)?.materializedView !== undefined;
  return (isView ? request.addsAllMaterializedViews : request.addsAllTables) === true;
}

function chosenPartitions(
  object: RestoreObject,
  table: BackupTableInfo,
  snapshot: string,
): BackupTableInfo {
  if (object.hasTemporaryPartitions === true) {
    throw new SimError('common-error', 'Do not support restoring temporary partitions');
  }
  const names = object.partitionNames;
  if (names === undefined || names.length === 0) return table;
  for (const name of names) {
    if (table.partitions.has(name)) continue;
    throw new SimError(
      'common-error',
      `Partition ${name} of table ${table.name} does not exist in snapshot ${snapshot}`,
    );
  }
  const wanted = new Set(names);
  const partitions = new Map([...table.partitions].filter(([name]) => wanted.has(name)));
  return { ...table, partitions };
}

/** Every object must be of a kind that can be restored; one that is no table is named. */
function checkTypes(
  ports: JobPorts,
  request: RestoreRequest,
  chosen: ReadonlyMap<string, BackupTableInfo>,
  meta: BackupMeta | undefined,
): void {
  if (meta === undefined) return;
  for (const table of chosen.values()) {
    const kind = (meta.tables.get(table.name) ?? meta.views.get(table.name))?.kind;
    if (kind === 'OLAP' || (kind === 'VIEW' && ports.traits.hasMetadataObjects)) continue;
    throw new SimError(
      'common-error',
      `Object ${table.name} of snapshot ${request.label} is of a type that cannot be restored: ` +
        (kind ?? 'not in the backup metadata'),
    );
  }
}

/** The metadata with the functions that are asked for only, under their names here. */
function withFunctions(ports: JobPorts, request: RestoreRequest, meta: BackupMeta): BackupMeta {
  if (!ports.traits.hasMetadataObjects) return { ...meta, functions: [] };
  if (request.objects === undefined) return meta;
  const listed = request.functions ?? [];
  const chosen = listed.flatMap(({ name, alias }) => {
    const overloads = meta.functions.filter((fn) => fn.name === name);
    if (overloads.length === 0) {
      const text = `Function ${name} does not exist in snapshot ${request.label}`;
      throw new SimError('common-error', text);
    }
    return overloads.map((fn) => ({ ...fn, name: alias ?? name }));
  });
  const names = new Set(listed.map(({ name }) => name));
  const others = meta.functions.filter(
    (fn) => request.addsAllFunctions === true && !names.has(fn.name),
  );
  return { ...meta, functions: [...chosen, ...others] };
}

function aliases(request: RestoreRequest): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { name, alias } of request.objects ?? []) {
    if (alias !== undefined) names.set(name, alias);
  }
  return names;
}
