/** Refreshes of materialized views that meet crashes and other statements. */
import { describe, expect, test } from 'vitest';
import type { FaultPoint } from '../../../../src/base/fault-points.ts';
import type { CrashFate } from '../../../../src/base/memory-crash.ts';
import { smallWorld, type World } from '../support/world.ts';

const OLD = [[1, 10]];
const NEW = [
  [1, 10],
  [2, 20],
];

/** `d.mv` with one row, and a base table with one more. */
function behind(): World {
  const world = smallWorld();
  world.run(`INSERT INTO d.p VALUES (1, 10, 'a');
    CREATE MATERIALIZED VIEW d.mv DISTRIBUTED BY HASH (id) BUCKETS 2 REFRESH MANUAL
      AS SELECT id, n FROM d.p`);
  world.clock.advance(1);
  world.run("INSERT INTO d.p VALUES (2, 20, 'b')");
  expect(rowsOf(world)).toEqual(OLD);
  return world;
}

const rowsOf = (world: World): unknown => world.rows('SELECT * FROM d.mv ORDER BY 1');

describe('a crash in the middle of a refresh', () => {
  const points: readonly FaultPoint[] = [
    'fe.edit-log.append',
    'fe.edit-log.sync',
    'fe.edit-log.applied',
  ];
  const fates: readonly CrashFate[] = ['lost', 'kept'];
  test.each(points.flatMap((point) => fates.map((fate) => [point, fate] as const)))(
    'at %s with all unsynced bytes %s leaves all old rows or all new ones',
    (point, fate) => {
      const world = behind();
      const match = { op: 'OP_INSERT_OVERWRITE_STATE_CHANGE' };
      world.faults.enable(point, { do: 'crash' }, { match, times: 1 });
      world.run('REFRESH MATERIALIZED VIEW d.mv');
      world.clock.advance(1_000);
      const after = world.crashed(fate);
      const isThere =
        point === 'fe.edit-log.applied' || (point.endsWith('sync') && fate === 'kept');
      expect(rowsOf(after)).toEqual(isThere ? NEW : OLD);
      after.run('REFRESH MATERIALIZED VIEW d.mv WITH SYNC MODE');
      expect(rowsOf(after)).toEqual(NEW);
      // Tablets that nobody knows are dropped after the next reports.
      after.clock.advance(60_000);
      expect(rowsOf(after.crashed())).toEqual(NEW);
    },
  );

  test('of all backends right after it loses none of its rows', () => {
    const world = behind();
    world.run('REFRESH MATERIALIZED VIEW d.mv WITH SYNC MODE');
    for (const backend of world.cluster.backends.values()) backend.kill();
    for (const backend of world.cluster.backends.values()) world.clock.run(backend.start());
    world.clock.advance(30_000);
    expect(rowsOf(world)).toEqual(NEW);
  });
});

describe('a refresh beside other statements', () => {
  const REFRESH = 'REFRESH MATERIALIZED VIEW d.mv FORCE WITH SYNC MODE';

  test('takes turns with another one', () => {
    const world = behind();
    const outcomes = world.together(REFRESH, REFRESH, 'SELECT * FROM d.mv');
    expect(outcomes.every((outcome) => 'rows' in outcome)).toBe(true);
    expect(rowsOf(world)).toEqual(NEW);
  });

  test.each([
    ['DROP MATERIALIZED VIEW d.mv', 5502],
    ['ALTER MATERIALIZED VIEW d.mv INACTIVE', 1064],
    ['ALTER MATERIALIZED VIEW d.mv RENAME other', 1064],
    ['DROP DATABASE d', 5501],
    ['DROP TABLE d.p', 5502],
  ])('gives way to %s', (statement, code) => {
    const world = behind();
    world.run("ADMIN ENABLE FAILPOINT 'be.task.begin:delay=200'");
    const [first, second] = world.together(REFRESH, statement);
    expect(first).toMatchObject({ code });
    expect(second).toMatchObject({ rows: [] });
    expect(world.fatal).toBeUndefined();
    const after = world.crashed();
    expect(after.fatal).toBeUndefined();
    after.stop();
  });
});
