/** Invariants of backup-jobs.md 10 that speak of a backup's states and times. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EXTERNAL_CATALOG_SLOT } from '../../../src/jobs/abstract-job.ts';
import { BACKUP_STATES, type BackupJob } from '../../../src/jobs/backup-job.ts';
import type { BackupRequest } from '../../../src/jobs/submit-backup.ts';
import { ERR_CODES, failed } from '../../../src/repository/status.ts';
import { World } from '../../unit/jobs/support/world.ts';
import {
  backupOf,
  isDone,
  type Seen,
  someTables,
  TroubledJob,
  troubles,
  troublesAndDeaths,
  worldOf,
} from './troubled-job.ts';

const CHAIN: readonly string[] = BACKUP_STATES.slice(0, -1);
const LOGGED = ['PENDING', 'UPLOAD_SNAPSHOT', 'SAVE_META', 'UPLOAD_INFO', 'FINISHED', 'CANCELLED'];
const OF_CATALOGS: Partial<BackupRequest> = { dbName: '', tableRefs: [], catalogNames: ['lake'] };

function catalogBackup(): TroubledJob {
  const world = new World();
  world.createCatalog('lake', 'here');
  world.backup(OF_CATALOGS);
  return new TroubledJob(world, EXTERNAL_CATALOG_SLOT);
}

const backup = (job: { readonly type: string }): BackupJob => job as unknown as BackupJob;

describe('a backup through trouble', () => {
  it('backup invariant 1: a busy slot takes no second job; jobs and log stay', () => {
    fc.assert(
      fc.property(someTables, troublesAndDeaths, (tables, actions) => {
        const world = worldOf(tables);
        const timestamp = world.finishedBackup({ label: 's1' });
        world.backup({ label: 's2' });
        new TroubledJob(world).live(actions, ({ after }) => {
          if (isDone(after)) return;
          const log = [...world.log];
          const jobs = world.handler.jobs().map(({ job }) => job);
          expect(() => world.backup({ label: 's3' })).toThrow(/one backup or restore job/);
          expect(() => world.restore(timestamp)).toThrow(/one backup or restore job/);
          expect(world.handler.jobs().map(({ job }) => job)).toEqual(jobs);
          expect(world.log).toEqual(log);
        });
      }),
      { numRuns: 15 },
    );
  });

  it('backup invariant 2: in one life its states are a run of the chain, ends absorb', () => {
    fc.assert(
      fc.property(someTables, troubles, fc.nat(30), (tables, actions, cancelAfter) => {
        const troubled = backupOf(tables);
        const states = [troubled.job.state];
        const note = ({ after }: Seen): void => {
          if (states.at(-1) !== after.state) states.push(after.state);
        };
        actions.forEach((action, at) => {
          if (at === cancelAfter && !isDone(troubled.job)) troubled.world.cancel('BACKUP');
          troubled.live([action], note);
        });
        troubled.untilDone(note);
        troubled.live([{ do: 'tick' }, { do: 'tick' }], note);
        const path = states.at(-1) === 'CANCELLED' ? states.slice(0, -1) : states;
        expect(path).toEqual(CHAIN.slice(0, path.length));
        expect(isDone(troubled.job)).toBe(true);
      }),
      { numRuns: 24 },
    );
  });

  it('backup invariant 3: one run changes the state at most once', () => {
    fc.assert(
      fc.property(fc.boolean(), troublesAndDeaths, (isOfCatalogs, actions) => {
        const troubled = isOfCatalogs ? catalogBackup() : backupOf([{ name: 't' }]);
        const { events } = troubled.world;
        let changes = events.filter(({ what }) => what === 'job.state').length;
        const count = (): void => {
          const now = events.filter(({ what }) => what === 'job.state').length;
          expect(now - changes).toBeLessThanOrEqual(1);
          changes = now;
        };
        troubled.live(actions, count);
        troubled.untilDone(count);
      }),
      { numRuns: 24 },
    );
  });

  it('backup invariant 4: a database takes six ticks and more, external catalogs three', () => {
    fc.assert(
      fc.property(someTables, fc.nat(10_000), (tables, delayMs) => {
        const troubled = backupOf(tables);
        troubled.world.backends.delayMs = delayMs;
        let ticks = 0;
        troubled.untilDone(() => {
          ticks += 1;
        });
        expect(ticks).toBeGreaterThanOrEqual(6);
        if (delayMs < 3_000) expect(ticks).toBe(6);
        const ofCatalogs = catalogBackup();
        ofCatalogs.world.ticks(2);
        expect(ofCatalogs.job.state).toBe('UPLOAD_INFO');
        ofCatalogs.world.tick();
        expect(ofCatalogs.job.state).toBe('FINISHED');
      }),
      { numRuns: 12 },
    );
  });

  it('backup invariant 5: log and image hold no other states than those that are logged', () => {
    fc.assert(
      fc.property(someTables, troublesAndDeaths, (tables, actions) => {
        const troubled = backupOf(tables);
        const { world } = troubled;
        const look = (): void => {
          const image = JSON.parse([...world.handler.encodeImage()].join(''));
          for (const { state } of image) expect(LOGGED).toContain(state);
        };
        troubled.live(actions, look);
        troubled.untilDone(look);
        for (const state of world.loggedStates()) expect(LOGGED).toContain(state);
      }),
      { numRuns: 15 },
    );
  });

  it('backup invariant 9: past its timeout a job is cancelled at the tick, not before', () => {
    fc.assert(
      fc.property(fc.nat(6), fc.integer({ min: 600_000, max: 900_000 }), (ticks, timeoutMs) => {
        const world = worldOf([{ name: 't' }]);
        world.backup({ timeoutMs });
        // Holds the job wherever it is: tasks get lost, storage is away.
        world.ticks(Math.min(ticks, 3));
        world.backends.script = () => undefined;
        world.repository.uploadFailure = failed('BAD_CONNECTION', 'away');
        world.ticks(Math.max(ticks - 3, 0));
        const { createTimeMs } = world.job();
        world.clock.advance(createTimeMs + timeoutMs - world.clock.now());
        world.begin(world.handler.tick());
        expect(world.job().state).not.toBe('CANCELLED');
        world.clock.advance(1);
        world.begin(world.handler.tick());
        expect(world.job()).toMatchObject({ state: 'CANCELLED', status: { code: 'TIMEOUT' } });
      }),
      { numRuns: 12 },
    );
  });

  it('backup invariant 10: no storage error moves UPLOAD_INFO; success, cancel, timeout do', () => {
    const errors = fc.constantFrom(...ERR_CODES.filter((code) => code !== 'OK'));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(errors, fc.string()), { minLength: 1, maxLength: 8 }),
        fc.constantFrom('success', 'cancel', 'timeout'),
        (failures, end) => {
          const world = worldOf([{ name: 't' }]);
          world.backup();
          world.untilState('UPLOAD_INFO');
          for (const [code, text] of failures) {
            world.repository.uploadFailure = failed(code, text);
            world.tick();
            expect(world.job()).toMatchObject({ state: 'UPLOAD_INFO', status: { code } });
          }
          if (end === 'success') world.repository.uploadFailure = undefined;
          if (end === 'cancel') world.cancel('BACKUP');
          if (end === 'timeout') world.clock.advance(86_400_001);
          world.tick();
          expect(world.job().state).toBe(end === 'success' ? 'FINISHED' : 'CANCELLED');
        },
      ),
      { numRuns: 12 },
    );
  });

  it('backup invariant 11: its times follow each other, and it has ended iff it is done', () => {
    fc.assert(
      fc.property(someTables, troublesAndDeaths, (tables, actions) => {
        const troubled = backupOf(tables);
        const look = ({ after }: Seen): void => {
          const job = backup(after);
          const times = [
            job.createTimeMs,
            job.snapshotFinishedTimeMs,
            job.snapshotUploadFinishedTimeMs,
            job.finishedTimeMs,
          ];
          const set = times.filter((time) => time !== -1);
          expect(set).toEqual([...set].sort((a, b) => a - b));
          expect(job.finishedTimeMs !== -1).toBe(isDone(job));
          if (job.state === 'FINISHED') expect(set).toEqual(times);
        };
        troubled.live(actions, look);
        troubled.untilDone(look);
        expect(troubled.job.state).toBe('FINISHED');
      }),
      { numRuns: 18 },
    );
  });

  it('backup invariant 22: what is done cannot be cancelled, nor changes by trying', () => {
    fc.assert(
      fc.property(troublesAndDeaths, fc.boolean(), (actions, isCancelled) => {
        const troubled = backupOf([{ name: 't' }]);
        const { world } = troubled;
        troubled.live(actions);
        troubled.calm();
        if (isCancelled && !isDone(troubled.job)) world.cancel('BACKUP');
        const job = troubled.untilDone();
        for (let again = 0; again < 2; again += 1) {
          expect(() => world.cancel('BACKUP')).toThrow(/Failed to cancel backup job/);
          expect(world.job()).toEqual(job);
        }
      }),
      { numRuns: 15 },
    );
  });

  it('backup invariant 25: jobId is -1, then new at each PENDING run, then constant', () => {
    fc.assert(
      fc.property(troublesAndDeaths, (actions) => {
        const troubled = backupOf([{ name: 't' }]);
        expect(troubled.job.jobId).toBe(-1);
        const ids = new Set<number>();
        const look = ({ before, after, isNewLife }: Seen): void => {
          if (before.state === 'PENDING' && after.state === 'SNAPSHOTING') {
            expect(ids.has(after.jobId)).toBe(false);
            ids.add(after.jobId);
          } else if (!(before.state === 'PENDING' || (isNewLife && after.state === 'PENDING'))) {
            expect(after.jobId).toBe(before.jobId);
          }
        };
        troubled.live(actions, look);
        troubled.untilDone(look);
        const ofCatalogs = catalogBackup();
        ofCatalogs.live(actions, ({ after }) => expect(after.jobId).toBe(-1));
      }),
      { numRuns: 18 },
    );
  });

  it('backup invariant 30: purge and image forget old ended jobs, no running one', () => {
    fc.assert(
      fc.property(troubles, fc.nat(1_200_000), (actions, keptSec) => {
        const troubled = backupOf([{ name: 't' }]);
        const { world } = troubled;
        troubled.live(actions);
        world.clock.advance(keptSec * 1000);
        const { job } = troubled;
        const isOld = isDone(job) && (world.clock.now() - job.finishedTimeMs) / 1000 > 604_800;
        const image = JSON.parse([...world.handler.encodeImage()].join(''));
        world.run(world.handler.purge());
        expect(world.handler.jobs().length).toBe(isOld ? 0 : 1);
        world.restart();
        world.run(world.handler.purge());
        const kept = world.handler.jobs().length;
        expect(kept).toBe(isOld ? 0 : 1);
        const other = new World();
        other.clock.advance(world.clock.now() - other.clock.now());
        other.handler.loadImage(image);
        expect(other.handler.jobs().length).toBe(kept);
      }),
      { numRuns: 24 },
    );
  });
});
