/** Invariants of backup-jobs.md 10 that speak of a backup's tasks. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEvents } from '../../../src/base/events.ts';
import type { BackendId, ReplicaId, Signature } from '../../../src/base/ids.ts';
import { asId } from '../../../src/base/ids.ts';
import { silentLogger } from '../../../src/base/log.ts';
import type { OlapTable, PhysicalPartition, ReplicaLag } from '../../../src/catalog/model.ts';
import type { FrontendContext } from '../../../src/fe/frontend-context.ts';
import { createFrontendLink } from '../../../src/fe/frontend-link.ts';
import type { AgentTask, TaskType, UploadTask } from '../../../src/protocol/agent-task.ts';
import { change } from '../../unit/jobs/support/backed-up.ts';
import { replicasIn } from '../../unit/jobs/support/replicas.ts';
import { tableOf } from '../../unit/jobs/support/tables.ts';
import { keyOf } from '../../unit/jobs/support/task-queue.ts';
import { BACKEND_IDS, DB_ID, type World } from '../../unit/jobs/support/world.ts';
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

const sorted = (ids: Iterable<number>): readonly number[] => [...ids].sort((a, b) => a - b);

/** Every tablet of the named partitions, or of all. */
function tabletsOf(table: OlapTable, partitions?: readonly string[]): readonly number[] {
  const ids = new Set<number>();
  for (const [name, { physical }] of table.partitions) {
    if (partitions !== undefined && !partitions.includes(name)) continue;
    for (const { indexes } of physical) {
      for (const { tablets } of indexes) for (const id of tablets.tabletIds) ids.add(id);
    }
  }
  return sorted(ids);
}

/** The table with temporary partitions, which are those of another one. */
function withTemporary(world: World, table: OlapTable): OlapTable {
  const other = tableOf({ name: 'other', buckets: 3 }, () => world.takeId(), BACKEND_IDS);
  return { ...table, tempPartitions: other.partitions };
}

describe('the snapshot tasks of a backup', () => {
  it('backup invariant 12: are one per tablet of what was selected, and nothing else', () => {
    fc.assert(
      fc.property(someTables, fc.nat(3), (specs, skipped) => {
        const world = worldOf(specs);
        const expected: number[] = [];
        const tableRefs = specs.map(({ name, ranges = [] }) => {
          const table = world.table(name);
          const names = ranges.map(([partition]) => partition).filter((_, at) => at !== skipped);
          const partitionNames = names.length === 0 ? undefined : names;
          expected.push(...tabletsOf(table, partitionNames));
          const ref = { dbName: 'shop', tableName: name };
          return partitionNames === undefined ? ref : { ...ref, partitionNames };
        });
        world.backup({ tableRefs: [...tableRefs, { dbName: 'shop', tableName: 'v' }] });
        // The statement would refuse them; they may come between it and the first step.
        change(world, 't0', (table) => withTemporary(world, table));
        world.tick();
        const tasked = world.backends.ofType('MAKE_SNAPSHOT').map(({ tabletId }) => tabletId);
        expect(sorted(tasked)).toEqual(sorted(expected));
        expect(world.backends.received.length).toBe(tasked.length);
      }),
      { numRuns: 24 },
    );
  });

  it('backup invariant 13: go to the lowest whole replica; without one none is sent', () => {
    const lag = fc.record({
      version: fc.integer({ min: 3, max: 6 }),
      lastFailedVersion: fc.constantFrom(-1, -1, 6),
    });
    fc.assert(
      fc.property(someTables, fc.array(lag, { minLength: 4, maxLength: 9 }), (specs, lags) => {
        const world = worldOf(specs.map((spec) => ({ ...spec, version: 5 })));
        const chosen = new Map<number, BackendId | undefined>();
        let at = 0;
        const expects = (physical: PhysicalPartition): PhysicalPartition => {
          const lagging = new Map<ReplicaId, ReplicaLag>();
          for (const { tablets } of physical.indexes) {
            for (let replica = 0; replica < tablets.replicaIds.length; replica += 1) {
              const one = lags[at++ % lags.length] ?? { version: 5, lastFailedVersion: -1 };
              const tabletId = tablets.tabletIds[Math.floor(replica / tablets.replication)] ?? 0;
              lagging.set(asId<ReplicaId>(tablets.replicaIds[replica] ?? 0), one);
              const isWhole = one.lastFailedVersion < 0 && one.version >= 5;
              // Ids of replicas grow with their place.
              const best = chosen.get(tabletId);
              const here = asId<BackendId>(tablets.backendIds[replica] ?? 0);
              chosen.set(tabletId, best ?? (isWhole ? here : undefined));
            }
          }
          return { ...physical, lagging };
        };
        for (const { name } of specs) {
          change(world, name, (table) => ({
            ...table,
            partitions: new Map(
              [...table.partitions].map(([partition, one]) => [
                partition,
                { ...one, physical: one.physical.map(expects) },
              ]),
            ),
          }));
        }
        world.backup();
        world.tick();
        const tasked = world.backends.ofType('MAKE_SNAPSHOT');
        if ([...chosen.values()].includes(undefined)) {
          expect(world.job().state).toBe('CANCELLED');
          expect(tasked).toEqual([]);
        } else {
          expect(new Map(tasked.map((task) => [Number(task.tabletId), task.backendId]))).toEqual(
            chosen,
          );
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('the upload tasks of a backup', () => {
  it('backup invariant 14: deal the snapshots of each backend out, each tablet to one task', () => {
    fc.assert(
      fc.property(someTables, fc.integer({ min: -1, max: 6 }), (specs, taskMax) => {
        const world = worldOf(specs);
        world.config.maxUploadTaskPerBe = taskMax;
        world.backup();
        world.untilState('UPLOADING');
        const owners = new Map<string, BackendId>();
        for (const info of world.backupJob().snapshotInfos.values()) {
          owners.set(`${info.path}/${info.tabletId}/${info.schemaHash}`, info.beId);
        }
        const tasks = world.backends.ofType('UPLOAD');
        const sources = tasks.flatMap(({ srcDest }) => [...srcDest.keys()]);
        expect([...sources].sort()).toEqual([...owners.keys()].sort());
        for (const { backendId, srcDest } of tasks) {
          for (const source of srcDest.keys()) expect(owners.get(source)).toBe(backendId);
        }
        for (const backendId of BACKEND_IDS) {
          const count = [...owners.values()].filter((owner) => owner === backendId).length;
          const sizes = tasks
            .filter((task) => task.backendId === backendId)
            .map(({ srcDest }) => srcDest.size);
          const batches = taskMax <= 0 ? count : Math.min(count, taskMax);
          const size = batches === 0 ? 0 : Math.floor(count / batches);
          const last = count - size * (batches - 1);
          expect(sizes).toEqual(
            Array.from({ length: batches }, (_, at) => (at === batches - 1 ? last : size)),
          );
        }
      }),
      { numRuns: 24 },
    );
  });

  it('backup invariant 15: never share a signature; that of a snapshot is its tablet', () => {
    fc.assert(
      fc.property(someTables, fc.array(troublesAndDeaths, { maxLength: 3 }), (specs, lives) => {
        const world = worldOf(specs);
        lives.forEach((actions, at) => {
          world.backup({ label: `s${at}` });
          const troubled = new TroubledJob(world);
          troubled.live(actions);
          troubled.untilDone();
        });
        // A task that is sent again is the same one.
        const uploads = new Set(world.backends.ofType('UPLOAD'));
        expect(new Set([...uploads].map(({ signature }) => signature)).size).toBe(uploads.size);
        for (const { signature, tabletId } of world.backends.ofType('MAKE_SNAPSHOT')) {
          expect(Number(signature)).toBe(Number(tabletId));
        }
      }),
      { numRuns: 12 },
    );
  });
});

/** Signatures that a backend answered OK since the tasks of a phase were sent. */
function acknowledged(world: World, type: TaskType): Set<Signature> {
  const ended = new Set<Signature>();
  const script = world.backends.script;
  world.backends.script = (task, usual) => {
    const answer = script(task, usual);
    if (task.type === type && answer?.status.code === 'OK') ended.add(task.signature);
    return answer;
  };
  return ended;
}

describe('a backup whose tasks fail, get lost and end twice', () => {
  it('backup invariant 16: leaves a phase only once every task of it was acknowledged', () => {
    fc.assert(
      fc.property(someTables, troubles, (specs, actions) => {
        const troubled = backupOf(specs);
        const { world } = troubled;
        const snapshots = acknowledged(world, 'MAKE_SNAPSHOT');
        const uploads = acknowledged(world, 'UPLOAD');
        const look = ({ before, after }: Seen): void => {
          if (before.state === after.state || after.type !== 'BACKUP') return;
          if (before.state === 'SNAPSHOTING') {
            const tasked = world.backends.ofType('MAKE_SNAPSHOT');
            for (const { signature, tabletId } of tasked) {
              expect(snapshots.has(signature)).toBe(true);
              expect(after.snapshotInfos.has(tabletId)).toBe(true);
            }
          }
          if (before.state === 'UPLOADING') {
            for (const { signature } of world.backends.ofType('UPLOAD')) {
              expect(uploads.has(signature)).toBe(true);
            }
          }
        };
        troubled.live(actions, look);
        expect(troubled.untilDone(look).state).toBe('FINISHED');
      }),
      { numRuns: 18 },
    );
  });

  it('backup invariant 20: SAVE_META lets go of metadata and snapshots, each released', () => {
    fc.assert(
      fc.property(someTables, troublesAndDeaths, (specs, actions) => {
        const troubled = backupOf(specs);
        let releases = 0;
        let hasDied = false;
        const look = ({ before, after, isNewLife }: Seen): void => {
          hasDied ||= isNewLife;
          const sent = troubled.world.backends.ofType('RELEASE_SNAPSHOT').length - releases;
          releases += sent;
          if (after.type !== 'BACKUP' || before.type !== 'BACKUP') return;
          if (after.state === 'UPLOAD_INFO' || after.state === 'FINISHED') {
            expect(after.snapshotInfos.size).toBe(0);
            expect(after.backupMeta).toBeUndefined();
          }
          if (before.state === 'SAVE_META' && after.state === 'UPLOAD_INFO' && !isNewLife) {
            expect(sent).toBe(before.snapshotInfos.size);
          } else if (!hasDied) {
            expect(sent).toBe(0);
          }
        };
        troubled.live(actions, look);
        troubled.untilDone(look);
      }),
      { numRuns: 18 },
    );
  });

  it('backup invariant 21: a cancel empties the queue and releases just what it holds', () => {
    fc.assert(
      fc.property(someTables, troublesAndDeaths, (specs, actions) => {
        const troubled = backupOf(specs);
        const { world } = troubled;
        troubled.live(actions);
        troubled.calm();
        if (isDone(troubled.job)) return;
        const held =
          troubled.job.state === 'SNAPSHOTING'
            ? [...(world.handler.job(DB_ID) as unknown as Collecting).runtime.snapshots.values()]
            : [...world.backupJob().snapshotInfos.values()];
        const isReleasing = !['PENDING', 'UPLOAD_INFO'].includes(troubled.job.state);
        const before = world.backends.ofType('RELEASE_SNAPSHOT').length;
        world.cancel('BACKUP');
        const queued = [...world.queue.values()].map(({ type }) => type);
        expect(queued).not.toContain('MAKE_SNAPSHOT');
        expect(queued).not.toContain('UPLOAD');
        const released = world.backends.ofType('RELEASE_SNAPSHOT').slice(before);
        expect(released.map(({ snapshotPath }) => snapshotPath).sort()).toEqual(
          (isReleasing ? held : []).map(({ path }) => path).sort(),
        );
      }),
      { numRuns: 24 },
    );
  });
});

interface Collecting {
  readonly runtime: { readonly snapshots: ReadonlyMap<Signature, { readonly path: string }> };
}

describe('what backends report of a backup', () => {
  it('backup invariant 26: progress is shown of tasks that are awaited, within bounds', () => {
    fc.assert(
      fc.property(someTables, fc.array(fc.tuple(fc.nat(5), fc.nat(9))), (specs, reports) => {
        const world = worldOf(specs);
        world.config.maxUploadTaskPerBe = 1;
        world.backup();
        world.untilState('UPLOAD_SNAPSHOT');
        world.backends.script = (task, usual) => (task.type === 'UPLOAD' ? undefined : usual());
        world.tick();
        const tasks = world.backends.ofType('UPLOAD');
        for (const [nth, finished] of reports) {
          const task = tasks[nth % tasks.length] as UploadTask;
          const { backendId, jobId, signature, srcDest } = task;
          const totalNum = srcDest.size;
          const finishedNum = Math.min(finished, totalNum);
          const report = { backendId, jobId, taskId: signature, type: 'UPLOAD' as const };
          expect(
            world.handler.reportSnapshotLoader({ ...report, finishedNum, totalNum }).code,
          ).toBe('OK');
          const { runtime } = world.handler.job(DB_ID) ?? {};
          for (const [key, { finished: done, total }] of runtime?.progress ?? []) {
            const awaited = runtime?.unfinished.get(key) as UploadTask;
            expect(total).toBe(awaited.srcDest.size);
            expect(done).toBeLessThanOrEqual(total);
            expect(done).toBeGreaterThanOrEqual(0);
          }
        }
        const known = new Set(reports.map(([nth]) => tasks[nth % tasks.length]?.signature));
        expect(world.handler.job(DB_ID)?.runtime.progress.size).toBe(known.size);
      }),
      { numRuns: 15 },
    );
  });

  it('backup invariant 27: what nobody waits for changes no job and is answered CANCELLED', () => {
    const types = fc.constantFrom<TaskType>('MAKE_SNAPSHOT', 'UPLOAD', 'DOWNLOAD', 'MOVE');
    fc.assert(
      fc.property(
        troubles,
        types,
        fc.nat(30_000),
        fc.constantFrom(...BACKEND_IDS),
        fc.boolean(),
        (actions, type, number, backendId, isEnded) => {
          const troubled = backupOf([{ name: 't' }]);
          const { world } = troubled;
          troubled.live(actions);
          if (isEnded) troubled.untilDone();
          const signature = asId<Signature>(number);
          fc.pre(!world.queue.has(keyOf(backendId, type, signature)));
          const before = world.job();
          const link = linkOf(world);
          const status = { code: 'OK', errorMsgs: [] } as const;
          expect(world.run(link.finishTask({ backendId, type, signature, status })).code).toBe(
            'CANCELLED',
          );
          const progress = { backendId, type: 'UPLOAD', finishedNum: 1, totalNum: 2 } as const;
          // Of a job that nobody knows; of the job, but after its end.
          const jobId = isEnded ? before.jobId : asId<never>(number + 90_000);
          const report = { ...progress, jobId, taskId: signature };
          expect(world.run(link.reportSnapshotLoader(report)).code).toBe('CANCELLED');
          expect(world.job()).toBe(before);
        },
      ),
      { numRuns: 24 },
    );
  });
});

/** The frontend's side of the protocol over the world's queue and handler. */
function linkOf(world: World): ReturnType<typeof createFrontendLink> {
  const context = {
    backends: { has: (id: BackendId) => BACKEND_IDS.includes(id) },
    tasks: {
      get: (backendId: BackendId, type: TaskType, signature: Signature): AgentTask | undefined =>
        world.queue.get(keyOf(backendId, type, signature)),
    },
    events: createEvents(world.clock),
    handler: world.handler,
    logger: silentLogger,
  };
  return createFrontendLink(context as unknown as FrontendContext);
}

describe('the replicas of a generated table', () => {
  it('have ids that grow with their place, as the expectation above takes for granted', () => {
    fc.assert(
      fc.property(someTables, (specs) => {
        const world = worldOf(specs);
        for (const { name } of specs) {
          const ids = replicasIn(world.table(name)).map(({ replicaId }) => replicaId);
          expect(ids).toEqual(sorted(ids));
        }
      }),
      { numRuns: 10 },
    );
  });
});
