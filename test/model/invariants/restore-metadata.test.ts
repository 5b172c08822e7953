/** Invariants of restore-jobs.md 10 that speak of metadata on its way: files, log, new ids. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OlapTable, Partition } from '../../../src/catalog/model.ts';
import { countIdsNeeded, reassignIds } from '../../../src/catalog/reassign-ids.ts';
import { tableSignature } from '../../../src/catalog/table-signature.ts';
import { decodeJobRecord, encodeJobRecord } from '../../../src/jobs/job-codec.ts';
import type { Job } from '../../../src/jobs/job-machine.ts';
import { recordOf } from '../../../src/jobs/records.ts';
import type {
  BackupIndexInfo,
  BackupJobInfo,
  BackupPartitionInfo,
  BackupTableInfo,
} from '../../../src/repository/job-info.ts';
import { CURRENT_JOB_INFO_FORM, encodeJobInfo } from '../../../src/repository/job-info-codec.ts';
import { decodeJobInfo } from '../../../src/repository/job-info-reader.ts';
import { arbitraryTable } from '../../unit/catalog/arbitrary-table.ts';
import { DB_ID, type World } from '../../unit/jobs/support/world.ts';
import {
  alikeTables,
  restoreOf,
  TroubledJob,
  troubles,
  troublesAndDeaths,
  worldOf,
} from './troubled-job.ts';

const id = fc.integer({ min: 1, max: 2 ** 40 });
const name = fc.string({ minLength: 1, maxLength: 8 });

function byName<T extends { readonly name: string }>(
  one: fc.Arbitrary<T>,
): fc.Arbitrary<ReadonlyMap<string, T>> {
  return fc
    .uniqueArray(one, { maxLength: 3, selector: (each) => each.name })
    .map((list) => new Map(list.map((each) => [each.name, each])));
}

const index: fc.Arbitrary<BackupIndexInfo> = fc.record({
  name,
  id,
  schemaHash: fc.nat(),
  tabletIds: fc.uniqueArray(id, { minLength: 1, maxLength: 4 }),
});
const partition: fc.Arbitrary<BackupPartitionInfo> = fc
  .record({
    name,
    id,
    version: fc.nat(),
    subs: fc.uniqueArray(fc.record({ id, version: fc.nat(), indexes: byName(index) }), {
      minLength: 1,
      maxLength: 3,
      selector: (sub) => sub.id,
    }),
  })
  .map(({ subs, ...rest }) => ({
    ...rest,
    indexes: new Map(),
    subPartitions: new Map(subs.map((sub) => [sub.id, sub])),
  }));
const table: fc.Arbitrary<BackupTableInfo> = fc.record({ name, id, partitions: byName(partition) });

const retention = fc.record(
  { clusterId: fc.nat(), finishTimeMs: id, ttl: fc.constant('7 DAY'), expireTimeMs: id },
  { requiredKeys: [] },
);
const plain = fc.record({
  name,
  dbName: name,
  dbId: id,
  backupTimeMs: id,
  tables: byName(table),
  success: fc.constant(true),
  metaVersion: fc.constant(CURRENT_JOB_INFO_FORM.metaVersion),
  starrocksMetaVersion: fc.constant(CURRENT_JOB_INFO_FORM.starrocksMetaVersion),
});

/** The text with another list in place of each `tablets_order`. */
function withOrders(info: BackupJobInfo, to: (order: readonly string[]) => unknown): string {
  return JSON.stringify(
    JSON.parse(encodeJobInfo(info), (key, value) => (key === 'tablets_order' ? to(value) : value)),
  );
}

describe('the job info of a snapshot', () => {
  it('restore invariant 18: what is written is read again, in any order of tablets', () => {
    fc.assert(
      fc.property(plain, retention, (info, kept) => {
        const whole: BackupJobInfo = { ...info, ...kept };
        const text = encodeJobInfo(whole);
        expect(decodeJobInfo(text)).toEqual(whole);
        expect(JSON.parse(encodeJobInfo(decodeJobInfo(text)))).toEqual(JSON.parse(text));
      }),
      { numRuns: 60 },
    );
  });

  it('restore invariant 19: without tablets_order the tablets stand in ascending order', () => {
    fc.assert(
      fc.property(plain, (info) => {
        const sorted = withOrders(info, (order) =>
          [...order].sort((a, b) => Number(a) - Number(b)),
        );
        const without = withOrders(info, () => undefined);
        expect(decodeJobInfo(without)).toEqual(decodeJobInfo(sorted));
      }),
      { numRuns: 24 },
    );
  });

  it('restore invariant 20: numbers and texts in tablets_order read alike', () => {
    fc.assert(
      fc.property(plain, (info) => {
        const numbers = withOrders(info, (order) => order.map(Number));
        expect(decodeJobInfo(numbers)).toEqual(decodeJobInfo(encodeJobInfo(info)));
      }),
      { numRuns: 24 },
    );
  });

  it('restore invariant 21: retention keys are there iff set, and change nothing else', () => {
    fc.assert(
      fc.property(plain, retention, (info, kept) => {
        const bare = JSON.parse(encodeJobInfo(info));
        for (const key of ['cluster_id', 'finish_time', 'ttl', 'expire_time']) {
          expect(Object.hasOwn(bare, key)).toBe(false);
        }
        const read = decodeJobInfo(encodeJobInfo({ ...info, ...kept }));
        expect(read).toEqual({ ...info, ...kept });
        const { clusterId, finishTimeMs, ttl, expireTimeMs, ...rest } = read;
        expect({ clusterId, finishTimeMs, ttl, expireTimeMs }).toEqual({
          clusterId: undefined,
          finishTimeMs: undefined,
          ttl: undefined,
          expireTimeMs: undefined,
          ...kept,
        });
        expect(rest).toEqual(info);
      }),
      { numRuns: 24 },
    );
  });
});

/** Snapshots are a map by tablet and backend: their order says nothing. */
function inOrder(job: Job): unknown {
  const infos = [...job.snapshotInfos.values()];
  return {
    ...job,
    snapshotInfos: infos.sort((a, b) => a.tabletId - b.tabletId || a.beId - b.beId),
  };
}

describe('a restore job in the log', () => {
  it('restore invariant 22: keeps every field, and forgets what only a life knows', () => {
    fc.assert(
      fc.property(alikeTables, troubles, (specs, actions) => {
        const troubled = restoreOf(specs);
        const { world } = troubled;
        troubled.live(actions, ({ after }) => {
          if (after.type !== 'RESTORE') return;
          const record = recordOf(after);
          const body = JSON.parse([...encodeJobRecord(record)].join(''));
          expect(inOrder(decodeJobRecord(record.op, body).job)).toEqual(inOrder(after));
        });
        world.restart();
        const runtime = world.handler.job(DB_ID)?.runtime;
        expect(runtime?.unfinished.size).toBe(0);
        expect(runtime?.progress.size).toBe(0);
      }),
      { numRuns: 12 },
    );
  });
});

/** What of a table must survive new ids. */
function shapeOf(one: OlapTable): unknown {
  return new Map([...one.partitions].map(([key, each]) => [key, partitionShape(one, each)]));
}

function partitionShape({ indexMetas }: OlapTable, each: Partition): unknown {
  return {
    name: each.name,
    range: each.range,
    physical: each.physical.map(({ visibleVersion, indexes }) => ({
      visibleVersion,
      indexes: indexes.map(({ indexId, tablets }) => {
        const meta = indexMetas.find((candidate) => candidate.indexId === indexId);
        return { name: meta?.name, schema: meta?.schema, tablets: tablets.count };
      }),
    })),
  };
}

function* idsOf(one: OlapTable): Iterable<number> {
  yield one.id;
  for (const { indexId } of one.indexMetas) yield indexId;
  for (const { id: partitionId, physical } of one.partitions.values()) {
    yield partitionId;
    for (const { id: physicalId, indexes } of physical) {
      yield physicalId;
      for (const { tablets } of indexes) {
        yield* tablets.tabletIds;
        yield* tablets.replicaIds;
      }
    }
  }
}

const ID_BASE = 2 ** 45;

function reassigned(remote: OlapTable, replicationNum: number): OlapTable | undefined {
  let next = ID_BASE;
  const ids = {
    next: () => next++,
    take(count: number): number {
      next += count;
      return next - count;
    },
  };
  const placed = reassignIds(remote, replicationNum, {
    ids,
    chooseBackends: (tablets, replicas) =>
      Float64Array.from({ length: tablets * replicas }, (_, at) => 10_001 + (at % replicas)),
    physicalIdEqualsLogical: false,
  });
  expect(next - ID_BASE).toBeLessThanOrEqual(countIdsNeeded(remote, replicationNum));
  return placed?.table;
}

describe('a table that moves', () => {
  it('restore invariant 23: gets new ids, each once, and keeps everything else', () => {
    fc.assert(
      fc.property(arbitraryTable(), fc.integer({ min: 1, max: 3 }), (remote, replicationNum) => {
        const local = reassigned(remote, replicationNum);
        if (local === undefined) throw new Error('not placed');
        expect(shapeOf(local)).toEqual(shapeOf(remote));
        const ids = [...idsOf(local)];
        expect(new Set(ids).size).toBe(ids.length);
        for (const one of ids) expect(one).toBeGreaterThanOrEqual(ID_BASE);
        for (const { physical } of local.partitions.values()) {
          for (const { indexes, lagging } of physical) {
            expect(lagging.size).toBe(0);
            for (const { tablets } of indexes) expect(tablets.replication).toBe(replicationNum);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('restore invariant 24: survives two backups and restores with equal signatures', () => {
    fc.assert(
      fc.property(alikeTables, (specs) => {
        const world = worldOf(specs);
        const replicationNum = specs[0]?.replicationNum ?? 1;
        const seen = [lookOf(world, specs)];
        for (const label of ['a', 'b']) {
          const timestamp = world.finishedBackup({ label });
          for (const spec of specs) world.dropTable(spec.name);
          world.restore(timestamp, { label, replicationNum });
          expect(world.untilDone().state).toBe('FINISHED');
          seen.push(lookOf(world, specs));
        }
        expect(seen[1]).toEqual(seen[0]);
        expect(seen[2]).toEqual(seen[0]);
      }),
      { numRuns: 10 },
    );
  });
});

function lookOf(world: World, specs: readonly { readonly name: string }[]): unknown {
  return specs.map(({ name: tableName }) => {
    const one = world.table(tableName);
    return [shapeOf(one), tableSignature(one, [...one.partitions.keys()].sort()).signature];
  });
}

describe('the signature of a table', () => {
  const signature = (one: OlapTable): number =>
    tableSignature(one, [...one.partitions.keys()]).signature;

  it('restore invariant 25: is not changed by ids, replicas, hashes, order of partitions', () => {
    fc.assert(
      fc.property(arbitraryTable(), fc.integer({ min: 1, max: 3 }), (one, replicationNum) => {
        const moved = reassigned(one, replicationNum);
        if (moved === undefined) throw new Error('not placed');
        const other: OlapTable = {
          ...moved,
          partitions: new Map([...moved.partitions].reverse()),
          indexMetas: moved.indexMetas.map((meta) => ({ ...meta, schemaHash: 1 })),
        };
        expect(signature(other)).toBe(signature(one));
      }),
      { numRuns: 60 },
    );
  });

  it.each(['s', 'orders', 'a table'])(
    'restore invariant 25: %s by another name differs',
    (text) => {
      const world = worldOf([{ name: text, ranges: [['p', 0, 10]] }]);
      const one = world.table(text);
      expect(signature({ ...one, name: `${text}2` })).not.toBe(signature(one));
      const whole: OlapTable = { ...one, partitionBy: { kind: 'UNPARTITIONED' } };
      expect(signature(whole)).not.toBe(signature(one));
    },
  );
});

describe('a restore in another life', () => {
  it("restore invariant 33: replay gives the leader's tables and jobs at each record", () => {
    fc.assert(
      fc.property(alikeTables, troublesAndDeaths, fc.nat(30), (specs, actions, cancelAfter) => {
        const troubled = restoreOf(specs);
        const { world } = troubled;
        actions.forEach((action, at) => {
          if (at === cancelAfter && troubled.job.state === 'DOWNLOADING') {
            troubled.calm();
            world.cancel('RESTORE');
          }
          troubled.live([action]);
          compareWithReplay(world);
        });
        new TroubledJob(world).untilDone(() => compareWithReplay(world));
      }),
      { numRuns: 10 },
    );
  });
});

/** A follower: a fresh frontend that has replayed the leader's log. */
function compareWithReplay(leader: World): void {
  const { job } = leader.handler.job(DB_ID) ?? {};
  // What the preparation has done so far comes with the record of DOWNLOAD.
  if (job === undefined || job.state === 'SNAPSHOTING') return;
  const follower = worldOf([]);
  follower.clock.advance(leader.clock.now() - follower.clock.now());
  follower.log.splice(0, follower.log.length, ...leader.log);
  follower.restart();
  const tablesOf = ({ database }: World): unknown =>
    new Map([...database.tables].map(([tableId, one]) => [tableId, one]));
  expect(tablesOf(follower)).toEqual(tablesOf(leader));
  const last = leader.jobRecords().at(-1)?.job;
  expect(follower.handler.job(DB_ID)?.job).toEqual(last);
}
