/** Jobs that users found stuck in a phase: what moves them on, what is left when nothing does. */
import { describe, expect, test } from 'vitest';
import { World } from '../../unit/jobs/support/world.ts';
import {
  backUp,
  beginRestore,
  type Cluster,
  job,
  newSite,
  restore,
  rowsOf,
  untilState,
} from './support.ts';

const TABLE = `CREATE TABLE shop.t (id INT NOT NULL) DUPLICATE KEY (id)
    DISTRIBUTED BY HASH (id) BUCKETS 2;
  INSERT INTO shop.t VALUES (1), (2), (3)`;
const ROWS = ['1', '2', '3'];

describe('in SNAPSHOTING', () => {
  test('3771: an empty table with many buckets is backed up and comes back', async () => {
    const { cluster } = await newSite(`CREATE TABLE shop.flat (k INT NOT NULL, d DATE NOT NULL)
      DUPLICATE KEY (k) DISTRIBUTED BY HASH (k) BUCKETS 48
      PROPERTIES ('replication_num' = '1', 'colocate_with' = 'groupxx1')`);
    await backUp(cluster, 's', 'ON (flat)');
    await cluster.query('DROP TABLE shop.flat');
    expect(await restore(cluster, 's', { properties: { replication_num: '1' } })).toBe(
      'FINISHED [OK]',
    );
    expect(await rowsOf(cluster, 'shop.flat')).toEqual([]);
    await cluster.query("INSERT INTO shop.flat VALUES (1, '2024-01-01')");
    await cluster.stop();
  });

  test('D3057: a version that has been merged away cancels the backup at once', () => {
    const world = new World();
    world.createTable({ name: 't', buckets: 2 });
    world.backup();
    world.run(world.handler.tick());
    const [task] = [...world.queue.values()];
    if (task === undefined) throw new Error('no task');
    world.report(task, {
      backendId: task.backendId,
      type: task.type,
      signature: task.signature,
      status: { code: 'OLAP_ERR_VERSION_ALREADY_MERGED', errorMsgs: ['merged'] },
    });
    expect(world.job()).toMatchObject({
      state: 'CANCELLED',
      status: { code: 'OLAP_VERSION_ALREADY_MERGED' },
    });
    expect(world.queue.size).toBe(0);
    world.finishedBackup({ label: 's2' });
  });
});

test('D3001: UPLOAD_INFO that the store refuses is tried again, tells why, and ends', async () => {
  const { cluster } = await newSite(TABLE);
  await cluster.query('BACKUP SNAPSHOT shop.s TO repo');
  await untilState(cluster, 'BACKUP', 'UPLOAD_INFO');
  await cluster.query("ADMIN ENABLE FAILPOINT 'blob.put:fail'");
  cluster.advance(30_000);
  expect(await job(cluster, 'BACKUP')).toMatchObject({
    State: 'UPLOAD_INFO',
    Status: expect.stringMatching(/^\[COMMON_ERROR, msg: /),
  });
  await cluster.query("ADMIN DISABLE FAILPOINT 'blob.put'");
  expect(await cluster.untilJobDone('shop')).toMatchObject({ state: 'FINISHED', status: '[OK]' });
  await cluster.stop();
});

describe('in COMMITTING', () => {
  async function stuck(timeout: string): Promise<Cluster> {
    const { cluster } = await newSite(TABLE);
    await backUp(cluster, 's');
    await cluster.query('DROP TABLE shop.t');
    await cluster.query("ADMIN ENABLE FAILPOINT 'be.task.begin:fail type=MOVE'");
    await beginRestore(cluster, 's', { properties: { timeout } });
    await untilState(cluster, 'RESTORE', 'COMMITTING');
    cluster.advance(60_000);
    return cluster;
  }

  test('D3312: a move that never works ends with the timeout; a restore later works', async () => {
    const cluster = await stuck('600');
    expect((await job(cluster, 'RESTORE'))['State']).toBe('COMMITTING');
    expect(await cluster.untilJobDone('shop')).toMatchObject({
      state: 'CANCELLED',
      status: expect.stringMatching(/^\[TIMEOUT/),
    });
    expect((await cluster.query('SHOW TABLES FROM shop')).rows).toEqual([]);
    await cluster.query("ADMIN DISABLE FAILPOINT 'be.task.begin'");
    expect(await restore(cluster, 's')).toBe('FINISHED [OK]');
    expect(await rowsOf(cluster, 'shop.t')).toEqual(ROWS);
    await cluster.stop();
  });

  test('D29760: TaskErrMsg names every tablet, and CANCEL RESTORE frees the way', async () => {
    const cluster = await stuck('86400');
    const { TaskErrMsg, UnfinishedTasks } = await job(cluster, 'RESTORE');
    const tasks = String(UnfinishedTasks).split(', ');
    expect(tasks).toHaveLength(2 * 3);
    for (const task of tasks) expect(TaskErrMsg).toContain(`[${task.split('=')[0]}: `);
    await cluster.query('CANCEL RESTORE FROM shop');
    await cluster.query("ADMIN DISABLE FAILPOINT 'be.task.begin'");
    expect(await restore(cluster, 's')).toBe('FINISHED [OK]');
    expect(await rowsOf(cluster, 'shop.t')).toEqual(ROWS);
    await cluster.stop();
  });
});
