/**
 * Jobs of tables, views and functions under random failures and cancels: what is there afterwards.
 * The numbered invariants stand in `invariants/`.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { World } from '../unit/jobs/support/world.ts';
import { TroubledJob, troublesAndDeaths } from './invariants/troubled-job.ts';

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
  it('ends whole once they stop, with views and functions', () => {
    fc.assert(
      fc.property(REPLICATIONS, troublesAndDeaths, (replicationNum, actions) => {
        const troubled = new TroubledJob(prepared(kind, replicationNum));
        troubled.live(actions);
        troubled.untilDone();
        expectAllBack(troubled.world, replicationNum);
      }),
      { numRuns: 40 },
    );
  });

  it('that is cancelled leaves tables, views and functions as they were, nothing queued', () => {
    fc.assert(
      fc.property(troublesAndDeaths, (actions) => {
        const world = prepared(kind, 1);
        const before = [...world.database.tables.values()];
        const objectsBefore = objectsOf(world);
        const troubled = new TroubledJob(world);
        troubled.live(actions);
        troubled.calm();
        if (troubled.job.state === 'FINISHED') return;
        world.cancel(kind);
        expect(world.job()).toMatchObject({ state: 'CANCELLED', status: { code: 'COMMON_ERROR' } });
        expect(world.queue.size).toBe(0);
        for (const life of ['this', 'next']) {
          expect([life, ...world.database.tables.values()]).toEqual([life, ...before]);
          expect(objectsOf(world)).toEqual(objectsBefore);
          world.restart();
        }
      }),
      { numRuns: 40 },
    );
  });
});
