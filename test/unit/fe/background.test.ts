/** What runs behind the statements: the task queue, ids, settings, fault points, daemons, images. */
import { describe, expect, test } from 'vitest';
import { silentLogger } from '../../../src/base/log.ts';
import { type Op, runNow, suspend } from '../../../src/base/op.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { startDaemon } from '../../../src/fe/daemon.ts';
import {
  FIRST_ID,
  ID_BATCH_SIZE,
  LoggedIdSource,
  type NextIdRecord,
} from '../../../src/fe/id-source.ts';
import { smallWorld, type World } from './support/world.ts';

const REPO = "CREATE REPOSITORY repo WITH BROKER ON LOCATION 'memory://b'";

function count(world: World, what: string, type: string): number {
  return world.events.filter((event) => event.what === what && event.about['type'] === type).length;
}

describe('agent tasks', () => {
  test('that were lost on the way are sent again after the next task report', () => {
    const world = smallWorld();
    world.run(`${REPO}; INSERT INTO d.p VALUES (1, 1, NULL)`);
    world.run("ADMIN ENABLE FAILPOINT 'fe.task.send type=MAKE_SNAPSHOT' WITH 2 TIMES");
    world.run('BACKUP SNAPSHOT d.s TO repo');
    expect(world.untilJobDone('d')).toBe('FINISHED');
    expect(count(world, 'task.finish', 'MAKE_SNAPSHOT')).toBe(4);
    expect(count(world, 'task.send', 'MAKE_SNAPSHOT')).toBeGreaterThan(4);
    expect(world.context.tasks.size).toBe(0);
  });

  test('whose report was lost are done again, and the job ends once', () => {
    const world = smallWorld();
    world.run(`${REPO}; INSERT INTO d.p VALUES (1, 1, NULL)`);
    world.run("ADMIN ENABLE FAILPOINT 'be.task.report type=UPLOAD' WITH 3 TIMES");
    world.run('BACKUP SNAPSHOT d.s TO repo');
    expect(world.untilJobDone('d')).toBe('FINISHED');
    expect(world.context.tasks.size).toBe(0);
  });

  test('of a cancelled job are gone from the queue', () => {
    const world = smallWorld();
    world.run(`${REPO}; ADMIN ENABLE FAILPOINT 'be.task.begin:delay=60000 type=MAKE_SNAPSHOT'`);
    world.run('BACKUP SNAPSHOT d.s TO repo');
    world.clock.advance(4000);
    expect(world.context.tasks.size).toBe(4);
    world.run('CANCEL BACKUP FROM d');
    expect(world.context.tasks.tasks().filter(({ type }) => type === 'MAKE_SNAPSHOT')).toEqual([]);
    world.clock.advance(120_000);
    expect(world.context.tasks.size).toBe(0);
  });
});

describe('ids', () => {
  function source(): { ids: LoggedIdSource; logged: NextIdRecord[] } {
    const logged: NextIdRecord[] = [];
    const ids: LoggedIdSource = new LoggedIdSource(function* (record) {
      logged.push(record);
      ids.apply(record);
    });
    return { ids, logged };
  }

  test('are reserved in the log by the thousand, larger runs whole', () => {
    const { ids, logged } = source();
    expect(runNow(ids.next(1))).toBe(FIRST_ID);
    expect(runNow(ids.next(ID_BATCH_SIZE - 1))).toBe(FIRST_ID + 1);
    expect(logged).toHaveLength(1);
    expect(runNow(ids.next(2 * ID_BATCH_SIZE + 1))).toBe(FIRST_ID + ID_BATCH_SIZE);
    expect(logged.map(({ nextId }) => nextId)).toEqual([12_000, 15_000]);
    expect(runNow(ids.next(1))).toBe(14_001);
  });

  test('go on above every reservation after a replay', () => {
    const { ids } = source();
    ids.apply({ op: 'OP_SAVE_NEXTID', nextId: 13_000 });
    ids.beginAfterReplay();
    expect(runNow(ids.next(1))).toBe(13_000);
  });

  test('asked for at once are all different', () => {
    const clock = new VirtualClock();
    const ids: LoggedIdSource = new LoggedIdSource(function* (record) {
      yield* suspend<void>((resume) => {
        clock.after(5, () => resume({ ok: true, value: undefined }));
      });
      ids.apply(record);
    });
    const world = smallWorld();
    world.run("ADMIN ENABLE FAILPOINT 'fe.edit-log.append:delay=20'");
    const outcomes = world.together(
      ...Array.from({ length: 5 }, (_, at) => `CREATE DATABASE x${at}`),
    );
    expect(outcomes.every((outcome) => 'rows' in outcome)).toBe(true);
    const { databases } = world.context.catalog;
    expect(databases.size).toBe(6);
    expect(clock.run(ids.next(3))).toBe(FIRST_ID);
  });
});

describe('settings', () => {
  const world = smallWorld();
  test.each([
    ['ADMIN SET FRONTEND CONFIG ("nothing" = "1")', 5102],
    ['ADMIN SET FRONTEND CONFIG ("constructor" = "1")', 5102],
    ['ADMIN SET FRONTEND CONFIG ("label_clean_interval_second" = "1")', 5102],
    ['ADMIN SET FRONTEND CONFIG ("max_upload_task_per_be" = "many")', 5101],
    ['ADMIN SET FRONTEND CONFIG ("tablet_create_timeout_second" = "-1")', 5101],
    ['ADMIN SET FRONTEND CONFIG ("history_job_keep_max_second" = "99999999999")', 5101],
  ])('%s: %d', (sql, code) => {
    expect(world.failure(sql)).toMatchObject({ code, state: 'F0000' });
  });

  test('a change takes effect at once and is gone after a restart', () => {
    const own = smallWorld();
    own.run('ADMIN SET FRONTEND CONFIG ("default_replication_num" = "1")');
    expect(own.objects("ADMIN SHOW FRONTEND CONFIG LIKE 'default_repl%'")).toMatchObject([
      { Key: 'default_replication_num', Value: '1', Type: 'int', IsMutable: 'true' },
    ]);
    own.run('CREATE TABLE d.one (k INT) DUPLICATE KEY (k) DISTRIBUTED BY HASH (k)');
    expect(own.objects('SHOW PARTITIONS FROM d.one')[0]).toMatchObject({ ReplicationNum: '1' });
    const value = own.crashed().objects("ADMIN SHOW FRONTEND CONFIG LIKE 'default_repl%'")[0];
    expect(value).toMatchObject({ Value: '3' });
  });

  test('a single backend has one replica by default, unless strict', () => {
    const table = 'CREATE TABLE d.t (k INT) DUPLICATE KEY (k) DISTRIBUTED BY HASH (k)';
    smallWorld({ backends: 1 }).run(table);
    expect(() => smallWorld({ backends: 1, strict: true })).toThrow(/replication_num: 3/);
  });
});

describe('fault points', () => {
  test('are enabled, shown and disabled by statement, also only so many times', () => {
    const world = smallWorld();
    world.run("ADMIN ENABLE FAILPOINT 'blob.put:delay=10' WITH 2 TIMES");
    expect(world.objects("SHOW FAILPOINTS LIKE 'blob.put'")).toMatchObject([
      { Name: 'blob.put', Hits: '0' },
    ]);
    world.run(`${REPO}; ADMIN DISABLE FAILPOINT 'blob.put'`);
    for (const sql of [
      "ADMIN ENABLE FAILPOINT 'blob.pud'",
      "ADMIN ENABLE FAILPOINT 'blob.put:explode'",
      "ADMIN ENABLE FAILPOINT 'blob.put color=red'",
      "ADMIN ENABLE FAILPOINT 'blob.put' WITH 1.5 PROBABILITY",
      "ADMIN DISABLE FAILPOINT 'nothing'",
    ]) {
      expect(world.failure(sql)).toMatchObject({ code: 1064 });
    }
  });
});

describe('a daemon', () => {
  const options = { name: 'test', periodMs: 100, logger: silentLogger };

  test('waits its period after each round, a failed one too', () => {
    const clock = new VirtualClock(0);
    const at: number[] = [];
    startDaemon({
      ...options,
      clock,
      *body(): Op<void> {
        at.push(clock.now());
        yield* waitFor(clock, 50);
        if (at.length === 2) throw new Error('second round');
      },
    });
    clock.advance(700);
    expect(at).toEqual([100, 250, 400, 550, 700]);
  });

  test('ends its round before stop returns, and begins no other', () => {
    const clock = new VirtualClock(0);
    let ended = 0;
    const daemon = startDaemon({
      ...options,
      clock,
      *body(): Op<void> {
        yield* waitFor(clock, 30);
        ended += 1;
      },
    });
    clock.advance(110);
    clock.run(daemon.stop());
    expect(ended).toBe(1);
    expect(clock.now()).toBe(130);
    clock.advance(1000);
    expect(ended).toBe(1);
    runNow(daemon.stop());
  });
});

function* waitFor(clock: VirtualClock, spanMs: number): Op<void> {
  yield* suspend<void>((resume) => {
    clock.after(spanMs, () => resume({ ok: true, value: undefined }));
  });
}

describe('an image', () => {
  test('is put off while a restore holds what no record stands for', () => {
    const world = smallWorld({ config: { edit_log_roll_num: '1' } });
    world.run(`${REPO}; INSERT INTO d.p VALUES (1, 1, NULL); BACKUP SNAPSHOT d.s TO repo`);
    world.untilJobDone('d');
    const timestamp = world.rows('SHOW SNAPSHOT ON repo')[0]?.[1];
    world.run(
      `DROP TABLE d.p; ADMIN ENABLE FAILPOINT 'be.task.begin:delay=100000 type=MAKE_SNAPSHOT'`,
    );
    world.run(`RESTORE SNAPSHOT d.s FROM repo PROPERTIES ('backup_timestamp' = '${timestamp}')`);
    world.clock.advance(5000);
    expect(world.objects('SHOW RESTORE FROM d')[0]).toMatchObject({ State: 'SNAPSHOTING' });
    expect(world.clock.run(world.cluster.frontend.checkpoint())).toBe(false);
    world.run("ADMIN DISABLE FAILPOINT 'be.task.begin'");
    expect(world.untilJobDone('d')).toBe('FINISHED');
    expect(world.clock.run(world.cluster.frontend.checkpoint())).toBe(true);
    expect(world.crashed().rows('SELECT id FROM d.p')).toEqual([[1]]);
  });

  test('holds everything, so that a start without the log before it finds it', () => {
    const world = smallWorld();
    world.run(
      `${REPO}; SET GLOBAL wait_timeout = 5; INSERT INTO d.p WITH LABEL l VALUES (1, 1, NULL)`,
    );
    world.run("INSERT INTO d.r VALUES ('2024-01-05', 'x'); BACKUP SNAPSHOT d.s TO repo");
    world.untilJobDone('d');
    const see = (own: World): unknown => [
      own.rows('SHOW BACKUP'),
      own.rows('SHOW REPOSITORIES'),
      own.rows('SELECT * FROM d.p'),
      own.rows('SELECT * FROM d.r'),
      own.rows('SHOW CREATE TABLE d.r'),
      own.rows('SELECT @@global.wait_timeout'),
      own
        .objects('SHOW PARTITIONS FROM d.r')
        .map((row) => ({ ...row, DataSize: '', StorageSize: '' })),
    ];
    const before = see(world);
    expect(world.clock.run(world.cluster.frontend.checkpoint())).toBe(true);
    const after = world.crashed();
    expect(see(after)).toEqual(before);
    expect(see(after.crashed('kept'))).toEqual(before);
  });
});
