/** Invariants of restore-jobs.md 10 that speak of what a restore does to tables, and does not. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OlapTable, Partition } from '../../../src/catalog/model.ts';
import { change } from '../../unit/jobs/support/backed-up.ts';
import { replicasIn } from '../../unit/jobs/support/replicas.ts';
import { atVersion, type TableSpec } from '../../unit/jobs/support/tables.ts';
import type { World } from '../../unit/jobs/support/world.ts';
import {
  alikeTables,
  isDone,
  restoreOf,
  TroubledJob,
  troublesAndDeaths,
  worldOf,
} from './troubled-job.ts';

type Ranges = NonNullable<TableSpec['ranges']>;

const range = (at: number, from: number): Ranges[number] => [`p${at}`, from, from + 10];

/** Partitions p0 to p3 somewhere on the line, none over another. */
const someRanges: fc.Arbitrary<Ranges> = fc
  .uniqueArray(fc.record({ at: fc.nat(3), from: fc.constantFrom(0, 10, 20, 30, 40).map(Number) }), {
    minLength: 1,
    maxLength: 3,
    selector: ({ at }) => at,
  })
  .map((list) => {
    const taken = new Set<number>();
    return list
      .filter(({ from }) => !taken.has(from) && taken.add(from))
      .map(({ at, from }) => range(at, from));
  });

/** A table in a snapshot and the one of that name that stands here. */
const pairs = fc.record({
  there: someRanges,
  here: someRanges,
  buckets: fc.tuple(fc.constantFrom(2, 3), fc.constantFrom(2, 2, 2, 3)),
  replicas: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
  asked: fc.integer({ min: 1, max: 2 }),
});
type Pair = typeof pairs extends fc.Arbitrary<infer T> ? T : never;

/** A restore of `there` onto `here` has just been submitted. */
function overwriting({ there, here, buckets, replicas, asked }: Pair): World {
  const world = worldOf([
    { name: 't', ranges: there, buckets: buckets[0], replicationNum: replicas[0] },
    { name: 'bystander', ranges: [range(0, 0)] },
  ]);
  const timestamp = world.finishedBackup();
  world.dropTable('t');
  world.createTable({
    name: 't',
    ranges: here,
    buckets: buckets[1],
    replicationNum: replicas[1],
    version: 7,
  });
  world.restore(timestamp, { replicationNum: asked, objects: [{ name: 't' }] });
  return world;
}

const overlaps = (a: Ranges[number], b: Ranges[number]): boolean => a[1] < b[2] && b[1] < a[2];

/** The rules of 3.6 for a table that differs in partitions, buckets and replicas only. */
function isAcceptable({ there, here, buckets, replicas, asked }: Pair): boolean {
  const common = there.filter(([name]) => here.some(([other]) => other === name));
  if (common.length > 0 && buckets[0] !== buckets[1]) return false;
  return there.every((one) => {
    const local = here.find(([name]) => name === one[0]);
    if (local === undefined) return !here.some((other) => overlaps(one, other));
    return local[1] === one[1] && local[2] === one[2] && replicas[1] === asked;
  });
}

describe('a restore onto a table that is there', () => {
  it('restore invariant 26: is accepted iff each partition fits or is new and apart', () => {
    fc.assert(
      fc.property(pairs, (pair) => {
        const world = overwriting(pair);
        world.tick();
        expect(world.job().state).toBe(isAcceptable(pair) ? 'SNAPSHOTING' : 'CANCELLED');
      }),
      { numRuns: 80 },
    );
  });

  it('restore invariant 27: that is refused leaves every table as it was', () => {
    fc.assert(
      fc.property(
        pairs.filter((pair) => !isAcceptable(pair)),
        (pair) => {
          const world = overwriting(pair);
          const before = [...world.database.tables.values()];
          world.tick();
          expect(world.job().state).toBe('CANCELLED');
          expect([...world.database.tables.values()]).toEqual(before);
          world.restart();
          expect([...world.database.tables.values()]).toEqual(before);
        },
      ),
      { numRuns: 24 },
    );
  });

  it('restore invariant 29: ends with tables NORMAL, partitions at their old versions', () => {
    fc.assert(
      fc.property(
        pairs.filter(isAcceptable),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 12 }),
        (pair, versionThere, versionHere) => {
          const { there, here, buckets, replicas, asked } = pair;
          const world = worldOf([]);
          const spec = { name: 't', buckets: buckets[0], replicationNum: replicas[0] };
          world.createTable({ ...spec, ranges: there, version: versionThere });
          const timestamp = world.finishedBackup({
            tableRefs: [{ dbName: 'shop', tableName: 't' }],
          });
          world.dropTable('t');
          world.createTable({
            ...spec,
            ranges: here,
            buckets: buckets[1],
            replicationNum: replicas[1],
            version: versionHere,
          });
          change(world, 't', failedOnce);
          world.restore(timestamp, { replicationNum: asked });
          expect(world.untilDone().state).toBe('FINISHED');
          const table = world.table('t');
          expect(table.state).toBe('NORMAL');
          for (const [name, { physical }] of table.partitions) {
            const isRestored = there.some(([one]) => one === name);
            const version = isRestored ? versionThere : versionHere;
            for (const one of physical) {
              expect(one.visibleVersion).toBe(version);
              expect(one.nextVersion).toBe(version + 1);
              if (isRestored) expect(one.lagging.size).toBe(0);
            }
          }
        },
      ),
      { numRuns: 24 },
    );
  });

  it('restore invariant 31: does not touch partitions and tables that it was not asked for', () => {
    fc.assert(
      fc.property(pairs, troublesAndDeaths, fc.boolean(), (pair, actions, isCancelled) => {
        const world = overwriting(pair);
        const bystander = world.table('bystander');
        const others = partitionsNotIn(world.table('t'), pair.there);
        const contents = world.contents(bystander);
        const troubled = new TroubledJob(world);
        const look = (): void => {
          expect(world.table('bystander')).toEqual(bystander);
          expect(world.contents(bystander)).toEqual(contents);
          expect(partitionsNotIn(world.table('t'), pair.there)).toEqual(others);
        };
        troubled.live(actions, look);
        troubled.calm();
        if (isCancelled && !isDone(troubled.job)) world.cancel('RESTORE');
        troubled.untilDone(look);
        look();
      }),
      { numRuns: 18 },
    );
  });
});

/** A replica of each partition has missed a load. */
function failedOnce(table: OlapTable): OlapTable {
  const partitions = new Map<string, Partition>();
  for (const [name, partition] of atVersion(table, versionOf(table)).partitions) {
    const physical = partition.physical.map((one) => {
      const replicaId = one.indexes[0]?.tablets.replicaIds[0] ?? 0;
      const lag = { version: one.visibleVersion - 1, lastFailedVersion: one.visibleVersion };
      return { ...one, lagging: new Map([[replicaId as never, lag]]) };
    });
    partitions.set(name, { ...partition, physical });
  }
  return { ...table, partitions };
}

function versionOf(table: OlapTable): number {
  return [...table.partitions.values()][0]?.physical[0]?.visibleVersion ?? 0;
}

function partitionsNotIn(table: OlapTable, ranges: Ranges): readonly Partition[] {
  return [...table.partitions.values()].filter(
    ({ name }) => !ranges.some(([restored]) => restored === name),
  );
}

describe('a restore under other names', () => {
  it('restore invariant 28: creates just the aliases, base indexes named alike', () => {
    fc.assert(
      fc.property(
        alikeTables,
        fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
        (specs, as) => {
          const world = worldOf(specs);
          const timestamp = world.finishedBackup();
          const before = new Set(world.database.tableIds.keys());
          const objects = specs.map(({ name }, at) => ({
            name,
            alias: as[at] === true ? `${name}_copy` : `other_${name}`,
          }));
          world.restore(timestamp, { objects, replicationNum: specs[0]?.replicationNum ?? 1 });
          expect(world.untilDone().state).toBe('FINISHED');
          const created = [...world.database.tableIds.keys()].filter((name) => !before.has(name));
          expect(created.sort()).toEqual(objects.map(({ alias }) => alias).sort());
          for (const { name, alias } of objects) {
            const [original, copy] = [world.table(name), world.table(alias)];
            const baseOf = ({ indexMetas, baseIndexId }: OlapTable): string | undefined =>
              indexMetas.find(({ indexId }) => indexId === baseIndexId)?.name;
            expect(baseOf(copy)).toBe(alias);
            const rollupsOf = ({ indexMetas, baseIndexId }: OlapTable): readonly string[] =>
              indexMetas.flatMap((meta) => (meta.indexId === baseIndexId ? [] : meta.name));
            expect(rollupsOf(copy)).toEqual(rollupsOf(original));
            expect(placesOf(world, copy)).toEqual(placesOf(world, original));
          }
        },
      ),
      { numRuns: 12 },
    );
  });
});

const placesOf = (world: World, table: OlapTable): readonly string[] =>
  world.contents(table).map((text) => text.slice(text.lastIndexOf(': ')));

describe('a restore that ends', () => {
  it('restore invariant 30: in CANCELLED leaves nothing of it behind', () => {
    fc.assert(
      fc.property(alikeTables, troublesAndDeaths, (specs, actions) => {
        const troubled = restoreOf(specs);
        const { world } = troubled;
        const before = [...world.database.tables.values()];
        troubled.live(actions);
        troubled.calm();
        if (isDone(troubled.job)) return;
        const { jobId } = troubled.job;
        world.cancel('RESTORE');
        expect([...world.database.tables.values()]).toEqual(before);
        for (const table of world.database.tables.values()) expect(table.state).toBe('NORMAL');
        expect(
          [...world.queue.values()].filter((task) => 'jobId' in task && task.jobId === jobId),
        ).toEqual([]);
        expect(world.restoreJob().snapshotInfos).toEqual([]);
      }),
      { numRuns: 24 },
    );
  });

  it('restore invariant 32: in FINISHED has given each tablet the files of its remote one', () => {
    fc.assert(
      fc.property(alikeTables, troublesAndDeaths, (specs, actions) => {
        const troubled = restoreOf(specs);
        const { world } = troubled;
        troubled.live(actions);
        expect(troubled.untilDone().state).toBe('FINISHED');
        for (const { name } of specs) {
          const table = world.table(name);
          for (const { backendId, tabletId, place } of replicasIn(table)) {
            const { files } = world.backends.tablet(backendId, tabletId as never);
            expect([...files]).toEqual([['rowset_first.dat', `${place} first`]]);
          }
        }
      }),
      { numRuns: 18 },
    );
  });
});
