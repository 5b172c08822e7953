/** What a cycle by hand tells: the text of a report, and what goes into one. */
import { describe, expect, it } from 'vitest';
import { type Activity, type TickReport, tickLines } from '../../../src/fe/tick-report.ts';
import { type Cluster, startCluster } from '../../../src/start-cluster.ts';

const NOTHING: Activity = { logged: [], loggedCount: 0, sent: [], ended: [] };

function report(change: Partial<TickReport>): TickReport {
  return { tick: 1, before: NOTHING, during: NOTHING, jobs: [], ...change };
}

const JOB = {
  kind: 'restore',
  db: 'shop',
  label: 'monday',
  state: 'DOWNLOADING',
  changes: [],
  waitsUntil: 'every task has ended',
  unfinishedTasks: 1,
} as const;

describe('the lines of a report', () => {
  it('say when there is nothing to tell', () => {
    expect(tickLines(report({}))).toEqual(['  no job to move']);
  });

  it('say what a job waits for that stays in its state', () => {
    expect(tickLines(report({ jobs: [JOB] }))).toEqual([
      '  restore shop.monday stays in DOWNLOADING until every task has ended: 1 task is unfinished',
    ]);
    const retried = {
      ...JOB,
      state: 'UPLOAD_INFO',
      waitsUntil: undefined,
      changes: [{ field: 'status', from: '[OK]', to: '[COMMON_ERROR, msg: no]' }],
    };
    expect(tickLines(report({ jobs: [retried] }))).toEqual([
      '  restore shop.monday stays in UPLOAD_INFO',
      '    status  [OK] -> [COMMON_ERROR, msg: no]',
    ]);
  });

  it('line fields up and keep the end of a long path', () => {
    const changes = [
      { field: 'state', from: 'SAVE_META', to: 'UPLOAD_INFO' },
      { field: 'localMetaInfoFilePath', from: '-', to: `/${'d'.repeat(60)}/__meta` },
    ];
    expect(tickLines(report({ jobs: [{ ...JOB, db: '', changes }] }))).toEqual([
      '  restore monday',
      '    state                  SAVE_META -> UPLOAD_INFO',
      `    localMetaInfoFilePath  - -> ...${'d'.repeat(40)}/__meta`,
    ]);
  });

  it('gather tasks that are alike and count what is too many to name', () => {
    const sent = [10007, 10002, 10003, 10004, 10005, 10006].map((backend) => ({
      type: 'UPLOAD',
      backend,
      count: backend === 10002 ? 3 : 1,
    }));
    const ended = [
      { type: 'UPLOAD', backend: 10001, code: 'OK', count: 1 },
      { type: 'UPLOAD', backend: 10002, code: 'RUNTIME_ERROR', count: 2 },
    ];
    const logged = [{ seq: 7, op: 'OP_BACKUP_JOB_V2', bytes: 4700 }];
    const during = { logged, loggedCount: 3, sent, ended };
    expect(tickLines(report({ before: { ...NOTHING, ended }, during }))).toEqual([
      '  before: ended 1 UPLOAD on 10001',
      '  before: ended 2 UPLOAD on 10002 (2) with RUNTIME_ERROR',
      '  logged #7 OP_BACKUP_JOB_V2, 4.6KB',
      '  logged 2 more',
      '  sent 8 UPLOAD to 10002 (3), 10003, 10004, 10005, 10006 and 1 more',
      '  ended 1 UPLOAD on 10001',
      '  ended 2 UPLOAD on 10002 (2) with RUNTIME_ERROR',
    ]);
  });
});

const SETUP = `CREATE DATABASE shop;
  CREATE TABLE shop.t (id INT NOT NULL) PRIMARY KEY (id) DISTRIBUTED BY HASH (id) BUCKETS 2;
  INSERT INTO shop.t VALUES (1), (2);
  CREATE REPOSITORY repo WITH BROKER ON LOCATION 'memory://bucket'`;

const TICK = "ADMIN EXECUTE ON FRONTEND 'backupHandler.tick()'";

async function stepped(): Promise<Cluster> {
  const cluster = await startCluster({ clock: 'virtual', stepped: true, backends: 1 });
  await cluster.query(SETUP);
  return cluster;
}

async function tick(cluster: Cluster): Promise<string> {
  const { rows } = await cluster.query(TICK);
  cluster.advance(1_000);
  return rows.map(([line]) => line).join('\n');
}

describe('a stepped cluster', () => {
  it('moves no job however long it takes, and one state at each statement', async () => {
    const cluster = await stepped();
    await cluster.query('BACKUP SNAPSHOT shop.s TO repo');
    cluster.advance(60_000);
    const state = async (): Promise<unknown> =>
      (await cluster.query('SHOW BACKUP FROM shop')).rows[0]?.[3];
    expect(await state()).toBe('PENDING');
    const seen: unknown[] = [];
    for (let at = 0; at < 7; at += 1) {
      await tick(cluster);
      seen.push(await state());
    }
    expect(seen).toEqual([
      'SNAPSHOTING',
      'UPLOAD_SNAPSHOT',
      'UPLOADING',
      'SAVE_META',
      'UPLOAD_INFO',
      'FINISHED',
      'FINISHED',
    ]);
    await cluster.stop();
  });

  it('answers with fields, records and tasks of the cycle', async () => {
    const cluster = await stepped();
    await cluster.query("ADMIN ENABLE FAILPOINT 'be.task.begin:delay=500'");
    await cluster.query('BACKUP SNAPSHOT shop.s TO repo');
    const first = await tick(cluster);
    expect(first).toMatch(/^tick 1\n/);
    expect(first).toMatch(/^ {2}before: logged #\d+ OP_BACKUP_JOB_V2, \d+B$/m);
    expect(first).toMatch(/^ {2}backup shop\.s\n {4}state {12}PENDING -> SNAPSHOTING$/m);
    expect(first).toMatch(/^ {4}unfinishedTasks {2}0 -> 2$/m);
    expect(first).toMatch(/^ {2}sent 2 MAKE_SNAPSHOT to 10001 \(2\)$/m);
    const second = await tick(cluster);
    expect(second).toMatch(/^ {2}before: ended 2 MAKE_SNAPSHOT on 10001 \(2\)$/m);
    expect(second).toMatch(/^ {4}snapshotInfos {9}0 -> 2$/m);
    expect(second).toMatch(/^ {2}logged #\d+ OP_BACKUP_JOB_V2, [\d.]+KB$/m);
    await cluster.stop();
  });

  it('says that a tick has nothing to do while tasks are unfinished', async () => {
    const cluster = await stepped();
    await cluster.query("ADMIN ENABLE FAILPOINT 'be.task.begin:fail type=MAKE_SNAPSHOT'");
    await cluster.query('BACKUP SNAPSHOT shop.s TO repo');
    await tick(cluster);
    expect(await tick(cluster)).toMatch(
      /backup shop\.s stays in SNAPSHOTING until every task has ended: 2 tasks are unfinished/,
    );
    await cluster.stop();
  });

  it('refuses to wait for a job that nobody moves', async () => {
    const cluster = await stepped();
    await cluster.query('BACKUP SNAPSHOT shop.s TO repo');
    await expect(cluster.untilJobDone('shop')).rejects.toMatchObject({ code: 'bad-option' });
    await cluster.stop();
  });
});

describe('ADMIN EXECUTE', () => {
  it('moves the handler of a cluster that ticks by itself, too', async () => {
    const cluster = await startCluster({ clock: 'virtual', backends: 1 });
    await cluster.query(SETUP);
    await cluster.query('BACKUP SNAPSHOT shop.s TO repo');
    expect(await tick(cluster)).toMatch(/PENDING -> SNAPSHOTING/);
    expect(await cluster.untilJobDone('shop')).toMatchObject({ state: 'FINISHED' });
    await cluster.stop();
  });

  it.each([
    ["ADMIN EXECUTE ON FRONTEND 'System.exit(0)'", /runs no scripts here/],
    [`ADMIN EXECUTE ON 10001 'backupHandler.tick()'`, /on a backend is not supported/i],
  ])('refuses %s by name', async (sql, text) => {
    const cluster = await startCluster({ clock: 'virtual', backends: 1 });
    await expect(cluster.query(sql)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(text),
    });
    await cluster.stop();
  });

  it('is refused by a strict cluster', async () => {
    const cluster = await startCluster({ clock: 'virtual', backends: 1, strict: true });
    await expect(cluster.query(TICK)).rejects.toMatchObject({ code: 'unsupported' });
    await cluster.stop();
  });
});
