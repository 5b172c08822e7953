/**
 * `startCluster()`: a whole cluster inside this process. Real: the computer's clock and disk, and a
 * port for MySQL clients. Virtual: time that passes only when it is waited for, a disk in memory,
 * chance from a seed; the same seed gives the same run, byte for byte (design.md 2 and 4).
 */
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Clock, realClock } from './base/clock.ts';
import { SimError } from './base/errors.ts';
import { type ClusterEvent, createEvents, type Events } from './base/events.ts';
import { createFaultPlan, type FaultPlan } from './base/fault-plan.ts';
import type { Files } from './base/files.ts';
import { createLocalFiles } from './base/local-files.ts';
import { silentLogger } from './base/log.ts';
import type { CrashChoice } from './base/memory-crash.ts';
import { MemoryFiles } from './base/memory-files.ts';
import { ProcessLife } from './base/process-life.ts';
import type { QuirkName } from './base/quirks.ts';
import { type Random, realRandom, SeededRandom, uuid } from './base/random.ts';
import { certifiedHosts, selfSignedCertificate } from './base/self-signed-certificate.ts';
import { isTimeZone } from './base/time-zone.ts';
import { VirtualClock } from './base/virtual-clock.ts';
import type { BlobStorage } from './blob/blob-storage.ts';
import { MemoryBlob } from './blob/memory.ts';
import { type AssembledCluster, assembleCluster, type ClusterParts } from './cluster.ts';
import { REAL_PERIODS, scaledPeriods } from './fe/periods.ts';
import { PROFILES, type Profile, type ProfileName, profileWithQuirks } from './fe/profile.ts';
import { type QueryResult, runText } from './fe/run-text.ts';
import type { JobView } from './jobs/backup-handler.ts';
import { type JobMachines, machinesWith } from './jobs/machines.ts';
import { statusText } from './repository/status.ts';
import { type MysqlServer, startMysqlServer } from './wire/mysql-server.ts';
import type { TlsPair } from './wire/socket-upgrade.ts';

export interface ClusterOptions {
  /** Number of backends, 3 without a word; on existing data more adds, fewer is refused. */
  readonly backends?: number;
  /** `real` without a word. */
  readonly clock?: 'real' | 'virtual';
  /** `disk` for a real clock, `memory` for a virtual one, which takes nothing else. */
  readonly storage?: 'disk' | 'memory';
  /**
   * What `memory://` locations name; a store of its own without a word. Clusters over the same one
   * see the same repositories, and tell their snapshots apart if their seeds differ.
   */
  readonly memoryStore?: MemoryBlob;
  /** Listen for MySQL clients: only with a real clock, and then without a word. */
  readonly network?: boolean;
  readonly host?: string;
  /** 0, any free one, without a word. */
  readonly port?: number;
  /** Offer TLS to MySQL clients: with a pair of PEM texts, or one made for this run. */
  readonly tls?: boolean | TlsPair;
  /** Where everything is kept on disk; without it a temporary folder that `stop` removes. */
  readonly dataDir?: string;
  /** Where chance comes from in a virtual cluster; 0 without a word. */
  readonly seed?: bigint;
  /** A release by name, or a changed profile. */
  readonly starrocksVersion?: ProfileName | Profile;
  /**
   * Transition tables to run jobs by instead of StarRocks'; `bad-option` for one that contradicts
   * itself. A data directory is to be opened with the tables that its jobs were begun with.
   */
  readonly machines?: Partial<JobMachines>;
  /**
   * The backup handler does not tick by itself: each cycle is a statement,
   * `ADMIN EXECUTE ON FRONTEND 'backupHandler.tick()'`, which answers what the cycle did.
   */
  readonly stepped?: boolean;
  /** Time between cycles of the backup handler; 100 real, 3000 virtual. Scales all periods alike. */
  readonly tickMs?: number;
  readonly timeZone?: string;
  readonly rootPassword?: string;
  readonly strict?: boolean;
  /** Bugs of StarRocks to have: names of docs/quirks.md. */
  readonly quirks?: readonly QuirkName[];
  /** Frontend settings, as with ADMIN SET FRONTEND CONFIG. */
  readonly config?: Readonly<Record<string, string>>;
}

export type { QueryResult } from './fe/run-text.ts';

export interface JobOutcome {
  readonly kind: 'BACKUP' | 'RESTORE';
  readonly label: string;
  readonly state: string;
  /** `[OK]`, or what went wrong. */
  readonly status: string;
}

export interface Cluster extends AsyncDisposable {
  /** Runs the statements of a text as root, in a session of their own; answers for the last. */
  query(sql: string): Promise<QueryResult>;
  /** Waits until the last job of a database is done; in virtual time this takes no time. */
  untilJobDone(database: string): Promise<JobOutcome>;
  /** Lets virtual time pass. */
  advance(spanMs: number): void;
  readonly faults: FaultPlan;
  /** What has happened so far: statements, log records, tasks, job states, files. */
  readonly trace: readonly ClusterEvent[];
  /** The MySQL port, when it listens. */
  readonly port: number | undefined;
  /**
   * Kills everything at once, as `kill -9` on the machine would, and starts again on what the disk
   * then holds. Only with storage in memory; this cluster is dead afterwards. Also the way on after
   * a `crash` fault has struck.
   */
  unsafeCrash(choice: CrashChoice): Promise<Cluster>;
  /**
   * Ends one backend as `kill -9` would; the first has the id 10001. With a choice, and storage in
   * memory, its machine crashes: what it had not synced is lost, torn or kept.
   */
  unsafeKillBackend(backendId: number, choice?: CrashChoice): void;
  /** Starts a killed backend on what its disk holds. */
  unsafeStartBackend(backendId: number): Promise<void>;
  /** Drains, writes what is left to write, frees the data directory. Again does nothing. */
  stop(): Promise<void>;
}

/** Events kept for `trace`; older ones are dropped first. */
export const TRACE_EVENTS_MAX = 1_000_000;

const BACKENDS_DEFAULT = 3;
const REAL_TICK_MS = 100;
const MEMORY_DATA_DIR = '/cluster';

/** How long a virtual job may take before it counts as stuck: its timeout and a day more. */
const VIRTUAL_WAIT_MS_MAX = 3 * 24 * 3600 * 1000;

export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  checkOptions(options);
  const isVirtual = options.clock === 'virtual';
  const inMemory = isVirtual || options.storage === 'memory';
  return await start(options, {
    files: inMemory ? (hook) => new MemoryFiles(hook) : createLocalFiles(),
    blob: options.memoryStore ?? new MemoryBlob(),
    startMs: undefined,
    random: isVirtual ? new SeededRandom(options.seed ?? 0n) : realRandom,
  });
}

function checkOptions(options: ClusterOptions): void {
  const refuse = (text: string): never => {
    throw new SimError('bad-option', `startCluster: ${text}`);
  };
  if (options.clock === 'virtual') {
    if (options.network === true) refuse('a virtual cluster has no network');
    if (options.tls !== undefined) refuse('a virtual cluster has no network for TLS');
    if (options.storage === 'disk') refuse('a virtual cluster keeps its files in memory');
  }
  if (options.timeZone !== undefined && !isTimeZone(options.timeZone)) {
    refuse(`unknown time zone '${options.timeZone}'`);
  }
  const { backends } = options;
  if (backends !== undefined && !(Number.isInteger(backends) && backends > 0)) {
    refuse(`backends: ${backends} is not a positive whole number`);
  }
}

/** What a crash leaves to the next life, or what a first life begins with. */
interface Ground {
  /** The disk, or how to make the one in memory. */
  readonly files: Files | ((hook: MemoryHook) => MemoryFiles);
  readonly blob: BlobStorage;
  readonly startMs: number | undefined;
  readonly random: Random;
}

type MemoryHook = { readonly onMutation: (operation: string, path: string) => void };

async function start(options: ClusterOptions, ground: Ground): Promise<Cluster> {
  const time = options.clock === 'virtual' ? new VirtualClock(ground.startMs) : realClock;
  const life = new ProcessLife(time);
  const { clock } = life;
  const events = createEvents(clock);
  const trace = recorded(events);
  const files = typeof ground.files === 'function' ? traced(events, ground.files) : ground.files;
  const memory = files instanceof MemoryFiles ? files : undefined;
  const crash = (why: string): void => {
    if (memory === undefined) process.kill(process.pid, 'SIGKILL');
    memory?.halt();
    life.kill(new SimError('connection-lost', why, { hint: 'unsafeCrash starts it again' }));
  };
  const faults = createFaultPlan({
    random: ground.random,
    onCrash: () => crash('the cluster has crashed'),
  });
  const isTemporary = memory === undefined && options.dataDir === undefined;
  const dataDir = dataDirectory(options, memory !== undefined);
  let port: number | undefined;
  const parts = clusterParts(options, {
    clock,
    events,
    files,
    faultPlan: faults,
    random: ground.random,
    memoryBlob: ground.blob,
    dataDir,
    isInMemory: memory !== undefined,
    ...(memory !== undefined && {
      loseUnsynced: (directory, choice) => memory.crashBelow(directory, choice),
    }),
    queryPort: () => port ?? 0,
    onFatal: (error) => life.refuse(error),
  });
  const { assembled, server } = await bringUp(options, parts, life, isTemporary);
  port = server?.port;
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await server?.close();
    if (life.isKilled) return;
    await life.run(assembled.stop());
    life.refuse(new SimError('connection-lost', 'the cluster has been stopped'));
    if (isTemporary) await life.run(files.remove(dataDir));
  };
  const cluster: Cluster = {
    faults,
    trace,
    port,
    async query(sql) {
      life.check();
      return await life.run(runText(assembled.frontend, sql));
    },
    async untilJobDone(database) {
      if (options.stepped !== true) return await untilJobDone(life, assembled, database);
      throw new SimError('bad-option', 'the jobs of a stepped cluster wait to be moved by hand');
    },
    advance(spanMs) {
      if (!(time instanceof VirtualClock)) {
        throw new SimError('bad-option', 'only virtual time can be advanced');
      }
      life.check();
      time.advance(spanMs);
    },
    async unsafeCrash(choice) {
      if (memory === undefined) {
        throw new SimError('bad-option', 'only a cluster with storage in memory can be crashed');
      }
      crash('the cluster was crashed; use the one that unsafeCrash gave');
      await server?.close();
      const next = (hook: MemoryHook): MemoryFiles => memory.crash(choice, hook);
      return await start(options, { ...ground, files: next, startMs: clock.now() });
    },
    unsafeKillBackend: (backendId, choice) => assembled.crashes.kill(backendId, choice),
    unsafeStartBackend: (backendId) => life.run(assembled.crashes.start(backendId)),
    stop() {
      stopping ??= stop();
      return stopping;
    },
    [Symbol.asyncDispose]: () => cluster.stop(),
  };
  return cluster;
}

interface Running {
  readonly assembled: AssembledCluster;
  readonly server: MysqlServer | undefined;
}

/** A start that fails leaves nothing behind: no work, no lock, no temporary folder. */
async function bringUp(
  options: ClusterOptions,
  parts: ClusterParts,
  life: ProcessLife,
  isTemporary: boolean,
): Promise<Running> {
  let assembled: AssembledCluster | undefined;
  try {
    assembled = await life.run(assembleCluster(parts));
    return { assembled, server: await listen(options, parts, assembled) };
  } catch (error) {
    if (assembled !== undefined) await life.run(assembled.stop());
    if (isTemporary) await life.run(parts.files.remove(parts.dataDir));
    throw error;
  }
}

/** The stream as a list that grows; when it is full, the older tenth goes. */
function recorded(events: Events): readonly ClusterEvent[] {
  const trace: ClusterEvent[] = [];
  events.on((event) => {
    trace.push(event);
    if (trace.length > TRACE_EVENTS_MAX) trace.splice(0, TRACE_EVENTS_MAX / 10);
  });
  return trace;
}

/** Every change of the disk is an event, so that a trace shows it. */
function traced(events: Events, make: (hook: MemoryHook) => MemoryFiles): MemoryFiles {
  return make({
    onMutation: (operation, path) => events.emit('file', { operation, path }),
  });
}

function dataDirectory(options: ClusterOptions, isInMemory: boolean): string {
  if (isInMemory) return MEMORY_DATA_DIR;
  return resolve(options.dataDir ?? join(tmpdir(), `starrocks-emulator-${uuid(realRandom)}`));
}

interface Seams {
  readonly clock: Clock;
  readonly events: Events;
  readonly files: Files;
  readonly faultPlan: FaultPlan;
  readonly random: Random;
  readonly memoryBlob: BlobStorage;
  readonly dataDir: string;
  readonly isInMemory: boolean;
  readonly loseUnsynced?: (directory: string, choice: CrashChoice) => void;
  readonly queryPort: () => number;
  readonly onFatal: (error: SimError) => void;
}

function clusterParts(options: ClusterOptions, seams: Seams): ClusterParts {
  const version = options.starrocksVersion ?? '3.5';
  const isVirtual = options.clock === 'virtual';
  const tickMs = options.tickMs ?? (isVirtual ? REAL_PERIODS.handlerTickMs : REAL_TICK_MS);
  return {
    ...seams,
    hasNetwork: !isVirtual,
    logger: silentLogger,
    backendCount: options.backends ?? BACKENDS_DEFAULT,
    profile: profileWithQuirks(
      typeof version === 'string' ? PROFILES[version] : version,
      options.quirks ?? [],
    ),
    machines: machinesWith(options.machines ?? {}),
    stepped: options.stepped ?? false,
    periods: scaledPeriods(tickMs),
    strict: options.strict ?? false,
    systemTimeZone: options.timeZone ?? 'UTC',
    rootPassword: options.rootPassword ?? '',
    host: options.host ?? '127.0.0.1',
    httpPort: () => 0,
    config: options.config ?? {},
    backendConfig: {},
    cpuCores: isVirtual ? 1 : Math.max(1, cpus().length),
    queryMode: seams.isInMemory ? 'interpreter' : 'duckdb',
  };
}

async function listen(
  options: ClusterOptions,
  parts: ClusterParts,
  { queryHandler }: AssembledCluster,
): Promise<MysqlServer | undefined> {
  const isWanted = options.network ?? options.clock !== 'virtual';
  if (!isWanted) return undefined;
  const tls =
    options.tls === true
      ? selfSignedCertificate(certifiedHosts(parts.host), parts.clock.now())
      : options.tls;
  return await startMysqlServer({
    host: parts.host,
    port: options.port ?? 0,
    handler: queryHandler,
    random: parts.random,
    clock: parts.clock,
    logger: parts.logger,
    ...(typeof tls === 'object' && { tls }),
  });
}

async function untilJobDone(
  life: ProcessLife,
  { frontend }: AssembledCluster,
  database: string,
): Promise<JobOutcome> {
  life.check();
  const { catalog, handler } = frontend.context;
  const id = catalog.databaseIds.get(database);
  const jobNow = (): JobView['job'] | undefined =>
    id === undefined ? undefined : handler.job(id)?.job;
  if (jobNow() === undefined) {
    throw new SimError('bad-option', `database '${database}' has no backup or restore job`);
  }
  const isDone = (): boolean => {
    const state = jobNow()?.state;
    return state === undefined || state === 'FINISHED' || state === 'CANCELLED';
  };
  if (!(await life.until(isDone, VIRTUAL_WAIT_MS_MAX))) {
    throw new SimError('bug', `the job of '${database}' does not end`);
  }
  const job = jobNow();
  if (job === undefined) {
    throw new SimError('connection-lost', `the job of '${database}' was forgotten meanwhile`);
  }
  return { kind: job.type, label: job.label, state: job.state, status: statusText(job.status) };
}
