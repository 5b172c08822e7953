import { describe, expect, it } from 'vitest';
import type { RestoreState } from '../../../src/jobs/restore-job.ts';
import { RESTORE_STEPS } from '../../../src/jobs/restore-steps.ts';
import { backedUp, change, ORDERS } from './support/backed-up.ts';
import type { TableSpec } from './support/tables.ts';
import { DB_ID, World } from './support/world.ts';

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

  it.each(['DOWNLOAD', 'DOWNLOADING', 'COMMIT', 'COMMITTING'])(
    'in %s and lets the backends forget each snapshot that it holds (2.5)',
    (state) => {
      const { world, timestamp } = backedUp();
      const held = { DOWNLOADING: 'DOWNLOAD', COMMITTING: 'MOVE' }[state];
      world.backends.script = (task, usual) => (task.type === held ? undefined : usual());
      world.restore(timestamp);
      world.untilState(state);
      const paths = [...world.restoreJob().snapshotInfos.values()].map(({ path }) => path);
      expect(paths).toHaveLength(6);
      world.cancel('RESTORE');
      const released = world.backends.ofType('RELEASE_SNAPSHOT').map((task) => task.snapshotPath);
      expect([...released].sort()).toEqual([...paths].sort());
    },
  );
});
