/**
 * A cluster small enough for a test: a catalog, a journal, a task queue, backends and a repository
 * in memory, around the real backup handler, on a virtual clock. It can crash and start again from
 * its journal.
 */
import { type ClusterEvent, createEvents } from '../../../../src/base/events.ts';
import type { Fault, FaultPoints, FaultSubject } from '../../../../src/base/fault.ts';
import type { FaultPoint } from '../../../../src/base/fault-points.ts';
import { asId, type BackendId, type CatalogId, type DbId } from '../../../../src/base/ids.ts';
import { MemoryFiles } from '../../../../src/base/memory-files.ts';
import { type Op, type Outcome, start, suspend } from '../../../../src/base/op.ts';
import { NO_QUIRKS, type QuirkName } from '../../../../src/base/quirks.ts';
import { SeededRandom } from '../../../../src/base/random.ts';
import type { TypeName } from '../../../../src/base/sql-type.ts';
import { formatTimestampLabel } from '../../../../src/base/time-zone.ts';
import { VirtualClock } from '../../../../src/base/virtual-clock.ts';
import { applyCatalogRecord, emptyCatalog } from '../../../../src/catalog/apply.ts';
import type { MaterializedViewInfo } from '../../../../src/catalog/materialized-view.ts';
import type { Catalog, Database, OlapTable, View } from '../../../../src/catalog/model.ts';
import type { CatalogRecord } from '../../../../src/catalog/records.ts';
import { defaultPhysical } from '../../../../src/catalog/table-lookup.ts';
import { type BackupHandler, createBackupHandler } from '../../../../src/jobs/backup-handler.ts';
import type { BackupJob } from '../../../../src/jobs/backup-job.ts';
import { decodeJobRecord, encodeJobRecord, isJobOp } from '../../../../src/jobs/job-codec.ts';
import type { Job } from '../../../../src/jobs/job-machine.ts';
import { type JobMachines, STARROCKS_MACHINES } from '../../../../src/jobs/machines.ts';
import type { JobPorts } from '../../../../src/jobs/ports.ts';
import type { JobRecord } from '../../../../src/jobs/records.ts';
import type { RestoreJob } from '../../../../src/jobs/restore-job.ts';
import type { BackupRequest } from '../../../../src/jobs/submit-backup.ts';
import type { RestoreRequest } from '../../../../src/jobs/submit-restore.ts';
import type { AgentTask, FinishTaskRequest } from '../../../../src/protocol/agent-task.ts';
import { FakeBackends } from './backends.ts';
import { memoryCatalogStore } from './catalog-store.ts';
import { replicasIn } from './replicas.ts';
import { MemoryRepository } from './repository.ts';
import { type TableSpec, tableOf } from './tables.ts';
import { FakePlacement, FakeTaskQueue, keyOf } from './task-queue.ts';

export const DB_ID: DbId = asId<DbId>(100);
export const BACKEND_IDS: readonly BackendId[] = [10001, 10002, 10003].map((id) =>
  asId<BackendId>(id),
);
export const CLUSTER_ID = 77;
export const TICK_MS = 3_000;
const RESEND_TICKS = 4;

interface LogLine {
  readonly op: string;
  /** Catalog records as they are, jobs as JSON text. */
  readonly record: CatalogRecord | string;
}

export class World {
  readonly clock: VirtualClock = new VirtualClock();
  readonly files: MemoryFiles = new MemoryFiles();
  readonly repository: MemoryRepository = new MemoryRepository(this.files);
  readonly log: LogLine[] = [];
  readonly backends: FakeBackends;
  readonly events: ClusterEvent[] = [];
  /** What an operator would read. */
  readonly logged: string[] = [];
  readonly config = {
    backupJobDefaultTimeoutMs: 86_400_000,
    maxUploadTaskPerBe: 0,
    maxDownloadTaskPerBe: 0,
    historyJobKeepMaxSecond: 604_800,
    defaultReplicationNum: 1,
    tabletCreateTimeoutSecond: 10,
    enableColocateRestore: false,
    backupCleanRetryLimit: 3,
  };
  readonly traits = {
    longBackupProgress: true,
    infoUsesSubPartitions: true,
    physicalIdEqualsLogical: false,
    createsMissingDatabase: true,
    hasSnapshotRetention: false,
    replaysExpiredJobs: true,
    hasMetadataObjects: true,
    quirks: { ...NO_QUIRKS } as Record<QuirkName, boolean>,
    backsUpListPartitions: true,
    hasCatalogSlot: true,
    metaVersion: 92,
    starrocksMetaVersion: 3,
  };
  /** An append fails with this. */
  appendFailure: Error | undefined;
  /** An append takes so long. */
  appendMs = 0;
  /** Of each job record: its state, and whether nobody else could read or change the database. */
  readonly appended: { readonly state: string; readonly isAlone: boolean }[] = [];
  crashAt: { readonly point: FaultPoint; readonly subject: FaultSubject } | undefined;
  hasCrashed = false;
  repositoryIsThere = true;
  readonly machines: JobMachines;
  catalog: Catalog = emptyCatalog();
  handler: BackupHandler;
  tasks: FakeTaskQueue;
  readonly verdicts: string[] = [];
  #nextId = 20_000;
  #ticks = 0;
  #life = 0;
  readonly #placement = new FakePlacement(BACKEND_IDS);

  constructor(machines: JobMachines = STARROCKS_MACHINES) {
    this.machines = machines;
    this.backends = new FakeBackends(this.clock, (task, request) => this.report(task, request));
    this.tasks = new FakeTaskQueue(this.clock, this.backends);
    this.handler = createBackupHandler(this.#ports());
    this.#append({ op: 'OP_CREATE_DB_V2', dbId: DB_ID, name: 'shop' });
  }

  /** What the frontend waits for. */
  get queue(): Map<string, AgentTask> {
    return this.tasks.entries;
  }

  get database(): Database {
    const database = this.catalog.databases.get(DB_ID);
    if (database === undefined) throw new Error('no database');
    return database;
  }

  table(name: string, database: Database = this.database): OlapTable {
    const table = this.findTable(name, database);
    if (table === undefined) throw new Error(`no table ${name}`);
    return table;
  }

  findTable(name: string, database: Database = this.database): OlapTable | undefined {
    const id = database.tableIds.get(name);
    return id === undefined ? undefined : database.tables.get(id);
  }

  /** Creates a table with a file in each of its replicas. */
  createTable(spec: TableSpec): OlapTable {
    const table = tableOf(spec, () => this.takeId(), BACKEND_IDS);
    this.#append({ op: 'OP_CREATE_TABLE_V2', dbId: DB_ID, table });
    this.fill(table, 'first');
    return table;
  }

  /** A materialized view of all rows of these tables of `shop`, refreshed with their rows of now. */
  createMaterializedView(name: string, bases: readonly string[]): OlapTable {
    const under = bases.map((base) => this.table(base));
    const plain = tableOf({ name }, () => this.takeId(), BACKEND_IDS);
    const resolvedDefinition = under.map((base) => `\`shop\`.\`${base.name}\``).join(', ');
    const refreshTimeMs = this.clock.now();
    const materializedView: MaterializedViewInfo = {
      dbId: DB_ID,
      definition: bases.join(', '),
      resolvedDefinition,
      pipesAsConcat: false,
      baseTables: under.map((base) => ({
        ...{ dbId: DB_ID, dbName: 'shop' },
        ...{ tableId: base.id, tableName: base.name },
      })),
      isActive: true,
      inactiveReason: '',
      refresh: { type: 'MANUAL', moment: 'DEFERRED' },
      baseTableVersions: new Map(
        under.map((base) => [
          base.id,
          new Map(
            [...base.partitions.values()].map((partition) => {
              const { visibleVersion: version } = defaultPhysical(partition);
              return [partition.name, { id: partition.id, version, refreshTimeMs }];
            }),
          ),
        ]),
      ),
      lastRefreshTimeMs: refreshTimeMs,
    };
    const table = { ...plain, materializedView };
    this.#append({ op: 'OP_CREATE_TABLE_V2', dbId: DB_ID, table });
    this.fill(table, 'first');
    return this.table(name);
  }

  /** Puts another state of a materialized view of `shop` in place. */
  changeMaterializedView(name: string, info: MaterializedViewInfo): void {
    const tableId = this.table(name).id;
    const where = { dbId: DB_ID, tableId };
    this.#append({ op: 'OP_ALTER_MATERIALIZED_VIEW_STATUS', ...where, materializedView: info });
  }

  dropDatabase(database: Database = this.database): void {
    this.#append({ op: 'OP_DROP_DB', dbId: database.id });
  }

  databaseNamed(name: string): Database {
    const found = [...this.catalog.databases.values()].find((one) => one.name === name);
    if (found === undefined) throw new Error(`no database ${name}`);
    return found;
  }

  createView(name: string, definition = 'SELECT 1'): View {
    const view: View = {
      kind: 'VIEW',
      id: asId(this.takeId()),
      name,
      createTimeMs: this.clock.now(),
      columns: [{ name: 'a', type: { name: 'INT' }, comment: '' }],
      definition,
      definitionDb: 'shop',
      pipesAsConcat: false,
      comment: '',
    };
    this.#append({ op: 'OP_CREATE_VIEW', dbId: DB_ID, view });
    return view;
  }

  createCatalog(name: string, url: string): void {
    const properties = new Map([
      ['type', 'hive'],
      ['url', url],
    ]);
    const catalog = { id: asId<CatalogId>(this.takeId()), name, comment: undefined, properties };
    this.#append({ op: 'OP_CREATE_CATALOG', catalog });
  }

  dropCatalog(name: string): void {
    this.#append({ op: 'OP_DROP_CATALOG', name });
  }

  /** Where each external catalog points to. */
  catalogUrls(): Readonly<Record<string, string | undefined>> {
    return Object.fromEntries(
      [...this.catalog.externalCatalogs].map(([name, one]) => [name, one.properties.get('url')]),
    );
  }

  createFunction(name: string, symbol: string, argTypes: readonly TypeName[] = ['INT']): void {
    this.#append({
      op: 'OP_ADD_FUNCTION_V2',
      dbId: DB_ID,
      function: {
        id: asId(this.takeId()),
        kind: 'SCALAR',
        name,
        argTypes: argTypes.map((type) => ({ name: type })),
        hasVarArgs: false,
        returnType: { name: 'INT' },
        properties: new Map([['symbol', symbol]]),
      },
    });
  }

  dropFunction(signature: string): void {
    this.#append({ op: 'OP_DROP_FUNCTION_V2', dbId: DB_ID, signature });
  }

  dropView(name: string): void {
    this.#append({ op: 'OP_DROP_VIEW', dbId: DB_ID, name });
  }

  dropTable(name: string): void {
    this.#append({ op: 'OP_DROP_TABLE', dbId: DB_ID, tableId: this.table(name).id });
  }

  /** Gives each tablet of the table one file whose content tells tablet position and `mark`. */
  fill(table: OlapTable, mark: string): void {
    for (const { backendId, tabletId, place, version } of replicasIn(table)) {
      this.backends.tablets.set(`${backendId}/${tabletId}`, {
        version,
        files: new Map([[`rowset_${mark}.dat`, `${place} ${mark}`]]),
      });
    }
  }

  /** Content of all tablets of a table, by position. */
  contents(table: OlapTable): readonly string[] {
    return replicasIn(table).map(({ backendId, tabletId, place }) => {
      const files = this.backends.tablet(backendId, tabletId as never).files;
      return `${place}: ${[...files.values()].join(',')}`;
    });
  }

  takeId(count = 1): number {
    const first = this.#nextId;
    this.#nextId += count;
    return first;
  }

  /** Runs an operation to its end, letting time pass; throws what it throws. */
  run<T>(op: Op<T>): T {
    return this.clock.run(op);
  }

  /** Begins an operation; its outcome is there once it has ended. */
  begin<T>(op: Op<T>): { outcome: Outcome<T> | undefined } {
    const box: { outcome: Outcome<T> | undefined } = { outcome: undefined };
    start(op, (outcome) => {
      box.outcome = outcome;
    });
    return box;
  }

  /** One cycle of the handler and the time until the next, with a task report now and then. */
  tick(): void {
    const box = this.begin(this.handler.tick());
    this.clock.advance(TICK_MS);
    if (box.outcome?.ok === false) throw box.outcome.error;
    this.#ticks += 1;
    if (this.#ticks % RESEND_TICKS === 0) this.resend();
  }

  ticks(count: number): void {
    for (let at = 0; at < count; at += 1) this.tick();
  }

  /** Ticks until the job is done; at most `limit` times. */
  untilDone(dbId: DbId = DB_ID, limit = 40): Job {
    for (let at = 0; at < limit; at += 1) {
      const job = this.handler.job(dbId)?.job;
      if (job?.state === 'FINISHED' || job?.state === 'CANCELLED') return job;
      this.tick();
    }
    throw new Error(`not done: ${this.handler.job(dbId)?.job.state}`);
  }

  /** Ticks until the job is in a state. */
  untilState(state: string, limit = 40): void {
    for (let at = 0; at < limit && this.job().state !== state; at += 1) this.tick();
    if (this.job().state !== state) throw new Error(`${this.job().state}, never ${state}`);
  }

  job(dbId: DbId = DB_ID): Job {
    const job = this.handler.job(dbId)?.job;
    if (job === undefined) throw new Error('no job');
    return job;
  }

  backupJob(): BackupJob {
    const job = this.job();
    if (job.type !== 'BACKUP') throw new Error('no backup');
    return job;
  }

  restoreJob(dbId: DbId = DB_ID): RestoreJob {
    const job = this.job(dbId);
    if (job.type !== 'RESTORE') throw new Error('no restore');
    return job;
  }

  backupRequest(change: Partial<BackupRequest> = {}): BackupRequest {
    const { tableIds, views } = this.database;
    const tableRefs = [...tableIds.keys(), ...views.keys()].map((tableName) => ({
      dbName: 'shop',
      tableName,
    }));
    return {
      dbName: 'shop',
      label: 's1',
      repository: 'repo',
      type: 'FULL',
      timeoutMs: 86_400_000,
      tableRefs,
      ...change,
    };
  }

  backup(change: Partial<BackupRequest> = {}): void {
    this.run(this.handler.submitBackup(this.backupRequest(change)));
  }

  /** A whole backup; answers its timestamp. */
  finishedBackup(change: Partial<BackupRequest> = {}, dbId: DbId = DB_ID): string {
    this.backup(change);
    const job = this.untilDone(dbId);
    if (job.state !== 'FINISHED') throw new Error(job.status.msg);
    return formatTimestampLabel(job.createTimeMs, 'UTC');
  }

  restore(backupTimestamp: string, change: Partial<RestoreRequest> = {}): void {
    this.run(this.handler.submitRestore(this.restoreRequest(backupTimestamp, change)));
  }

  restoreRequest(backupTimestamp: string, change: Partial<RestoreRequest> = {}): RestoreRequest {
    return {
      label: 's1',
      repository: 'repo',
      backupTimestamp,
      timeoutMs: 86_400_000,
      allowLoad: false,
      replicationNum: 1,
      ...change,
    };
  }

  cancel(kind: 'BACKUP' | 'RESTORE', dbId: DbId = DB_ID): void {
    this.run(this.handler.cancel(kind, dbId));
  }

  /** States of the job records in the log. */
  loggedStates(): readonly string[] {
    return this.jobRecords().map(({ job }) => job.state);
  }

  jobRecords(): readonly JobRecord[] {
    return this.log.flatMap(({ op, record }) =>
      isJobOp(op) && typeof record === 'string' ? [decodeJobRecord(op, JSON.parse(record))] : [],
    );
  }

  /** States that the job passed, as events tell. */
  seenStates(): readonly string[] {
    return this.events
      .filter(({ what }) => what === 'job.state')
      .map(({ about }) => String(about['to']));
  }

  /** What a backend says at the end of a task. */
  report(task: AgentTask, request: FinishTaskRequest): void {
    const key = keyOf(task.backendId, task.type, task.signature);
    const queued = this.queue.get(key);
    if (queued === undefined) {
      this.verdicts.push('unknown');
      return;
    }
    if (queued.type === 'CREATE') {
      this.tasks.acknowledge(key);
      return;
    }
    const life = this.#life;
    start(this.handler.finishTask(queued, request), (outcome) => {
      if (!outcome.ok) throw outcome.error;
      if (life !== this.#life) return;
      this.verdicts.push(outcome.value);
      if (outcome.value === 'remove') this.queue.delete(key);
    });
  }

  resend(): void {
    this.backends.submit([...this.queue.values()].filter((task) => task.type !== 'CREATE'));
  }

  /** The frontend dies and starts from its log; backends and repository go on. */
  restart(): void {
    this.#life += 1;
    this.hasCrashed = false;
    this.crashAt = undefined;
    this.appendFailure = undefined;
    this.catalog = emptyCatalog();
    this.tasks = new FakeTaskQueue(this.clock, this.backends);
    this.handler = createBackupHandler(this.#ports());
    for (const line of this.log) this.#replay(line);
  }

  #replay({ op, record }: LogLine): void {
    if (typeof record !== 'string') applyCatalogRecord(this.catalog, record);
    else if (isJobOp(op)) this.handler.apply(decodeJobRecord(op, JSON.parse(record)));
  }

  #append(record: JobRecord | CatalogRecord): void {
    if (record.op === 'OP_BACKUP_JOB_V2' || record.op === 'OP_RESTORE_JOB_V2') {
      this.log.push({ op: record.op, record: [...encodeJobRecord(record)].join('') });
      this.handler.apply(record);
    } else {
      this.log.push({ op: record.op, record });
      applyCatalogRecord(this.catalog, record);
    }
  }

  /** A query here is the full names of its tables. */
  #missingTable(definition: string): string | undefined {
    for (const [full, dbName = '', name = ''] of definition.matchAll(/`(.+?)`\.`(.+?)`/g)) {
      const database = [...this.catalog.databases.values()].find((one) => one.name === dbName);
      if (database?.tableIds.has(name) !== true) return `no table ${full}`;
    }
    return undefined;
  }

  #faults(): FaultPoints {
    const life = this.#life;
    return {
      at: (point, subject): Fault | undefined => {
        const plan = this.crashAt;
        if (life !== this.#life || plan === undefined || plan.point !== point) return undefined;
        const fits = Object.entries(plan.subject).every(([key, value]) => subject[key] === value);
        return fits ? { do: 'crash' } : undefined;
      },
      mayStrike: () => true,
      befall: () => {
        this.hasCrashed = true;
      },
    };
  }

  #ports(): JobPorts {
    const { clock, files, config, traits } = this;
    const world = this;
    const events = createEvents(clock);
    events.on((event) => this.events.push(event));
    const catalog = memoryCatalogStore(this.catalog);
    return {
      clock,
      random: new SeededRandom(7n),
      files,
      tmpDir: '/fe/tmp',
      faults: this.#faults(),
      events,
      logger: { log: (_level, text, fields) => this.logged.push(`${text}: ${fields?.['text']}`) },
      systemTimeZone: 'UTC',
      clusterId: CLUSTER_ID,
      config,
      traits,
      views: { problemOf: (_table, query) => this.#missingTable(query.resolvedDefinition) },
      machines: this.machines,
      journal: {
        *append(record): Op<void> {
          if (world.appendFailure !== undefined) throw world.appendFailure;
          if (world.appendMs > 0) {
            yield* suspend<void>((resume) => {
              clock.after(world.appendMs, () => resume({ ok: true, value: undefined }));
            });
          }
          if ('job' in record && 'state' in record.job) {
            const isAlone = catalog.lockOf(record.job.dbId).isWriteLocked;
            world.appended.push({ state: record.job.state, isAlone });
          }
          world.#append(record);
        },
      },
      ids: {
        *next(count): Op<number> {
          return world.takeId(count);
        },
      },
      catalog,
      tasks: this.tasks,
      backends: {
        has: (id) => BACKEND_IDS.includes(id),
        ids: () => BACKEND_IDS,
        choose: (tabletCount, replicationNum) =>
          world.#placement.choose(tabletCount, replicationNum),
      },
      repositories: {
        byId: (id) =>
          world.repositoryIsThere && id === world.repository.data.id ? world.repository : undefined,
        byName: (name) =>
          world.repositoryIsThere && name === world.repository.data.name
            ? world.repository
            : undefined,
        all: () => (world.repositoryIsThere ? [world.repository] : []),
      },
    };
  }
}
