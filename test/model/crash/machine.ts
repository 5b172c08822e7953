/**
 * A cluster on a disk in memory that can be left at any moment: everything of it happens inside
 * calls of this file, so a machine whose disk was copied is simply never driven again.
 */
import { createEvents, type EventListener } from '../../../src/base/events.ts';
import { createFaultPlan } from '../../../src/base/fault-plan.ts';
import { silentLogger } from '../../../src/base/log.ts';
import type { MemoryFiles } from '../../../src/base/memory-files.ts';
import { type Op, succeed } from '../../../src/base/op.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import { MINUTE_MS, SECOND_MS } from '../../../src/base/units.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { decodeTable, encodeTable } from '../../../src/catalog/codec.ts';
import { type AssembledCluster, assembleCluster } from '../../../src/cluster.ts';
import { Brokers } from '../../../src/fe/brokers.ts';
import { createConfig } from '../../../src/fe/config.ts';
import { openFrontend } from '../../../src/fe/frontend.ts';
import type { FrontendContext } from '../../../src/fe/frontend-context.ts';
import { encodeFrontendImage, type FrontendState } from '../../../src/fe/frontend-image.ts';
import { type Periods, REAL_PERIODS } from '../../../src/fe/periods.ts';
import { PROFILES, type ProfileName } from '../../../src/fe/profile.ts';
import { type QueryResult, runText } from '../../../src/fe/run-text.ts';
import { STARROCKS_MACHINES } from '../../../src/jobs/machines.ts';
import { createQueryEngine } from '../../../src/query/create-query-engine.ts';
import { RepositoryMgr } from '../../../src/repository/repository-mgr.ts';

export const DATA_DIR = '/cluster';
export const REPOSITORY_DIR = '/repository';
/** The shortest that a job may have. */
export const JOB_TIMEOUT_MS: number = 10 * MINUTE_MS;
/** Long enough for every snapshot to be swept whose job has timed out. */
export const QUIET_MS: number = JOB_TIMEOUT_MS + 2 * MINUTE_MS;

/** A handler tick lets so much pass; jobs are looked at as often. */
const JOB_STEP_MS: number = SECOND_MS / 2;
const JOB_MS_MAX: number = 2 * JOB_TIMEOUT_MS;

/** Images and sweeps often, so that a run has them; what only costs time seldom. */
const PERIODS: Periods = {
  ...REAL_PERIODS,
  checkpointMs: 7 * SECOND_MS,
  snapshotSweepMs: MINUTE_MS,
  heartbeatMs: 30 * SECOND_MS,
  taskReportMs: 30 * SECOND_MS,
};

export interface Machine {
  readonly clock: VirtualClock;
  readonly files: MemoryFiles;
  readonly frontend: FrontendContext;
  readonly cluster: AssembledCluster;
  readonly profile: ProfileName;
  run<T>(op: Op<T>): T;
  query(sql: string): QueryResult;
  /** Lets time pass until no job is under way. */
  untilJobsDone(): void;
}

export interface MachineOptions {
  readonly files: MemoryFiles;
  readonly backends: number;
  readonly profile: ProfileName;
  readonly startMs?: number;
  readonly onEvent?: EventListener;
  /** Records after which an image is written. */
  readonly imageEvery?: number;
}

/**
 * What the frontend alone makes of a disk: the image and the log replayed, nothing started. The
 * disk is used up.
 */
export function replayedFrontend(
  files: MemoryFiles,
  nowMs: number,
  profileName: ProfileName,
): FrontendContext {
  const clock = new VirtualClock(nowMs);
  const random = new SeededRandom(0n);
  const profile = PROFILES[profileName];
  const tmpDir = `${DATA_DIR}/fe/tmp`;
  const opened = openFrontend({
    clock,
    random,
    files,
    faultPlan: createFaultPlan({ random, onCrash: () => files.halt() }),
    events: createEvents(clock),
    logger: silentLogger,
    options: {
      profile,
      strict: false,
      systemTimeZone: 'UTC',
      clusterId: 1,
      host: '127.0.0.1',
      queryPort: () => 9030,
      httpPort: () => 8030,
    },
    config: createConfig({}),
    periods: PERIODS,
    rootPasswordHash: '',
    dataDir: { editLogDir: `${DATA_DIR}/fe/edit_log`, imageDir: `${DATA_DIR}/fe/image`, tmpDir },
    machines: STARROCKS_MACHINES,
    stepped: false,
    backendLinks: new Map(),
    backendPower: {
      kill: () => {},
      start: () => succeed(undefined),
    },
    brokers: new Brokers(),
    repositories: new RepositoryMgr({
      openBlob: () => {
        throw new Error('a replay opens no repository');
      },
      files,
      tmpDir,
      clock,
      tableCodec: { encodeTable, decodeTable },
      defaultTimeZone: () => 'UTC',
    }),
    queries: createQueryEngine({ mode: 'interpreter', backend: () => undefined, random }),
    onFatal: (error) => {
      throw error;
    },
  });
  return clock.run(opened).context;
}

/** Starts on what the disk holds; throws what stops a start. */
export function startMachine({
  files,
  backends,
  profile,
  startMs,
  onEvent,
  imageEvery = 12,
}: MachineOptions): Machine {
  const clock = new VirtualClock(startMs);
  const events = createEvents(clock);
  if (onEvent !== undefined) events.on(onEvent);
  // Not the same in each life: names that are drawn must not be those of the life before.
  const random = new SeededRandom(BigInt(clock.now()));
  const faultPlan = createFaultPlan({ random, onCrash: () => files.halt() });
  const cluster = clock.run(
    assembleCluster({
      clock,
      random,
      files,
      faultPlan,
      events,
      logger: silentLogger,
      memoryBlob: undefined,
      hasNetwork: false,
      dataDir: DATA_DIR,
      backendCount: backends,
      profile: PROFILES[profile],
      periods: PERIODS,
      machines: STARROCKS_MACHINES,
      stepped: false,
      strict: false,
      systemTimeZone: 'UTC',
      rootPassword: '',
      host: '127.0.0.1',
      queryPort: () => 9030,
      httpPort: () => 8030,
      config: {
        edit_log_roll_num: String(imageEvery),
        backup_job_default_timeout_ms: String(JOB_TIMEOUT_MS),
        enable_backup_materialized_view: 'true',
      },
      backendConfig: { metaLogBytesMax: 4096 },
      cpuCores: 2,
      queryMode: 'interpreter',
      onFatal: (error) => {
        throw error;
      },
    }),
  );
  const { frontend } = cluster;
  return {
    clock,
    files,
    frontend: frontend.context,
    cluster,
    profile,
    run: (op) => clock.run(op),
    query: (sql) => clock.run(runText(frontend, sql)),
    untilJobsDone(): void {
      for (let passed = 0; passed < JOB_MS_MAX; passed += JOB_STEP_MS) {
        const states = frontend.context.handler.jobs().map(({ job }) => job.state);
        if (states.every((state) => state === 'FINISHED' || state === 'CANCELLED')) return;
        clock.advance(JOB_STEP_MS);
      }
      throw new Error('a job does not end');
    },
  };
}

/**
 * The state that the log stands for, as text. Ids may be reserved anew by each start, and what
 * backends confirm is not logged.
 */
export function loggedState(frontend: FrontendContext): string {
  const { catalog, repositories, brokers, handler, globals, accounts } = frontend;
  const { labels, loadHistory, publisher } = frontend;
  const ids = { reserved: 0 } as FrontendState['ids'];
  const image = encodeFrontendImage({
    catalog,
    repositories,
    brokers,
    handler,
    globals,
    accounts,
    labels,
    loadHistory,
    publisher,
    ids,
  });
  const { unconfirmed: _, ...rest } = JSON.parse([...image].join(''));
  return JSON.stringify(rest);
}
