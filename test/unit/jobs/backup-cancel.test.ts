import { describe, expect, it } from 'vitest';
import type { BackupState } from '../../../src/jobs/backup-job.ts';
import { BACKUP_STEPS } from '../../../src/jobs/backup-steps.ts';
import { failed } from '../../../src/repository/status.ts';
import { World } from './support/world.ts';

const STATES = (Object.keys(BACKUP_STEPS) as BackupState[]).filter(
  (state) => BACKUP_STEPS[state].cancel !== undefined,
);

/** A backup that stays in a state for as long as it is not ticked. */
function stoppedIn(state: BackupState): World {
  const world = new World();
  world.createTable({ name: 'orders', buckets: 4 });
  world.backends.script = (task, usual) => {
    const isHeld =
      (state === 'SNAPSHOTING' && task.type === 'MAKE_SNAPSHOT') ||
      (state === 'UPLOADING' && task.type === 'UPLOAD');
    // Half of them, so that a cancel finds done and unfinished tasks.
    return isHeld && Number(task.signature) % 2 === 0 ? undefined : usual();
  };
  if (state === 'UPLOAD_INFO') world.repository.uploadFailure = failed('TIMEOUT', 'slow');
  world.backup();
  if (state !== 'PENDING') world.untilState(state);
  return world;
}

describe('CANCEL BACKUP', () => {
  it.each(STATES)('in %s ends the job and cleans up as the table says (invariant 21)', (state) => {
    const world = stoppedIn(state);
    // Two of four snapshot tasks are held back.
    const collected = state === 'SNAPSHOTING' ? 2 : world.backupJob().snapshotInfos.size;
    const releasedBefore = world.backends.ofType('RELEASE_SNAPSHOT').length;
    world.cancel('BACKUP');
    const job = world.backupJob();
    expect(job).toMatchObject({
      state: 'CANCELLED',
      status: { code: 'COMMON_ERROR', msg: 'user cancelled' },
    });
    expect(job.finishedTimeMs).toBe(world.clock.now());
    expect(world.queue.size).toBe(0);
    const released = world.backends.ofType('RELEASE_SNAPSHOT').length - releasedBefore;
    expect(released).toBe(collected);
    expect(job.snapshotInfos.size).toBe(collected);
    expect(world.loggedStates().at(-1)).toBe('CANCELLED');
  });

  it('removes the local files of this process', () => {
    const world = stoppedIn('UPLOAD_INFO');
    world.cancel('BACKUP');
    expect(world.run(world.files.list('/fe/tmp/backup'))).toEqual([]);
  });

  it('leaves local files that an earlier process made (9 Q5)', () => {
    const world = stoppedIn('UPLOAD_INFO');
    world.restart();
    world.cancel('BACKUP');
    expect(world.run(world.files.list('/fe/tmp/backup'))).toHaveLength(1);
  });

  it('keeps unfinished tasks in view until a restart', () => {
    const world = stoppedIn('UPLOADING');
    world.cancel('BACKUP');
    expect(world.handler.job(world.job().dbId)?.runtime.unfinished.size).toBe(2);
    world.restart();
    expect(world.handler.job(world.job().dbId)?.runtime.unfinished.size).toBe(0);
  });

  it('leaves what was uploaded, so that the label stays taken (9 Q7)', () => {
    const world = stoppedIn('UPLOADING');
    world.cancel('BACKUP');
    expect(() => world.backup()).toThrow("Snapshot with name 's1' already exist in repository");
  });

  it('of a done job fails and changes nothing, also the second time (invariant 22)', () => {
    const world = stoppedIn('UPLOADING');
    world.cancel('BACKUP');
    const job = world.job();
    const records = world.log.length;
    for (let time = 0; time < 2; time += 1) {
      expect(() => world.cancel('BACKUP')).toThrow(/s1.*CANCELLED/);
    }
    expect(world.job()).toBe(job);
    expect(world.log).toHaveLength(records);
  });

  it('without a backup says so, in the words of StarRocks', () => {
    const world = new World();
    expect(() => world.cancel('BACKUP')).toThrow('No backup job is currently running');
    expect(() => world.cancel('RESTORE')).toThrow('No restore is currently running');
    const running = stoppedIn('UPLOADING');
    expect(() => running.cancel('RESTORE')).toThrow('No restore is currently running');
  });

  it('frees the database for another job', () => {
    const world = stoppedIn('SNAPSHOTING');
    expect(() => world.backup({ label: 's2' })).toThrow(/one backup or restore job/);
    world.cancel('BACKUP');
    world.backup({ label: 's2' });
    expect(world.job()).toMatchObject({ label: 's2', state: 'PENDING' });
  });

  it('waits for the step in flight', () => {
    const world = stoppedIn('UPLOAD_SNAPSHOT');
    world.appendMs = 1_000;
    world.tick();
    world.clock.advance(3_000);
    const ticking = world.begin(world.handler.tick());
    const cancelling = world.begin(world.handler.cancel('BACKUP', world.job().dbId));
    expect(ticking.outcome).toBeUndefined();
    expect(cancelling.outcome).toBeUndefined();
    world.clock.advance(1_000);
    expect(ticking.outcome?.ok).toBe(true);
    expect(world.job().state).toBe('SAVE_META');
    world.clock.advance(1_000);
    expect(cancelling.outcome?.ok).toBe(true);
    expect(world.job().state).toBe('CANCELLED');
  });

  it('makes late reports end in CANCELLED without an effect (invariant 27)', () => {
    const world = stoppedIn('UPLOADING');
    const [task] = world.backends.ofType('UPLOAD');
    if (task === undefined) throw new Error();
    world.cancel('BACKUP');
    const before = world.job();
    const verdict = world.run(
      world.handler.finishTask(task, {
        backendId: task.backendId,
        type: 'UPLOAD',
        signature: task.signature,
        status: { code: 'OK', errorMsgs: [] },
      }),
    );
    expect(verdict).toBe('cancelled');
    expect(world.job()).toBe(before);
  });
});
