import { describe, expect, it } from 'vitest';
import { EXTERNAL_CATALOG_SLOT } from '../../../src/jobs/abstract-job.ts';
import type { BackupRequest } from '../../../src/jobs/submit-backup.ts';
import type { RestoreRequest } from '../../../src/jobs/submit-restore.ts';
import { World } from './support/world.ts';

const OF: Partial<BackupRequest> = { dbName: '', tableRefs: [], catalogNames: ['lake', 'sea'] };

/** `lake` and `sea` are backed up; `lake` points elsewhere now, `sea` is gone. */
function changedCatalogs(): { world: World; timestamp: string } {
  const world = new World();
  world.createCatalog('lake', 'old');
  world.createCatalog('sea', 'old');
  const timestamp = world.finishedBackup(OF, EXTERNAL_CATALOG_SLOT);
  world.createCatalog('lake', 'new');
  world.dropCatalog('sea');
  return { world, timestamp };
}

const BEFORE = { lake: 'new' };
const state = (world: World): string => world.job(EXTERNAL_CATALOG_SLOT).state;

describe('a backup of external catalogs', () => {
  it('goes PENDING, SAVE_META, UPLOAD_INFO and finishes at the third tick (2, 3, 4)', () => {
    const world = new World();
    world.createCatalog('lake', 'old');
    world.createCatalog('sea', 'old');
    world.backup(OF);
    const seen = [state(world)];
    for (let tick = 0; tick < 3; tick += 1) {
      world.tick();
      seen.push(state(world));
    }
    expect(seen).toEqual(['PENDING', 'SAVE_META', 'UPLOAD_INFO', 'FINISHED']);
    expect(world.loggedStates()).toEqual(['PENDING', 'UPLOAD_INFO', 'FINISHED']);
    expect(world.job(EXTERNAL_CATALOG_SLOT)).toMatchObject({ jobId: -1, dbName: '' });
    expect(world.backends.received).toEqual([]);
  });

  it.each([
    [1, 'PENDING'],
    [2, 'UPLOAD_INFO'],
  ])('that is interrupted after tick %i restarts in %s with jobId -1 (7, 25)', (ticks, resumed) => {
    const world = new World();
    world.createCatalog('lake', 'old');
    world.createCatalog('sea', 'old');
    world.backup(OF);
    world.ticks(ticks);
    world.dropCatalog('sea');
    world.restart();
    expect(state(world)).toBe(resumed);
    const job = world.untilDone(EXTERNAL_CATALOG_SLOT);
    expect(job).toMatchObject({ state: 'FINISHED', jobId: -1 });
  });

  it('has a slot of its own beside those of databases, and one only (1)', () => {
    const world = new World();
    world.createTable({ name: 't' });
    world.createCatalog('lake', 'old');
    world.backup({ ...OF, catalogNames: ['lake'] });
    world.backup({ label: 's2' });
    expect(() => world.backup({ ...OF, catalogNames: ['lake'], label: 's3' })).toThrow(
      /one backup or restore job of external catalogs/,
    );
    expect(world.untilDone().state).toBe('FINISHED');
    expect(world.untilDone(EXTERNAL_CATALOG_SLOT).state).toBe('FINISHED');
  });

  it('is refused when a catalog is gone by then, and changes nothing', () => {
    const world = new World();
    const records = world.log.length;
    expect(() => world.backup(OF)).toThrow('External catalog lake does not exist');
    expect(world.log.length).toBe(records);
  });

  it('that is cancelled says so and keeps nothing', () => {
    const world = new World();
    world.createCatalog('lake', 'old');
    world.backup({ ...OF, catalogNames: ['lake'] });
    world.tick();
    world.cancel('BACKUP', EXTERNAL_CATALOG_SLOT);
    expect(world.job(EXTERNAL_CATALOG_SLOT)).toMatchObject({
      state: 'CANCELLED',
      status: { code: 'COMMON_ERROR' },
    });
  });
});

describe('a restore of external catalogs', () => {
  const RESTORES: readonly (readonly [string, Partial<RestoreRequest>, unknown])[] = [
    ['all of them without a word', {}, { lake: 'old', sea: 'old' }],
    ['all of them', { catalogs: 'ALL' }, { lake: 'old', sea: 'old' }],
    ['one, named in any case', { catalogs: [{ name: 'SEA' }] }, { ...BEFORE, sea: 'old' }],
    [
      'one under an alias',
      { catalogs: [{ name: 'lake', alias: 'pond' }] },
      { ...BEFORE, pond: 'old' },
    ],
  ];

  it.each(RESTORES)('brings back %s at the second tick (2)', (_, request, expected) => {
    const { world, timestamp } = changedCatalogs();
    const before = world.log.length;
    world.restore(timestamp, request);
    world.tick();
    expect(state(world)).toBe('COMMITTING');
    expect(world.catalogUrls()).toEqual(expected);
    world.tick();
    expect(state(world)).toBe('FINISHED');
    expect(world.log.slice(before).map(({ op }) => op)).toEqual(
      Array.from({ length: 3 }, () => 'OP_RESTORE_JOB_V2'),
    );
    expect(world.job(EXTERNAL_CATALOG_SLOT).jobId).toBe(-1);
    world.restart();
    expect(world.catalogUrls()).toEqual(expected);
  });

  it('that is interrupted goes on where the log has it (34)', () => {
    const { world, timestamp } = changedCatalogs();
    world.restore(timestamp);
    world.restart();
    expect(state(world)).toBe('PENDING');
    world.tick();
    world.restart();
    expect(state(world)).toBe('COMMITTING');
    expect(world.catalogUrls()).toEqual({ lake: 'old', sea: 'old' });
    expect(world.untilDone(EXTERNAL_CATALOG_SLOT).state).toBe('FINISHED');
  });

  it.each([0, 1])('that is cancelled after %i ticks gives back what was there (30)', (ticks) => {
    const { world, timestamp } = changedCatalogs();
    world.restore(timestamp);
    world.ticks(ticks);
    world.cancel('RESTORE', EXTERNAL_CATALOG_SLOT);
    expect(state(world)).toBe('CANCELLED');
    expect(world.catalogUrls()).toEqual(BEFORE);
    world.restart();
    expect(world.catalogUrls()).toEqual(BEFORE);
  });

  it('that is cancelled leaves alone what somebody made meanwhile', () => {
    const { world, timestamp } = changedCatalogs();
    world.restore(timestamp);
    world.tick();
    world.createCatalog('lake', 'newest');
    world.dropCatalog('sea');
    world.cancel('RESTORE', EXTERNAL_CATALOG_SLOT);
    expect(world.catalogUrls()).toEqual({ lake: 'newest' });
    world.restart();
    expect(world.catalogUrls()).toEqual({ lake: 'newest' });
  });

  const REFUSALS: readonly (readonly [string, Partial<RestoreRequest>, RegExp])[] = [
    ['a database', { targetDbName: 'shop' }, /cannot be restored into database shop/],
    ['an ON list', { objects: [{ name: 't' }] }, /ON cannot be used/],
    ['an unknown catalog', { catalogs: [{ name: 'x' }] }, /catalog x does not exist in snapshot/],
    [
      'the internal name as an alias',
      { catalogs: [{ name: 'lake', alias: 'Default_Catalog' }] },
      /alias with default_catalog/,
    ],
  ];

  it.each(REFUSALS)('is refused for %s, and changes nothing', (_, request, text) => {
    const { world, timestamp } = changedCatalogs();
    const records = world.log.length;
    expect(() => world.restore(timestamp, request)).toThrow(text);
    expect(world.log.length).toBe(records);
  });

  it('is refused when the metadata cannot be read', () => {
    const { world, timestamp } = changedCatalogs();
    world.repository.objects.delete('s1/__meta');
    expect(() => world.restore(timestamp)).toThrow(/Failed to read the metadata of snapshot s1/);
  });

  it('is refused for a snapshot of a database', () => {
    const world = new World();
    world.createTable({ name: 't' });
    const timestamp = world.finishedBackup();
    expect(() => world.restore(timestamp, { catalogs: 'ALL' })).toThrow(/no external catalogs/);
  });
});
