/**
 * What the backup package needs from the rest of the frontend. `src/fe` provides it; tests and
 * simulations provide their own. Nothing else of the frontend is known here.
 */
import type { Clock } from '../base/clock.ts';
import type { Events } from '../base/events.ts';
import type { FaultPoints } from '../base/fault.ts';
import type { Files } from '../base/files.ts';
import type { BackendId, DbId, RepositoryId, Signature, TableId } from '../base/ids.ts';
import type { ReadWriteLock } from '../base/lock.ts';
import type { Logger } from '../base/log.ts';
import type { Op } from '../base/op.ts';
import type { Quirks } from '../base/quirks.ts';
import type { Random } from '../base/random.ts';
import type { MaterializedViewInfo } from '../catalog/materialized-view.ts';
import type {
  Database,
  ExternalCatalog,
  OlapTable,
  Partition,
  Table,
  TableState,
  UserFunction,
  View,
} from '../catalog/model.ts';
import type { CatalogRecord } from '../catalog/records.ts';
import type { AgentTask, CreateReplicaTask, TaskType } from '../protocol/agent-task.ts';
import type { Repository } from '../repository/repository.ts';
import type { JobMachines } from './machines.ts';
import type { JobRecord } from './records.ts';

export interface JobPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly files: Files;
  /** `<tmp_dir>`: holds `backup/` and `restore/`. */
  readonly tmpDir: string;
  readonly faults: FaultPoints;
  readonly events: Events;
  readonly logger: Logger;
  /** Zone of `__info_<timestamp>` (resolutions.md 3). */
  readonly systemTimeZone: string;
  /** Marks snapshots as ours, where a release does that (resolutions.md 9). */
  readonly clusterId: number;
  readonly config: JobConfig;
  readonly journal: Journal;
  readonly ids: IdSource;
  readonly catalog: CatalogStore;
  readonly tasks: AgentTasks;
  readonly backends: Backends;
  readonly repositories: Repositories;
  /** Analyses the queries of materialized views. */
  readonly views: MvAnalyzer;
  readonly traits: JobTraits;
  readonly machines: JobMachines;
}

/** Settings read at each use, so that ADMIN SET FRONTEND CONFIG takes effect (backup-jobs.md 8). */
export interface JobConfig {
  readonly backupJobDefaultTimeoutMs: number;
  readonly maxUploadTaskPerBe: number;
  readonly maxDownloadTaskPerBe: number;
  readonly historyJobKeepMaxSecond: number;
  readonly defaultReplicationNum: number;
  readonly tabletCreateTimeoutSecond: number;
  /** A table that a restore creates joins its colocate group (restore-jobs.md 5.3). */
  readonly enableColocateRestore: boolean;
  /** Failed attempts after which an expired snapshot is left alone (repository.md 8). */
  readonly backupCleanRetryLimit: number;
}

/** What differs between StarRocks releases here; a profile fills it (resolutions.md). */
export interface JobTraits {
  /** SHOW BACKUP writes the long Progress text (resolutions.md 11). */
  readonly longBackupProgress: boolean;
  /** `__info` fills `subPartitions` always, not only for several physical partitions (6). */
  readonly infoUsesSubPartitions: boolean;
  /** The default physical partition has the id of its logical one (6). */
  readonly physicalIdEqualsLogical: boolean;
  readonly createsMissingDatabase: boolean;
  /** Snapshots have an owner and may have a time to live; DROP SNAPSHOT exists (9). */
  readonly hasSnapshotRetention: boolean;
  /** A terminal job older than the retention is still there after replay (30). */
  readonly replaysExpiredJobs: boolean;
  /** Views and functions are backed up and restored, as are external catalogs (10). */
  readonly hasMetadataObjects: boolean;
  /** Tables with list partitions are backed up, else refused by BACKUP (10). */
  readonly backsUpListPartitions: boolean;
  /** Bugs that are off in every profile. */
  readonly quirks: Quirks;
  /** The external-catalog slot exists. */
  readonly hasCatalogSlot: boolean;
  readonly metaVersion: number;
  readonly starrocksMetaVersion: number;
}

/** What the jobs need of the query engine. */
export interface MvAnalyzer {
  /** Why the query of a view cannot be run as that view, in words; undefined when it can. */
  problemOf(
    table: OlapTable,
    query: Pick<MaterializedViewInfo, 'resolvedDefinition' | 'pipesAsConcat'>,
  ): string | undefined;
}

/** The edit log: when it returns, the record is on disk and applied. A failure stops the FE. */
export interface Journal {
  append(record: JobRecord | CatalogRecord): Op<void>;
}

export interface IdSource {
  /** The first of `count` consecutive ids, never given out before or again. */
  next(count: number): Op<number>;
}

export interface CatalogStore {
  database(id: DbId): Database | undefined;
  databaseByName(name: string): Database | undefined;
  databases(): readonly Database[];
  /** By name. */
  externalCatalogs(): ReadonlyMap<string, ExternalCatalog>;
  /** Guards check-log-apply sections of one database. */
  lockOf(id: DbId): ReadWriteLock;
  readonly unlogged: UnloggedCatalog;
}

/**
 * The only changes of the catalog that have no log record of their own: what a restore does while
 * it prepares, which a restart forgets (restore-jobs.md 2.2, 2.7). Every method names what a
 * later job record repeats.
 */
export interface UnloggedCatalog {
  setTableState(dbId: DbId, tableId: TableId, state: TableState): void;
  /** With the counter of its AUTO_INCREMENT column, if it has one. */
  registerTable(dbId: DbId, table: Table, autoIncrementId: number | undefined): void;
  /** Puts a new value of a table in the place of the one with the same id; versions at commit. */
  replaceTable(dbId: DbId, table: Table): void;
  dropTable(dbId: DbId, tableId: TableId): void;
  addPartition(dbId: DbId, tableId: TableId, partition: Partition): void;
  dropPartition(dbId: DbId, tableId: TableId, name: string): void;
  /** In the place of a view of that name, if there is one. */
  putView(dbId: DbId, view: View): void;
  dropView(dbId: DbId, name: string): void;
  /** In the place of a function of that signature, if there is one. */
  putFunction(dbId: DbId, fn: UserFunction): void;
  dropFunction(dbId: DbId, signature: string): void;
  /** In the place of a catalog of that name, if there is one. */
  putExternalCatalog(catalog: ExternalCatalog): void;
  dropExternalCatalog(name: string): void;
}

/** The agent task queue, keyed (backend, type, signature); it dies with the frontend. */
export interface AgentTasks {
  /** Queues, so that the tasks are sent again until removed. A key already there is left alone. */
  add(tasks: readonly AgentTask[]): void;
  /** Sends once, now; unknown and dead backends are skipped. */
  send(tasks: readonly AgentTask[]): void;
  remove(backendId: BackendId, type: TaskType, signature: Signature): void;
  has(backendId: BackendId, type: TaskType, signature: Signature): boolean;
  /** Sends CREATE tasks and waits; answers those not acknowledged in time (restore-jobs.md 2.4). */
  createReplicas(
    tasks: readonly CreateReplicaTask[],
    timeoutMs: number,
  ): Op<readonly CreateReplicaTask[]>;
}

export interface Backends {
  has(id: BackendId): boolean;
  ids(): readonly BackendId[];
  /**
   * Distinct alive backends for each of `tabletCount` tablets, `replicationNum` each, flat; or
   * undefined when there are too few (restore-jobs.md 3.7).
   */
  choose(tabletCount: number, replicationNum: number): Float64Array | undefined;
}

export interface Repositories {
  byId(id: RepositoryId): Repository | undefined;
  byName(name: string): Repository | undefined;
  all(): readonly Repository[];
}
