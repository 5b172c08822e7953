/** Bugs of StarRocks in its job handler: what each changes when it is switched on, and without. */
import { describe, expect, it } from 'vitest';
import type { QuirkName } from '../../../src/base/quirks.ts';
import { BACKUP_STEPS } from '../../../src/jobs/backup-steps.ts';
import type { Job } from '../../../src/jobs/job-machine.ts';
import { type BackupMachine, machinesWith } from '../../../src/jobs/machines.ts';
import { backedUp } from './support/backed-up.ts';
import type { TableSpec } from './support/tables.ts';
import { DB_ID, World } from './support/world.ts';

const BOTH = [false, true] as const;
const TEN_MINUTES_MS = 600_000;
/** More ticks than fit into ten minutes. */
const TICKS_MAX = 210;
const TIMED_OUT = { state: 'CANCELLED', status: { code: 'TIMEOUT' } };
const FINISHED = { state: 'FINISHED', status: { code: 'OK' } };

function worldWith(quirk: QuirkName, isOn: boolean, spec: TableSpec): World {
  const world = new World();
  world.traits.quirks[quirk] = isOn;
  world.createTable(spec);
  return world;
}

describe.each(BOTH)('quirk Q1, reloadedPendingLoops %s', (isOn) => {
  it('decides what becomes of a backup that a restart finds in PENDING', () => {
    const world = worldWith('reloadedPendingLoops', isOn, { name: 'orders' });
    world.backup({ timeoutMs: TEN_MINUTES_MS });
    world.restart();
    const seen = [1, 2, 3].map(() => {
      world.tick();
      return { state: world.job().state, id: world.job().jobId };
    });
    expect(seen.every(({ state }) => state === 'PENDING')).toBe(isOn);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(isOn ? 3 : 1);
    expect(world.untilDone(DB_ID, TICKS_MAX)).toMatchObject(isOn ? TIMED_OUT : FINISHED);
    expect(world.backends.received.length > 0).toBe(!isOn);
  });

  it('lets a backup alone that begins in the life it was submitted in', () => {
    const world = worldWith('reloadedPendingLoops', isOn, { name: 'orders' });
    world.backup();
    expect(world.untilDone()).toMatchObject(FINISHED);
  });
});

it.each([
  [false, 'cancelled', '#0#0 second'],
  [true, 'remove', '#0#0 first'],
] as const)(
  'quirk Q2, lateSnapshotsCount %s: a snapshot reported after a restart is %s',
  (isOn, verdict, content) => {
    const world = worldWith('lateSnapshotsCount', isOn, { name: 'orders', buckets: 1 });
    let late: (() => void) | undefined;
    world.backends.script = (task, usual) => {
      if (task.type !== 'MAKE_SNAPSHOT' || late !== undefined) return usual();
      const { backendId, type, signature, jobId } = task;
      const answer = usual();
      late = () => world.report(task, { backendId, type, signature, jobId, ...answer });
      return undefined;
    };
    world.backup();
    world.tick();
    world.restart();
    world.fill(world.table('orders'), 'second');
    world.backends.delayMs = 5_000;
    world.tick();
    expect(world.job().state).toBe('SNAPSHOTING');
    late?.();
    expect(world.verdicts).toEqual([verdict]);
    expect(world.untilDone()).toMatchObject(FINISHED);
    const [files] = world.backends.remote.values();
    expect([...(files?.values() ?? [])]).toContain(content);
  },
);

it.each(BOTH)(
  'quirk Q14, matchedUploadsStayMatched %s: one tablet of an upload has other files at first',
  (isOn) => {
    const world = worldWith('matchedUploadsStayMatched', isOn, { name: 'orders', buckets: 6 });
    world.config.maxUploadTaskPerBe = 1;
    let isFirst = true;
    world.backends.script = (task, usual) => {
      const answer = usual();
      if (task.type !== 'UPLOAD' || !isFirst || answer.tabletFiles === undefined) return answer;
      isFirst = false;
      expect(answer.tabletFiles.size).toBe(2);
      const tabletFiles = new Map(
        [...answer.tabletFiles].map(([id, names], at) => [id, at === 0 ? names : []]),
      );
      return { ...answer, tabletFiles };
    };
    world.backup({ timeoutMs: TEN_MINUTES_MS });
    world.untilState('UPLOADING');
    expect(world.untilDone(DB_ID, TICKS_MAX)).toMatchObject(isOn ? TIMED_OUT : FINISHED);
    expect(world.backupJob().taskErrMsg.size).toBe(0);
  },
);

describe.each([
  ['hash', { name: 't', buckets: 3 }, { name: 't', buckets: 259 }],
  ['random', { name: 't', buckets: 3, random: true }, { name: 't', buckets: 4, random: true }],
] as const)('quirk #15, %s buckets of another number with the same signature', (_k, then, now) => {
  function restored(isOn: boolean): World {
    const { world, timestamp } = backedUp(then);
    world.traits.quirks.collisionsAssert = isOn;
    world.dropTable('t');
    world.createTable(now);
    world.restore(timestamp);
    return world;
  }

  it('cancel the restore, saying so', () => {
    const world = restored(false);
    world.tick();
    expect(world.job().state).toBe('CANCELLED');
    expect(world.job().status.msg).toBe(
      `index t of table t has ${now.buckets} tablets here and 3 in the snapshot`,
    );
  });

  it('break one tick and cancel in the next with collisionsAssert, complaining of RESTORE', () => {
    const world = restored(true);
    expect(() => world.tick()).toThrow(/assertion failed: index t of table t/);
    expect(world.job().state).toBe('PENDING');
    expect(world.table('t').state).toBe('RESTORE');
    world.tick();
    expect(world.job().state).toBe('CANCELLED');
    expect(world.job().status.msg).toBe("table t's state is not NORMAL: RESTORE");
    expect(world.table('t').state).toBe('NORMAL');
  });
});

describe.each(BOTH)('quirk #17, cancelDropsByName %s: new tablets are not made in time', (isOn) => {
  function failedRestore(world: World, timestamp: string, alias?: string): void {
    world.traits.quirks.cancelDropsByName = isOn;
    world.backends.script = (task, usual) => (task.type === 'CREATE' ? undefined : usual());
    world.restore(timestamp, alias === undefined ? {} : { objects: [{ name: 't', alias }] });
    expect(world.untilDone()).toMatchObject({ state: 'CANCELLED' });
    expect(world.job().status.msg).toContain('failed to create replicas');
  }

  it('and a table with the name before AS is there', () => {
    const { world, timestamp } = backedUp({ name: 't' });
    const before = world.table('t');
    failedRestore(world, timestamp, 'u');
    expect(world.findTable('t')).toEqual(isOn ? undefined : before);
    world.restart();
    expect(world.findTable('t')).toEqual(before);
    expect(world.findTable('u')).toBeUndefined();
  });

  it('and a view with the name of a planned one is there', () => {
    const world = new World();
    world.createTable({ name: 't' });
    const view = world.createView('v');
    const timestamp = world.finishedBackup();
    world.dropTable('t');
    failedRestore(world, timestamp);
    expect(world.database.views.get('v')).toEqual(isOn ? undefined : view);
    world.restart();
    expect(world.database.views.get('v')).toEqual(view);
  });
});

/** StarRocks' table, but a job with the label `bad` throws in PENDING. */
const BREAKING: BackupMachine = {
  ...BACKUP_STEPS,
  PENDING: {
    ...BACKUP_STEPS.PENDING,
    *tick(...given: Parameters<typeof BACKUP_STEPS.PENDING.tick>) {
      if (given[0].label === 'bad') throw new Error('broken step');
      return yield* BACKUP_STEPS.PENDING.tick(...given);
    },
  },
} as BackupMachine;

it.each([
  [false, 'FINISHED'],
  [true, 'PENDING'],
] as const)(
  'quirk #37, exceptionSkipsLaterJobs %s: the job after one that throws ends in %s',
  (isOn, end) => {
    const world = new World(machinesWith({ backup: BREAKING }));
    world.traits.quirks.exceptionSkipsLaterJobs = isOn;
    world.createTable({ name: 't' });
    const timestamp = world.finishedBackup();
    world.backup({ label: 'bad' });
    world.restore(timestamp, { targetDbName: 'mirror' });
    const later = (): Job => world.job(world.databaseNamed('mirror').id);
    for (let at = 0; at < 8; at += 1) expect(() => world.tick()).toThrow('broken step');
    expect(world.job().state).toBe('PENDING');
    expect(later().state).toBe(end);
  },
);

it('the exceptions of several jobs are thrown or logged, each (quirk #37 off)', () => {
  const world = new World(machinesWith({ backup: BREAKING }));
  world.createTable({ name: 't' });
  world.restore(world.finishedBackup(), { targetDbName: 'mirror' });
  world.untilDone(world.databaseNamed('mirror').id);
  world.backup({ label: 'bad' });
  const tableRefs = [{ dbName: 'mirror', tableName: 't' }];
  world.backup({ label: 'bad', dbName: 'mirror', tableRefs });
  expect(() => world.tick()).toThrow('broken step');
  expect(world.logged).toEqual(['a tick failed for one more job: broken step']);
});
