/** Backends that are down while rows are loaded, and what is left of it when they are back. */
import { expect, test } from 'vitest';
import { asId, type BackendId } from '../../../src/base/ids.ts';
import { openClientSession } from '../../../src/fe/client-session.ts';
import { smallWorld, type World } from './support/world.ts';

function backend(world: World, id: number) {
  const found = world.cluster.backends.get(asId<BackendId>(id));
  if (found === undefined) throw new Error(`no backend ${id}`);
  return found;
}

function kill(world: World, ...ids: readonly number[]): void {
  for (const id of ids) backend(world, id).kill();
}

function revive(world: World, ...ids: readonly number[]): void {
  for (const id of ids) world.clock.run(backend(world, id).start());
  world.clock.advance(11_000);
}

const ROWS = 'SELECT id, n FROM d.p ORDER BY id';
const LOAD = 'INSERT INTO d.p VALUES (1, 1, NULL), (2, 2, NULL), (3, 3, NULL), (4, 4, NULL)';
const FOUR = [
  [1, 1],
  [2, 2],
  [3, 3],
  [4, 4],
];

test('a load goes through while one of three backends is down', () => {
  const world = smallWorld();
  kill(world, 10001);
  world.run(LOAD);
  expect(world.rows(ROWS)).toEqual(FOUR);
  revive(world, 10001);
  expect(world.rows(ROWS)).toEqual(FOUR);
  expect(world.crashed().rows(ROWS)).toEqual(FOUR);
});

test('a load whose backends go away after its commit is COMMITTED, and readable later', () => {
  const world = smallWorld();
  const unsubscribe = world.context.events.on(({ what, about }) => {
    const isCommit = about['op'] === 'OP_UPSERT_TRANSACTION_STATE_V2';
    if (what === 'edit-log.append' && isCommit) kill(world, 10001, 10002, 10003);
  });
  expect(infoOf(world, LOAD)).toMatch(/'status':'COMMITTED'/);
  unsubscribe();
  revive(world, 10001, 10002, 10003);
  expect(world.rows(ROWS)).toEqual(FOUR);
  expect(infoOf(world, 'INSERT INTO d.p VALUES (9, 9, NULL)')).toMatch(/'status':'VISIBLE'/);
});

/** The text that comes with the OK of a statement. */
function infoOf(world: World, sql: string): string | undefined {
  const start = { connectionId: 99, user: 'root', remoteHost: 'localhost' };
  const session = openClientSession(world.cluster.frontend, start);
  const result = world.clock.run(session.parse(sql).run(0));
  session.close();
  return result.kind === 'ok' ? result.info : undefined;
}

test('a replica that missed a load is neither read nor backed up', () => {
  const world = smallWorld();
  world.run("CREATE REPOSITORY repo WITH BROKER ON LOCATION 'memory://b'");
  kill(world, 10001);
  world.run(LOAD);
  revive(world, 10001);
  world.run('BACKUP SNAPSHOT d.s TO repo');
  expect(world.untilJobDone('d')).toBe('FINISHED');
  const snapshots = world.events.filter(
    ({ what, about }) => what === 'task.send' && about['type'] === 'MAKE_SNAPSHOT',
  );
  const forP = tabletsOf(world, 'p');
  const used = snapshots.filter(({ about }) => forP.includes(Number(about['signature'])));
  expect(used.length).toBeGreaterThan(0);
  expect(used.map(({ about }) => about['backend'])).not.toContain(10001);
  kill(world, 10002, 10003);
  expect(world.failure(ROWS).text).toMatch(/tablet \d+ of d\.p cannot be read/);
  revive(world, 10002, 10003);
  expect(world.rows(ROWS)).toEqual(FOUR);
});

function tabletsOf(world: World, table: string): number[] {
  const { catalog } = world.context;
  for (const database of catalog.databases.values()) {
    for (const found of database.tables.values()) {
      if (found.name !== table) continue;
      return [...found.partitions.values()].flatMap((partition) =>
        partition.physical.flatMap((physical) => [
          ...(physical.indexes[0]?.tablets.tabletIds ?? []),
        ]),
      );
    }
  }
  return [];
}

test('a load fails clearly and leaves nothing while two of three backends are down', () => {
  const world = smallWorld();
  const sequence = world.context.lastSequence();
  kill(world, 10001, 10003);
  expect(world.failure(LOAD)).toMatchObject({
    code: 1064,
    text: expect.stringMatching(/could be written on 1 of 3 replicas: backend 1000[13] is down/),
  });
  expect(world.context.lastSequence()).toBe(sequence);
  revive(world, 10001, 10003);
  expect(world.rows(ROWS)).toEqual([]);
  expect(world.objects('SHOW PARTITIONS FROM d.p')[0]).toMatchObject({ VisibleVersion: '1' });
  world.run(LOAD);
  expect(world.rows(ROWS)).toEqual(FOUR);
});

test('a replica that is behind does not count for the quorum of a later load', () => {
  const world = smallWorld();
  kill(world, 10001);
  world.run(LOAD);
  revive(world, 10001);
  kill(world, 10002);
  expect(world.failure('INSERT INTO d.p VALUES (1, 100, NULL)').text).toContain(
    'could be written on 1 of 3 replicas',
  );
  revive(world, 10002);
  world.run('INSERT INTO d.p VALUES (1, 100, NULL)');
  kill(world, 10003);
  expect(world.rows('SELECT n FROM d.p WHERE id = 1')).toEqual([[100]]);
});

test('a backend that was killed before it could publish does so when it is back', () => {
  const world = smallWorld();
  world.run("ADMIN ENABLE FAILPOINT 'fe.edit-log.sync:delay=500'");
  const session = world.session();
  world.clock.after(200, () => kill(world, 10001, 10002, 10003));
  const [outcome] = world.together(LOAD);
  expect(outcome).toMatchObject({ affectedRows: 4 });
  expect(session.failure(ROWS).text).toContain('cannot be read');
  revive(world, 10001, 10002, 10003);
  expect(session.run(ROWS).rows).toEqual(FOUR);
});

test('dead backends are seen at the next heartbeat, and again when they are back', () => {
  const world = smallWorld();
  kill(world, 10002);
  world.clock.advance(6000);
  const alive = () => world.objects('SHOW BACKENDS').map((row) => row['Alive']);
  expect(alive()).toEqual(['true', 'false', 'true']);
  expect(world.objects('SHOW BACKENDS')[1]).toMatchObject({
    ErrMsg: 'backend 10002 is down',
    StatusCode: 'CONNECTION_ERROR',
  });
  expect(
    world.failure('CREATE TABLE d.c (k INT) DUPLICATE KEY (k) DISTRIBUTED BY HASH (k)'),
  ).toMatchObject({ code: 1064, text: expect.stringContaining('Current alive backends: 2') });
  world.run(`CREATE TABLE d.c (k INT) DUPLICATE KEY (k) DISTRIBUTED BY HASH (k)
    PROPERTIES ("replication_num" = "2")`);
  revive(world, 10002);
  expect(alive()).toEqual(['true', 'true', 'true']);
});

test('CREATE TABLE names the replicas that were not made in time, and leaves none', () => {
  const world = smallWorld();
  kill(world, 10003);
  const before = world.clock.now();
  expect(
    world.failure('CREATE TABLE d.c (k INT) DUPLICATE KEY (k) DISTRIBUTED BY HASH (k) BUCKETS 1'),
  ).toMatchObject({ text: expect.stringMatching(/1 replicas not created.*on backend 10003/) });
  expect(world.clock.now() - before).toBe(30_000);
  expect(world.context.tasks.size).toBe(0);
  expect(world.rows("SHOW TABLES FROM d LIKE 'c'")).toEqual([]);
  revive(world, 10003);
  world.run('CREATE TABLE d.c (k INT) DUPLICATE KEY (k) DISTRIBUTED BY HASH (k) BUCKETS 1');
});

test('after a failure of the log nothing is promised, and the next start is whole', () => {
  for (const point of ['append', 'sync'] as const) {
    const world = smallWorld();
    world.run(LOAD);
    world.run(`ADMIN ENABLE FAILPOINT 'fe.edit-log.${point}:fail' WITH 1 TIMES`);
    expect(world.failure('INSERT INTO d.p VALUES (5, 5, NULL)').code).toBe(5064);
    expect(world.fatal).toMatchObject({ code: 'injected-fault' });
    expect(world.failure('CREATE DATABASE e').code).toBe(5064);
    for (const after of [world.crashed('lost'), world.crashed('kept')]) {
      const ids = after.rows(ROWS).map(([id]) => id);
      const mayBeThere = ids.length === 5 && point === 'sync' ? [5] : [];
      expect(ids).toEqual([1, 2, 3, 4, ...mayBeThere]);
      after.run('INSERT INTO d.p VALUES (6, 6, NULL)');
      expect(after.rows('SELECT n FROM d.p WHERE id = 6')).toEqual([[6]]);
    }
  }
});
