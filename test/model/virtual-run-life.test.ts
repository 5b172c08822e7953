/** The life of a cluster inside this process: stop, crash faults, failed starts, killed backends. */
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { startCluster } from '../../src/start-cluster.ts';
import { rowsOf, withHistory } from './virtual-run.ts';

const LOST = { fate: 'lost', random: new SeededRandom(1n) } as const;

test('stop twice is fine, and what comes later is refused by name', async () => {
  const cluster = await withHistory();
  await cluster.stop();
  await cluster.stop();
  await cluster[Symbol.asyncDispose]();
  await expect(cluster.query('SELECT 1')).rejects.toThrow('the cluster has been stopped');
});

test('a crash fault ends the statement it strikes; unsafeCrash goes on from the disk', async () => {
  const cluster = await withHistory();
  const before = await rowsOf(cluster);
  await cluster.query("ADMIN ENABLE FAILPOINT 'fe.edit-log.append:crash'");
  await expect(cluster.query('CREATE DATABASE never')).rejects.toMatchObject({
    code: 'connection-lost',
    message: 'the cluster has crashed',
  });
  await expect(cluster.query('SELECT 1')).rejects.toThrow('the cluster has crashed');
  expect(() => cluster.advance(1)).toThrow('the cluster has crashed');
  await cluster.stop();
  const next = await cluster.unsafeCrash(LOST);
  expect(await rowsOf(next)).toEqual(before);
  expect((await next.query("SHOW DATABASES LIKE 'never'")).rows).toEqual([]);
  expect(next.trace.some(({ what }) => what === 'file')).toBe(true);
  await next.stop();
});

test('a crash fault inside a job ends the wait for the job', async () => {
  const cluster = await withHistory();
  await cluster.query("ADMIN ENABLE FAILPOINT 'fe.job.enter:crash kind=backup state=UPLOADING'");
  await cluster.query('BACKUP SNAPSHOT shop.b TO repo');
  await expect(cluster.untilJobDone('shop')).rejects.toThrow('the cluster has crashed');
  const next = await cluster.unsafeCrash(LOST);
  expect(await next.untilJobDone('shop')).toMatchObject({ state: 'FINISHED', status: '[OK]' });
  await next.stop();
});

test('after the log has failed nothing new is begun', async () => {
  const cluster = await withHistory();
  await cluster.query("ADMIN ENABLE FAILPOINT 'fe.edit-log.sync:fail'");
  await expect(cluster.query('CREATE DATABASE x')).rejects.toMatchObject({
    code: 'injected-fault',
  });
  await expect(cluster.query('SELECT 1')).rejects.toMatchObject({ code: 'injected-fault' });
  await cluster.stop();
});

test('a backend can be killed and started again', async () => {
  const cluster = await withHistory();
  const before = await rowsOf(cluster);
  cluster.unsafeKillBackend(10002);
  expect(await rowsOf(cluster)).toEqual(before);
  await cluster.unsafeStartBackend(10002);
  cluster.unsafeKillBackend(10001);
  cluster.unsafeKillBackend(10003);
  expect(await rowsOf(cluster)).toEqual(before);
  expect(() => cluster.unsafeKillBackend(7)).toThrow(
    'there is no backend 7, only 10001, 10002, 10003',
  );
  await cluster.stop();
});

test('jobs go on to their end while a backend comes and goes', async () => {
  const cluster = await withHistory();
  await cluster.query('BACKUP SNAPSHOT shop.b TO repo');
  for (const id of [10001, 10002, 10003]) {
    cluster.unsafeKillBackend(id);
    cluster.advance(4000);
    await cluster.unsafeStartBackend(id);
    cluster.advance(2000);
  }
  expect(await cluster.untilJobDone('shop')).toMatchObject({ state: 'FINISHED', status: '[OK]' });
  await cluster.stop();
});

test('a start that fails leaves nothing behind', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const address = taken.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await expect(startCluster({ storage: 'memory', port })).rejects.toMatchObject({
    code: 'port-in-use',
  });
  await new Promise((resolve) => taken.close(resolve));
});

test('a real clock over a disk in memory can be crashed as well', async () => {
  const first = await startCluster({ storage: 'memory', network: false, tickMs: 20 });
  await first.query(
    "CREATE DATABASE shop; CREATE REPOSITORY repo WITH BROKER ON LOCATION 'memory://b'",
  );
  await first.query(`CREATE TABLE shop.t (k INT) DUPLICATE KEY (k) DISTRIBUTED BY HASH (k);
    INSERT INTO shop.t VALUES (1); BACKUP SNAPSHOT shop.b TO repo`);
  const waiting = expect(first.untilJobDone('shop')).rejects.toThrow('the cluster was crashed');
  const next = await first.unsafeCrash(LOST);
  await waiting;
  const told = first.trace.length;
  expect(await next.untilJobDone('shop')).toMatchObject({ state: 'FINISHED' });
  expect((await next.query('SELECT k FROM shop.t')).rows).toEqual([[1]]);
  expect(first.trace).toHaveLength(told);
  await next.stop();
  await first.stop();
});
