/** One backup and one restore in virtual time: the rows come back, and a seed gives one history. */
import { expect, test } from 'vitest';
import { restoreStatement, rowsOf, withHistory } from './virtual-run.ts';

const HOUR_MS = 3_600_000;
const TICK_MS = 3000;

/** Backs up, changes and loses data, restores; gives the whole trace. */
async function run(seed: bigint): Promise<string> {
  const cluster = await withHistory({ seed });
  const before = await rowsOf(cluster);
  await cluster.query('BACKUP SNAPSHOT shop.monday TO repo');
  // The first tick chooses the versions; what is loaded later is not part of the snapshot.
  cluster.advance(TICK_MS);
  await cluster.query("INSERT INTO shop.orders VALUES (9, 'late', 9)");
  expect(await cluster.untilJobDone('shop')).toEqual({
    kind: 'BACKUP',
    label: 'monday',
    state: 'FINISHED',
    status: '[OK]',
  });
  await cluster.query("UPDATE shop.orders SET name = 'changed' WHERE id < 100");
  await cluster.query('DROP TABLE shop.events');
  await cluster.query(await restoreStatement(cluster, 'monday'));
  expect(await cluster.untilJobDone('shop')).toMatchObject({
    kind: 'RESTORE',
    state: 'FINISHED',
    status: '[OK]',
  });
  expect(await rowsOf(cluster)).toEqual(before);
  await cluster.query("INSERT INTO shop.orders VALUES (10, 'after', 1)");
  expect((await rowsOf(cluster))['orders']).toHaveLength((before['orders']?.length ?? 0) + 1);
  await cluster.stop();
  return JSON.stringify(cluster.trace);
}

test('a seed gives the same history byte for byte, and another seed another one', async () => {
  const first = await run(42n);
  expect(await run(42n)).toBe(first);
  expect(await run(43n)).not.toBe(first);
});

test('the trace shows statements, log records, tasks, states of jobs, disk and store', async () => {
  const cluster = await withHistory();
  await cluster.query('BACKUP SNAPSHOT shop.monday TO repo');
  await cluster.untilJobDone('shop');
  const of = (what: string) => cluster.trace.filter((event) => event.what === what);
  expect(of('statement').map(({ about }) => about['kind'])).toEqual([
    'create-database',
    'create-table',
    'create-table',
    'insert',
    'update',
    'delete',
    'insert',
    'insert',
    'create-repository',
    'backup',
  ]);
  const records = of('edit-log.append');
  expect(records.map(({ about }) => about['seq'])).toEqual(records.map((_, at) => at + 1));
  expect(records.filter(({ about }) => about['op'] === 'OP_BACKUP_JOB_V2')).toHaveLength(5);
  expect(of('job.state').map(({ about }) => about['to'])).toEqual([
    'PENDING',
    'SNAPSHOTING',
    'UPLOAD_SNAPSHOT',
    'UPLOADING',
    'SAVE_META',
    'UPLOAD_INFO',
    'FINISHED',
  ]);
  const types = (what: string) => [...new Set(of(what).map(({ about }) => about['type']))].sort();
  expect(types('task.send')).toEqual(['CREATE', 'MAKE_SNAPSHOT', 'RELEASE_SNAPSHOT', 'UPLOAD']);
  expect(types('task.finish')).toEqual(types('task.send'));
  const operations = (what: string) => new Set(of(what).map(({ about }) => about['operation']));
  expect(operations('file')).toContain('sync');
  expect(operations('blob')).toContain('put');
  expect(
    of('blob').filter(({ about }) => String(about['key']).includes('__info_')).length,
  ).toBeGreaterThan(0);
  await cluster.stop();
});

test('virtual time passes only when it is waited for, and then costs nothing', async () => {
  const cluster = await withHistory();
  const [first, last] = [cluster.trace[0]?.at, cluster.trace.at(-1)?.at];
  expect(last).toBe(first);
  cluster.advance(HOUR_MS);
  await cluster.query('SELECT 1');
  expect(cluster.trace.at(-1)?.at).toBe((first ?? 0) + HOUR_MS);
  await cluster.stop();
});
