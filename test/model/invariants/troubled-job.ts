/**
 * A job of generated tables that lives through generated trouble: tasks that fail or get lost,
 * storage that is away, restarts and crashes at any border between states. What an invariant says
 * is asked after every action.
 */
import fc from 'fast-check';
import type { FaultPoint } from '../../../src/base/fault-points.ts';
import type { DbId } from '../../../src/base/ids.ts';
import type { Job } from '../../../src/jobs/job-machine.ts';
import { failed } from '../../../src/repository/status.ts';
import { failure } from '../../unit/jobs/support/backends.ts';
import type { TableSpec } from '../../unit/jobs/support/tables.ts';
import { DB_ID, World } from '../../unit/jobs/support/world.ts';

const KEYS = ['DUP_KEYS', 'UNIQUE_KEYS', 'PRIMARY_KEYS'] as const;

/**
 * One to three tables, partitioned or not, with a rollup or not, of one to four buckets and one to
 * three replicas.
 */
export const someTables: fc.Arbitrary<readonly TableSpec[]> = fc
  .array(
    fc.record({
      buckets: fc.integer({ min: 1, max: 4 }),
      replicationNum: fc.integer({ min: 1, max: 3 }),
      keysType: fc.constantFrom(...KEYS),
      partitions: fc.integer({ min: 0, max: 3 }),
      version: fc.integer({ min: 1, max: 9 }),
      hasRollup: fc.boolean(),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((shapes) =>
    shapes.map(({ partitions, hasRollup, ...shape }, at) => ({
      ...shape,
      name: `t${at}`,
      ...(hasRollup && shape.keysType !== 'PRIMARY_KEYS' ? { rollups: ['r'] } : {}),
      ...(partitions === 0 ? {} : { ranges: rangesOf(partitions) }),
    })),
  );

function rangesOf(count: number): readonly (readonly [string, number, number])[] {
  return Array.from({ length: count }, (_, at) => [`p${at}`, at * 10, at * 10 + 10] as const);
}

/** As above, all of one replication number, as a restore onto them wants it. */
export const alikeTables: fc.Arbitrary<readonly TableSpec[]> = someTables.map((specs) =>
  specs.map((spec) => ({ ...spec, replicationNum: specs[0]?.replicationNum ?? 1 })),
);

export type Trouble =
  | { readonly do: 'tick' | 'restart' }
  | { readonly do: 'lose' | 'fail' | 'repeat'; readonly next: number }
  | { readonly do: 'outage'; readonly is: boolean }
  | { readonly do: 'crash'; readonly point: FaultPoint };

const few: fc.Arbitrary<number> = fc.integer({ min: 1, max: 4 });
const TICK: Trouble = { do: 'tick' };

/** Trouble of one life of the frontend. */
const trouble: fc.Arbitrary<Trouble> = fc.oneof(
  { weight: 6, arbitrary: fc.constant(TICK) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lose' as const), next: few }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fail' as const), next: few }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('repeat' as const), next: few }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('outage' as const), is: fc.boolean() }) },
);
const death: fc.Arbitrary<Trouble> = fc.oneof(
  fc.constant<Trouble>({ do: 'restart' }),
  fc.record({
    do: fc.constant('crash' as const),
    point: fc.constantFrom<FaultPoint>('fe.job.enter', 'fe.job.leave'),
  }),
);

export const troubles: fc.Arbitrary<readonly Trouble[]> = fc.array(trouble, { maxLength: 20 });
export const troublesAndDeaths: fc.Arbitrary<readonly Trouble[]> = fc.array(
  fc.oneof({ weight: 4, arbitrary: trouble }, { weight: 1, arbitrary: death }),
  { maxLength: 25 },
);

/** What an action did to the job. */
export interface Seen {
  readonly before: Job;
  readonly after: Job;
  readonly action: Trouble;
  /** The frontend died and started again meanwhile. */
  readonly isNewLife: boolean;
}

export class TroubledJob {
  readonly world: World;
  readonly dbId: DbId;
  #lost = 0;
  #failed = 0;
  #repeated = 0;

  constructor(world: World, dbId: DbId = DB_ID) {
    this.world = world;
    this.dbId = dbId;
    world.backends.script = (task, usual) => {
      // A CREATE is tried once: its failure is a cancel, tested elsewhere.
      if (task.type === 'CREATE') return usual();
      if (this.#lost > 0) {
        this.#lost -= 1;
        return undefined;
      }
      if (this.#failed > 0) {
        this.#failed -= 1;
        return failure('bad weather');
      }
      const answer = usual();
      if (this.#repeated > 0 && task.type !== 'RELEASE_SNAPSHOT') {
        this.#repeated -= 1;
        const { backendId, type, signature } = task;
        world.report(task, { backendId, type, signature, ...answer });
      }
      return answer;
    };
  }

  get job(): Job {
    return this.world.job(this.dbId);
  }

  /** Carries the actions out one by one; `look` is asked after each. */
  live(actions: readonly Trouble[], look: (seen: Seen) => void = () => {}): void {
    for (const action of actions) {
      const before = this.job;
      const isNewLife = this.#play(action);
      look({ before, after: this.job, action, isNewLife });
    }
  }

  /** No more trouble; ticks to the end. */
  untilDone(look: (seen: Seen) => void = () => {}): Job {
    this.calm();
    for (let left = 60; left > 0; left -= 1) {
      const { state } = this.job;
      if (state === 'FINISHED' || state === 'CANCELLED') return this.job;
      this.live([TICK], look);
      this.world.resend();
    }
    throw new Error(`not done: ${this.job.state}`);
  }

  calm(): void {
    this.world.crashAt = undefined;
    this.world.repository.uploadFailure = undefined;
    this.#lost = 0;
    this.#failed = 0;
    this.#repeated = 0;
  }

  #play(action: Trouble): boolean {
    const { world } = this;
    switch (action.do) {
      case 'tick':
        world.tick();
        if (!world.hasCrashed) return false;
        world.restart();
        return true;
      case 'restart':
        world.restart();
        return true;
      case 'lose':
        this.#lost = action.next;
        return false;
      case 'fail':
        this.#failed = action.next;
        return false;
      case 'repeat':
        this.#repeated = action.next;
        return false;
      case 'outage':
        world.repository.uploadFailure = action.is ? failed('BAD_CONNECTION', 'away') : undefined;
        return false;
      case 'crash':
        world.crashAt = { point: action.point, subject: {} };
        return false;
    }
  }
}

/** A world with these tables and a view. */
export function worldOf(specs: readonly TableSpec[]): World {
  const world = new World();
  for (const spec of specs) world.createTable(spec);
  world.createView('v', 'SELECT 1');
  return world;
}

/** A backup of everything has just been submitted. */
export function backupOf(specs: readonly TableSpec[]): TroubledJob {
  const world = worldOf(specs);
  world.backup();
  return new TroubledJob(world);
}

/** Everything is backed up, the tables with an even number are gone, the others have changed. */
export function restoreOf(specs: readonly TableSpec[]): TroubledJob {
  const world = worldOf(specs);
  const timestamp = world.finishedBackup();
  specs.forEach(({ name }, at) => {
    if (at % 2 === 0) world.dropTable(name);
    else world.fill(world.table(name), 'second');
  });
  world.backends.received.length = 0;
  world.events.length = 0;
  world.restore(timestamp, { replicationNum: specs[0]?.replicationNum ?? 1 });
  return new TroubledJob(world);
}

export function isDone({ state }: Pick<Job, 'state'>): boolean {
  return state === 'FINISHED' || state === 'CANCELLED';
}
