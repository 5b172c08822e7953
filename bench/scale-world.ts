/**
 * A virtual cluster for `scale.ts`: all the real code, a disk in memory that keeps no bytes of the
 * edit log, the image and the job files but hashes every one of them.
 */

import { createEvents, type Events } from '../src/base/events.ts';
import { createFaultPlan, type FaultPlan } from '../src/base/fault-plan.ts';
import { silentLogger } from '../src/base/log.ts';
import { MemoryFiles } from '../src/base/memory-files.ts';
import { SeededRandom } from '../src/base/random.ts';
import { VirtualClock } from '../src/base/virtual-clock.ts';
import { MemoryBlob } from '../src/blob/memory.ts';
import { type AssembledCluster, assembleCluster } from '../src/cluster.ts';
import { REAL_PERIODS } from '../src/fe/periods.ts';
import { PROFILES } from '../src/fe/profile.ts';
import { type QueryResult, runText } from '../src/fe/run-text.ts';
import type { Job } from '../src/jobs/job-machine.ts';
import { STARROCKS_MACHINES } from '../src/jobs/machines.ts';
import { CountingFiles } from './counting-files.ts';

export interface ScaleWorld {
  readonly cluster: AssembledCluster;
  readonly events: Events;
  readonly clock: VirtualClock;
  readonly files: CountingFiles;
  readonly faults: FaultPlan;
  readonly blob: MemoryBlob;
  query(sql: string): QueryResult;
  /** Lets time pass until the last job of the database has ended; throws unless it FINISHED. */
  finishJob(database: string): Job;
}

export interface ScaleOptions {
  readonly backends: number;
  /** A restore reads `__meta` back, so its bytes have to be kept. */
  readonly keepsMeta: boolean;
  readonly strict?: boolean;
  /** Frontend settings. */
  readonly config?: Readonly<Record<string, string>>;
}

const DATA_DIR = '/cluster';

export function openWorld(options: ScaleOptions): ScaleWorld {
  const { backends, keepsMeta, strict = false, config = {} } = options;
  const clock = new VirtualClock();
  const events = createEvents(clock);
  const counted = ['edit_log', 'image', ...(keepsMeta ? [] : ['tmp'])].map(
    (name) => `${DATA_DIR}/fe/${name}/`,
  );
  const files = new CountingFiles({
    files: new MemoryFiles(),
    isCounted: (path) => counted.some((directory) => path.startsWith(directory)),
    needsMd5: (path) => path.startsWith(`${DATA_DIR}/fe/tmp/`),
  });
  const random = new SeededRandom(1n);
  const crash = (): never => {
    throw new Error('no crash was asked for');
  };
  const faults = createFaultPlan({ random, onCrash: crash });
  const blob = new MemoryBlob();
  const cluster: AssembledCluster = clock.run(
    assembleCluster({
      clock,
      random,
      files,
      faultPlan: faults,
      events,
      logger: silentLogger,
      memoryBlob: blob,
      hasNetwork: false,
      dataDir: DATA_DIR,
      backendCount: backends,
      profile: PROFILES['3.5'],
      machines: STARROCKS_MACHINES,
      stepped: false,
      periods: REAL_PERIODS,
      strict,
      systemTimeZone: 'UTC',
      rootPassword: '',
      host: '127.0.0.1',
      queryPort: () => 0,
      httpPort: () => 0,
      config,
      backendConfig: {},
      cpuCores: 1,
      queryMode: 'interpreter',
      onFatal: (error) => {
        throw error;
      },
    }),
  );
  const { catalog, handler } = cluster.frontend.context;
  return {
    cluster,
    events,
    clock,
    files,
    faults,
    blob,
    query: (sql) => clock.run(runText(cluster.frontend, sql)),
    finishJob(database) {
      const dbId = catalog.databaseIds.get(database);
      const job = (): Job | undefined => (dbId === undefined ? dbId : handler.job(dbId)?.job);
      clock.runUntil(() => job()?.state === 'FINISHED' || job()?.state === 'CANCELLED');
      const ended = job();
      if (ended?.state === 'FINISHED') return ended;
      throw new Error(`the job ended ${ended?.state}: ${ended?.status.msg}`);
    },
  };
}
