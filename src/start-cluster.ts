/**
 * `startCluster()`: a whole cluster inside this process. Real: the computer's clock and disk, and a
 * port for MySQL clients. Virtual: time that passes only when it is waited for, a disk in memory,
 * chance from a seed; the same seed gives the same run, byte for byte (design.md 2 and 4).
 */
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Cancel, type Clock, type Millis, realClock } from './base/clock.ts';
import { SimError } from './base/errors.ts';
import { type ClusterEvent, createEvents, type Events } from './base/events.ts';
import { createFaultPlan, type FaultPlan } from './base/fault-plan.ts';
import type { Files } from './base/files.ts';
import { asId, type BackendId } from './base/ids.ts';
import { createLocalFiles } from './base/local-files.ts';
import { silentLogger } from './base/log.ts';
import type { CrashChoice } from './base/memory-crash.ts';
import { MemoryFiles } from './base/memory-files.ts';
import { type Op, type Outcome, start as startOp, toPromise } from './base/op.ts';
import { type Random, realRandom, SeededRandom, uuid } from './base/random.ts';
import { isTimeZone } from './base/time-zone.ts';
import { VirtualClock } from './base/virtual-clock.ts';
import type { BlobStorage } from './blob/blob-storage.ts';
import { MemoryBlob } from './blob/memory.ts';
import { type AssembledCluster, assembleCluster, type ClusterParts } from './cluster.ts';
import { REAL_PERIODS, scaledPeriods } from './fe/periods.ts';
import { PROFILES, type Profile, type ProfileName } from './fe/profile.ts';
import { type QueryResult, runText } from './fe/run-text.ts';
import { statusText } from './repository/status.ts';
import { type MysqlServer, startMysqlServer } from './wire/mysql-server.ts';

export interface ClusterOptions {
  /** Number of backends, 3 without a word; on existing data more adds, fewer is refused. */
  readonly backends?: number;
  /** `real` without a word. */
  readonly clock?: 'real' | 'virtual';
  /** `disk` for a real clock, `memory` for a virtual one, which takes nothing else. */
  readonly storage?: 'disk' | 'memory';
  /** Listen for MySQL clients: only with a real clock, and then without a word. */
  readonly network?: boolean;
  readonly host?: string;
  /** 0, any free one, without a word. */
  readonly port?: number;
  /** Where everything is kept on disk; without it a temporary folder that `stop` removes. */
  readonly dataDir?: string;
  /** Where chance comes from in a virtual cluster; 0 without a word. */
  readonly seed?: bigint;
  /** A release by name, or a changed profile. */
  readonly starrocksVersion?: ProfileName | Profile;
  /** Time between cycles of the backup handler; 100 real, 3000 virtual. Scales all periods alike. */
  readonly tickMs?: number;
  readonly timeZone?: string;
  readonly rootPassword?: string;
  readonly strict?: boolean;
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
  /** Ends one backend as `kill -9` would; the first has the id 10001. */
  unsafeKillBackend(backendId: number): void;
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

/** How often a real cluster is asked whether a job is done. */
const REAL_POLL_MS = 5;

export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  checkOptions(options);
  const isVirtual = options.clock === 'virtual';
  const inMemory = isVirtual || options.storage === 'memory';
  return await start(options, {
    files: inMemory ? undefined : createLocalFiles(),
    blob: new MemoryBlob(),
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
  /** Undefined: a new disk in memory. */
  readonly files: Files | undefined;
  readonly blob: BlobStorage;
  readonly startMs: number | undefined;
  readonly random: Random;
}

async function start(options: ClusterOptions, ground: Ground): Promise<Cluster> {
  const isVirtual = options.clock === 'virtual';
  const clock = isVirtual ? new VirtualClock(ground.startMs) : realClock;
  const events = createEvents(clock);
  const trace: ClusterEvent[] = [];
  events.on((event) => {
    trace.push(event);
    if (trace.length > TRACE_EVENTS_MAX) trace.shift();
  });
  const files = ground.files ?? tracedMemoryFiles(events);
  const memory = files instanceof MemoryFiles ? files : undefined;
  const life: { fatal: SimError | undefined } = { fatal: undefined };
  const faults = createFaultPlan({
    random: ground.random,
    onCrash: () => {
      if (memory === undefined) process.kill(process.pid, 'SIGKILL');
      else memory.halt();
    },
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
    queryPort: () => port ?? 0,
    onFatal: (error) => {
      life.fatal = error;
    },
  });
  const run = <T>(op: Op<T>): Promise<T> => runOn(clock, op);
  const assembled = await run(assembleCluster(parts));
  const server = await listen(options, parts, assembled);
  port = server?.port;
  const cluster: Cluster = {
    faults,
    trace,
    port,
    query: (sql) => run(runText(assembled, sql)),
    untilJobDone: (database) => untilJobDone(clock, assembled, database),
    advance(spanMs) {
      if (!(clock instanceof VirtualClock)) {
        throw new SimError('bad-option', 'only virtual time can be advanced');
      }
      clock.advance(spanMs);
    },
    async unsafeCrash(choice) {
      if (memory === undefined) {
        throw new SimError('bad-option', 'only a cluster with storage in memory can be crashed');
      }
      memory.halt();
      await server?.close();
      const next = tracedMemoryFiles(events, (hook) => memory.crash(choice, hook));
      return await start(options, { ...ground, files: next, startMs: clock.now() });
    },
    async stop() {
      await server?.close();
      await run(assembled.stop());
      if (isTemporary) await run(files.remove(dataDir));
    },
    [Symbol.asyncDispose]: () => cluster.stop(),
  };
  return cluster;
}

type MemoryHook = { readonly onMutation: (operation: string, path: string) => void };

/** Every change of the disk is an event, so that a trace shows it. */
function tracedMemoryFiles(
  events: Events,
  make: (hook: MemoryHook) => MemoryFiles = (hook) => new MemoryFiles(hook),
): MemoryFiles {
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
  readonly queryPort: () => number;
  readonly onFatal: (error: SimError) => void;
}

function clusterParts(options: ClusterOptions, seams: Seams): ClusterParts {
  const version = options.starrocksVersion ?? '3.5';
  const isVirtual = options.clock === 'virtual';
  const tickMs = options.tickMs ?? (isVirtual ? REAL_PERIODS.handlerTickMs : REAL_TICK_MS);
  return {
    ...seams,
    logger: silentLogger,
    backendCount: options.backends ?? BACKENDS_DEFAULT,
    profile: typeof version === 'string' ? PROFILES[version] : version,
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

/** Virtual: time passes as the operation needs it. Real: as a promise. */
async function runOn<T>(clock: Clock, op: Op<T>): Promise<T> {
  return clock instanceof VirtualClock ? clock.run(op) : await toPromise(op);
}

async function listen(
  options: ClusterOptions,
  parts: ClusterParts,
  { queryHandler }: AssembledCluster,
): Promise<MysqlServer | undefined> {
  const isWanted = options.network ?? options.clock !== 'virtual';
  if (!isWanted) return undefined;
  return await startMysqlServer({
    host: parts.host,
    port: options.port ?? 0,
    handler: queryHandler,
    random: parts.random,
    clock: parts.clock,
    logger: parts.logger,
  });
}

async function untilJobDone(
  clock: Clock,
  { frontend }: AssembledCluster,
  database: string,
): Promise<JobOutcome> {
  const { catalog, handler } = frontend.context;
  const id = catalog.databaseIds.get(database);
  const view = (): ReturnType<typeof handler.job> => (id === undefined ? id : handler.job(id));
  if (view() === undefined) {
    throw new SimError('bad-option', `database '${database}' has no backup or restore job`);
  }
  const isDone = (): boolean => {
    const state = view()?.job.state;
    return state === 'FINISHED' || state === 'CANCELLED';
  };
  if (clock instanceof VirtualClock) {
    if (!clock.runUntil(isDone, VIRTUAL_WAIT_MS_MAX)) {
      throw new SimError('bug', `the job of '${database}' does not end`);
    }
  } else {
    await polled(clock, isDone);
  }
  const job = view()?.job;
  if (job === undefined) throw new SimError('bug', `the job of '${database}' is gone`);
  return {
    kind: job.type,
    label: job.label,
    state: job.state,
    status: statusText(job.status),
  };
}

function polled(clock: Clock, isDone: () => boolean): Promise<void> {
  return new Promise((resolvePromise) => {
    const look = (): void => {
      if (isDone()) resolvePromise();
      else clock.after(REAL_POLL_MS, look);
    };
    look();
  });
}
