import { describe, expect, it } from 'vitest';
import { asId } from '../../../src/base/ids.ts';
import { decodeJobInfo } from '../../../src/repository/job-info-reader.ts';
import { failed } from '../../../src/repository/status.ts';
import { failure } from './support/backends.ts';
import { replicasIn } from './support/replicas.ts';
import { DB_ID, TICK_MS, World } from './support/world.ts';

const withOrders = (): World => {
  const world = new World();
  world.createTable({
    name: 'orders',
    buckets: 3,
    ranges: [
      ['p1', 0, 10],
      ['p2', 10, 20],
    ],
  });
  return world;
};

describe('a backup', () => {
  it('needs exactly six ticks, also for an empty selection (invariant 4)', () => {
    for (const world of [withOrders(), new World()]) {
      world.backup();
      world.ticks(5);
      expect(world.job().state).toBe('UPLOAD_INFO');
      world.tick();
      expect(world.job().state).toBe('FINISHED');
    }
  });

  it('has directories for the files of jobs from the first tick on, with or without a job', () => {
    const world = new World();
    world.tick();
    const names = world.run(world.files.list('/fe/tmp')).map(({ name }) => name);
    expect(names).toEqual(['backup', 'restore']);
  });

  it('passes the states of the table in order, one per tick (invariants 2 and 3)', () => {
    const world = withOrders();
    world.backup();
    world.untilDone();
    expect(world.seenStates()).toEqual([
      'PENDING',
      'SNAPSHOTING',
      'UPLOAD_SNAPSHOT',
      'UPLOADING',
      'SAVE_META',
      'UPLOAD_INFO',
      'FINISHED',
    ]);
  });

  it('logs every state but the two that wait for backends (invariant 5)', () => {
    const world = withOrders();
    world.backup();
    world.untilDone();
    expect(world.loggedStates()).toEqual([
      'PENDING',
      'UPLOAD_SNAPSHOT',
      'SAVE_META',
      'UPLOAD_INFO',
      'FINISHED',
    ]);
  });

  it('orders one snapshot per tablet at the visible version (invariants 12 and 15)', () => {
    const world = withOrders();
    world.backup();
    world.tick();
    const tasks = world.backends.ofType('MAKE_SNAPSHOT');
    const tablets = replicasIn(world.table('orders')).map(({ tabletId }) => tabletId);
    expect(tasks.map((task) => task.tabletId).sort()).toEqual(tablets.sort());
    expect(tasks.every((task) => Number(task.signature) === Number(task.tabletId))).toBe(true);
    expect(new Set(tasks.map((task) => task.version))).toEqual(new Set([5]));
  });

  it('reads the replica with the lowest id that is whole (invariant 13)', () => {
    const world = new World();
    const table = world.createTable({ name: 't', buckets: 1, replicationNum: 3 });
    const [first, second] = replicasIn(table);
    const partition = table.partitions.get('t');
    const physical = partition?.physical[0];
    if (first === undefined || second === undefined || physical === undefined) throw new Error();
    const lagging = new Map([
      [asId(first.replicaId), { version: 4, lastFailedVersion: 5 }],
    ]) as typeof physical.lagging;
    const lag = { ...partition, physical: [{ ...physical, lagging }] } as typeof partition;
    world.database.tables.set(table.id, { ...table, partitions: new Map([['t', lag as never]]) });
    world.backup();
    world.tick();
    expect(world.backends.ofType('MAKE_SNAPSHOT').map((task) => task.backendId)).toEqual([
      second.backendId,
    ]);
  });

  it('is cancelled without a task when no replica of a tablet can be read (invariant 13)', () => {
    const world = new World();
    const table = world.createTable({ name: 't', buckets: 1 });
    const partition = table.partitions.get('t');
    const physical = partition?.physical[0];
    const [replica] = replicasIn(table);
    if (partition === undefined || physical === undefined || replica === undefined) {
      throw new Error();
    }
    const lagging = new Map([[replica.replicaId as never, { version: 3, lastFailedVersion: -1 }]]);
    const lag = { ...partition, physical: [{ ...physical, lagging }] };
    world.database.tables.set(table.id, { ...table, partitions: new Map([['t', lag]]) });
    world.backup();
    world.tick();
    expect(world.job().state).toBe('CANCELLED');
    expect(world.job().status.msg).toContain(String(replica.tabletId));
    expect(world.job().status.msg).toContain('version 5');
    expect(world.backends.received).toEqual([]);
  });

  it.each([
    [4, [2, 2, 2, 4]],
    [0, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]],
    [20, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]],
    [1, [10]],
  ])('deals ten tablets of a backend to at most %i tasks as %j (invariant 14)', (limit, sizes) => {
    const world = new World();
    world.createTable({ name: 't', buckets: 30 });
    world.config.maxUploadTaskPerBe = limit;
    world.backup();
    world.untilState('UPLOADING');
    const tasks = world.backends.ofType('UPLOAD');
    const mine = tasks.filter((task) => task.backendId === tasks[0]?.backendId);
    expect(mine.map((task) => task.srcDest.size)).toEqual(sizes);
    expect(new Set(tasks.map((task) => task.signature)).size).toBe(tasks.length);
  });

  it('writes __meta before __info, and an info that lists every tablet (18 and 29)', () => {
    const world = withOrders();
    const timestamp = world.finishedBackup();
    expect(world.repository.uploads).toEqual(['s1/__meta', `s1/__info_${timestamp}`]);
    const bytes = world.repository.objects.get(`s1/__info_${timestamp}`) ?? new Uint8Array();
    const info = decodeJobInfo(Buffer.from(bytes).toString('utf8'));
    const listed = [...info.tables.values()].flatMap((table) =>
      [...table.partitions.values()].flatMap((partition) =>
        [...partition.subPartitions.values()].flatMap((physical) =>
          [...physical.indexes.values()].flatMap((index) => index.tabletIds),
        ),
      ),
    );
    expect(listed).toEqual(replicasIn(world.table('orders')).map(({ tabletId }) => tabletId));
    expect(info.backupTimeMs).toBe(world.job().createTimeMs);
  });

  it('keeps only the partitions asked for', () => {
    const world = withOrders();
    const ref = { dbName: 'shop', tableName: 'orders', partitionNames: ['p2'] };
    const timestamp = world.finishedBackup({ tableRefs: [ref] });
    expect(world.backends.ofType('MAKE_SNAPSHOT')).toHaveLength(3);
    const info = world.run(world.repository.fetchJobInfo('s1', timestamp)).value;
    expect([...(info?.tables.get('orders')?.partitions.keys() ?? [])]).toEqual(['p2']);
  });

  it('has no metadata and no snapshots left at the end, each released once (20)', () => {
    const world = withOrders();
    world.backup();
    world.untilState('UPLOAD_INFO');
    const job = world.backupJob();
    expect(job.backupMeta).toBeUndefined();
    expect(job.snapshotInfos.size).toBe(0);
    expect(world.backends.ofType('RELEASE_SNAPSHOT')).toHaveLength(6);
    world.untilDone();
    expect(world.backends.snapshots.size).toBe(0);
    expect(world.backends.ofType('RELEASE_SNAPSHOT')).toHaveLength(6);
  });

  it('has times in order, all of them set (invariant 11)', () => {
    const world = withOrders();
    world.finishedBackup();
    const job = world.backupJob();
    const times = [
      job.createTimeMs,
      job.snapshotFinishedTimeMs,
      job.snapshotUploadFinishedTimeMs,
      job.finishedTimeMs,
    ];
    expect([...times].sort((a, b) => a - b)).toEqual(times);
    expect(times.every((time) => time > 0)).toBe(true);
  });

  it('leaves the local files behind when it finishes (9 Q5)', () => {
    const world = withOrders();
    world.finishedBackup();
    expect(world.run(world.files.list('/fe/tmp/backup'))).toHaveLength(1);
  });

  it('changes nothing of the catalog (invariant 32)', () => {
    const world = withOrders();
    const before = world.table('orders');
    world.finishedBackup();
    expect(world.table('orders')).toBe(before);
  });

  it('is cancelled with NOT_FOUND when a table or partition has gone before it begins', () => {
    const world = withOrders();
    world.backup();
    world.dropTable('orders');
    world.tick();
    expect(world.job()).toMatchObject({ state: 'CANCELLED', status: { code: 'NOT_FOUND' } });
  });

  it('is cancelled when its repository has gone', () => {
    const world = withOrders();
    world.backup();
    world.repositoryIsThere = false;
    world.tick();
    expect(world.job()).toMatchObject({ state: 'CANCELLED', status: { code: 'COMMON_ERROR' } });
    expect(world.job().status.msg).toContain('500');
  });
});

describe('tasks of a backup', () => {
  it('are sent again until they work', () => {
    const world = withOrders();
    let failures = 5;
    world.backends.script = (_task, usual) => (failures-- > 0 ? failure('disk on fire') : usual());
    world.backup();
    world.tick();
    expect([...(world.handler.job(DB_ID)?.runtime.taskErrMsg.values() ?? [])]).toContain(
      'disk on fire',
    );
    expect(world.untilDone().state).toBe('FINISHED');
  });

  it('keep the error of an upload that worked later (9 Q3)', () => {
    const world = withOrders();
    let hasFailed = false;
    world.backends.script = (task, usual) => {
      if (task.type !== 'UPLOAD' || hasFailed) return usual();
      hasFailed = true;
      return failure('store away');
    };
    world.backup();
    expect(world.untilDone().state).toBe('FINISHED');
    expect([...world.backupJob().taskErrMsg.values()]).toEqual(['store away']);
  });

  it('wait without a message when an upload lists other files (9 Q23)', () => {
    const world = withOrders();
    let isWrong = true;
    world.backends.script = (task, usual) => {
      const answer = usual();
      if (task.type !== 'UPLOAD' || !isWrong || answer.tabletFiles === undefined) return answer;
      isWrong = false;
      return { ...answer, tabletFiles: new Map([...answer.tabletFiles].map(([id]) => [id, []])) };
    };
    world.backup();
    world.untilState('UPLOADING');
    expect(world.handler.job(DB_ID)?.runtime.unfinished.size).toBe(1);
    expect(world.handler.job(DB_ID)?.runtime.taskErrMsg.size).toBe(0);
    expect(world.untilDone().state).toBe('FINISHED');
  });

  it('accept an upload that reports only some of its tablets (9 Q15)', () => {
    const world = withOrders();
    world.config.maxUploadTaskPerBe = 1;
    world.backends.script = (task, usual) => {
      const answer = usual();
      if (task.type !== 'UPLOAD' || answer.tabletFiles === undefined) return answer;
      return { ...answer, tabletFiles: new Map([...answer.tabletFiles].slice(0, 1)) };
    };
    world.backup();
    expect(world.untilDone().state).toBe('FINISHED');
  });

  it('cancel the job at once when a version has been merged away', () => {
    const world = withOrders();
    world.backends.script = () => ({
      status: { code: 'OLAP_ERR_VERSION_ALREADY_MERGED', errorMsgs: ['merged'] },
    });
    world.backup();
    world.tick();
    expect(world.job()).toMatchObject({
      state: 'CANCELLED',
      status: { code: 'OLAP_VERSION_ALREADY_MERGED' },
    });
    expect(world.queue.size).toBe(0);
  });

  it('report progress for awaited tasks of a live job only (invariants 26 and 27)', () => {
    const world = withOrders();
    world.backends.script = (task, usual) => (task.type === 'UPLOAD' ? undefined : usual());
    world.backup();
    world.untilState('UPLOADING');
    const [task] = world.backends.ofType('UPLOAD');
    if (task === undefined) throw new Error();
    const report = {
      backendId: task.backendId,
      jobId: task.jobId,
      taskId: task.signature,
      type: 'UPLOAD',
      finishedNum: 0,
      totalNum: 1,
    } as const;
    expect(world.handler.reportSnapshotLoader(report).code).toBe('OK');
    expect(world.handler.job(DB_ID)?.runtime.progress.get(task.signature)).toEqual({
      finished: 0,
      total: 1,
    });
    const stranger = { ...report, jobId: asId<typeof task.jobId>(1) };
    expect(world.handler.reportSnapshotLoader(stranger).code).toBe('CANCELLED');
    expect(world.handler.reportSnapshotLoader({ ...report, type: 'DOWNLOAD' }).code).toBe(
      'CANCELLED',
    );
    world.cancel('BACKUP');
    expect(world.handler.reportSnapshotLoader(report).code).toBe('CANCELLED');
  });

  it.each([
    [false, 'CANCELLED', undefined],
    [true, 'OK', { finished: 1, total: 2 }],
  ])('report progress nobody waits for, with the quirk %s (Q24)', (isOn, code, shown) => {
    const world = withOrders();
    world.traits.quirks.strayProgressIsTaken = isOn;
    world.backends.script = (task, usual) => (task.type === 'UPLOAD' ? undefined : usual());
    world.backup();
    world.untilState('UPLOADING');
    const [task] = world.backends.ofType('UPLOAD');
    if (task === undefined) throw new Error();
    const { backendId, jobId } = task;
    const taskId = asId<typeof task.signature>(task.signature + 1000);
    const report = {
      backendId,
      jobId,
      taskId,
      type: 'UPLOAD',
      finishedNum: 1,
      totalNum: 2,
    } as const;
    expect(world.handler.reportSnapshotLoader(report).code).toBe(code);
    expect(world.handler.job(DB_ID)?.runtime.progress.get(taskId)).toEqual(shown);
  });

  it('that end while a step is in flight are taken in after it', () => {
    const world = withOrders();
    world.backup();
    world.appendMs = 500;
    world.untilState('UPLOADING');
    const [task] = world.backends.ofType('UPLOAD');
    expect(task).toBeDefined();
    expect(world.untilDone().state).toBe('FINISHED');
    expect(world.verdicts.filter((verdict) => verdict !== 'remove')).toEqual([]);
  });
});

describe('UPLOAD_INFO', () => {
  it('is tried at every tick whatever the error, and shows it meanwhile (10, 9 Q26)', () => {
    const world = withOrders();
    world.repository.uploadFailure = failed('BAD_CONNECTION', 'store away');
    world.backup();
    world.untilState('UPLOAD_INFO');
    world.ticks(5);
    expect(world.job()).toMatchObject({
      state: 'UPLOAD_INFO',
      status: { code: 'BAD_CONNECTION', msg: 'store away' },
    });
    world.repository.uploadFailure = undefined;
    world.tick();
    expect(world.job()).toMatchObject({ state: 'FINISHED', status: { code: 'OK' } });
  });

  it('fails for ever on a frontend without the local files, until the timeout (9 Q4)', () => {
    const world = withOrders();
    world.repository.uploadFailure = failed('BAD_CONNECTION', 'store away');
    world.backup({ timeoutMs: 600_000 });
    world.untilState('UPLOAD_INFO');
    world.run(world.files.remove('/fe/tmp/backup'));
    world.repository.uploadFailure = undefined;
    world.tick();
    expect(world.job()).toMatchObject({
      state: 'UPLOAD_INFO',
      status: { code: 'COMMON_ERROR', msg: expect.stringContaining('/fe/tmp/backup/s1__') },
    });
    world.clock.advance(600_000);
    world.tick();
    expect(world.job()).toMatchObject({ state: 'CANCELLED', status: { code: 'TIMEOUT' } });
  });
});

describe('the timeout of a backup', () => {
  it.each(['PENDING', 'SNAPSHOTING', 'UPLOAD_SNAPSHOT', 'UPLOADING', 'SAVE_META', 'UPLOAD_INFO'])(
    'cancels in %s once it is strictly exceeded (invariant 9)',
    (state) => {
      const world = withOrders();
      world.backends.script = (task, usual) =>
        task.type === 'MAKE_SNAPSHOT' && state === 'SNAPSHOTING'
          ? undefined
          : task.type === 'UPLOAD' && state === 'UPLOADING'
            ? undefined
            : usual();
      if (state === 'UPLOAD_INFO') world.repository.uploadFailure = failed('TIMEOUT', 'slow');
      world.backup({ timeoutMs: 600_000 });
      if (state !== 'PENDING') world.untilState(state);
      const waits = ['SNAPSHOTING', 'UPLOADING', 'UPLOAD_INFO'].includes(state);
      world.clock.advance(world.job().createTimeMs + 600_000 - world.clock.now());
      if (waits) {
        world.tick();
        expect(world.job().state).toBe(state);
      } else {
        world.clock.advance(1);
      }
      world.clock.advance(TICK_MS);
      world.tick();
      expect(world.job()).toMatchObject({
        state: 'CANCELLED',
        status: { code: 'TIMEOUT', msg: '' },
      });
    },
  );
});
