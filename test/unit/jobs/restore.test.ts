import { describe, expect, it } from 'vitest';
import { asId, type DbId } from '../../../src/base/ids.ts';
import type { OlapTable } from '../../../src/catalog/model.ts';
import type { RestoreState } from '../../../src/jobs/restore-job.ts';
import { RESTORE_STEPS } from '../../../src/jobs/restore-steps.ts';
import { failure } from './support/backends.ts';
import { atVersion, type TableSpec } from './support/tables.ts';
import { DB_ID, replicasIn, World } from './support/world.ts';

const ORDERS: TableSpec = {
  name: 'orders',
  buckets: 3,
  ranges: [
    ['p1', 0, 10],
    ['p2', 10, 20],
  ],
};

/** A finished backup of `orders`, whose local data has changed since. */
function backedUp(spec: TableSpec = ORDERS): { world: World; timestamp: string } {
  const world = new World();
  world.createTable(spec);
  const timestamp = world.finishedBackup();
  world.fill(world.table(spec.name), 'second');
  world.events.length = 0;
  world.backends.received.length = 0;
  return { world, timestamp };
}

/** Puts another value of a table in place, as a load or an ALTER would. */
function change(world: World, name: string, to: (table: OlapTable) => OlapTable): void {
  const table = to(world.table(name));
  world.log.push({
    op: 'OP_CREATE_TABLE_V2',
    record: { op: 'OP_CREATE_TABLE_V2', dbId: DB_ID, table },
  });
  world.database.tables.set(table.id, table);
}

const first = (places: readonly string[]): readonly string[] =>
  places.map((place) => `${place}: ${place} first`);
const SIX = ['p1#0#0', 'p1#0#1', 'p1#0#2', 'p2#0#0', 'p2#0#1', 'p2#0#2'];

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

  it('sends no more download tasks per backend than the config allows (invariant 10)', () => {
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

describe('a restore is cancelled', () => {
  const REFUSALS: readonly {
    readonly what: string;
    readonly now: TableSpec;
    readonly text: RegExp;
    readonly replicationNum?: number;
  }[] = [
    {
      what: 'partition type',
      now: { name: 'orders', buckets: 3 },
      text: /different partition type/,
    },
    {
      what: 'key type',
      now: { ...ORDERS, keysType: 'PRIMARY_KEYS' },
      text: /different key type: PRIMARY_KEYS here, DUP_KEYS in the snapshot/,
    },
    {
      what: 'number of buckets',
      now: { ...ORDERS, buckets: 4 },
      text: /bucket number is different/,
    },
    {
      what: 'column type',
      now: { ...ORDERS, valueType: 'BIGINT' },
      text: /column v here, column v/,
    },
    { what: 'column name', now: { ...ORDERS, valueName: 'w' }, text: /column w here, column v/ },
    {
      what: 'range of a partition',
      now: {
        ...ORDERS,
        ranges: [
          ['p1', 0, 10],
          ['p2', 10, 30],
        ],
      },
      text: /partition p2 in table orders has a different range/,
    },
    {
      what: 'range that a missing partition needs',
      now: {
        ...ORDERS,
        ranges: [
          ['p1', 0, 10],
          ['p9', 15, 30],
        ],
      },
      text: /partition p2 in table orders has a conflicting range with p9/,
    },
    {
      what: 'number of replicas',
      now: { ...ORDERS, replicationNum: 2 },
      text: /has 2 replicas, the restore asks for 1/,
    },
  ];

  it.each(REFUSALS)(
    'when the local table differs in $what, and changes nothing (27)',
    (refusal) => {
      const { world, timestamp } = backedUp();
      world.dropTable('orders');
      const before = world.createTable(refusal.now);
      world.restore(timestamp);
      world.tick();
      expect(world.job()).toMatchObject({ state: 'CANCELLED', status: { code: 'COMMON_ERROR' } });
      expect(world.job().status.msg).toMatch(refusal.text);
      expect(world.table('orders')).toEqual(before);
      expect([...world.database.tables.keys()]).toEqual([before.id]);
      expect(world.queue.size).toBe(0);
    },
  );

  it('always when an alias is the name of a table (9 #4)', () => {
    const { world, timestamp } = backedUp();
    world.createTable({ ...ORDERS, name: 'copy' });
    world.restore(timestamp, { objects: [{ name: 'orders', alias: 'copy' }] });
    world.tick();
    expect(world.job().status.msg).toMatch(/copy already exists .*Table name is different/);
  });

  it('when an unpartitioned table lacks the partition', () => {
    const { world, timestamp } = backedUp({ name: 't' });
    change(world, 't', (now) => ({ ...now, partitions: new Map() }));
    world.restore(timestamp);
    world.tick();
    expect(world.job().status.msg).toBe('no partition t in single partitioned table t');
  });

  it('when a snapshot partition with several physical ones would be overwritten (9 #35)', () => {
    const { world, timestamp } = backedUp();
    const key = `s1/__info_${timestamp}`;
    const text = Buffer.from(world.repository.objects.get(key) ?? []).toString('utf8');
    const info = JSON.parse(text);
    const { subPartitions } = info.backup_objects.orders.partitions.p1;
    const [only] = Object.values<{ id: number }>(subPartitions);
    subPartitions['99'] = { ...only, id: 99 };
    world.repository.objects.set(key, Buffer.from(JSON.stringify(info)));
    world.restore(timestamp);
    world.tick();
    expect(world.job().status.msg).toMatch(/automatic buckets/);
  });

  it('when a table is busy, with the tables before it back to NORMAL', () => {
    const world = new World();
    world.createTable({ name: 'a' });
    world.createTable({ name: 'b' });
    const timestamp = world.finishedBackup();
    change(world, 'b', (now) => ({ ...now, state: 'SCHEMA_CHANGE' as const }));
    world.restore(timestamp);
    world.tick();
    expect(world.job()).toMatchObject({ state: 'CANCELLED' });
    expect(world.job().status.msg).toContain("b's state is not NORMAL: SCHEMA_CHANGE");
    expect(world.table('a').state).toBe('NORMAL');
    expect(world.table('b').state).toBe('SCHEMA_CHANGE');
  });

  it('when a table has temporary partitions', () => {
    const { world, timestamp } = backedUp();
    change(world, 'orders', (now) => ({ ...now, tempPartitions: now.partitions }));
    world.restore(timestamp);
    world.tick();
    expect(world.job().status.msg).toMatch(/orders, which has temp partitions/);
  });

  it('when __meta cannot be read (9 #8)', () => {
    const { world, timestamp } = backedUp();
    world.repository.objects.delete('s1/__meta');
    world.restore(timestamp);
    expect(world.job().state).toBe('PENDING');
    world.tick();
    expect(world.job()).toMatchObject({ state: 'CANCELLED', status: { code: 'COMMON_ERROR' } });
  });

  it('when the database goes away', () => {
    const { world, timestamp } = backedUp();
    world.restore(timestamp);
    world.catalog.databases.delete(DB_ID);
    world.tick();
    expect(world.job()).toMatchObject({ state: 'CANCELLED', status: { code: 'NOT_FOUND' } });
  });

  it.each(['SNAPSHOTING', 'DOWNLOAD', 'DOWNLOADING', 'COMMIT', 'COMMITTING'])(
    'when what it restores is dropped in %s',
    (state) => {
      const { world, timestamp } = backedUp();
      world.restore(timestamp);
      world.untilState(state);
      world.dropTable('orders');
      world.tick();
      expect(world.job()).toMatchObject({ state: 'CANCELLED', status: { code: 'NOT_FOUND' } });
      expect(world.job().status.msg).toMatch(/table \d+ has been dropped/);
      expect(world.queue.size).toBe(0);
    },
  );

  it('strictly after its timeout, naming the label (5)', () => {
    const { world, timestamp } = backedUp();
    world.backends.script = () => undefined;
    world.restore(timestamp, { timeoutMs: 600_000 });
    world.tick();
    world.clock.advance(600_000 - 3_000);
    world.tick();
    expect(world.job().state).toBe('SNAPSHOTING');
    world.tick();
    expect(world.job()).toMatchObject({ state: 'CANCELLED', status: { code: 'TIMEOUT' } });
    expect(world.job().status.msg).toContain('s1');
  });
});

describe('CANCEL RESTORE', () => {
  const STATES = (Object.keys(RESTORE_STEPS) as RestoreState[]).filter(
    (state) => RESTORE_STEPS[state].cancel !== undefined,
  );

  it.each(STATES)('in %s takes everything back, also at replay (30)', (state) => {
    const world = new World();
    world.createTable({ name: 'gone' });
    world.createTable(ORDERS);
    const timestamp = world.finishedBackup();
    world.dropTable('gone');
    change(world, 'orders', (now) => ({
      ...now,
      partitions: new Map([...now.partitions].filter(([name]) => name === 'p1')),
    }));
    const before = world.table('orders');
    const held = { SNAPSHOTING: 'MAKE_SNAPSHOT', DOWNLOADING: 'DOWNLOAD', COMMITTING: 'MOVE' };
    world.backends.script = (task, usual) =>
      Object.entries(held).some(([at, type]) => at === state && type === task.type) &&
      Number(task.signature) % 2 === 0
        ? undefined
        : usual();
    world.restore(timestamp);
    if (state !== 'PENDING') world.untilState(state);
    world.cancel('RESTORE');
    world.clock.advance(1_000);
    expect(world.job()).toMatchObject({
      state: 'CANCELLED',
      status: { code: 'COMMON_ERROR', msg: `user cancelled, current state: ${state}` },
    });
    expect(world.findTable('gone')).toBeUndefined();
    expect(world.table('orders')).toEqual(before);
    expect(world.queue.size).toBe(0);
    expect(world.restoreJob().snapshotInfos).toEqual([]);
    const tables = [...world.database.tables.values()];
    world.restart();
    expect([...world.database.tables.values()]).toEqual(tables);
    expect(() => world.cancel('RESTORE')).toThrow(/s1.*CANCELLED/);
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
