/** Invariants of backup-jobs.md 10 that speak of restarts, and of what SHOW BACKUP shows. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EXTERNAL_CATALOG_SLOT } from '../../../src/jobs/abstract-job.ts';
import { BACKUP_STATES, type BackupJob } from '../../../src/jobs/backup-job.ts';
import { encodeJobRecord } from '../../../src/jobs/job-codec.ts';
import { recordOf } from '../../../src/jobs/records.ts';
import { SHOW_BACKUP_COLUMNS, showBackupRow } from '../../../src/jobs/show-backup-rows.ts';
import type { BackupRequest } from '../../../src/jobs/submit-backup.ts';
import { DB_ID } from '../../unit/jobs/support/world.ts';
import { runningStates, untilState, withHistory } from '../virtual-run.ts';
import {
  backupOf,
  isDone,
  someTables,
  troubles,
  troublesAndDeaths,
  worldOf,
} from './troubled-job.ts';

const OF_CATALOGS: Partial<BackupRequest> = { dbName: '', tableRefs: [], catalogNames: ['lake'] };

const textOf = (job: BackupJob): string => [...encodeJobRecord(recordOf(job))].join('');

/** What stays the same for the whole life of a job. */
const lasting = (job: BackupJob): unknown => {
  const { label, dbId, repoId, createTimeMs, timeoutMs, tableRefs } = job;
  return { label, dbId, repoId, createTimeMs, timeoutMs, tableRefs };
};

describe('a backup and restarts', () => {
  it('backup invariant 6: replay gives each slot the last record that the leader wrote', () => {
    fc.assert(
      fc.property(someTables, troublesAndDeaths, (specs, actions) => {
        const troubled = backupOf(specs);
        const { world } = troubled;
        world.createCatalog('lake', 'here');
        world.backup({ ...OF_CATALOGS, label: 'catalogs' });
        troubled.live(actions);
        troubled.calm();
        world.restart();
        for (const slot of [troubled.dbId, EXTERNAL_CATALOG_SLOT]) {
          const last = world.jobRecords().findLast(({ job }) => job.dbId === slot);
          expect(textOf(world.job(slot) as BackupJob)).toBe(textOf(last?.job as BackupJob));
        }
      }),
      { numRuns: 18 },
    );
  });

  it('backup invariant 7: a crash loses no more than the way to the last logged state', () => {
    fc.assert(
      fc.property(someTables, troubles, fc.boolean(), (specs, actions, isMidway) => {
        const troubled = backupOf(specs);
        const { world } = troubled;
        troubled.live(actions);
        const before = world.backupJob();
        if (isMidway) world.crashAt = { point: 'fe.job.leave', subject: {} };
        world.begin(world.handler.tick());
        const after = isMidway ? before : world.backupJob();
        world.restart();
        const resumed: Readonly<Record<string, string>> = {
          SNAPSHOTING: 'PENDING',
          UPLOADING: 'UPLOAD_SNAPSHOT',
        };
        expect(world.job().state).toBe(resumed[after.state] ?? after.state);
        expect(lasting(world.backupJob())).toEqual(lasting(before));
      }),
      { numRuns: 24 },
    );
  });

  it('backup invariant 7: one of external catalogs goes back from SAVE_META to PENDING', () => {
    fc.assert(
      fc.property(fc.nat(4), (ticks) => {
        const world = worldOf([]);
        world.createCatalog('lake', 'here');
        world.backup(OF_CATALOGS);
        world.ticks(ticks);
        const before = world.job(EXTERNAL_CATALOG_SLOT) as BackupJob;
        world.restart();
        const after = world.job(EXTERNAL_CATALOG_SLOT) as BackupJob;
        expect(after.state).toBe(before.state === 'SAVE_META' ? 'PENDING' : before.state);
        expect(lasting(after)).toEqual(lasting(before));
      }),
      { numRuns: 10 },
    );
  });

  it('backup invariant 8: whatever crashes, once backends and storage are well it finishes', () => {
    fc.assert(
      fc.property(someTables, troublesAndDeaths, (specs, actions) => {
        const troubled = backupOf(specs);
        troubled.live(actions);
        expect(troubled.untilDone()).toMatchObject({ state: 'FINISHED', status: { code: 'OK' } });
        expect(troubled.world.queue.size).toBe(0);
      }),
      { numRuns: 24 },
    );
  });

  it('backup invariant 18: no info file without the metadata file before it', () => {
    fc.assert(
      fc.property(someTables, troublesAndDeaths, (specs, actions) => {
        const troubled = backupOf(specs);
        const { objects, uploads } = troubled.world.repository;
        const look = (): void => {
          const names = [...objects.keys()].map((key) => key.slice('s1/'.length));
          if (names.some((name) => name.startsWith('__info'))) expect(names).toContain('__meta');
          const info = uploads.findIndex((key) => key.includes('__info'));
          if (info !== -1) expect(uploads.slice(0, info)).toContain('s1/__meta');
        };
        troubled.live(actions, look);
        troubled.untilDone(look);
        expect(uploads.filter((key) => key.includes('__info')).length).toBeGreaterThan(0);
      }),
      { numRuns: 18 },
    );
  });
});

describe('what a backup does not touch', () => {
  it('backup invariant 23: a read-only repository receives nothing from any BACKUP', () => {
    const requests = fc.record({
      label: fc.constantFrom('a', 'b c', 's1'),
      type: fc.constantFrom('FULL' as const, 'INCREMENTAL' as const),
      tableRefs: fc.constantFrom([], [{ dbName: 'shop', tableName: 't0' }]),
    });
    fc.assert(
      fc.property(someTables, requests, (specs, request) => {
        const world = worldOf(specs);
        world.repository.data = { ...world.repository.data, isReadOnly: true };
        const log = [...world.log];
        expect(() => world.backup(request)).toThrow(/read only/);
        world.ticks(8);
        expect(world.repository.uploads).toEqual([]);
        expect(world.backends.received).toEqual([]);
        expect(world.log).toEqual(log);
      }),
      { numRuns: 15 },
    );
  });

  it('backup invariant 24: a label that the repository knows is refused before any job', () => {
    fc.assert(
      fc.property(someTables, troubles, fc.boolean(), (specs, actions, isCancelled) => {
        const troubled = backupOf(specs);
        const { world } = troubled;
        troubled.live(actions);
        if (isCancelled && !isDone(troubled.job)) world.cancel('BACKUP');
        troubled.untilDone();
        const log = [...world.log];
        const { job } = troubled;
        const isThere = world.repository.labels.has('s1');
        if (isThere) expect(() => world.backup()).toThrow(/s1.*already exist/);
        else expect(job.state).toBe('CANCELLED');
        expect(world.log).toEqual(log);
        expect(troubled.job).toBe(job);
      }),
      { numRuns: 15 },
    );
  });

  it.each(runningStates(BACKUP_STATES))(
    'backup invariant 31: DROP REPOSITORY is refused while a job in %s needs it',
    async (state) => {
      const cluster = await withHistory();
      await cluster.query('BACKUP SNAPSHOT shop.s1 TO repo');
      await untilState(cluster, 'BACKUP', state);
      await expect(cluster.query('DROP REPOSITORY repo')).rejects.toMatchObject({
        code: 'common-error',
      });
      expect(await cluster.untilJobDone('shop')).toMatchObject({ state: 'FINISHED' });
      await cluster.query('DROP REPOSITORY repo');
      await cluster.stop();
    },
  );
});

describe('SHOW BACKUP', () => {
  it('backup invariant 28: a row for each database, one for catalogs, 14 cells', async () => {
    const cluster = await withHistory();
    await cluster.query('CREATE DATABASE other');
    await cluster.query('CREATE TABLE other.t (k INT) DISTRIBUTED BY HASH (k) BUCKETS 1');
    await cluster.query(
      "CREATE EXTERNAL CATALOG lake PROPERTIES ('type' = 'hive', 'hive.metastore.uris' = 'thrift://h:1')",
    );
    const jobs = ['shop', 'other', 'catalogs', 'restore'] as const;
    const last = new Map<string, { readonly which: string; readonly timeoutSec: number }>();
    let labels = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...jobs),
        fc.integer({ min: 600, max: 90_000 }),
        async (which, timeoutSec) => {
          labels += 1;
          const properties = `PROPERTIES ('timeout' = '${timeoutSec}')`;
          if (which === 'catalogs') {
            await cluster.query(
              `BACKUP EXTERNAL CATALOG (lake) SNAPSHOT c${labels} TO repo ${properties}`,
            );
            cluster.advance(60_000);
          } else if (which === 'restore') {
            await cluster.query(`BACKUP SNAPSHOT other.r${labels} TO repo`);
            await cluster.untilJobDone('other');
            const { rows } = await cluster.query(
              `SHOW SNAPSHOT ON repo WHERE SNAPSHOT = 'r${labels}'`,
            );
            await cluster.query(
              `RESTORE SNAPSHOT other.r${labels} FROM repo PROPERTIES ('backup_timestamp' = '${rows[0]?.[1]}')`,
            );
            await cluster.untilJobDone('other');
          } else {
            await cluster.query(`BACKUP SNAPSHOT ${which}.s${labels} TO repo ${properties}`);
            await cluster.untilJobDone(which);
          }
          last.set(which === 'restore' ? 'other' : which, { which, timeoutSec });
          const { rows, columns } = await cluster.query('SHOW BACKUP');
          const expected = [...last.values()].filter((one) => one.which !== 'restore');
          expect(rows.length).toBe(expected.length);
          for (const row of rows) expect(row.length).toBe(14);
          const timeouts = rows.map((row) => Number(row[columns.indexOf('Timeout')]));
          expect(timeouts.sort()).toEqual(expected.map((one) => one.timeoutSec).sort());
        },
      ),
      { numRuns: 12 },
    );
    await cluster.stop();
  });

  it('backup invariant 28: Timeout is in whole seconds, rounded down', () => {
    fc.assert(
      fc.property(fc.integer({ min: 600_000, max: 99_999_999 }), (timeoutMs) => {
        const world = worldOf([{ name: 't' }]);
        world.backup({ timeoutMs });
        const view = world.handler.job(DB_ID);
        const row = view === undefined ? [] : showBackupRow(view, 'UTC', true);
        expect(row?.[SHOW_BACKUP_COLUMNS.indexOf('Timeout')]).toBe(
          String(Math.floor(timeoutMs / 1000)),
        );
      }),
      { numRuns: 10 },
    );
  });
});
