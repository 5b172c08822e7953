import { describe, expect, it } from 'vitest';
import { isTerminal } from '../../../src/jobs/abstract-job.ts';
import { BACKUP_STEPS } from '../../../src/jobs/backup-steps.ts';
import { RESTORE_STEPS } from '../../../src/jobs/restore-steps.ts';
import type { StateRow } from '../../../src/jobs/transition.ts';
import { World } from './support/world.ts';

type AnyTable = Readonly<Record<string, StateRow<string, never>>>;

const TABLES = {
  backup: BACKUP_STEPS as unknown as AnyTable,
  restore: RESTORE_STEPS as unknown as AnyTable,
};

type Kind = keyof typeof TABLES;

/** Every transition, generated from the tables: a new row has its tests at once. */
const TRANSITIONS = (Object.keys(TABLES) as Kind[]).flatMap((kind) =>
  Object.entries(TABLES[kind]).flatMap(([from, row]) =>
    row.next.map((to) => ({ kind, from, to, afterRestart: row.afterRestart })),
  ),
);

function submitted(kind: Kind): World {
  const world = new World();
  world.createTable({ name: 'orders', buckets: 3 });
  if (kind === 'backup') {
    world.backup();
    return world;
  }
  const timestamp = world.finishedBackup();
  world.fill(world.table('orders'), 'second');
  world.events.length = 0;
  world.restore(timestamp);
  return world;
}

function crashed(kind: Kind, point: 'fe.job.enter' | 'fe.job.leave', state: string): World {
  const world = submitted(kind);
  world.crashAt = { point, subject: { kind, state } };
  for (let at = 0; at < 40 && !world.hasCrashed; at += 1) {
    world.begin(world.handler.tick());
    world.clock.advance(3_000);
  }
  expect(world.hasCrashed).toBe(true);
  return world;
}

function expectWhole(world: World): void {
  expect(world.untilDone()).toMatchObject({ state: 'FINISHED', status: { code: 'OK' } });
  expect(world.contents(world.table('orders'))).toEqual(
    [0, 1, 2].map((tablet) => `#0#${tablet}: #0#${tablet} first`),
  );
  expect(world.table('orders').state).toBe('NORMAL');
  expect(world.queue.size).toBe(0);
}

describe.each(TRANSITIONS)('$kind, $from -> $to', ({ kind, from, to, afterRestart }) => {
  it('happens in one tick of a fault-free run', () => {
    const world = submitted(kind);
    world.untilDone();
    const states = world.seenStates();
    expect(states[states.indexOf(from) + 1]).toBe(to);
  });

  it(`restarts in ${afterRestart} after a crash before it, and ends whole (7, 8, 34)`, () => {
    const world = crashed(kind, 'fe.job.leave', from);
    const before = world.job();
    world.restart();
    expect(world.job().state).toBe(afterRestart);
    const { label, dbId, repoId, createTimeMs, timeoutMs } = before;
    expect(world.job()).toMatchObject({ label, dbId, repoId, createTimeMs, timeoutMs });
    expectWhole(world);
  });

  it('restarts where the table says after a crash behind it, and ends whole', () => {
    const world = crashed(kind, 'fe.job.enter', to);
    world.restart();
    expect(world.job().state).toBe(TABLES[kind][to]?.afterRestart);
    expectWhole(world);
  });
});

describe('a job id', () => {
  it.each(['backup', 'restore'] as const)(
    'of a %s is new after a restart from PENDING and kept later (invariant 25)',
    (kind) => {
      const world = submitted(kind);
      expect(world.job().jobId).toBe(-1);
      world.tick();
      const first = world.job().jobId;
      world.restart();
      expect(world.job().jobId).toBe(-1);
      world.tick();
      const second = world.job().jobId;
      expect(second).not.toBe(first);
      world.untilState(kind === 'backup' ? 'UPLOADING' : 'DOWNLOADING');
      world.restart();
      expect(world.job().jobId).toBe(second);
    },
  );
});

describe('the log', () => {
  it.each(['backup', 'restore'] as const)(
    'of a %s replays to the job and tables that the leader had (invariants 6 and 33)',
    (kind) => {
      const world = submitted(kind);
      for (let at = 0; at < 12; at += 1) {
        world.tick();
        const job = world.job();
        if (!TABLES[kind][job.state]?.logged) continue;
        const live = { job, tables: [...world.database.tables.values()] };
        const copy = new World();
        copy.log.splice(0, copy.log.length, ...world.log);
        copy.repository.data = world.repository.data;
        copy.restart();
        expect(copy.job()).toEqual({ ...live.job });
        expect([...copy.database.tables.values()]).toEqual(live.tables);
      }
      expect(isTerminal(world.job().state)).toBe(true);
    },
  );

  it('keeps a job where it is when a record cannot be written', () => {
    const world = submitted('backup');
    world.untilState('SNAPSHOTING');
    const job = world.job();
    const failure = new Error('disk gone');
    world.appendFailure = failure;
    expect(() => world.tick()).toThrow(failure);
    expect(world.job()).toBe(job);
  });

  it('drops a record that follows no live job', () => {
    const world = submitted('backup');
    world.untilDone();
    const done = world.job();
    const [, second] = world.jobRecords();
    if (second === undefined) throw new Error();
    world.handler.apply(second);
    expect(world.job()).toBe(done);
  });
});

describe('an image', () => {
  it('holds jobs as the log has them, and drops expired ones (invariants 5 and 30)', () => {
    const world = submitted('backup');
    world.untilState('UPLOADING');
    const image: unknown = JSON.parse([...world.handler.encodeImage()].join(''));
    const other = new World();
    other.handler.loadImage(image);
    expect(other.job()).toMatchObject({ state: 'UPLOAD_SNAPSHOT', label: 's1' });
    world.untilDone();
    const doneImage: unknown = JSON.parse([...world.handler.encodeImage()].join(''));
    const later = new World();
    later.clock.advance(604_800_000 + 120_000);
    later.handler.loadImage(doneImage);
    expect(later.handler.jobs()).toEqual([]);
  });
});

describe('a job that ended longer ago than it is kept', () => {
  it.each(['backup', 'restore'] as const)(
    'of kind %s is there after replay unless the release skips it; its tables are either way',
    (kind) => {
      for (const replaysExpiredJobs of [true, false]) {
        const world = submitted(kind);
        world.traits.replaysExpiredJobs = replaysExpiredJobs;
        world.untilDone();
        const tables = [...world.database.tables.values()];
        world.clock.advance(604_800_000 - 10_000);
        world.restart();
        expect(world.handler.jobs()).toHaveLength(1);
        world.clock.advance(20_000);
        world.restart();
        expect(world.handler.jobs()).toHaveLength(replaysExpiredJobs ? 1 : 0);
        expect([...world.database.tables.values()]).toEqual(tables);
        expect(world.database.tables.size).toBeGreaterThan(0);
      }
    },
  );
});

describe('purging', () => {
  it('forgets done jobs after the retention, never live ones (invariant 30)', () => {
    const world = submitted('backup');
    world.run(world.handler.purge());
    world.clock.advance(604_800_000 * 2);
    world.run(world.handler.purge());
    expect(world.job().state).toBe('PENDING');
    world.untilDone();
    world.clock.advance(604_800_000 - 10_000);
    world.run(world.handler.purge());
    expect(world.handler.jobs()).toHaveLength(1);
    world.clock.advance(20_000);
    world.run(world.handler.purge());
    expect(world.handler.jobs()).toEqual([]);
  });
});
