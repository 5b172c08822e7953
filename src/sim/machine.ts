/**
 * One cluster on one simulated machine, driven without a promise: statements run to their end,
 * time passes when it is told to, the machine dies and comes back on what its disk kept. Several
 * machines may share a clock and a store.
 */
import { SimError } from '../base/errors.ts';
import { type ClusterEvent, createEvents } from '../base/events.ts';
import type { Fault, FaultSubject } from '../base/fault.ts';
import { createFaultPlan, type FaultPlan } from '../base/fault-plan.ts';
import type { FaultPoint } from '../base/fault-points.ts';
import { asId, type BackendId } from '../base/ids.ts';
import { silentLogger } from '../base/log.ts';
import type { CrashFate } from '../base/memory-crash.ts';
import { MemoryFiles } from '../base/memory-files.ts';
import { type Op, type Outcome, start } from '../base/op.ts';
import { ProcessLife } from '../base/process-life.ts';
import type { Random } from '../base/random.ts';
import type { VirtualClock } from '../base/virtual-clock.ts';
import type { Backend } from '../be-sim/backend.ts';
import type { BackendConfig } from '../be-sim/config.ts';
import type { MemoryBlob } from '../blob/memory.ts';
import { type AssembledCluster, assembleCluster, type ClusterParts } from '../cluster.ts';
import { type Periods, REAL_PERIODS } from '../fe/periods.ts';
import { PROFILES, type ProfileName } from '../fe/profile.ts';
import { type QueryResult, runText } from '../fe/run-text.ts';
import type { JobMachines } from '../jobs/machines.ts';

export interface MachineOptions {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly store: MemoryBlob;
  readonly profile: ProfileName;
  /** Storage of backends that differs from the usual. */
  readonly backendConfig?: Partial<BackendConfig>;
  readonly machines: JobMachines;
  readonly backends: number;
  readonly onEvent: (event: ClusterEvent) => void;
  readonly onFault: (point: FaultPoint, subject: FaultSubject, fault: Fault) => void;
}

/** A statement or a start that takes longer hangs: no timeout of the cluster is that long. */
const OPERATION_MS_MAX = 2 * 3600 * 1000;

/** The real ones, but the sweep comes more often: a run waits for it. */
export const SIM_PERIODS: Periods = Object.freeze({ ...REAL_PERIODS, snapshotSweepMs: 60_000 });

export const DATA_DIR = '/cluster';

/** What dies with the machine. */
interface Running {
  readonly files: MemoryFiles;
  readonly life: ProcessLife;
  readonly faults: FaultPlan;
  readonly cluster: AssembledCluster;
}

export class Machine {
  readonly #options: MachineOptions;
  #running: Running;
  #whyDown: string | undefined;

  constructor(options: MachineOptions) {
    this.#options = options;
    this.#running = this.#start(new MemoryFiles());
  }

  /** Another one after each start. */
  get life(): ProcessLife {
    return this.#running.life;
  }

  get cluster(): AssembledCluster {
    return this.#running.cluster;
  }

  get faults(): FaultPlan {
    return this.#running.faults;
  }

  get files(): MemoryFiles {
    return this.#running.files;
  }

  get profile(): ProfileName {
    return this.#options.profile;
  }

  get machines(): JobMachines {
    return this.#options.machines;
  }

  get clock(): VirtualClock {
    return this.#options.clock;
  }

  get store(): MemoryBlob {
    return this.#options.store;
  }

  get now(): number {
    return this.#options.clock.now();
  }

  /** Why nothing can be asked of it before `reboot`: a crash, or a failed log. */
  get whyDown(): string | undefined {
    return this.#whyDown;
  }

  get areBackendsUp(): boolean {
    return [...this.cluster.backends.values()].every((backend) => backend.isRunning);
  }

  /** The statements of a text as root; throws what the last of them threw. */
  query(sql: string): QueryResult {
    return this.#run(this.#running.life, runText(this.cluster.frontend, sql));
  }

  /** `kill -9` of everything at once; what was not synced has the given fate. */
  reboot(fate: CrashFate): void {
    this.#die('killed');
    this.#whyDown = undefined;
    this.#running = this.#start(this.files.crash({ fate, random: this.#options.random }));
  }

  killBackend(index: number): void {
    this.#backend(index).kill();
  }

  startBackend(index: number): void {
    this.#run(this.#running.life, this.#backend(index).start());
  }

  /** Begins to start it; for callers that are an event of the clock themselves. */
  beginToStartBackend(index: number): void {
    const { life } = this.#running;
    start(this.#backend(index).start(), (outcome) => {
      if (!outcome.ok && !life.isKilled) this.#whyDown ??= `backend ${index} does not start`;
    });
  }

  /** Runs an operation that needs nothing of the cluster but time. */
  run<T>(op: Op<T>): T {
    return this.#run(this.#running.life, op);
  }

  #backend(index: number): Backend {
    const ids = [...this.cluster.backends.keys()];
    const id = ids[index % ids.length] ?? asId<BackendId>(0);
    const backend = this.cluster.backends.get(id);
    if (backend === undefined) throw new SimError('bug', `there is no backend ${index}`);
    return backend;
  }

  #die(why: string): void {
    this.#whyDown ??= why;
    this.#running.files.halt();
    this.#running.life.kill(new SimError('connection-lost', why));
  }

  #start(files: MemoryFiles): Running {
    const { clock, random, onEvent, onFault } = this.#options;
    const life = new ProcessLife(clock);
    const events = createEvents(clock);
    const kill = (why: string): void => {
      this.#whyDown ??= why;
      files.halt();
      life.kill(new SimError('connection-lost', why));
    };
    events.on((event) => {
      if (!life.isKilled) onEvent(event);
    });
    const plan = createFaultPlan({ random, onCrash: (point) => kill(`crash at ${point}`) });
    const faults: FaultPlan = {
      ...plan,
      at(point, subject) {
        const fault = plan.at(point, subject);
        if (fault !== undefined && !life.isKilled) onFault(point, subject, fault);
        return fault;
      },
    };
    const parts: ClusterParts = {
      clock: life.clock,
      random,
      files,
      faultPlan: faults,
      events,
      logger: silentLogger,
      memoryBlob: this.#options.store,
      hasNetwork: false,
      dataDir: DATA_DIR,
      backendCount: this.#options.backends,
      profile: PROFILES[this.#options.profile],
      periods: SIM_PERIODS,
      machines: this.#options.machines,
      stepped: false,
      strict: false,
      systemTimeZone: 'UTC',
      rootPassword: '',
      host: '127.0.0.1',
      queryPort: () => 0,
      httpPort: () => 0,
      // Backups of databases take their materialized views along in every profile.
      config: { enable_backup_materialized_view: 'true' },
      backendConfig: this.#options.backendConfig ?? {},
      cpuCores: 1,
      queryMode: 'interpreter',
      onFatal: () => {
        this.#whyDown ??= 'the edit log failed';
      },
    };
    return { files, life, faults, cluster: this.#run(life, assembleCluster(parts)) };
  }

  #run<T>(life: ProcessLife, op: Op<T>): T {
    let outcome: Outcome<T> | undefined;
    start(op, (ended) => {
      outcome = ended;
    });
    this.#options.clock.runUntil(() => outcome !== undefined || life.isKilled, OPERATION_MS_MAX);
    return resultOf(outcome, life.isKilled);
  }
}

function resultOf<T>(outcome: Outcome<T> | undefined, isKilled: boolean): T {
  if (outcome?.ok === true) return outcome.value;
  if (outcome !== undefined) throw outcome.error;
  if (isKilled) throw new SimError('connection-lost', 'the machine has crashed');
  throw new SimError('bug', 'an operation does not end');
}
