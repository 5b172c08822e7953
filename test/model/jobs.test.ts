/**
 * Jobs under random failures: tasks that fail or get lost, uploads that fail, crashes at any
 * border between states, cancels. Whatever happens, the numbered invariants hold after every step.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BACKUP_STEPS } from '../../src/jobs/backup-steps.ts';
import { RESTORE_STEPS } from '../../src/jobs/restore-steps.ts';
import type { StateRow } from '../../src/jobs/transition.ts';
import { failed } from '../../src/repository/status.ts';
import { failure } from '../unit/jobs/support/backends.ts';
import { World } from '../unit/jobs/support/world.ts';

type Rows = Readonly<Record<string, StateRow<string, never>>>;
const ROWS = {
  BACKUP: BACKUP_STEPS as unknown as Rows,
  RESTORE: RESTORE_STEPS as unknown as Rows,
};

const step = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ do: 'tick' } as const) },
  { weight: 1, arbitrary: fc.constant({ do: 'restart' } as const) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lose' as const), next: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fail' as const), next: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('outage' as const), is: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('crash' as const),
      point: fc.constantFrom('fe.job.enter' as const, 'fe.job.leave' as const),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const REPLICATIONS = fc.constantFrom(1, 2);

function prepared(kind: 'BACKUP' | 'RESTORE', replicationNum: number): World {
  const world = new World();
  world.createTable({ name: 'gone', buckets: 2 });
  world.createTable({ name: 'kept', buckets: 3, replicationNum });
  world.createView('view', 'SELECT 1');
  world.createView('lost view', 'SELECT 1');
  world.createFunction('f', 'first');
  const functionNames = ['f'];
  if (kind === 'BACKUP') {
    world.backup({ functionNames });
    return world;
  }
  const timestamp = world.finishedBackup({ functionNames });
  world.dropTable('gone');
  world.createView('view', 'SELECT 2');
  world.dropView('lost view');
  world.createFunction('f', 'second');
  world.fill(world.table('kept'), 'second');
  world.restore(timestamp, { replicationNum });
  return world;
}

/** Failures of the next so many tasks, whatever they are. */
interface Weather {
  lost: number;
  failed: number;
}

function play(world: World, action: Step, weather: Weather): void {
  switch (action.do) {
    case 'tick':
      world.begin(world.handler.tick());
      world.clock.advance(3_000);
      if (world.hasCrashed) world.restart();
      break;
    case 'restart':
      world.restart();
      break;
    case 'lose':
      weather.lost = action.next;
      break;
    case 'fail':
      weather.failed = action.next;
      break;
    case 'outage':
      world.repository.uploadFailure = action.is ? failed('BAD_CONNECTION', 'away') : undefined;
      break;
    case 'crash':
      world.crashAt = { point: action.point, subject: {} };
  }
}

function check(world: World, before: string, didRestart: boolean): void {
  const job = world.job();
  const rows = ROWS[job.type];
  if (didRestart) {
    expect(rows[job.state]?.logged).toBe(true);
  } else if (job.state !== before && job.state !== 'CANCELLED') {
    expect(rows[before]?.next).toContain(job.state);
  }
  expect(job.finishedTimeMs > 0).toBe(job.state === 'FINISHED' || job.state === 'CANCELLED');
  const signatures = [...world.queue.values()]
    .filter(({ type }) => type !== 'CREATE')
    .map(({ type, backendId, signature }) => `${type}/${backendId}/${signature}`);
  expect(new Set(signatures).size).toBe(signatures.length);
  const runtime = world.handler.job(job.dbId)?.runtime;
  for (const { finished, total } of runtime?.progress.values() ?? []) {
    expect(finished).toBeLessThanOrEqual(total);
  }
  for (const key of runtime?.progress.keys() ?? []) {
    expect(runtime?.unfinished.has(key)).toBe(true);
  }
}

/** Views and functions, and what tells the one of the snapshot from a later one. */
function objectsOf({ database }: World): readonly string[] {
  return [
    ...[...database.views.values()].map(({ name, definition }) => `${name}: ${definition}`),
    ...[...database.functions].map(([key, fn]) => `${key}: ${fn.properties.get('symbol')}`),
  ];
}

function expectAllBack(world: World, replicationNum: number): void {
  expect(world.job()).toMatchObject({ state: 'FINISHED', status: { code: 'OK' } });
  expect(world.queue.size).toBe(0);
  for (const table of world.database.tables.values()) {
    expect(table.state).toBe('NORMAL');
    expect(world.contents(table).every((text) => text.endsWith(' first'))).toBe(true);
  }
  expect([...world.database.tableIds.keys()].sort()).toEqual(['gone', 'kept']);
  expect(objectsOf(world)).toEqual(['view: SELECT 1', 'lost view: SELECT 1', 'f(INT): first']);
  const replicas = [...world.table('kept').partitions.values()].flatMap(({ physical }) =>
    physical.flatMap(({ indexes }) => indexes.map(({ tablets }) => tablets.replication)),
  );
  expect(replicas).toEqual([replicationNum]);
}

describe.each(['BACKUP', 'RESTORE'] as const)('a %s under failures', (kind) => {
  it('keeps its invariants, and ends whole once they stop (2, 3, 5, 7, 8, 12, 34)', () => {
    fc.assert(
      fc.property(REPLICATIONS, fc.array(step, { maxLength: 25 }), (replicationNum, actions) => {
        const world = prepared(kind, replicationNum);
        const weather: Weather = { lost: 0, failed: 0 };
        // A CREATE is tried once: its failure is a cancel, tested elsewhere.
        world.backends.script = (task, usual) => {
          if (task.type === 'CREATE') return usual();
          if (weather.lost > 0) {
            weather.lost -= 1;
            return undefined;
          }
          if (weather.failed > 0) {
            weather.failed -= 1;
            return failure('bad weather');
          }
          return usual();
        };
        for (const action of actions) {
          const before = world.job().state;
          const records = world.jobRecords().length;
          const mayCrash = world.crashAt !== undefined;
          play(world, action, weather);
          const didRestart = action.do === 'restart' || (mayCrash && world.crashAt === undefined);
          check(world, before, didRestart);
          expect(world.jobRecords().length - records).toBeLessThanOrEqual(1);
        }
        world.crashAt = undefined;
        world.repository.uploadFailure = undefined;
        weather.lost = 0;
        weather.failed = 0;
        world.untilDone(undefined, 60);
        expectAllBack(world, replicationNum);
      }),
      { numRuns: 60 },
    );
  });

  it('that is cancelled at any time leaves tables as they were and nothing queued (27, 30)', () => {
    fc.assert(
      fc.property(
        fc.nat(6),
        fc.boolean(),
        fc.integer({ min: 0, max: 5 }),
        (ticks, restarts, lost) => {
          const world = prepared(kind, 1);
          const before = [...world.database.tables.values()];
          const objectsBefore = objectsOf(world);
          let left = lost;
          world.backends.script = (task, usual) =>
            task.type !== 'CREATE' && left-- > 0 ? undefined : usual();
          world.ticks(ticks);
          if (restarts) world.restart();
          if (world.job().state === 'FINISHED') return;
          world.cancel(kind);
          expect(world.job()).toMatchObject({
            state: 'CANCELLED',
            status: { code: 'COMMON_ERROR' },
          });
          expect(world.queue.size).toBe(0);
          expect([...world.database.tables.values()]).toEqual(before);
          expect(objectsOf(world)).toEqual(objectsBefore);
          world.restart();
          expect([...world.database.tables.values()]).toEqual(before);
          expect(objectsOf(world)).toEqual(objectsBefore);
        },
      ),
      { numRuns: 60 },
    );
  });
});
