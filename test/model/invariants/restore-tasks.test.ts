/** Invariants of restore-jobs.md 10 that speak of a restore's tasks and of its file mapping. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OlapTable } from '../../../src/catalog/model.ts';
import { indexMetaOf } from '../../../src/catalog/table-lookup.ts';
import { type MappingRow, mappingRows } from '../../../src/jobs/file-mapping.ts';
import type { BackupIndexInfo, BackupTableInfo } from '../../../src/repository/job-info.ts';
import { failure } from '../../unit/jobs/support/backends.ts';
import { keyOf } from '../../unit/jobs/support/task-queue.ts';
import { BACKEND_IDS, DB_ID, type World } from '../../unit/jobs/support/world.ts';
import {
  alikeTables,
  isDone,
  restoreOf,
  type Seen,
  TroubledJob,
  troubles,
  troublesAndDeaths,
} from './troubled-job.ts';

const WAITING = ['SNAPSHOTING', 'DOWNLOADING', 'COMMITTING'];

const unfinishedOf = (world: World): readonly number[] =>
  [...(world.handler.job(DB_ID)?.runtime.unfinished.keys() ?? [])].map(Number);

describe('the tasks of a restore', () => {
  it('restore invariant 8: a waiting state is left iff nothing is unfinished', () => {
    fc.assert(
      fc.property(alikeTables, troubles, (specs, actions) => {
        const troubled = restoreOf(specs);
        const { world } = troubled;
        let waitedFor: readonly number[] = [];
        const look = ({ before, after, action }: Seen): void => {
          if (action.do === 'tick' && WAITING.includes(before.state)) {
            expect(after.state !== before.state).toBe(waitedFor.length === 0);
          }
          waitedFor = unfinishedOf(world);
        };
        troubled.live(actions, look);
        troubled.calm();
        waitedFor = unfinishedOf(world);
        while (!isDone(troubled.job)) {
          troubled.live([{ do: 'tick' }], look);
          world.resend();
          world.clock.advance(100);
          waitedFor = unfinishedOf(world);
        }
        expect(troubled.job.state).toBe('FINISHED');
      }),
      { numRuns: 15 },
    );
  });

  it('restore invariant 8: a failed end shrinks nothing, a good one itself, once', () => {
    fc.assert(
      fc.property(
        alikeTables,
        fc.constantFrom('SNAPSHOTING', 'DOWNLOADING', 'COMMITTING'),
        fc.array(fc.tuple(fc.nat(20), fc.boolean())),
        (specs, state, ends) => {
          const { world } = restoreOf(specs);
          const held = {
            SNAPSHOTING: 'MAKE_SNAPSHOT',
            DOWNLOADING: 'DOWNLOAD',
            COMMITTING: 'MOVE',
          };
          const type = held[state];
          const answers = new Map<number, ReturnType<typeof failure>>();
          world.backends.script = (task, usual) => {
            if (task.type !== type) return usual();
            answers.set(Number(task.signature), usual());
            return undefined;
          };
          world.untilState(state);
          const tasks = [...world.queue.values()];
          let open = unfinishedOf(world);
          for (const [nth, isGood] of ends) {
            const task = tasks[nth % tasks.length];
            if (task === undefined) continue;
            const { backendId, signature } = task;
            const answer = isGood ? answers.get(Number(signature)) : failure('no');
            if (answer === undefined) throw new Error(`no answer to ${signature}`);
            world.report(task, { backendId, type: task.type, signature, ...answer });
            open = isGood ? open.filter((one) => one !== Number(signature)) : open;
            expect(unfinishedOf(world)).toEqual(open);
            expect(world.queue.has(keyOf(backendId, task.type, signature))).toBe(
              open.includes(Number(signature)),
            );
          }
        },
      ),
      { numRuns: 24 },
    );
  });

  it('restore invariant 9: one snapshot task a mapping row, one move task a snapshot', () => {
    fc.assert(
      fc.property(alikeTables, troubles, (specs, actions) => {
        const troubled = restoreOf(specs);
        const { world } = troubled;
        const look = ({ before, after }: Seen): void => {
          if (before.state === after.state || after.type !== 'RESTORE') return;
          const { fileMapping, snapshotInfos } = after;
          if (after.state === 'SNAPSHOTING') {
            const tasks = new Set(world.backends.ofType('MAKE_SNAPSHOT'));
            expect(tasks.size).toBe(fileMapping.rowCount);
          }
          if (before.state === 'SNAPSHOTING') {
            const places = new Set(
              snapshotInfos.map(({ tabletId, beId }) => `${tabletId}/${beId}`),
            );
            expect(places.size).toBe(fileMapping.rowCount);
            expect(snapshotInfos.length).toBe(places.size);
          }
          if (after.state === 'COMMITTING') {
            expect(new Set(world.backends.ofType('MOVE')).size).toBe(snapshotInfos.length);
          }
        };
        troubled.live(actions, look);
        expect(troubled.untilDone(look).state).toBe('FINISHED');
      }),
      { numRuns: 15 },
    );
  });

  it('restore invariant 10: downloads have each snapshot of a backend once, in batches', () => {
    fc.assert(
      fc.property(alikeTables, fc.integer({ min: -1, max: 6 }), (specs, limit) => {
        const { world } = restoreOf(specs);
        world.config.maxDownloadTaskPerBe = limit;
        world.untilState('DOWNLOADING');
        const infos = world.restoreJob().snapshotInfos;
        for (const backendId of BACKEND_IDS) {
          const held = infos.filter(({ beId }) => beId === backendId);
          const tasks = world.backends.ofType('DOWNLOAD').filter((t) => t.backendId === backendId);
          const places = tasks.flatMap(({ srcDest }) => [...srcDest.values()]);
          expect([...places].sort()).toEqual(
            held
              .map(({ path, tabletId, schemaHash }) => `${path}/${tabletId}/${schemaHash}`)
              .sort(),
          );
          const count = held.length;
          const batches = limit <= 0 ? count : Math.min(count, limit);
          const size = batches === 0 ? 0 : Math.floor(count / batches);
          const sizes = tasks.map(({ srcDest }) => srcDest.size);
          expect(sizes.length).toBe(batches);
          for (const one of sizes.slice(0, -1)) expect(one).toBe(size);
          expect(sizes.reduce((a, b) => a + b, 0)).toBe(count);
        }
      }),
      { numRuns: 24 },
    );
  });

  it('restore invariant 11: no two tasks share a signature, no two PENDING runs a job id', () => {
    fc.assert(
      fc.property(alikeTables, troublesAndDeaths, (specs, actions) => {
        const troubled = restoreOf(specs);
        const { world } = troubled;
        const jobIds: number[] = [];
        const look = ({ before, after }: Seen): void => {
          if (before.state === 'PENDING' && after.state === 'SNAPSHOTING') jobIds.push(after.jobId);
        };
        troubled.live(actions, look);
        troubled.untilDone(look);
        expect(new Set(jobIds).size).toBe(jobIds.length);
        const tasks = new Set(
          world.backends.received.filter(({ type }) =>
            ['MAKE_SNAPSHOT', 'DOWNLOAD', 'MOVE'].includes(type),
          ),
        );
        expect(new Set([...tasks].map(({ signature }) => signature)).size).toBe(tasks.size);
      }),
      { numRuns: 18 },
    );
  });

  it('restore invariant 12: failures that end in time leave it FINISHED, no message', () => {
    fc.assert(
      fc.property(alikeTables, fc.array(fc.boolean(), { maxLength: 40 }), (specs, failures) => {
        const { world } = restoreOf(specs);
        const left = [...failures];
        world.backends.script = (task, usual) =>
          task.type !== 'CREATE' && left.shift() === true ? failure('bad weather') : usual();
        expect(world.untilDone(DB_ID, 400)).toMatchObject({
          state: 'FINISHED',
          status: { code: 'OK' },
        });
        expect(world.handler.job(DB_ID)?.runtime.taskErrMsg.size).toBe(0);
      }),
      { numRuns: 18 },
    );
  });
});

/** The job of a restore after its PENDING step, and the rows of its mapping. */
function mapped(world: World): readonly MappingRow[] {
  world.tick();
  return [...mappingRows(world.restoreJob().fileMapping)];
}

/** Every index of a snapshot's table by the ids on the way to it. */
function indexesOf(table: BackupTableInfo): ReadonlyMap<string, BackupIndexInfo> {
  const found = new Map<string, BackupIndexInfo>();
  for (const partition of table.partitions.values()) {
    for (const sub of partition.subPartitions.values()) {
      for (const index of sub.indexes.values()) {
        found.set(`${table.id}/${sub.id}/${index.id}`, index);
      }
    }
  }
  return found;
}

function snapshotIndexes(world: World): ReadonlyMap<string, BackupIndexInfo> {
  const tables = [...world.restoreJob().jobInfo.tables.values()];
  return new Map(tables.flatMap((table) => [...indexesOf(table)]));
}

function localTable(world: World, id: number): OlapTable {
  const found = [...world.database.tables.values()].find((table) => table.id === id);
  if (found === undefined) throw new Error(`no table ${id}`);
  return found;
}

describe('the file mapping of a restore', () => {
  it('restore invariant 13: has each local replica once, and tablets pair one to one', () => {
    fc.assert(
      fc.property(alikeTables, (specs) => {
        const rows = mapped(restoreOf(specs).world);
        const remote = new Map<number, number>();
        for (const row of rows) {
          const known = remote.get(row.local.tabletId);
          if (known !== undefined) expect(row.remote.tabletId).toBe(known);
          remote.set(row.local.tabletId, row.remote.tabletId);
        }
        expect(new Set(remote.values()).size).toBe(remote.size);
        expect(new Set(rows.map(({ local }) => local.replicaId)).size).toBe(rows.length);
      }),
      { numRuns: 18 },
    );
  });

  it('restore invariant 14: leads to a tablet of the snapshot, and to no replica of it', () => {
    fc.assert(
      fc.property(alikeTables, (specs) => {
        const { world } = restoreOf(specs);
        const rows = mapped(world);
        const indexes = snapshotIndexes(world);
        for (const { remote } of rows) {
          expect(remote.replicaId).toBe(-1);
          const index = indexes.get(`${remote.tableId}/${remote.partitionId}/${remote.indexId}`);
          expect(index?.tabletIds).toContain(remote.tabletId);
        }
      }),
      { numRuns: 18 },
    );
  });

  it('restore invariant 15: takes the tablet at the same place in tablets_order', () => {
    fc.assert(
      fc.property(alikeTables, fc.integer(), (specs, seed) => {
        const { world } = restoreOf(specs);
        world.cancel('RESTORE');
        shuffleOrders(world, seed);
        world.restore(world.restoreJob().backupTimestamp, {
          replicationNum: specs[0]?.replicationNum ?? 1,
        });
        const rows = mapped(world);
        const indexes = snapshotIndexes(world);
        for (const { local, remote } of rows) {
          const table = localTable(world, local.tableId);
          const tabletIds = localTablets(table, local.partitionId, local.indexId);
          const index = indexes.get(`${remote.tableId}/${remote.partitionId}/${remote.indexId}`);
          expect(index?.name).toBe(indexMetaOf(table, local.indexId as never).name);
          expect(index?.tabletIds[tabletIds.indexOf(local.tabletId)]).toBe(remote.tabletId);
        }
      }),
      { numRuns: 18 },
    );
  });

  it('restore invariant 16: covers just the tablets of what was selected', () => {
    fc.assert(
      fc.property(alikeTables, fc.nat(3), (specs, skipped) => {
        const { world } = restoreOf(specs);
        world.cancel('RESTORE');
        const objects = specs.map(({ name, ranges = [] }) => {
          const names = ranges.map(([partition]) => partition).filter((_, at) => at !== skipped);
          return names.length === 0 ? { name } : { name, partitionNames: names };
        });
        world.restore(world.restoreJob().backupTimestamp, {
          objects,
          replicationNum: specs[0]?.replicationNum ?? 1,
        });
        const expected = new Set<number>();
        for (const { name, partitionNames } of objects.map((one) => ({
          partitionNames: undefined,
          ...one,
        }))) {
          const table = world.restoreJob().backupMeta?.tables.get(name);
          for (const [partition, { physical }] of table?.partitions ?? []) {
            if (partitionNames?.includes(partition) === false) continue;
            for (const { indexes } of physical) {
              for (const { tablets } of indexes)
                for (const id of tablets.tabletIds) expected.add(id);
            }
          }
        }
        const rows = mapped(world);
        expect(new Set(rows.map(({ remote }) => remote.tabletId))).toEqual(expected);
      }),
      { numRuns: 18 },
    );
  });

  it('restore invariant 17: the path of a tablet tells its five numbers', () => {
    fc.assert(
      fc.property(alikeTables, (specs) => {
        const { world } = restoreOf(specs);
        world.untilState('DOWNLOADING');
        const chains = new Set(
          [...mappingRows(world.restoreJob().fileMapping)].map(
            ({ remote: { tableId, partitionId, indexId, tabletId } }) =>
              `${DB_ID}/${tableId}/${partitionId}/${indexId}/${tabletId}`,
          ),
        );
        const form = /__db_(\d+)\/__tbl_(\d+)\/__part_(\d+)\/__idx_(\d+)\/__(\d+)$/;
        const read = new Set<string>();
        for (const { srcDest } of world.backends.ofType('DOWNLOAD')) {
          for (const source of srcDest.keys()) {
            read.add(form.exec(source)?.slice(1).join('/') ?? source);
          }
        }
        expect(read).toEqual(chains);
      }),
      { numRuns: 12 },
    );
  });
});

function localTablets(table: OlapTable, physicalId: number, indexId: number): readonly number[] {
  for (const { physical } of table.partitions.values()) {
    const index = physical
      .find(({ id }) => id === physicalId)
      ?.indexes.find((one) => one.indexId === indexId);
    if (index !== undefined) return [...index.tablets.tabletIds];
  }
  throw new Error(`no index ${indexId}`);
}

/** Rewrites the stored info so that no `tablets_order` is sorted any more. */
function shuffleOrders(world: World, seed: number): void {
  const { objects } = world.repository;
  for (const [key, bytes] of objects) {
    if (!key.includes('__info_')) continue;
    const json = JSON.parse(Buffer.from(bytes).toString(), (name, value) => {
      if (name !== 'tablets_order') return value;
      const by = (id: string): number => (Number(id) * 7919 + seed) % 101;
      return [...value].sort((a: string, b: string) => by(a) - by(b));
    });
    objects.set(key, Buffer.from(JSON.stringify(json)));
  }
}

describe('a troubled restore', () => {
  it('restore invariant 34: ends FINISHED with the same metadata wherever it crashed', () => {
    fc.assert(
      fc.property(alikeTables, troublesAndDeaths, (specs, actions) => {
        const calm = restoreOf(specs);
        const troubled = new TroubledJob(restoreOf(specs).world);
        troubled.live(actions);
        expect(troubled.untilDone()).toMatchObject({ state: 'FINISHED', status: { code: 'OK' } });
        calm.untilDone();
        const shapeOf = ({ database }: World): unknown =>
          [...database.tables.values()]
            .map(({ name, state, keysType, partitions }) => ({
              name,
              state,
              keysType,
              partitions: [...partitions.values()].map((partition) => ({
                name: partition.name,
                range: partition.range,
                physical: partition.physical.map(({ visibleVersion, nextVersion, indexes }) => ({
                  visibleVersion,
                  nextVersion,
                  tablets: indexes.map(({ tablets }) => [tablets.count, tablets.replication]),
                })),
              })),
            }))
            .sort((a, b) => a.name.localeCompare(b.name));
        expect(shapeOf(troubled.world)).toEqual(shapeOf(calm.world));
        for (const { name } of specs) {
          expect(troubled.world.contents(troubled.world.table(name))).toEqual(
            calm.world.contents(calm.world.table(name)),
          );
        }
      }),
      { numRuns: 18 },
    );
  });
});
