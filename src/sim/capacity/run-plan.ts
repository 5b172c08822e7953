/** One simulated job from beginning to end, and what is worth knowing of it. */
import { present } from '../../base/assert.ts';
import type { Millis } from '../../base/clock.ts';
import { SECOND_MS } from '../../base/units.ts';
import { tabletIdAt } from '../../catalog/tablet-columns.ts';
import { isTerminal } from '../../jobs/abstract-job.ts';
import type { Job } from '../../jobs/job-machine.ts';
import { tableNamed } from '../../jobs/table-lookup.ts';
import { statusText } from '../../repository/status.ts';
import {
  openPlannedCluster,
  type PlannedCluster,
  type PlannedClusterOptions,
} from './planned-cluster.ts';
import { tabletsEach } from './planned-tablets.ts';
import { REQUEST_KINDS, type RequestKind, type StoreModel } from './store-model.ts';
import {
  checkTables,
  createStatement,
  type SimulatedTable,
  simulatedTables,
  type TableSet,
} from './table-set.ts';

export interface Plan extends PlannedClusterOptions {
  readonly tables: TableSet;
  readonly timeoutSec: number;
  /** How many tablets one simulated tablet stands for, if not as many as the set asks for. */
  readonly tabletsEach?: number;
  /** Share of upload tasks that fail as they begin, and are sent again with a task report. */
  readonly failedTasks: number;
}

export interface StateSpan {
  readonly state: string;
  readonly ms: Millis;
}

/** How much of the time of the transfer each part was at work, 0 to 1. */
export interface Utilisation {
  readonly workers: number;
  readonly store: number;
  /** Of the busiest backend. */
  readonly network: number;
  readonly cores: number;
}

export interface PlanResult {
  readonly state: string;
  /** `[OK]`, or why the job was cancelled. */
  readonly status: string;
  /** From the statement to the last state. */
  readonly totalMs: Millis;
  /** Time in each state, in the order in which they came. */
  readonly states: readonly StateSpan[];
  /** From the first request of a backend to the end of the last. */
  readonly transferMs: Millis;
  readonly bytes: number;
  readonly bytesPerSec: number;
  readonly requests: Readonly<Record<RequestKind, number>>;
  readonly requestCount: number;
  readonly throttled: number;
  readonly errors: number;
  readonly failures: number;
  readonly cost: number;
  readonly utilisation: Utilisation;
}

const DATABASE = 'd';
const LABEL = 'simulated';
/** A job's timeout ends it; this ends a run in which that does not happen. */
const TIMEOUTS_MAX = 2;

/** Called now and then in a long run: lets the rest of the process work; ends the run by throwing. */
export type Pause = () => Promise<void>;

const NO_PAUSE: Pause = async () => {};

/** Events between two pauses. */
const EVENTS_PER_PAUSE = 20_000;

/** Deterministic: the same plan gives the same result. `bad-option` for tables that do not fit. */
export async function runPlan(plan: Plan, pause: Pause = NO_PAUSE): Promise<PlanResult> {
  checkTables(plan.tables, plan.backends);
  const planned = openPlannedCluster(plan);
  planned.query(`CREATE DATABASE ${DATABASE}`);
  const each = plan.tabletsEach ?? tabletsEach(plan.tables);
  for (const table of simulatedTables(plan.tables, each)) {
    planned.query(createStatement(DATABASE, table));
    noteTablets(planned, table);
    await pause();
  }
  planned.query("CREATE REPOSITORY r WITH BROKER ON LOCATION 'memory://r'");
  const before = requestsOf(planned);
  planned.query(
    `BACKUP SNAPSHOT ${DATABASE}.${LABEL} TO r PROPERTIES ("timeout" = "${plan.timeoutSec}")`,
  );
  const followed = await follow(planned, plan, pause);
  return resultOf(planned, plan, followed, before);
}

/** The tablets of a table that has just been made have one number after the other. */
function noteTablets({ cluster, tablets }: PlannedCluster, table: SimulatedTable): void {
  const { catalog } = cluster.frontend.context;
  const dbId = present(catalog.databaseIds.get(DATABASE), 'the database of the plan');
  const database = present(catalog.databases.get(dbId), 'the database of the plan');
  const [partition] = present(tableNamed(database, table.name), 'the table').partitions.values();
  const [index] = partition?.physical[0]?.indexes ?? [];
  const { tablets: columns } = present(index, 'the index of a table of the plan');
  tablets.add(tabletIdAt(columns, 0), columns.count, table.tablets, table.of);
}

interface Followed {
  readonly job: Job;
  readonly states: readonly StateSpan[];
}

/** Lets time pass until the job is over; upload tasks begin to fail when there are some. */
async function follow(planned: PlannedCluster, plan: Plan, pause: Pause): Promise<Followed> {
  const { cluster, clock, faults } = planned;
  const { catalog, handler } = cluster.frontend.context;
  const dbId = present(catalog.databaseIds.get(DATABASE), 'the database of the plan');
  const jobNow = (): Job => present(handler.job(dbId), 'the job of the plan').job;
  const states: StateSpan[] = [];
  let state = jobNow().state;
  let sinceMs = jobNow().createTimeMs;
  const isOver = (): boolean => {
    const job = jobNow();
    if (job.state !== state) {
      states.push({ state, ms: clock.now() - sinceMs });
      state = job.state;
      sinceMs = clock.now();
      if (state === 'UPLOAD_SNAPSHOT' && plan.failedTasks > 0) {
        const fault = { do: 'fail', text: 'simulated failure of a task' } as const;
        const when = { probability: plan.failedTasks, match: { type: 'UPLOAD' } };
        faults.enable('be.task.begin', fault, when);
      }
      if (state === 'SAVE_META') faults.disableAll();
    }
    return isTerminal(job.state);
  };
  const endMs = clock.now() + TIMEOUTS_MAX * plan.timeoutSec * SECOND_MS;
  let events = 0;
  const isTimeToPause = (): boolean => {
    events += 1;
    return isOver() || events % EVENTS_PER_PAUSE === 0;
  };
  while (!isOver()) {
    const isGoingOn = clock.runUntil(isTimeToPause, endMs - clock.now());
    if (!isGoingOn) throw new Error('bug: a simulated job does not end');
    await pause();
  }
  states.push({ state, ms: 0 });
  return { job: jobNow(), states };
}

function requestsOf({ store }: PlannedCluster): Readonly<Record<RequestKind, number>> {
  return { ...store.meter.requests };
}

function resultOf(
  planned: PlannedCluster,
  plan: Plan,
  { job, states }: Followed,
  before: Readonly<Record<RequestKind, number>>,
): PlanResult {
  const { store, backendAccounts } = planned;
  const { meter } = store;
  const counts = REQUEST_KINDS.map((kind) => [kind, meter.requests[kind] - before[kind]] as const);
  const requests = Object.fromEntries(counts) as Record<RequestKind, number>;
  const used = backendAccounts.filter(({ firstMs }) => firstMs !== undefined);
  const firstMs = Math.min(...used.map((account) => account.firstMs ?? 0));
  const lastMs = Math.max(...used.map((account) => account.lastMs));
  const transferMs = used.length === 0 ? 0 : lastMs - firstMs;
  const share = (ms: number, parts = 1): number =>
    transferMs === 0 ? 0 : Math.min(1, ms / parts / transferMs);
  const workingMs = backendAccounts.reduce((sum, account) => sum + account.workingMs, 0);
  return {
    state: job.state,
    status: statusText(job.status),
    totalMs: (job.finishedTimeMs > 0 ? job.finishedTimeMs : planned.clock.now()) - job.createTimeMs,
    states,
    transferMs,
    bytes: meter.bytes,
    bytesPerSec: transferMs === 0 ? 0 : (meter.bytes * SECOND_MS) / transferMs,
    requests,
    requestCount: counts.reduce((sum, [, count]) => sum + count, 0),
    throttled: meter.throttled,
    errors: meter.errors,
    failures: meter.failures,
    cost: costOf(requests, plan.model),
    utilisation: {
      workers: share(workingMs, plan.workers * plan.backends),
      store: share(store.lane.busyMs),
      network: share(Math.max(...backendAccounts.map(({ network }) => network.busyMs))),
      cores: share(Math.max(...backendAccounts.map(({ cores }) => cores.busyMs))),
    },
  };
}

function costOf(requests: Readonly<Record<RequestKind, number>>, { price }: StoreModel): number {
  return REQUEST_KINDS.reduce(
    (sum, kind) => sum + (requests[kind] * price.perThousand[kind]) / 1000,
    0,
  );
}
