/**
 * The one place where parts are wired together: a frontend, its backends, the query engine and the
 * stores, over whatever clock, disk and chance they are given. Real and virtual clusters are the
 * same parts here.
 */

import type { Clock } from './base/clock.ts';
import { SimError } from './base/errors.ts';
import type { Events } from './base/events.ts';
import type { FaultPlan } from './base/fault-plan.ts';
import type { Files } from './base/files.ts';
import { asId, type BackendId, FIRST_BACKEND_ID } from './base/ids.ts';
import type { Logger } from './base/log.ts';
import type { CrashChoice } from './base/memory-crash.ts';
import { hashNativePassword } from './base/native-password-hash.ts';
import { all, attempt, type Op } from './base/op.ts';
import type { Random } from './base/random.ts';
import { type Backend, createBackend } from './be-sim/backend.ts';
import { type BackendConfig, DEFAULT_BACKEND_CONFIG } from './be-sim/config.ts';
import type { BlobStorage, OpenBlob } from './blob/blob-storage.ts';
import { createExternalFiles } from './blob/external-files.ts';
import { createOpenBlob } from './blob/registry.ts';
import { openWithBrokers } from './blob/with-broker.ts';
import { openWithEvents } from './blob/with-events.ts';
import type { BlobUser } from './blob/with-fault.ts';
import { decodeTable, encodeTable } from './catalog/codec.ts';
import {
  type BackendCrashes,
  createBackendCrashes,
  createFaultTarget,
  createProcessClocks,
  type ProcessClocks,
} from './cluster-faults.ts';
import { Brokers } from './fe/brokers.ts';
import { type ClientSession, openClientSession } from './fe/client-session.ts';
import { type Config, createConfig } from './fe/config.ts';
import { type DataDir, openDataDir } from './fe/data-dir.ts';
import { filesWithFaults } from './fe/file-faults.ts';
import { type Frontend, openFrontend } from './fe/frontend.ts';
import type { Periods } from './fe/periods.ts';
import { PROFILE_NAMES, type Profile } from './fe/profile.ts';
import type { JobMachines } from './jobs/machines.ts';
import type { BackendLink, FrontendLink } from './protocol/links.ts';
import { backendLinkWithFaults, frontendLinkWithFaults } from './protocol/with-faults.ts';
import { createQueryEngine } from './query/create-query-engine.ts';
import { RepositoryMgr } from './repository/repository-mgr.ts';
import { accessDeniedError, verifyNativePassword } from './wire/native-password.ts';
import type { LoginRequest, QueryHandler } from './wire/query-handler.ts';

/** What a cluster is made of and what it should be like. */
export interface ClusterParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly files: Files;
  readonly faultPlan: FaultPlan;
  readonly events: Events;
  readonly logger: Logger;
  /**
   * Answers `memory://` repositories; without it the scheme is refused. A function gives each
   * process its own way into the store.
   */
  readonly memoryBlob: BlobStorage | ((user: BlobUser) => BlobStorage) | undefined;
  /** Of a disk in memory: what a crash of one machine makes of a directory. */
  readonly loseUnsynced?: (directory: string, choice: CrashChoice) => void;
  /** Repositories on other machines can be reached: only in real time. */
  readonly hasNetwork: boolean;
  readonly dataDir: string;
  readonly backendCount: number;
  readonly profile: Profile;
  readonly machines: JobMachines;
  /** The backup handler waits to be moved by hand. */
  readonly stepped: boolean;
  readonly periods: Periods;
  readonly strict: boolean;
  readonly systemTimeZone: string;
  readonly rootPassword: string;
  readonly host: string;
  readonly queryPort: () => number;
  readonly httpPort: () => number;
  readonly config: Readonly<Record<string, string>>;
  readonly backendConfig: Partial<BackendConfig>;
  readonly cpuCores: number;
  /** DuckDB over files, or the interpreter over scanned rows. */
  readonly queryMode: 'duckdb' | 'interpreter';
  /** The edit log failed: the cluster can promise nothing any more. */
  readonly onFatal: (error: SimError) => void;
}

export interface AssembledCluster {
  readonly frontend: Frontend;
  readonly backends: ReadonlyMap<BackendId, Backend>;
  /** Kills single backends and starts them again. */
  readonly crashes: BackendCrashes;
  readonly queryHandler: QueryHandler;
  readonly dataDir: DataDir;
  /** True when the frontend and all backends answer. */
  isHealthy(): boolean;
  /** Drains and writes what is left to write; the data directory is free afterwards. */
  stop(): Op<void>;
}

/** The default of `default_replication_num` unless `--strict` (resolutions.md 8). */
const REPLICATION_NUM_MAX = 3;

/**
 * Opens the data directory, recovers frontend and backends, settles what a crash left, begins the
 * background work. Throws what stops a start: `data-dir-in-use`, `data-dir-unusable`,
 * `edit-log-damaged`.
 */
export function* assembleCluster(parts: ClusterParts): Op<AssembledCluster> {
  const dataDir = yield* openDataDir({
    files: parts.files,
    path: parts.dataDir,
    random: parts.random,
    profiles: PROFILE_NAMES,
    profile: parts.profile.name,
    backendCount: parts.backendCount,
  });
  try {
    return yield* assembleIn(parts, dataDir);
  } catch (error) {
    yield* dataDir.release();
    throw error;
  }
}

function* assembleIn(parts: ClusterParts, dataDir: DataDir): Op<AssembledCluster> {
  const { faultPlan } = parts;
  let opened: Frontend | undefined;
  const relay = relayTo(() => opened?.link);
  const frontendLink = frontendLinkWithFaults(relay, faultPlan, parts.clock);
  const backendIds = Array.from({ length: dataDir.version.backendCount }, (_, index) =>
    asId<BackendId>(FIRST_BACKEND_ID + index),
  );
  const clocks = createProcessClocks(parts.clock, backendIds);
  const backends = createBackends(parts, dataDir, clocks, frontendLink);
  const crashes = createBackendCrashes({
    backends,
    directoryOf: (id) => dataDir.backendDir(id),
    loseUnsynced: parts.loseUnsynced,
  });
  faultPlan.attach(createFaultTarget({ ...parts, clocks, crashes }));
  const clock = clocks.get('frontend') ?? parts.clock;
  const files = filesWithFaults({ ...parts, dataDir, clock, faults: faultPlan });
  const brokers = new Brokers();
  const openBlob = openWithBrokers(blobsOf(parts, 'frontend'), (name) => brokers.has(name));
  const repositories = new RepositoryMgr({
    openBlob,
    files,
    tmpDir: dataDir.tmpDir,
    clock,
    tableCodec: { encodeTable, decodeTable },
    defaultTimeZone: () => opened?.context.globals.get('time_zone') ?? parts.systemTimeZone,
  });
  const frontend = yield* openFrontend({
    clock,
    random: parts.random,
    files,
    faultPlan,
    events: parts.events,
    logger: parts.logger,
    options: {
      profile: parts.profile,
      strict: parts.strict,
      systemTimeZone: parts.systemTimeZone,
      clusterId: dataDir.version.clusterId,
      host: parts.host,
      queryPort: parts.queryPort,
      httpPort: parts.httpPort,
    },
    config: frontendConfig(parts, dataDir.version.backendCount),
    periods: parts.periods,
    rootPasswordHash: Buffer.from(hashNativePassword(parts.rootPassword)).toString('hex'),
    dataDir,
    backendLinks: linksWithFaults(parts, backends),
    backendPower: crashes,
    repositories,
    brokers,
    queries: createQueryEngine({
      mode: parts.queryMode,
      backend: (id) => backends.get(id),
      random: parts.random,
      files: {
        external: createExternalFiles({ openBlob, files, folder: `${dataDir.tmpDir}/files` }),
        files,
        hasDuckDb: parts.queryMode === 'duckdb',
      },
    }),
    machines: parts.machines,
    stepped: parts.stepped,
    onFatal: parts.onFatal,
  });
  opened = frontend;
  try {
    yield* bringUp(frontend, backends);
  } catch (error) {
    yield* shutDown(frontend, backends);
    throw error;
  }
  return assembled(dataDir, frontend, backends, crashes);
}

function createBackends(
  parts: ClusterParts,
  dataDir: DataDir,
  clocks: ProcessClocks,
  frontend: FrontendLink,
): ReadonlyMap<BackendId, Backend> {
  const backends = new Map<BackendId, Backend>();
  for (const [id, clock] of clocks) {
    if (id === 'frontend') continue;
    const backendId = asId<BackendId>(id);
    const backend = createBackend({
      ...parts,
      backendId,
      dataDir: dataDir.backendDir(backendId),
      clock,
      faults: parts.faultPlan,
      openBlob: blobsOf(parts, backendId),
      frontend,
      config: backendConfig(parts),
    });
    backends.set(backendId, backend);
  }
  return backends;
}

/** The stores as one process uses them. */
function blobsOf(parts: ClusterParts, backend: BlobUser): OpenBlob {
  const { files, clock, faultPlan: faults, hasNetwork, memoryBlob } = parts;
  const memory = typeof memoryBlob === 'function' ? memoryBlob(backend) : memoryBlob;
  const here = memory === undefined ? {} : { memory };
  const open = createOpenBlob({ files, faults, clock, hasNetwork, backend, ...here });
  return openWithEvents(open, parts.events);
}

function linksWithFaults(
  { faultPlan, clock }: ClusterParts,
  backends: ReadonlyMap<BackendId, Backend>,
): ReadonlyMap<BackendId, BackendLink> {
  return new Map(
    [...backends].map(([id, backend]) => [id, backendLinkWithFaults(backend, faultPlan, clock)]),
  );
}

/** Backends recover and report, so that every commit of the log is readable before "ready". */
function* bringUp(frontend: Frontend, backends: ReadonlyMap<BackendId, Backend>): Op<void> {
  const members = [...backends.values()];
  yield* all(
    members.map((backend) => () => backend.start()),
    members.length,
  );
  const { backends: directory, brokers, clock } = frontend.context;
  brokers.beat(clock.now());
  yield* directory.beat();
  yield* directory.untilAllReported();
  frontend.startDaemons();
}

function assembled(
  dataDir: DataDir,
  frontend: Frontend,
  backends: ReadonlyMap<BackendId, Backend>,
  crashes: BackendCrashes,
): AssembledCluster {
  return Object.freeze({
    frontend,
    backends,
    crashes,
    dataDir,
    queryHandler: queryHandlerOf(frontend),
    isHealthy: () => frontend.context.backends.aliveCount === backends.size,
    *stop(): Op<void> {
      try {
        yield* shutDown(frontend, backends);
      } finally {
        yield* dataDir.release();
      }
    },
  });
}

/** Ends all parts, also when one of them cannot end well; the first failure is thrown. */
function* shutDown(frontend: Frontend, backends: ReadonlyMap<BackendId, Backend>): Op<void> {
  const outcomes = [yield* attempt(frontend.stop())];
  for (const backend of backends.values()) outcomes.push(yield* attempt(backend.stop()));
  for (const outcome of outcomes) if (!outcome.ok) throw outcome.error;
}

/** Lets clients in by MySQL's native password. */
function queryHandlerOf(frontend: Frontend): QueryHandler {
  return Object.freeze({
    get serverVersion() {
      return frontend.context.config.get('mysql_server_version');
    },
    connectionsMax: () => frontend.context.config.getNumber('qe_max_connection'),
    *login(request: LoginRequest): Op<ClientSession> {
      const { user, salt, response, remoteHost } = request;
      if (
        !request.isEncrypted &&
        frontend.context.config.getBoolean('ssl_force_secure_transport')
      ) {
        throw new SimError('tls-required', 'Connections without TLS are not allowed', {
          hint: 'let the client use TLS, or set ssl_force_secure_transport to false.',
        });
      }
      const account = frontend.context.accounts.accountFor(user, remoteHost);
      const storedHash = Buffer.from(account?.passwordHash ?? '', 'hex');
      if (account === undefined || !verifyNativePassword({ storedHash, salt, response })) {
        throw accessDeniedError(request);
      }
      refuseTooMany(frontend, request);
      return openClientSession(frontend, request);
    },
  });
}

/** `max_user_connections`; a connection that changes its user counts for the new one alone. */
function refuseTooMany(frontend: Frontend, { user, connectionId }: LoginRequest): void {
  const { accounts, sessions } = frontend.context;
  const { maxConnections } = accounts.properties(user);
  let count = 0;
  for (const session of sessions.values()) {
    const isOther = session.connectionId !== connectionId && session.control !== undefined;
    if (isOther && session.user === user) count += 1;
  }
  if (count < maxConnections) return;
  throw new SimError(
    'too-many-user-connections',
    `User ${user} has more than max_user_connections active connections: ${maxConnections}`,
  );
}

function frontendConfig(parts: ClusterParts, backendCount: number): Config {
  const replicationNum = Math.min(REPLICATION_NUM_MAX, backendCount);
  return createConfig({
    ...(parts.strict ? {} : { default_replication_num: String(replicationNum) }),
    enable_backup_materialized_view: String(parts.profile.backsUpMaterializedViews),
    ...parts.config,
  });
}

function backendConfig(parts: ClusterParts): BackendConfig {
  const { quirks } = parts.profile.jobs;
  return {
    ...DEFAULT_BACKEND_CONFIG,
    reportTaskIntervalMs: parts.periods.taskReportMs,
    reportTabletIntervalMs: parts.periods.tabletReportMs,
    snapshotSweepIntervalMs: parts.periods.snapshotSweepMs,
    isPrimaryKeyMoveIdempotent: !quirks.repeatedMoveIsStuck,
    partFilesCount: quirks.partFilesCount,
    ...parts.backendConfig,
  };
}

/** Backends start before the frontend listens, and go on when it has stopped. */
function relayTo(target: () => FrontendLink | undefined): FrontendLink {
  const link = (): FrontendLink => {
    const found = target();
    if (found !== undefined) return found;
    throw new SimError('backend-unavailable', 'the frontend does not listen');
  };
  return Object.freeze({
    *finishTask(request) {
      return yield* link().finishTask(request);
    },
    finishTaskNow: (request) => target()?.finishTaskNow?.(request),
    *reportSnapshotLoader(report) {
      return yield* link().reportSnapshotLoader(report);
    },
    *reportTasks(report) {
      yield* link().reportTasks(report);
    },
    *reportTablets(report) {
      yield* link().reportTablets(report);
    },
  } satisfies FrontendLink);
}
