/** A whole virtual cluster whose inside can be looked at, and whose statements can be interleaved. */

import { asSimError, type SimError } from '../../../../src/base/errors.ts';
import { createEvents } from '../../../../src/base/events.ts';
import { createFaultPlan, type FaultPlan } from '../../../../src/base/fault-plan.ts';
import { silentLogger } from '../../../../src/base/log.ts';
import type { CrashFate } from '../../../../src/base/memory-crash.ts';
import { MemoryFiles } from '../../../../src/base/memory-files.ts';
import { all, attempt, type Op } from '../../../../src/base/op.ts';
import { SeededRandom } from '../../../../src/base/random.ts';
import { VirtualClock } from '../../../../src/base/virtual-clock.ts';
import { MemoryBlob } from '../../../../src/blob/memory.ts';
import {
  type AssembledCluster,
  assembleCluster,
  type ClusterParts,
} from '../../../../src/cluster.ts';
import { type ClientSession, openClientSession } from '../../../../src/fe/client-session.ts';
import type { FrontendContext } from '../../../../src/fe/frontend-context.ts';
import { REAL_PERIODS } from '../../../../src/fe/periods.ts';
import { PROFILES, type ProfileName } from '../../../../src/fe/profile.ts';
import { collected, type QueryResult, runText } from '../../../../src/fe/run-text.ts';
import { STARROCKS_MACHINES } from '../../../../src/jobs/machines.ts';

export interface WorldOptions {
  readonly profile?: ProfileName;
  readonly backends?: number;
  readonly strict?: boolean;
  readonly timeZone?: string;
  readonly config?: Readonly<Record<string, string>>;
}

/** What a client is told of a failure. */
export interface Failure {
  readonly code: number;
  readonly state: string;
  readonly text: string;
}

export class World {
  readonly clock: VirtualClock;
  readonly files: MemoryFiles;
  readonly blob: MemoryBlob;
  readonly faults: FaultPlan;
  readonly cluster: AssembledCluster;
  readonly events: { readonly what: string; readonly about: Readonly<Record<string, unknown>> }[] =
    [];
  fatal: SimError | undefined;
  readonly #options: WorldOptions;
  #connections = 0;

  constructor(options: WorldOptions = {}, before?: World, fate: CrashFate = 'lost') {
    this.#options = options;
    this.clock = new VirtualClock(before?.clock.now());
    this.blob = before?.blob ?? new MemoryBlob();
    const random = new SeededRandom(5n);
    this.files = before === undefined ? new MemoryFiles() : before.files.crash({ fate, random });
    this.faults = createFaultPlan({ random, onCrash: () => this.files.halt() });
    this.cluster = this.clock.run(assembleCluster(this.#parts(random)));
  }

  get context(): FrontendContext {
    return this.cluster.frontend.context;
  }

  /** The machine dies, everything starts again on what is left. */
  crashed(fate: CrashFate = 'lost', options: WorldOptions = {}): World {
    this.files.halt();
    return new World({ ...this.#options, ...options }, this, fate);
  }

  /** Runs the statements of a text one after the other; the last one's answer. */
  run(sql: string): QueryResult {
    return this.clock.run(runText(this.cluster.frontend, sql));
  }

  rows(sql: string): QueryResult['rows'] {
    return this.run(sql).rows;
  }

  /** The rows as objects. */
  objects(sql: string): Record<string, unknown>[] {
    const { columns, rows } = this.run(sql);
    return rows.map((row) => Object.fromEntries(columns.map((name, at) => [name, row[at]])));
  }

  /** The only cell of the only row. */
  cell(sql: string): unknown {
    return this.rows(sql)[0]?.[0];
  }

  failure(sql: string): Failure {
    const outcome = this.clock.run(attempt(runText(this.cluster.frontend, sql)));
    if (outcome.ok) throw new Error(`did not fail: ${sql}`);
    return failureOf(outcome.error);
  }

  /** Runs texts side by side, begun in this order; what each came to. */
  together(...texts: readonly string[]): readonly (QueryResult | Failure)[] {
    const outcomes = this.clock.run(
      all(
        texts.map((sql) => () => attempt(runText(this.cluster.frontend, sql))),
        texts.length,
      ),
    );
    return outcomes.map((outcome) => (outcome.ok ? outcome.value : failureOf(outcome.error)));
  }

  session(user = 'root'): TestSession {
    this.#connections += 1;
    const inner = openClientSession(this.cluster.frontend, {
      connectionId: this.#connections,
      user,
      remoteHost: '10.0.0.7',
    });
    return new TestSession(this.clock, inner);
  }

  /** Waits until the job of a database has ended. */
  untilJobDone(database: string): string {
    const state = (): string | undefined => {
      const id = this.context.catalog.databaseIds.get(database);
      return id === undefined ? undefined : this.context.handler.job(id)?.job.state;
    };
    this.clock.runUntil(() => state() === 'FINISHED' || state() === 'CANCELLED', 3 * 86_400_000);
    return state() ?? 'no job';
  }

  stop(): void {
    this.clock.run(this.cluster.stop());
  }

  #parts(random: SeededRandom): ClusterParts {
    const {
      profile = '3.5',
      backends = 3,
      strict = false,
      timeZone = 'UTC',
      config = {},
    } = this.#options;
    const events = createEvents(this.clock);
    events.on(({ what, about }) => this.events.push({ what, about }));
    return {
      clock: this.clock,
      random,
      files: this.files,
      faultPlan: this.faults,
      events,
      logger: silentLogger,
      memoryBlob: this.blob,
      hasNetwork: false,
      dataDir: '/data',
      backendCount: backends,
      profile: PROFILES[profile],
      machines: STARROCKS_MACHINES,
      stepped: false,
      periods: REAL_PERIODS,
      strict,
      systemTimeZone: timeZone,
      rootPassword: '',
      host: '127.0.0.1',
      queryPort: () => 9030,
      httpPort: () => 8030,
      config,
      backendConfig: {},
      cpuCores: 2,
      queryMode: 'interpreter',
      onFatal: (error) => {
        this.fatal = error;
      },
    };
  }
}

export class TestSession {
  readonly #clock: VirtualClock;
  readonly #inner: ClientSession;

  constructor(clock: VirtualClock, inner: ClientSession) {
    this.#clock = clock;
    this.#inner = inner;
  }

  run(sql: string): QueryResult {
    return this.#clock.run(this.op(sql));
  }

  cell(sql: string): unknown {
    return this.run(sql).rows[0]?.[0];
  }

  failure(sql: string): Failure {
    const outcome = this.#clock.run(attempt(this.op(sql)));
    if (outcome.ok) throw new Error(`did not fail: ${sql}`);
    return failureOf(outcome.error);
  }

  *op(sql: string): Op<QueryResult> {
    const text = this.#inner.parse(sql);
    let last: QueryResult = { columns: [], rows: [], affectedRows: 0 };
    for (let index = 0; index < text.statementCount; index += 1) {
      last = yield* collected(yield* text.run(index));
    }
    return last;
  }

  reset(): void {
    this.#inner.reset();
  }

  close(): void {
    this.#inner.close();
  }
}

export function failureOf(error: unknown): Failure {
  const known = asSimError(error);
  return { code: known.row.mysql, state: known.row.state, text: known.message };
}

/** A database `d` with a primary-key table `p` and a RANGE-partitioned table `r`. */
export function smallWorld(options: WorldOptions = {}): World {
  const world = new World(options);
  world.run(`CREATE DATABASE d;
    CREATE TABLE d.p (id INT NOT NULL, n INT, s VARCHAR(5)) PRIMARY KEY (id)
      DISTRIBUTED BY HASH (id) BUCKETS 2;
    CREATE TABLE d.r (day DATE NOT NULL, what VARCHAR(10)) DUPLICATE KEY (day)
      PARTITION BY RANGE (day) (
        PARTITION p1 VALUES LESS THAN ('2024-02-01'), PARTITION p2 VALUES LESS THAN ('2024-03-01'))
      DISTRIBUTED BY HASH (day) BUCKETS 1`);
  return world;
}
