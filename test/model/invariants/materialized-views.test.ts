/**
 * Invariants of materialized views (restore-jobs.md 10, 35 to 38; backup-jobs.md 10, 32): views
 * over up to three tables, in jobs of any order, under any names, through restarts and cancels.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DbId } from '../../../src/base/ids.ts';
import type { MaterializedViewInfo } from '../../../src/catalog/materialized-view.ts';
import type { Database, OlapTable } from '../../../src/catalog/model.ts';
import type { RestoreObject } from '../../../src/jobs/submit-restore.ts';
import type { TableSpec } from '../../unit/jobs/support/tables.ts';
import { World } from '../../unit/jobs/support/world.ts';

const NAMES = ['a', 'b', 'c'];

/** Tables `a`, `b`, ... with partitions and versions of their own. */
const BASES: fc.Arbitrary<readonly TableSpec[]> = fc
  .array(
    fc.record({
      partitionCount: fc.nat(3),
      version: fc.integer({ min: 2, max: 9 }),
      buckets: fc.integer({ min: 1, max: 2 }),
    }),
    { minLength: 1, maxLength: NAMES.length },
  )
  .map((shapes) =>
    shapes.map(({ partitionCount, version, buckets }, at) => ({
      name: NAMES[at] ?? '',
      version,
      buckets,
      ...(partitionCount === 0
        ? {}
        : {
            ranges: Array.from(
              { length: partitionCount },
              (_, part) => [`p${part}`, part * 10, part * 10 + 10] as const,
            ),
          }),
    })),
  );

interface Way {
  /** Which job of up to three brings each of `mv`, `a`, `b`, `c`, and their order in it. */
  readonly jobOf: readonly number[];
  readonly rank: readonly number[];
  readonly aliased: readonly boolean[];
  readonly isElsewhere: boolean;
  readonly restartAfter: readonly boolean[];
}

const WAY: fc.Arbitrary<Way> = fc.record({
  jobOf: fc.array(fc.nat(2), { minLength: 4, maxLength: 4 }),
  rank: fc.array(fc.nat(9), { minLength: 4, maxLength: 4 }),
  aliased: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
  isElsewhere: fc.boolean(),
  restartAfter: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
});

const OBJECTS = ['mv', ...NAMES];

/** A world whose tables and view are in a snapshot. */
function backedUp(specs: readonly TableSpec[]): {
  world: World;
  timestamp: string;
  original: MaterializedViewInfo;
} {
  const world = new World();
  for (const spec of specs) world.createTable(spec);
  world.createMaterializedView(
    'mv',
    specs.map(({ name }) => name),
  );
  const original = infoOf(world.table('mv'));
  return { world, timestamp: world.finishedBackup(), original };
}

function infoOf(table: OlapTable): MaterializedViewInfo {
  if (table.materializedView === undefined) throw new Error('no materialized view');
  return table.materializedView;
}

const aliasOf = (way: Way, name: string): string =>
  way.aliased[OBJECTS.indexOf(name)] === true ? `${name}x` : name;

/** Restores these objects by the jobs of the way; the database they are in at the end. */
function restored(
  world: World,
  timestamp: string,
  way: Way,
  names: readonly string[],
  choose: (name: string) => Partial<RestoreObject> = () => ({}),
): Database {
  const target = way.isElsewhere ? 'other' : 'shop';
  const at = (name: string): number => OBJECTS.indexOf(name);
  for (const job of [0, 1, 2]) {
    const mine = names
      .filter((name) => way.jobOf[at(name)] === job)
      .sort((x, y) => (way.rank[at(x)] ?? 0) - (way.rank[at(y)] ?? 0));
    if (mine.length === 0) continue;
    const objects = mine.map((name) => {
      const alias = aliasOf(way, name);
      return { name, ...(alias === name ? {} : { alias }), ...choose(name) };
    });
    world.restore(timestamp, { targetDbName: target, objects });
    const done = world.untilDone(world.databaseNamed(target).id);
    expect(done).toMatchObject({ state: 'FINISHED', status: { code: 'OK' } });
    if (way.restartAfter[job] === true) world.restart();
  }
  return world.databaseNamed(target);
}

/** A view that is bound to these tables, each of which knows it once. */
function expectBound(world: World, database: Database, way: Way, bases: readonly string[]): void {
  const view = world.table(aliasOf(way, 'mv'), database);
  const info = infoOf(view);
  const tables = bases.map((name) => world.table(aliasOf(way, name), database));
  expect(info).toMatchObject({ isActive: true, inactiveReason: '', dbId: database.id });
  expect(info.baseTables).toEqual(
    tables.map(({ id, name }) => ({
      ...{ dbId: database.id, dbName: database.name },
      ...{ tableId: id, tableName: name },
    })),
  );
  for (const { relatedMaterializedViews: related = [] } of tables) {
    const mine = related.filter(({ dbId, tableId }) => dbId === database.id && tableId === view.id);
    expect(mine).toHaveLength(1);
  }
}

describe('restored materialized views', () => {
  it('restore invariant 35: a view whose tables are all restored is active', () => {
    fc.assert(
      fc.property(BASES, WAY, fc.boolean(), (specs, way, isDropped) => {
        const { world, timestamp } = backedUp(specs);
        const bases = specs.map(({ name }) => name);
        // Under other names or elsewhere, the originals may stay.
        const mayStay = way.isElsewhere;
        if (isDropped || !mayStay) world.dropDatabase();
        const database = restored(world, timestamp, way, ['mv', ...bases]);
        expectBound(world, database, way, bases);
        world.restart();
        world.ticks(2);
        expectBound(world, world.databaseNamed(database.name), way, bases);
      }),
      { numRuns: 15 },
    );
  });

  it('restore invariant 36: a view without one of its tables is inactive, and named', () => {
    fc.assert(
      fc.property(BASES, WAY, fc.nat(2), (specs, way, lost) => {
        const { world, timestamp } = backedUp(specs);
        const bases = specs.map(({ name }) => name);
        const there = bases.filter((_, at) => at !== lost % bases.length);
        world.dropDatabase();
        const database = restored(world, timestamp, way, ['mv', ...there]);
        const info = infoOf(world.table(aliasOf(way, 'mv'), database));
        expect(info.isActive).toBe(false);
        expect(info.inactiveReason).toContain(`view ${aliasOf(way, 'mv')} `);
      }),
      { numRuns: 8 },
    );
  });

  it('restore invariant 37: what a view has read is told by partitions here', () => {
    fc.assert(
      fc.property(BASES, WAY, fc.nat(2), (specs, way, chosen) => {
        const { world, timestamp, original } = backedUp(specs);
        const bases = specs.map(({ name }) => name);
        world.dropDatabase();
        // Of one table perhaps only the first partition.
        const partly = specs[chosen % specs.length];
        const only = (partly?.ranges?.length ?? 0) > 1 ? partly?.name : undefined;
        const database = restored(world, timestamp, way, ['mv', ...bases], (name) =>
          name === only ? { partitionNames: ['p0'] } : {},
        );
        const info = infoOf(world.table(aliasOf(way, 'mv'), database));
        for (const [at, { name, version = 0 }] of specs.entries()) {
          const table = world.table(aliasOf(way, name), database);
          const read = info.baseTableVersions.get(table.id);
          expect([...(read?.keys() ?? [])]).toEqual([...table.partitions.keys()]);
          for (const [partition, entry] of read ?? []) {
            expect(entry.id).toBe(table.partitions.get(partition)?.id);
            expect(entry.version).toBe(version);
          }
          // What the snapshot said of the table stays beside it.
          const remoteId = original.baseTables[at]?.tableId ?? table.id;
          expect(info.baseTableVersions.get(remoteId)).toEqual(
            original.baseTableVersions.get(remoteId),
          );
        }
      }),
      { numRuns: 8 },
    );
  });

  it('restore invariant 38: an active local view that a restore names is as it was', () => {
    fc.assert(
      fc.property(BASES, fc.option(fc.nat(6), { nil: undefined }), (specs, cancelAfter) => {
        const { world, timestamp } = backedUp(specs);
        const before = world.table('mv');
        world.fill(before, 'mine');
        const rows = world.contents(before);
        world.restore(timestamp);
        if (cancelAfter !== undefined) {
          world.ticks(cancelAfter);
          if (world.job().state !== 'FINISHED') world.cancel('RESTORE');
        }
        world.untilDone();
        for (let life = 0; life < 2; life += 1) {
          expect(world.table('mv')).toEqual(before);
          expect(world.contents(before)).toEqual(rows);
          world.restart();
          world.ticks(1);
        }
      }),
      { numRuns: 8 },
    );
  });
});

describe('materialized views in backups', () => {
  it('backup invariant 32: every view written is inactive, and no object here changes', () => {
    fc.assert(
      fc.property(BASES, fc.option(fc.nat(6), { nil: undefined }), (specs, cancelAfter) => {
        const world = new World();
        for (const spec of specs) world.createTable(spec);
        world.createMaterializedView(
          'mv',
          specs.map(({ name }) => name),
        );
        world.createMaterializedView('top', ['mv']);
        const before = objectsOf(world);
        world.backup();
        if (cancelAfter !== undefined) {
          world.ticks(cancelAfter);
          if (world.job().state !== 'FINISHED') world.cancel('BACKUP');
        }
        const done = world.untilDone();
        expect(objectsOf(world)).toEqual(before);
        if (done.state !== 'FINISHED') return;
        for (const name of ['mv', 'top']) {
          const info = infoOf(writtenTable(world, name));
          expect(info.isActive).toBe(false);
          expect(info.inactiveReason).toContain(name);
        }
      }),
      { numRuns: 8 },
    );
  });
});

function objectsOf(world: World): ReadonlyMap<DbId, readonly OlapTable[]> {
  return new Map(
    [...world.catalog.databases.values()].map(({ id, tables }) => [id, [...tables.values()]]),
  );
}

function writtenTable(world: World, name: string): OlapTable {
  const meta = world.run(world.repository.fetchMeta('s1')).value;
  const table = meta?.tables.get(name);
  if (table === undefined) throw new Error(`${name} is not in the metadata`);
  return table;
}
