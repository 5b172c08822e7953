import { describe, expect, it } from 'vitest';
import { asId, type DbId } from '../../../src/base/ids.ts';
import { backedUp, change, first, ORDERS, SIX } from './support/backed-up.ts';
import { failure } from './support/backends.ts';
import { replicasIn } from './support/replicas.ts';
import { atVersion } from './support/tables.ts';
import { DB_ID } from './support/world.ts';

describe('a restore of a table that is gone', () => {
  it('creates it with new ids, its old content and its old version (23, 29, 32)', () => {
    const { world, timestamp } = backedUp();
    const old = world.table('orders');
    world.dropTable('orders');
    world.restore(timestamp);
    expect(world.untilDone()).toMatchObject({ state: 'FINISHED', status: { code: 'OK' } });
    const created = world.table('orders');
    expect(created).toMatchObject({ name: 'orders', state: 'NORMAL', keysType: 'DUP_KEYS' });
    expect(world.contents(created)).toEqual(first(SIX));
    expect(replicasIn(created).map(({ version }) => version)).toEqual([5, 5, 5, 5, 5, 5]);
    const oldIds = new Set(replicasIn(old).map(({ tabletId }) => tabletId));
    expect(replicasIn(created).some(({ tabletId }) => oldIds.has(tabletId))).toBe(false);
    expect(created.id).not.toBe(old.id);
  });

  it('needs exactly six ticks and logs what the table says (invariants 1 and 2)', () => {
    const { world, timestamp } = backedUp();
    world.dropTable('orders');
    const before = world.loggedStates().length;
    world.restore(timestamp);
    world.ticks(5);
    expect(world.job().state).toBe('COMMITTING');
    world.tick();
    expect(world.job().state).toBe('FINISHED');
    expect(world.seenStates()).toEqual([
      'PENDING',
      'SNAPSHOTING',
      'DOWNLOAD',
      'DOWNLOADING',
      'COMMIT',
      'COMMITTING',
      'FINISHED',
    ]);
    expect(world.loggedStates().slice(before)).toEqual([
      'PENDING',
      'DOWNLOAD',
      'COMMIT',
      'FINISHED',
    ]);
  });

  it('changes the catalog while nobody else can look at the database', () => {
    const { world, timestamp } = backedUp();
    const before = world.appended.length;
    world.restore(timestamp);
    world.untilDone();
    const [submitted, ...changes] = world.appended.slice(before);
    expect(submitted?.state).toBe('PENDING');
    expect(changes.map(({ state }) => state)).toEqual(['DOWNLOAD', 'COMMIT', 'FINISHED']);
    expect(changes.every(({ isAlone }) => isAlone)).toBe(true);
  });

  it('takes another name, index and partition of an unpartitioned table included (28)', () => {
    const { world, timestamp } = backedUp({ name: 't' });
    world.restore(timestamp, { objects: [{ name: 't', alias: 'u' }] });
    expect(world.untilDone().state).toBe('FINISHED');
    const created = world.table('u');
    expect(created.indexMetas.map((meta) => meta.name)).toEqual(['u']);
    expect([...created.partitions.keys()]).toEqual(['u']);
    expect(world.contents(created)).toEqual(first(['#0#0', '#0#1']));
    expect(world.contents(world.table('t'))).toEqual(['#0#0: #0#0 second', '#0#1: #0#1 second']);
  });

  it('goes into another database, which is created', () => {
    const { world, timestamp } = backedUp();
    world.restore(timestamp, { targetDbName: 'mirror' });
    const mirror = [...world.catalog.databases.values()].find(({ name }) => name === 'mirror');
    if (mirror === undefined) throw new Error();
    expect(world.untilDone(mirror.id).state).toBe('FINISHED');
    expect(world.contents(world.table('orders', mirror))).toEqual(first(SIX));
    expect(world.handler.job(DB_ID)?.job.type).toBe('BACKUP');
  });

  it('creates only the partitions asked for', () => {
    const { world, timestamp } = backedUp();
    world.dropTable('orders');
    world.restore(timestamp, { objects: [{ name: 'orders', partitionNames: ['p2'] }] });
    world.untilDone();
    expect(world.contents(world.table('orders'))).toEqual(first(SIX.slice(3)));
  });

  it.each([1, 2, 3])('has %i replicas where the statement says so', (replicationNum) => {
    const { world, timestamp } = backedUp();
    world.dropTable('orders');
    world.restore(timestamp, { replicationNum });
    world.untilDone();
    const created = world.table('orders');
    expect(created.properties.get('replication_num')).toBe(String(replicationNum));
    expect(replicasIn(created)).toHaveLength(6 * replicationNum);
    expect(new Set(world.contents(created))).toEqual(new Set(first(SIX)));
    expect(world.backends.ofType('MAKE_SNAPSHOT')).toHaveLength(6 * replicationNum);
    expect(world.backends.ofType('MOVE')).toHaveLength(6 * replicationNum);
  });

  it.each([0, 4])('is cancelled when %i replicas cannot be placed (9 #38)', (replicationNum) => {
    const { world, timestamp } = backedUp();
    world.dropTable('orders');
    world.restore(timestamp, { replicationNum });
    world.tick();
    expect(world.job()).toMatchObject({ state: 'CANCELLED', status: { code: 'COMMON_ERROR' } });
    expect(world.job().status.msg).toContain(`${replicationNum} different hosts`);
    expect(world.findTable('orders')).toBeUndefined();
  });

  it('works for primary-key tables and random buckets alike', () => {
    for (const spec of [
      { ...ORDERS, keysType: 'PRIMARY_KEYS' },
      { ...ORDERS, random: true },
    ] as const) {
      const { world, timestamp } = backedUp(spec);
      world.dropTable('orders');
      world.restore(timestamp);
      expect(world.untilDone().state).toBe('FINISHED');
      expect(world.contents(world.table('orders'))).toEqual(first(SIX));
    }
  });

  it('is cancelled when replicas are not created in time, naming ten of them', () => {
    const { world, timestamp } = backedUp({ name: 't', buckets: 12 });
    world.dropTable('t');
    world.backends.script = (task, usual) => (task.type === 'CREATE' ? undefined : usual());
    world.restore(timestamp);
    const box = world.begin(world.handler.tick());
    world.clock.advance(119_000);
    expect(box.outcome).toBeUndefined();
    world.clock.advance(1_000);
    expect(world.job()).toMatchObject({ state: 'CANCELLED', status: { code: 'COMMON_ERROR' } });
    expect(world.job().status.msg.match(/ = /g)).toHaveLength(10);
  });

  it('is cancelled when the name is taken meanwhile', () => {
    const { world, timestamp } = backedUp({ name: 't' });
    world.dropTable('t');
    world.backends.delayMs = 100;
    world.restore(timestamp);
    world.begin(world.handler.tick());
    world.createTable({ name: 't' });
    const other = world.table('t');
    world.clock.advance(3_000);
    expect(world.job()).toMatchObject({ state: 'CANCELLED' });
    expect(world.job().status.msg).toBe('table t already exists in database shop');
    expect(world.table('t')).toBe(other);
  });
});

describe('a restore onto a table that is there', () => {
  it('overwrites its partitions and puts the versions back (26, 29)', () => {
    const { world, timestamp } = backedUp();
    change(world, 'orders', (now) => atVersion(now, 9));
    world.restore(timestamp);
    world.tick();
    expect(world.table('orders').state).toBe('RESTORE');
    expect(new Set(world.backends.ofType('MAKE_SNAPSHOT').map((task) => task.version))).toEqual(
      new Set([9]),
    );
    expect(world.untilDone().state).toBe('FINISHED');
    const now = world.table('orders');
    expect(world.contents(now)).toEqual(first(SIX));
    for (const partition of now.partitions.values()) {
      expect(partition.physical).toMatchObject([
        { visibleVersion: 5, nextVersion: 6, visibleVersionTimeMs: world.job().finishedTimeMs },
      ]);
    }
    expect(now.state).toBe('NORMAL');
    expect(world.backends.ofType('CREATE')).toEqual([]);
  });

  it('leaves partitions that were not asked for bit by bit (31)', () => {
    const { world, timestamp } = backedUp();
    const other = world.table('orders').partitions.get('p1');
    world.restore(timestamp, { objects: [{ name: 'orders', partitionNames: ['p2'] }] });
    world.untilDone();
    expect(world.table('orders').partitions.get('p1')).toBe(other);
    expect(world.contents(world.table('orders'))).toEqual([
      ...SIX.slice(0, 3).map((place) => `${place}: ${place} second`),
      ...first(SIX.slice(3)),
    ]);
  });

  it('adds partitions that it lacks', () => {
    const { world, timestamp } = backedUp();
    change(world, 'orders', (now) => ({
      ...now,
      partitions: new Map([...now.partitions].filter(([name]) => name === 'p1')),
    }));
    const indexId = world.table('orders').baseIndexId;
    world.restore(timestamp);
    expect(world.untilDone()).toMatchObject({ state: 'FINISHED' });
    const now = world.table('orders');
    expect(world.contents(now)).toEqual(first(SIX));
    expect(now.partitions.get('p2')?.physical[0]).toMatchObject({
      visibleVersion: 5,
      indexes: [{ indexId }],
    });
  });

  it('sends as many download tasks as the config allows, the last with the rest (9 #12)', () => {
    const { world, timestamp } = backedUp({ name: 't', buckets: 30 });
    world.config.maxDownloadTaskPerBe = 4;
    world.restore(timestamp);
    world.untilDone();
    const tasks = world.backends.ofType('DOWNLOAD');
    const mine = tasks.filter((task) => task.backendId === tasks[0]?.backendId);
    expect(mine.map((task) => task.srcDest.size)).toEqual([2, 2, 2, 4]);
  });

  it('keeps nothing on the backends (30)', () => {
    const { world, timestamp } = backedUp();
    world.restore(timestamp);
    world.untilDone();
    world.clock.advance(1_000);
    expect(world.backends.snapshots.size).toBe(0);
    expect(world.restoreJob()).toMatchObject({
      snapshotInfos: [],
      restoredTbls: [],
      restoredPartitions: [],
    });
  });

  it('maps every replica once, tablet by position in the snapshot (13, 15, 16)', () => {
    const { world, timestamp } = backedUp();
    const remote = replicasIn(world.table('orders')).map(({ tabletId }) => tabletId);
    world.dropTable('orders');
    world.restore(timestamp, { replicationNum: 2 });
    world.tick();
    const { fileMapping } = world.restoreJob();
    expect(fileMapping.rowCount).toBe(12);
    const local = replicasIn(world.table('orders'));
    for (let row = 0; row < 12; row += 1) {
      expect(fileMapping.cells[row * 9 + 3]).toBe(local[row]?.tabletId);
      expect(fileMapping.cells[row * 9 + 4]).toBe(local[row]?.replicaId);
      expect(fileMapping.cells[row * 9 + 8]).toBe(remote[Math.floor(row / 2)]);
    }
  });
});

describe('tasks of a restore', () => {
  it.each(['MAKE_SNAPSHOT', 'DOWNLOAD', 'MOVE'])(
    'of type %s are sent again until they work, leaving no message (12)',
    (type) => {
      const { world, timestamp } = backedUp();
      let failures = 4;
      world.backends.script = (task, usual) =>
        task.type === type && failures-- > 0 ? failure('not today') : usual();
      world.restore(timestamp);
      expect(world.untilDone().state).toBe('FINISHED');
      expect(world.job().taskErrMsg.size).toBe(0);
      expect(world.contents(world.table('orders'))).toEqual(first(SIX));
    },
  );

  it('do not count when they name a tablet that was not asked for', () => {
    const { world, timestamp } = backedUp();
    let isWrong = true;
    world.backends.script = (task, usual) => {
      const answer = usual();
      if (task.type !== 'DOWNLOAD' || !isWrong) return answer;
      isWrong = false;
      return { ...answer, downloadedTabletIds: [asId(1)] };
    };
    world.restore(timestamp);
    world.untilState('DOWNLOADING');
    expect(world.handler.job(DB_ID)?.runtime.unfinished.size).toBe(1);
    expect(world.untilDone().state).toBe('FINISHED');
  });

  it('from before a restart are answered CANCELLED', () => {
    const { world, timestamp } = backedUp();
    world.restore(timestamp);
    world.tick();
    const [task] = world.backends.ofType('MAKE_SNAPSHOT');
    if (task === undefined) throw new Error();
    world.restart();
    world.tick();
    const verdict = world.run(
      world.handler.finishTask(task, {
        backendId: task.backendId,
        type: task.type,
        signature: task.signature,
        status: { code: 'OK', errorMsgs: [] },
        snapshotPath: '/late',
        snapshotFiles: [],
      }),
    );
    expect(verdict).toBe('cancelled');
    expect(world.untilDone().state).toBe('FINISHED');
  });

  it('leave the queue when their database has no job of that kind', () => {
    const { world, timestamp } = backedUp();
    world.restore(timestamp);
    world.untilDone();
    const [task] = world.backends.ofType('MOVE');
    if (task === undefined) throw new Error();
    const foreign = { ...task, dbId: asId<DbId>(7) };
    const request = {
      backendId: task.backendId,
      type: task.type,
      signature: task.signature,
      status: { code: 'OK', errorMsgs: [] },
    } as const;
    expect(world.run(world.handler.finishTask(foreign, request))).toBe('remove');
  });
});
