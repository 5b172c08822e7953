/** Faults that befall one process of several: the crash of a backend, clocks that are set. */
import { expect, test } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { startCluster } from '../../src/start-cluster.ts';
import { type Cluster, rowsOf, untilState, withHistory } from './virtual-run.ts';

const DAY_MS = 24 * 3_600_000;

async function aliveOf(cluster: Cluster): Promise<readonly unknown[]> {
  const { rows, columns } = await cluster.query('SHOW BACKENDS');
  return rows.map((row) => row[columns.indexOf('Alive')]);
}

test('a crashed backend is down until it is started, and the others go on', async () => {
  const cluster = await withHistory();
  const before = await rowsOf(cluster);
  await cluster.query(
    "ADMIN ENABLE FAILPOINT 'be.task.begin:crash-backend' WITH 1 TIMES ON BACKEND '10002'",
  );
  await cluster.query('BACKUP SNAPSHOT shop.b TO repo');
  cluster.advance(20_000);
  expect(await aliveOf(cluster)).toEqual(['true', 'false', 'true']);
  expect(await rowsOf(cluster)).toEqual(before);
  await cluster.query("ADMIN START BACKEND '10002'");
  expect(await cluster.untilJobDone('shop')).toMatchObject({ state: 'FINISHED', status: '[OK]' });
  expect(await aliveOf(cluster)).toEqual(['true', 'true', 'true']);
  expect(cluster.trace.some(({ what }) => what === 'fault.crash-backend')).toBe(true);
  await cluster.stop();
});

test.each(['lost', 'torn', 'kept'] as const)(
  'acknowledged rows survive the crash of every backend in turn, unsynced bytes %s',
  async (fate) => {
    const cluster = await withHistory();
    for (const id of [10_001, 10_002, 10_003]) {
      await cluster.query(`INSERT INTO shop.orders VALUES (${id}, 'x', 1)`);
      const before = await rowsOf(cluster);
      cluster.unsafeKillBackend(id, { fate, random: new SeededRandom(BigInt(id)) });
      expect(await rowsOf(cluster)).toEqual(before);
      await cluster.unsafeStartBackend(id);
      cluster.advance(11_000);
      for (const other of [10_001, 10_002, 10_003]) {
        if (other !== id) cluster.unsafeKillBackend(other);
      }
      expect(await rowsOf(cluster)).toEqual(before);
      for (const other of [10_001, 10_002, 10_003]) await cluster.unsafeStartBackend(other);
      cluster.advance(11_000);
    }
    await cluster.stop();
  },
);

test('a crash takes from one backend what it had not synced, from others nothing', async () => {
  const cluster = await withHistory();
  const before = await rowsOf(cluster);
  await cluster.query("INSERT INTO shop.orders VALUES (5, 'not synced yet', 1)");
  cluster.faults.enable(
    'be.report.tasks',
    { do: 'crash-backend', restartMs: 0, fate: 'lost' },
    { times: 9 },
  );
  cluster.advance(11_000);
  expect(cluster.faults.hits('be.report.tasks')).toBe(9);
  cluster.advance(30_000);
  expect((await rowsOf(cluster))['orders']).toHaveLength((before['orders']?.length ?? 0) + 1);
  expect(await aliveOf(cluster)).toEqual(['true', 'true', 'true']);
  await cluster.stop();
});

test('a backend of a real cluster crashes and comes back by itself', async () => {
  await using cluster = await startCluster({ storage: 'memory', network: false, tickMs: 20 });
  await cluster.query(
    "CREATE DATABASE shop; CREATE REPOSITORY repo WITH BROKER ON LOCATION 'memory://b'",
  );
  await cluster.query(`CREATE TABLE shop.t (k INT) DUPLICATE KEY (k) DISTRIBUTED BY HASH (k);
    INSERT INTO shop.t VALUES (1)`);
  await cluster.query("ADMIN ENABLE FAILPOINT 'be.task.begin:crash-backend=30' WITH 2 TIMES");
  await cluster.query('BACKUP SNAPSHOT shop.b TO repo');
  expect(await cluster.untilJobDone('shop')).toMatchObject({ state: 'FINISHED' });
  expect(cluster.faults.hits('be.task.begin')).toBe(2);
  expect((await cluster.query('SELECT k FROM shop.t')).rows).toEqual([[1]]);
});

test('a snapshot swept away under a clock far ahead ends the backup by timeout', async () => {
  const cluster = await withHistory({ backends: 1 });
  await cluster.query('BACKUP SNAPSHOT shop.b TO repo');
  await untilState(cluster, 'BACKUP', 'SNAPSHOTING');
  await cluster.query("ADMIN ENABLE FAILPOINT 'be.task.begin:delay=700000 type=UPLOAD'");
  cluster.faults.enable('be.report.tasks', { do: 'clock-jump', ms: 3 * DAY_MS }, { times: 1 });
  expect(await cluster.untilJobDone('shop')).toMatchObject({
    state: 'CANCELLED',
    status: '[TIMEOUT, msg: ]',
  });
  await cluster.stop();
});

test('ids, file names and versions stay whole under clocks set to and fro', async () => {
  const cluster = await withHistory();
  for (const [round, ms] of [-DAY_MS, 2 * DAY_MS, -3 * DAY_MS, DAY_MS].entries()) {
    cluster.faults.enable('fe.heartbeat.send', { do: 'clock-jump', ms }, { times: 1 });
    cluster.faults.enable('be.report.tasks', { do: 'clock-jump', ms: -ms }, { times: 2 });
    cluster.advance(11_000);
    await cluster.query(`INSERT INTO shop.orders VALUES (${200 + round}, 'r', 1)`);
    await cluster.query(`BACKUP SNAPSHOT shop.b${round} TO repo`);
    expect(await cluster.untilJobDone('shop')).toMatchObject({ state: 'FINISHED' });
  }
  const { rows } = await cluster.query('SHOW SNAPSHOT ON repo');
  expect(rows.map(([name, , status]) => [name, status])).toEqual(
    [0, 1, 2, 3].map((round) => [`b${round}`, 'OK']),
  );
  await cluster.stop();
});

test('a load waits for its predecessor no longer when the clock goes back', async () => {
  const cluster = await withHistory();
  const before = await rowsOf(cluster);
  cluster.faults.enable('fe.load.publish', { do: 'fail', text: 'lost' }, { times: 3 });
  await cluster.query("INSERT INTO shop.orders VALUES (6, 'late', 1)");
  cluster.faults.enable('be.report.tasks', { do: 'clock-jump', ms: -DAY_MS });
  const start = cluster.trace.at(-1)?.at ?? 0;
  await cluster.query("INSERT INTO shop.orders VALUES (7, 'later', 1)");
  expect((cluster.trace.at(-1)?.at ?? 0) - start).toBeLessThan(60_000);
  cluster.faults.disableAll();
  cluster.advance(30_000);
  expect((await rowsOf(cluster))['orders']).toHaveLength((before['orders']?.length ?? 0) + 2);
  await cluster.stop();
});

test.each([
  [
    "ADMIN ENABLE FAILPOINT 'be.task.begin type=UPLAOD'",
    "no type 'UPLAOD'; the nearest are UPLOAD",
  ],
  ["ADMIN ENABLE FAILPOINT 'fe.job.enter:crash state=UPLOADIN'", 'the nearest are UPLOADING'],
  ["ADMIN ENABLE FAILPOINT 'fe.edit-log.sync op=OP_DROP_DBB'", 'the nearest are OP_DROP_DB'],
  ["ADMIN ENABLE FAILPOINT 'be.file.read area=dta'", 'the nearest are data'],
  ["ADMIN ENABLE FAILPOINT 'be.task.begin' ON BACKEND '10009'", "no backend '10009'; the nearest"],
  ["ADMIN ENABLE FAILPOINT 'fe.job.enter:crash' ON BACKEND '10001'", "not by 'backend'"],
  ["ADMIN ENABLE FAILPOINT 'be.task.begin' ON FRONTEND", 'is passed by backends'],
  ["ADMIN START BACKEND '10009'", "there is no backend '10009', only 10001"],
])('%s is refused by name', async (statement, text) => {
  await using cluster = await startCluster({ clock: 'virtual' });
  await expect(cluster.query(statement)).rejects.toThrow(text);
});

test('a store can fail for the frontend alone, or for one backend', async () => {
  const cluster = await withHistory();
  await cluster.query("ADMIN ENABLE FAILPOINT 'blob.put' ON BACKEND '10002'");
  await cluster.query("ADMIN ENABLE FAILPOINT 'blob.list' ON FRONTEND");
  await expect(cluster.query('BACKUP SNAPSHOT shop.b TO repo')).rejects.toThrow('fault injected');
  await cluster.query("ADMIN DISABLE FAILPOINT 'blob.list'");
  await cluster.query('BACKUP SNAPSHOT shop.b TO repo');
  cluster.advance(60_000);
  expect(cluster.faults.hits('blob.put')).toBeGreaterThan(0);
  await cluster.query("ADMIN DISABLE FAILPOINT 'blob.put'");
  expect(await cluster.untilJobDone('shop')).toMatchObject({ state: 'FINISHED' });
  await cluster.stop();
});

test('with --strict backends are not switched off by statements', async () => {
  await using cluster = await startCluster({ clock: 'virtual', strict: true });
  await expect(cluster.query("ADMIN KILL BACKEND '10001'")).rejects.toThrow('--strict');
});

test('a backend is killed and started by statement', async () => {
  const cluster = await withHistory();
  await cluster.query("ADMIN KILL BACKEND '10001, 10002'");
  cluster.advance(6000);
  expect(await aliveOf(cluster)).toEqual(['false', 'false', 'true']);
  await cluster.query("ADMIN START BACKEND '10001,10002'");
  cluster.advance(6000);
  expect(await aliveOf(cluster)).toEqual(['true', 'true', 'true']);
  await cluster.stop();
});
