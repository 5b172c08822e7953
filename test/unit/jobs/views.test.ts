import { describe, expect, it } from 'vitest';
import { World } from './support/world.ts';

/** A view `v` that is backed up, and reads differently now. */
function changedView(): { world: World; timestamp: string } {
  const world = new World();
  world.createView('v', 'SELECT 1');
  const timestamp = world.finishedBackup();
  world.createView('v', 'SELECT 2');
  return { world, timestamp };
}

const definition = (world: World, name = 'v'): string | undefined =>
  world.database.views.get(name)?.definition;

describe('a backup of views alone', () => {
  it('sends no task, passes every state and finishes at the sixth tick (2, 4, 12)', () => {
    const world = new World();
    world.createView('v');
    world.backup();
    world.ticks(5);
    expect(world.job().state).toBe('UPLOAD_INFO');
    world.tick();
    expect(world.job().state).toBe('FINISHED');
    expect(world.backends.received).toEqual([]);
    expect(world.loggedStates()).toEqual([
      'PENDING',
      'UPLOAD_SNAPSHOT',
      'SAVE_META',
      'UPLOAD_INFO',
      'FINISHED',
    ]);
  });

  it('is cancelled when the view is gone before the first tick', () => {
    const world = new World();
    world.createView('v');
    world.backup();
    world.dropView('v');
    expect(world.untilDone()).toMatchObject({ state: 'CANCELLED', status: { code: 'NOT_FOUND' } });
  });
});

describe('a restore of a view', () => {
  it('replaces the local one in its first step and finishes at the sixth tick (2)', () => {
    const { world, timestamp } = changedView();
    world.restore(timestamp);
    world.tick();
    expect(definition(world)).toBe('SELECT 1');
    world.ticks(4);
    expect(world.job().state).toBe('COMMITTING');
    world.tick();
    expect(world.job().state).toBe('FINISHED');
    expect(definition(world)).toBe('SELECT 1');
  });

  it.each(['SNAPSHOTING', 'DOWNLOAD', 'DOWNLOADING', 'COMMIT', 'COMMITTING'])(
    'that is cancelled in %s gives the old view back, on the leader and at replay (30)',
    (state) => {
      const { world, timestamp } = changedView();
      world.restore(timestamp, {
        objects: [{ name: 'v' }],
      });
      world.untilState(state);
      world.cancel('RESTORE');
      expect(definition(world)).toBe('SELECT 2');
      world.restart();
      expect(definition(world)).toBe('SELECT 2');
    },
  );

  it('that is cancelled leaves neither view where the quirk is switched on (quirk 18)', () => {
    const { world, timestamp } = changedView();
    world.traits.quirks.cancelForgetsReplaced = true;
    world.restore(timestamp);
    world.untilState('DOWNLOADING');
    world.cancel('RESTORE');
    expect(definition(world)).toBeUndefined();
    world.restart();
    expect(definition(world)).toBeUndefined();
  });

  it('that is cancelled takes away a view that was not there before', () => {
    const { world, timestamp } = changedView();
    world.restore(timestamp, { objects: [{ name: 'v', alias: 'w' }] });
    world.untilState('DOWNLOADING');
    expect(definition(world, 'w')).toBe('SELECT 1');
    world.cancel('RESTORE');
    expect(definition(world, 'w')).toBeUndefined();
    expect(definition(world)).toBe('SELECT 2');
  });

  it.each(['SNAPSHOTING', 'COMMIT'])(
    'leaves alone what somebody made of it in %s, whether it ends or is cancelled',
    (state) => {
      for (const isCancelled of [false, true]) {
        const { world, timestamp } = changedView();
        world.restore(timestamp);
        world.untilState(state);
        world.createView('v', 'SELECT 3');
        if (isCancelled) world.cancel('RESTORE');
        expect(world.untilDone().state).toBe(isCancelled ? 'CANCELLED' : 'FINISHED');
        expect(definition(world)).toBe('SELECT 3');
        world.restart();
        expect(definition(world)).toBe('SELECT 3');
      }
    },
  );

  it('does not bring back a view that was dropped while it ran', () => {
    const { world, timestamp } = changedView();
    world.restore(timestamp);
    world.untilState('SNAPSHOTING');
    world.dropView('v');
    expect(world.untilDone().state).toBe('FINISHED');
    expect(definition(world)).toBeUndefined();
    world.restart();
    expect(definition(world)).toBeUndefined();
  });

  it.each([
    ['SNAPSHOTING', 'SELECT 2', 'PENDING'],
    ['DOWNLOADING', 'SELECT 1', 'DOWNLOAD'],
    ['COMMITTING', 'SELECT 1', 'COMMIT'],
  ])('that is interrupted in %s goes on after a restart (7, 34)', (state, then, resumed) => {
    const { world, timestamp } = changedView();
    world.restore(timestamp);
    world.untilState(state);
    world.restart();
    expect(world.job().state).toBe(resumed);
    expect(definition(world)).toBe(then);
    expect(world.untilDone().state).toBe('FINISHED');
    expect(definition(world)).toBe('SELECT 1');
  });

  it('goes with ALL VIEWS, and not with ALL TABLES', () => {
    const { world, timestamp } = changedView();
    world.restore(timestamp, { objects: [], addsAllTables: true });
    world.untilDone();
    expect(definition(world)).toBe('SELECT 2');
    world.restore(timestamp, { objects: [], addsAllViews: true });
    world.untilDone();
    expect(definition(world)).toBe('SELECT 1');
  });
});
