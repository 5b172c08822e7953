/**
 * A whole cluster on the virtual clock whose store takes the time of a model: the frontend, the job
 * machines and the backends are those of every other cluster.
 */
import type { Millis } from '../../base/clock.ts';
import { createEvents } from '../../base/events.ts';
import { createFaultPlan, type FaultPlan } from '../../base/fault-plan.ts';
import { FIRST_BACKEND_ID } from '../../base/ids.ts';
import { silentLogger } from '../../base/log.ts';
import { MemoryFiles } from '../../base/memory-files.ts';
import { SeededRandom } from '../../base/random.ts';
import { DAY_MS } from '../../base/units.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { MemoryBlob } from '../../blob/memory.ts';
import type { BlobUser } from '../../blob/with-fault.ts';
import { type AssembledCluster, assembleCluster } from '../../cluster.ts';
import { REAL_PERIODS } from '../../fe/periods.ts';
import { PROFILES, type ProfileName } from '../../fe/profile.ts';
import { type QueryResult, runText } from '../../fe/run-text.ts';
import { STARROCKS_MACHINES } from '../../jobs/machines.ts';
import { forgetfulFiles } from './forgetful-files.ts';
import { modelledStore } from './modelled-store.ts';
import { PlannedTablets } from './planned-tablets.ts';
import type { StoreModel } from './store-model.ts';
import { Account, StoreTime } from './store-time.ts';

export interface PlannedClusterOptions {
  readonly model: StoreModel;
  readonly backends: number;
  /** `upload_worker_count` and `download_worker_count` of each backend. */
  readonly workers: number;
  readonly cores: number;
  /** The first backend takes so many times as long for everything; 1 for none. */
  readonly slowness: number;
  readonly tasksPerBackendMax: number;
  readonly profile: ProfileName;
  readonly seed: bigint;
  /** A restore reads the metadata of the backup. */
  readonly keepsMetadata: boolean;
  readonly tickMs: Millis;
}

export interface PlannedCluster {
  readonly cluster: AssembledCluster;
  readonly clock: VirtualClock;
  readonly store: StoreTime;
  /** What the tablets hold that are made. */
  readonly tablets: PlannedTablets;
  readonly backendAccounts: readonly Account[];
  readonly faults: FaultPlan;
  query(sql: string): QueryResult;
}

const DATA_DIR = '/cluster';

/**
 * Tablet reports tell the frontend nothing that a backup waits for, and a million tablets in each
 * of them would take longer than all the rest.
 */
const TABLET_REPORT_MS = DAY_MS;

export function openPlannedCluster(options: PlannedClusterOptions): PlannedCluster {
  const { model, backends, workers, cores, slowness, seed, keepsMetadata } = options;
  const clock = new VirtualClock();
  const random = new SeededRandom(seed);
  const store = new StoreTime(model, random.fork('store'));
  const blob = new MemoryBlob();
  const tablets = new PlannedTablets();
  const accounts = new Map<BlobUser, Account>();
  const faults = createFaultPlan({
    random: random.fork('faults'),
    onCrash: () => {
      throw new Error('bug: a simulated run has no crashes');
    },
  });
  const forgotten = ['edit_log', 'image', ...(keepsMetadata ? [] : ['tmp'])].map(
    (name) => `${DATA_DIR}/fe/${name}/`,
  );
  const files = forgetfulFiles(new MemoryFiles(), (path) =>
    forgotten.some((directory) => path.startsWith(directory)),
  );
  const cluster = clock.run(
    assembleCluster({
      clock,
      random,
      files,
      faultPlan: faults,
      events: createEvents(clock),
      logger: silentLogger,
      memoryBlob: (user) => {
        const isSlow = user === FIRST_BACKEND_ID;
        const account = new Account(store, { clock, cores, slowness: isSlow ? slowness : 1 });
        accounts.set(user, account);
        return modelledStore(blob, account, tablets, clock);
      },
      hasNetwork: false,
      dataDir: DATA_DIR,
      backendCount: backends,
      profile: PROFILES[options.profile],
      machines: STARROCKS_MACHINES,
      stepped: false,
      periods: {
        ...REAL_PERIODS,
        handlerTickMs: options.tickMs,
        tabletReportMs: TABLET_REPORT_MS,
      },
      strict: false,
      systemTimeZone: 'UTC',
      rootPassword: '',
      host: '127.0.0.1',
      queryPort: () => 0,
      httpPort: () => 0,
      config: {
        max_upload_task_per_be: String(options.tasksPerBackendMax),
        max_download_task_per_be: String(options.tasksPerBackendMax),
      },
      backendConfig: { uploadWorkers: workers, downloadWorkers: workers },
      cpuCores: cores,
      queryMode: 'interpreter',
      onFatal: (error) => {
        throw error;
      },
    }),
  );
  const backendAccounts = [...accounts].flatMap(([user, account]) =>
    user === 'frontend' ? [] : [account],
  );
  return {
    cluster,
    clock,
    store,
    tablets,
    backendAccounts,
    faults,
    query: (sql) => clock.run(runText(cluster.frontend, sql)),
  };
}
