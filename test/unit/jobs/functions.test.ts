import { describe, expect, it } from 'vitest';
import type { RestoreRequest } from '../../../src/jobs/submit-restore.ts';
import { World } from './support/world.ts';

/** Two overloads of `f` and one `g` that are backed up alone; `f(INT)` runs something else now. */
function changedFunctions(): { world: World; timestamp: string } {
  const world = new World();
  world.createFunction('f', 'old');
  world.createFunction('f', 'old', ['INT', 'VARCHAR']);
  world.createFunction('g', 'old');
  const timestamp = world.finishedBackup({ functionNames: ['f', 'g'] });
  world.dropFunction('g(INT)');
  world.dropFunction('f(INT,VARCHAR)');
  world.createFunction('f', 'new');
  return { world, timestamp };
}

const symbols = (world: World): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(
    [...world.database.functions].map(([name, fn]) => [name, fn.properties.get('symbol')]),
  );

const BEFORE = { 'f(INT)': 'new' };

describe('a backup of functions', () => {
  it('alone finishes at the sixth tick without a task (4, 12)', () => {
    const world = new World();
    world.createFunction('f', 's');
    world.backup({ functionNames: ['f'] });
    world.ticks(6);
    expect(world.job().state).toBe('FINISHED');
    expect(world.backends.received).toEqual([]);
  });

  it('holds them as they were when the statement came in, also after a restart (7)', () => {
    const world = new World();
    world.createFunction('f', 'then');
    world.backup({ functionNames: ['f'] });
    world.createFunction('f', 'later');
    world.tick();
    world.restart();
    expect(world.backupJob().backupFunctions.map((fn) => fn.properties.get('symbol'))).toEqual([
      'then',
    ]);
    expect(world.untilDone().state).toBe('FINISHED');
  });

  it('is refused for a name that is gone by then, and changes nothing', () => {
    const world = new World();
    const records = world.log.length;
    expect(() => world.backup({ functionNames: ['f'] })).toThrow(
      expect.objectContaining({ code: 'common-error', message: 'Function f does not exist' }),
    );
    expect(world.log.length).toBe(records);
  });
});

describe('a restore of functions', () => {
  const RESTORES: readonly (readonly [string, Partial<RestoreRequest>, unknown])[] = [
    ['everything', {}, { 'f(INT)': 'old', 'f(INT,VARCHAR)': 'old', 'g(INT)': 'old' }],
    ['nothing for ON without any', { objects: [], addsAllTables: true }, BEFORE],
    [
      'all overloads of a name',
      { objects: [], functions: [{ name: 'f' }] },
      { 'f(INT)': 'old', 'f(INT,VARCHAR)': 'old' },
    ],
    [
      'them under an alias',
      { objects: [], functions: [{ name: 'f', alias: 'h' }] },
      { ...BEFORE, 'h(INT)': 'old', 'h(INT,VARCHAR)': 'old' },
    ],
    [
      'the others with ALL FUNCTIONS',
      { objects: [], functions: [{ name: 'f', alias: 'h' }], addsAllFunctions: true },
      { ...BEFORE, 'h(INT)': 'old', 'h(INT,VARCHAR)': 'old', 'g(INT)': 'old' },
    ],
  ];

  it.each(RESTORES)('brings back %s at the sixth tick (2)', (_, request, expected) => {
    const { world, timestamp } = changedFunctions();
    world.restore(timestamp, request);
    world.ticks(6);
    expect(world.job().state).toBe('FINISHED');
    expect(symbols(world)).toEqual(expected);
    world.restart();
    expect(symbols(world)).toEqual(expected);
  });

  it('is refused for a name that the snapshot does not have', () => {
    const { world, timestamp } = changedFunctions();
    expect(() => world.restore(timestamp, { objects: [], functions: [{ name: 'x' }] })).toThrow(
      expect.objectContaining({
        code: 'common-error',
        message: 'Function x does not exist in snapshot s1',
      }),
    );
  });

  it.each(['SNAPSHOTING', 'DOWNLOADING', 'COMMITTING'])(
    'that is cancelled in %s gives back what was there, on the leader and at replay (30)',
    (state) => {
      const { world, timestamp } = changedFunctions();
      world.restore(timestamp);
      world.untilState(state);
      expect(symbols(world)['f(INT)']).toBe('old');
      world.cancel('RESTORE');
      expect(symbols(world)).toEqual(BEFORE);
      world.restart();
      expect(symbols(world)).toEqual(BEFORE);
    },
  );

  it('that is cancelled takes away what was there before where the quirk is on (quirk 19)', () => {
    const { world, timestamp } = changedFunctions();
    world.traits.quirks.cancelForgetsReplaced = true;
    world.restore(timestamp);
    world.untilState('DOWNLOADING');
    world.cancel('RESTORE');
    expect(symbols(world)['f(INT)']).toBeUndefined();
    world.restart();
    expect(symbols(world)['f(INT)']).toBeUndefined();
  });

  it('leaves alone what somebody made or dropped meanwhile', () => {
    for (const isCancelled of [false, true]) {
      const { world, timestamp } = changedFunctions();
      world.restore(timestamp);
      world.untilState('SNAPSHOTING');
      world.createFunction('f', 'newest');
      world.dropFunction('g(INT)');
      if (isCancelled) world.cancel('RESTORE');
      world.untilDone();
      expect(symbols(world)['f(INT)']).toBe('newest');
      expect(symbols(world)['g(INT)']).toBeUndefined();
      const live = symbols(world);
      world.restart();
      expect(symbols(world)).toEqual(live);
    }
  });
});
