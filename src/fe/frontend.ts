/**
 * A frontend put together: state from image and edit log, sessions for clients, a link for
 * backends, daemons on the clock. One leader, no followers.
 */
import type { Clock } from '../base/clock.ts';
import { SimError } from '../base/errors.ts';
import type { Events } from '../base/events.ts';
import type { FaultPlan } from '../base/fault-plan.ts';
import type { Files } from '../base/files.ts';
import type { BackendId } from '../base/ids.ts';
import type { Logger } from '../base/log.ts';
import type { Op } from '../base/op.ts';
import type { Random } from '../base/random.ts';
import { emptyCatalog } from '../catalog/apply.ts';
import type { JsonText } from '../catalog/json-chunks.ts';
import type { Catalog } from '../catalog/model.ts';
import type { CatalogRecord } from '../catalog/records.ts';
import { type BackupHandler, createBackupHandler } from '../jobs/backup-handler.ts';
import type { JobMachines } from '../jobs/machines.ts';
import type { JobRecord } from '../jobs/records.ts';
import type { BackendLink, FrontendLink } from '../protocol/links.ts';
import type { RepositoryMgr } from '../repository/repository-mgr.ts';
import { AgentTaskQueue } from './agent-task-queue.ts';
import { applyRecord } from './apply-record.ts';
import { AutoIncrementIds } from './auto-increment.ts';
import { BackendDirectory } from './backend-directory.ts';
import type { Brokers } from './brokers.ts';
import { CommitPublisher } from './commit-publisher.ts';
import { type Config, configuredPeriod, jobConfigOf } from './config.ts';
import { type Daemon, startDaemon } from './daemon.ts';
import type { DataDir } from './data-dir.ts';
import { scheduleDynamicPartitions } from './dynamic-partitions.ts';
import { type EditLog, openEditLog } from './edit-log.ts';
import type {
  BackendPower,
  FrontendContext,
  FrontendOptions,
  Queries,
} from './frontend-context.ts';
import { encodeFrontendImage, type FrontendState, loadFrontendImage } from './frontend-image.ts';
import { createFrontendLink } from './frontend-link.ts';
import { createHandlerStepper } from './handler-stepper.ts';
import { LoggedIdSource } from './id-source.ts';
import { loadLatestImage, writeImage } from './image.ts';
import { jobCatalogStore } from './job-catalog-store.ts';
import { LoadHistory } from './load-history.ts';
import { LoadLabels } from './load-labels.ts';
import { LoadTransactions } from './load-transactions.ts';
import { DatabaseLocks } from './locks.ts';
import { MvActiveChecker } from './materialized-views/active-checker.ts';
import { checkedViewQuery } from './materialized-views/view-query.ts';
import { MaterializedViewRefresher } from './materialized-views/view-refresher.ts';
import type { Periods } from './periods.ts';
import { Accounts } from './privileges/accounts.ts';
import { type FrontendRecord, frontendRecordCodec } from './records.ts';
import { forgetSession, Session, type SessionStart } from './session.ts';
import { TabletStats } from './tablet-stats.ts';
import { GlobalVariables } from './variables.ts';

export interface FrontendDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly files: Files;
  readonly faultPlan: FaultPlan;
  readonly events: Events;
  readonly logger: Logger;
  readonly options: FrontendOptions;
  readonly config: Config;
  readonly periods: Periods;
  /** Of the start options: SHA1(SHA1(password)) in hexadecimal, empty for none. */
  readonly rootPasswordHash: string;
  readonly dataDir: Pick<DataDir, 'editLogDir' | 'imageDir' | 'tmpDir'>;
  readonly backendLinks: ReadonlyMap<BackendId, BackendLink>;
  readonly backendPower: BackendPower;
  readonly repositories: RepositoryMgr;
  /** Without any; the opener of `repositories` asks them too. */
  readonly brokers: Brokers;
  readonly queries: Queries;
  readonly machines: JobMachines;
  /** The backup handler moves by hand only: the stepper of the context moves it. */
  readonly stepped: boolean;
  /** The edit log failed: nothing can be promised any more (design.md 5). */
  readonly onFatal: (error: SimError) => void;
}

export class Frontend {
  readonly context: FrontendContext;
  readonly link: FrontendLink;
  readonly #deps: FrontendDeps;
  readonly #state: FrontendState;
  readonly #sessions: Map<number, Session>;
  readonly #log: EditLog<FrontendRecord>;
  readonly #apply: (record: FrontendRecord) => void;
  #recordsAtImage: number;
  #daemons: readonly Daemon[] = [];

  /** Use `openFrontend`. */
  constructor(deps: FrontendDeps, parts: Parts, log: EditLog<FrontendRecord>) {
    this.#deps = deps;
    this.#state = parts.state;
    this.#sessions = parts.sessions;
    this.#log = log;
    this.#apply = parts.apply;
    this.#recordsAtImage = log.lastSeq;
    this.context = parts.context;
    this.link = createFrontendLink(parts.context);
  }

  openSession(start: SessionStart): Session {
    const { accounts, globals, clock } = this.context;
    const account = accounts.accountFor(start.user, start.remoteHost);
    if (account === undefined) throw new SimError('bug', `${start.user} was let in unknown`);
    const session = new Session(globals, start, clock.now(), account);
    this.#sessions.set(start.connectionId, session);
    return session;
  }

  closeSession(session: Session): void {
    forgetSession(this.#sessions, session);
  }

  /** Every background period of the frontend (design.md 4). */
  startDaemons(): void {
    const { periods, clock, logger, config } = this.#deps;
    const { backends, brokers, handler, repositories } = this.context;
    const checker = new MvActiveChecker();
    const daemon = (name: string, periodMs: number, body: () => Op<void>): Daemon =>
      startDaemon({ name, periodMs, clock, logger, body });
    const views = daemon('materialized views', periods.mvRefreshMs, () =>
      this.context.refresher.round(this.context),
    );
    this.context.refresher.wake = () => views.wake();
    this.#daemons = [
      views,
      daemon(
        'materialized view checker',
        configuredPeriod(config, 'mv_active_checker_interval_seconds', periods.mvActiveCheckMs),
        () => checker.round(this.context),
      ),
      daemon('heartbeat', periods.heartbeatMs, () => {
        brokers.beat(clock.now());
        return backends.beat();
      }),
      ...(this.#deps.stepped
        ? []
        : [daemon('backup-handler', periods.handlerTickMs, () => handler.tick())]),
      daemon('repository ping', periods.repositoryPingMs, () => repositories.pingAll()),
      daemon(
        'history purge',
        configuredPeriod(config, 'label_clean_interval_second', periods.historyPurgeMs),
        () => handler.purge(),
      ),
      daemon('dynamic partitions', periods.dynamicPartitionMs, () =>
        scheduleDynamicPartitions(this.context),
      ),
      daemon('checkpoint', periods.checkpointMs, () => this.#checkpointIfLong()),
      ...(this.#deps.options.profile.jobs.hasSnapshotRetention
        ? [
            daemon('snapshot cleanup', periods.snapshotCleanMs, () =>
              handler.cleanExpiredSnapshots(),
            ),
          ]
        : []),
    ];
  }

  /** Ends background work, writes an image if the log has grown, closes the log. */
  *stop(): Op<void> {
    for (const daemon of this.#daemons) yield* daemon.stop();
    this.#daemons = [];
    // After a failure of the log nobody knows what an image would have to hold.
    const mayWrite = this.#log.isUsable && this.#log.lastSeq > this.#recordsAtImage;
    if (mayWrite) yield* this.checkpoint();
    yield* this.#log.close();
    yield* this.#deps.queries.close();
  }

  /**
   * Writes an image and cuts the log. Put off while a restore holds objects in the catalog that no
   * record stands for yet: an image must hold what replay would give (backup-jobs.md 2.6).
   */
  *checkpoint(): Op<boolean> {
    const { files, dataDir } = this.#deps;
    const mayWrite = (): boolean => !this.context.handler.hasUnloggedCatalogChanges();
    if (!mayWrite()) return false;
    let isWritten = false;
    const writeState = function* (state: FrontendState, at: number): Op<boolean> {
      // A restore may have begun while the log was busy.
      if (!mayWrite()) return false;
      yield* writeImage(files, dataDir.imageDir, at, encodeFrontendImage(state));
      isWritten = true;
      return true;
    };
    const seq = yield* this.#log.checkpoint((at) => writeState(this.#state, at));
    if (isWritten) this.#recordsAtImage = seq;
    return isWritten;
  }

  /** The whole state as an image of this moment would hold it; for checkers. */
  encodeImage(): JsonText {
    return encodeFrontendImage(this.#state);
  }

  /** Takes in a record that another frontend has logged; for checkers, which keep a follower. */
  follow(record: FrontendRecord): void {
    this.#apply(record);
  }

  *#checkpointIfLong(): Op<void> {
    const rollAt = this.context.config.getNumber('edit_log_roll_num');
    if (this.#log.lastSeq - this.#recordsAtImage >= rollAt) yield* this.checkpoint();
  }
}

/** Loads the image, replays the log; `edit-log-damaged` names file and offset. */
export function* openFrontend(deps: FrontendDeps): Op<Frontend> {
  const { files, dataDir, clock, faultPlan, logger, onFatal } = deps;
  let log: EditLog<FrontendRecord> | undefined;
  const parts = makeParts(deps, () => log);
  const image = yield* loadLatestImage(files, dataDir.imageDir);
  if (image !== undefined) loadFrontendImage(parts.state, JSON.parse(image.text));
  log = yield* openEditLog<FrontendRecord>({
    files,
    directory: dataDir.editLogDir,
    codec: frontendRecordCodec,
    imageSeq: image?.seq ?? 0,
    apply: parts.apply,
    onAppended: (seq, op, bytes) => deps.events.emit('edit-log.append', { seq, op, bytes }),
    faults: faultPlan,
    clock,
    logger,
    onFatal,
  });
  parts.state.ids.beginAfterReplay();
  return new Frontend(deps, parts, log);
}

interface Parts {
  readonly context: FrontendContext;
  readonly state: FrontendState;
  readonly sessions: Map<number, Session>;
  readonly apply: (record: FrontendRecord) => void;
}

function makeParts(deps: FrontendDeps, editLog: () => EditLog<FrontendRecord> | undefined): Parts {
  const { clock, options, config, events, faultPlan, repositories, brokers } = deps;
  const log = function* (record: FrontendRecord): Op<void> {
    yield* editLog()?.append(record) ?? failNotOpen();
  };
  const isLogUsable = (): boolean => editLog()?.isUsable === true;
  const catalog = emptyCatalog();
  const locks = new DatabaseLocks();
  const ids = new LoggedIdSource(log);
  const autoIncrement = new AutoIncrementIds(catalog, log, () =>
    config.getNumber('auto_increment_cache_size'),
  );
  const backends = new BackendDirectory(clock, options.clusterId, deps.backendLinks);
  const tasks = new AgentTaskQueue(clock, events, faultPlan, backends, options.profile.jobs.quirks);
  const stats = new TabletStats();
  const publisher = new CommitPublisher(catalog, backends, stats);
  const keepMax = (): number => config.getNumber('label_keep_max_num');
  const labels = new LoadLabels(keepMax);
  const loadHistory = new LoadHistory(keepMax);
  const loads = new LoadTransactions({
    clock,
    backends,
    publisher,
    nextTxnId: () => ids.next(1),
    log,
    isLogUsable,
  });
  const globals = new GlobalVariables({
    time_zone: options.systemTimeZone,
    system_time_zone: options.systemTimeZone,
    version: config.get('mysql_server_version'),
    version_comment: `${options.profile.releaseVersion}-${options.profile.commit}`,
  });
  const handler: BackupHandler = createBackupHandler({
    clock,
    random: deps.random,
    files: deps.files,
    tmpDir: deps.dataDir.tmpDir,
    faults: faultPlan,
    events,
    logger: deps.logger,
    systemTimeZone: options.systemTimeZone,
    clusterId: options.clusterId,
    config: jobConfigOf(config),
    journal: { append: (record) => appendForJob(catalog, locks, record, log) },
    ids,
    catalog: jobCatalogStore(catalog, locks),
    tasks,
    backends,
    repositories,
    views: { problemOf: (table, query) => checkedViewQuery(context, table, query).problem },
    traits: options.profile.jobs,
    machines: deps.machines,
  });
  const stepper = createHandlerStepper({
    events,
    handler,
    machines: deps.machines,
    timeZone: options.systemTimeZone,
    watchesAlways: deps.stepped,
  });
  const sessions = new Map<number, Session>();
  const accounts = new Accounts(deps.rootPasswordHash);
  const state: FrontendState = {
    catalog,
    repositories,
    brokers,
    handler,
    ids,
    globals,
    accounts,
    labels,
    loadHistory,
    publisher,
  };
  const context: FrontendContext = {
    clock,
    random: deps.random,
    files: deps.files,
    faultPlan,
    events,
    logger: deps.logger,
    options,
    config,
    globals,
    catalog,
    accounts,
    locks,
    ids,
    autoIncrement,
    backends,
    backendPower: deps.backendPower,
    tasks,
    stats,
    publisher,
    loads,
    labels,
    loadHistory,
    refresher: new MaterializedViewRefresher(),
    handler,
    stepper,
    repositories,
    brokers,
    queries: deps.queries,
    sessions,
    startedAtMs: clock.now(),
    log,
    isLogUsable,
    lastSequence: () => editLog()?.lastSeq ?? 0,
  };
  return {
    context,
    state,
    sessions,
    apply: (record) => applyRecord(state, { loads, autoIncrement }, record),
  };
}

/** A restore may make its database while CREATE DATABASE does: the first one counts. */
function* appendForJob(
  catalog: Catalog,
  locks: DatabaseLocks,
  record: JobRecord | CatalogRecord,
  log: (record: FrontendRecord) => Op<void>,
): Op<void> {
  if (record.op !== 'OP_CREATE_DB_V2') return yield* log(record);
  yield* locks.catalog.hold(function* () {
    if (!catalog.databaseIds.has(record.name)) yield* log(record);
  });
}

function failNotOpen(): never {
  throw new Error('bug: the edit log is written to before it is open');
}
