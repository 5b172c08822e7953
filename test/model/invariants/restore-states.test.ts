/** Invariants of restore-jobs.md 10 that speak of a restore's states, times and cells. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EXTERNAL_CATALOG_SLOT } from '../../../src/jobs/abstract-job.ts';
import type { Job } from '../../../src/jobs/job-machine.ts';
import { RESTORE_STATES, type RestoreJob } from '../../../src/jobs/restore-job.ts';
import { SHOW_RESTORE_COLUMNS, showRestoreRow } from '../../../src/jobs/show-restore-rows.ts';
import { DB_ID, World } from '../../unit/jobs/support/world.ts';
import {
  alikeTables,
  isDone,
  restoreOf,
  type Seen,
  TroubledJob,
  troubles,
  troublesAndDeaths,
} from './troubled-job.ts';

const CHAIN: readonly string[] = RESTORE_STATES.slice(0, -1);

const restore = (job: Job): RestoreJob => {
  if (job.type !== 'RESTORE') throw new Error('no restore');
  return job;
};

/** A restore of an external catalog has just been submitted. */
function catalogRestore(): TroubledJob {
  const world = new World();
  world.createCatalog('lake', 'here');
  const of = { dbName: '', tableRefs: [], catalogNames: ['lake'] };
  const timestamp = world.finishedBackup(of, EXTERNAL_CATALOG_SLOT);
  world.restore(timestamp, { catalogs: 'ALL' });
  return new TroubledJob(world, EXTERNAL_CATALOG_SLOT);
}

/** The state in the last record of a job; every record of this log with a text is one. */
function lastLogged({ log }: World): string {
  const last = log.findLast(({ record }) => typeof record === 'string');
  return JSON.parse(String(last?.record)).state;
}

describe('a restore through trouble', () => {
  it('restore invariant 1: its states are a path, back only to what was logged', () => {
    fc.assert(
      fc.property(alikeTables, troublesAndDeaths, (specs, actions) => {
        const troubled = restoreOf(specs);
        let logged = 'PENDING';
        const look = ({ before, after, isNewLife }: Seen): void => {
          const here = CHAIN.indexOf(before.state);
          const there = CHAIN.indexOf(after.state);
          if (isNewLife) {
            // It may have gone one further before it died.
            expect([logged, lastLogged(troubled.world)]).toContain(after.state);
            expect(there).toBeLessThanOrEqual(here + 1);
          } else if (after.state !== 'CANCELLED') {
            expect(there - here === 0 || there - here === 1).toBe(true);
          }
          logged = lastLogged(troubled.world);
        };
        troubled.live(actions, look);
        expect(troubled.untilDone(look).state).toBe('FINISHED');
      }),
      { numRuns: 15 },
    );
  });

  it('restore invariant 2: one transition at most a wake-up; without tasks six in all', () => {
    fc.assert(
      fc.property(alikeTables, troubles, (specs, actions) => {
        const troubled = restoreOf(specs);
        let transitions = 0;
        const look = (): void => {
          const now = troubled.world.seenStates().length;
          expect(now - transitions).toBeLessThanOrEqual(1);
          transitions = now;
        };
        look();
        troubled.live(actions, look);
        troubled.untilDone(look);
        const ofView = new World();
        ofView.createView('v');
        const timestamp = ofView.finishedBackup();
        ofView.restore(timestamp);
        ofView.ticks(5);
        expect(ofView.job().state).toBe('COMMITTING');
        ofView.tick();
        expect(ofView.job().state).toBe('FINISHED');
        const ofCatalogs = catalogRestore();
        ofCatalogs.world.tick();
        expect(ofCatalogs.job.state).toBe('COMMITTING');
        ofCatalogs.world.tick();
        expect(ofCatalogs.job.state).toBe('FINISHED');
      }),
      { numRuns: 15 },
    );
  });

  it('restore invariant 3: what is done no tick, report, progress or cancel changes', () => {
    fc.assert(
      fc.property(alikeTables, troublesAndDeaths, fc.boolean(), (specs, actions, isCancelled) => {
        const troubled = restoreOf(specs);
        const { world } = troubled;
        troubled.live(actions);
        troubled.calm();
        if (isCancelled && !isDone(troubled.job)) world.cancel('RESTORE');
        const job = troubled.untilDone();
        expect(job.finishedTimeMs).toBeGreaterThanOrEqual(job.createTimeMs);
        world.tick();
        expect(() => world.cancel('RESTORE')).toThrow(/Failed to cancel restore job/);
        for (const task of world.backends.received.slice(-5)) {
          const { backendId, type, signature } = task;
          world.run(
            world.handler.finishTask(task, {
              backendId,
              type,
              signature,
              status: { code: 'OK', errorMsgs: [] },
            }),
          );
          world.handler.reportSnapshotLoader({
            backendId,
            jobId: job.jobId,
            taskId: signature,
            type: 'DOWNLOAD',
            finishedNum: 1,
            totalNum: 1,
          });
        }
        expect(troubled.job).toBe(job);
      }),
      { numRuns: 15 },
    );
  });

  it('restore invariant 4: its times follow each other within one life; unset ones are -1', () => {
    fc.assert(
      fc.property(alikeTables, troubles, (specs, actions) => {
        const troubled = restoreOf(specs);
        const timesOf = (job: RestoreJob): readonly number[] => [
          job.createTimeMs,
          job.metaPreparedTimeMs,
          job.snapshotFinishedTimeMs,
          job.downloadFinishedTimeMs,
          job.finishedTimeMs,
        ];
        const look = ({ after }: Seen): void => {
          const times = timesOf(restore(after));
          const unset = times.indexOf(-1);
          const set = unset === -1 ? times : times.slice(0, unset);
          expect(set).toEqual([...set].sort((a, b) => a - b));
          for (const time of times.slice(set.length)) expect(time).toBe(-1);
        };
        troubled.live(actions, look);
        expect(troubled.untilDone(look).state).toBe('FINISHED');
        expect(timesOf(restore(troubled.job))).not.toContain(-1);
      }),
      { numRuns: 18 },
    );
  });

  it('restore invariant 5: past its timeout it is cancelled at the wake-up, in any state', () => {
    fc.assert(
      fc.property(fc.nat(5), fc.integer({ min: 600_000, max: 900_000 }), (ticks, timeoutMs) => {
        const world = new World();
        world.createTable({ name: 't' });
        const timestamp = world.finishedBackup();
        world.restore(timestamp, { timeoutMs });
        world.ticks(ticks);
        world.backends.script = () => undefined;
        const { createTimeMs } = world.job();
        world.clock.advance(createTimeMs + timeoutMs - world.clock.now());
        world.begin(world.handler.tick());
        expect(world.job().state).not.toBe('CANCELLED');
        if (isDone(world.job())) return;
        world.clock.advance(1);
        world.begin(world.handler.tick());
        expect(world.job()).toMatchObject({ state: 'CANCELLED', status: { code: 'TIMEOUT' } });
        expect(world.job().status.msg).toContain('s1');
      }),
      { numRuns: 12 },
    );
  });

  it('restore invariant 6: of what is done, the status is OK iff it was not cancelled', () => {
    fc.assert(
      fc.property(alikeTables, troublesAndDeaths, fc.nat(30), (specs, actions, cancelAfter) => {
        const troubled = restoreOf(specs);
        actions.forEach((action, at) => {
          if (at === cancelAfter && !isDone(troubled.job)) {
            troubled.calm();
            troubled.world.cancel('RESTORE');
          }
          troubled.live([action]);
        });
        const { state, status } = troubled.untilDone();
        expect(status.code === 'OK').toBe(state === 'FINISHED');
      }),
      { numRuns: 18 },
    );
  });

  it('restore invariant 7: one job that is not done for a database, and one for catalogs', () => {
    fc.assert(
      fc.property(alikeTables, troublesAndDeaths, (specs, actions) => {
        const troubled = restoreOf(specs);
        const { world } = troubled;
        const timestamp = restore(troubled.job).backupTimestamp;
        world.createCatalog('lake', 'here');
        const ofCatalogs = { dbName: '', tableRefs: [], catalogNames: ['lake'] };
        const look = (): void => {
          const slots = world.handler.jobs().map(({ job }) => job.dbId);
          expect(new Set(slots).size).toBe(slots.length);
          if (isDone(troubled.job)) return;
          expect(() => world.restore(timestamp)).toThrow(/one backup or restore job/);
          expect(() => world.backup({ label: 'more' })).toThrow(/one backup or restore job/);
        };
        world.backup({ ...ofCatalogs, label: 'c1' });
        expect(() => world.backup({ ...ofCatalogs, label: 'c2' })).toThrow(/external catalogs/);
        troubled.live(actions, look);
        troubled.untilDone(look);
      }),
      { numRuns: 12 },
    );
  });
});

describe('SHOW RESTORE', () => {
  it('restore invariant 39: 18 cells, whole seconds, a known state, a status in brackets', () => {
    fc.assert(
      fc.property(
        alikeTables,
        troublesAndDeaths,
        fc.integer({ min: 600_000, max: 99_999_999 }),
        (specs, actions, timeoutMs) => {
          const world = restoreOf(specs).world;
          world.cancel('RESTORE');
          world.restore(world.restoreJob().backupTimestamp, { timeoutMs });
          const troubled = new TroubledJob(world);
          troubled.live(actions, () => {
            const view = world.handler.job(DB_ID);
            const row = view === undefined ? undefined : showRestoreRow(view, 'UTC');
            const cell = (name: (typeof SHOW_RESTORE_COLUMNS)[number]): string =>
              String(row?.[SHOW_RESTORE_COLUMNS.indexOf(name)]);
            expect(row?.length).toBe(18);
            const timeout = Number(cell('Timeout'));
            expect(timeout * 1000).toBeLessThanOrEqual(timeoutMs);
            expect((timeout + 1) * 1000).toBeGreaterThan(timeoutMs);
            expect(RESTORE_STATES as readonly string[]).toContain(cell('State'));
            expect(cell('Status')).toMatch(/^\[.*\]$/s);
          });
        },
      ),
      { numRuns: 12 },
    );
  });

  it('restore invariant 40: no row iff no job is retained, or the one retained is a backup', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('backup', 'restore', 'purge')), (kinds) => {
        const world = new World();
        world.createTable({ name: 't' });
        let timestamp = '';
        let label = '';
        let retained: string | undefined;
        kinds.forEach((kind, at) => {
          if (kind === 'purge') {
            world.clock.advance(604_801_000);
            world.run(world.handler.purge());
            retained = undefined;
          } else if (kind === 'backup' || timestamp === '') {
            timestamp = world.finishedBackup({ label: `s${at}` });
            label = `s${at}`;
            retained = 'backup';
          } else {
            world.restore(timestamp, { label });
            world.untilDone();
            retained = 'restore';
          }
          const rows = world.handler.jobs().flatMap((view) => showRestoreRow(view, 'UTC') ?? []);
          expect(rows.length > 0).toBe(retained === 'restore');
        });
      }),
      { numRuns: 12 },
    );
  });
});
