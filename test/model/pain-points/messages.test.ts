/** Messages that told users nothing, or the wrong thing. */
import { describe, expect, test } from 'vitest';
import { backUp, job, newSite, untilState } from './support.ts';

const TABLE = `CREATE TABLE shop.t (id INT NOT NULL) DUPLICATE KEY (id)
    DISTRIBUTED BY HASH (id) BUCKETS 12 PROPERTIES ('replication_num' = '1');
  INSERT INTO shop.t SELECT generate_series FROM TABLE(generate_series(1, 200))`;

test('13382: a backup of a database without anything in it names the database', async () => {
  const { cluster } = await newSite();
  await expect(cluster.query('BACKUP SNAPSHOT shop.s TO repo')).rejects.toMatchObject({
    message: expect.stringMatching(/Database \[shop\] is empty/),
  });
  await cluster.stop();
});

test('40091: CANCEL without any database says so, SHOW works while jobs run', async () => {
  const { cluster } = await newSite(TABLE);
  await cluster.query('BACKUP SNAPSHOT shop.s TO repo');
  for (const sql of ['CANCEL BACKUP', 'CANCEL RESTORE']) {
    await expect(cluster.query(sql)).rejects.toMatchObject({
      code: 'unknown-database',
      message: expect.stringContaining('Unknown database'),
    });
  }
  let state = '';
  while (state !== 'FINISHED') {
    state = String((await job(cluster, 'BACKUP'))['State']);
    cluster.advance(100);
  }
  await cluster.query('BACKUP SNAPSHOT shop.s2 TO repo; USE shop; CANCEL BACKUP');
  expect((await job(cluster, 'BACKUP'))['State']).toBe('CANCELLED');
  await cluster.stop();
});

test('D7996: an upload that failed once leaves its text in a FINISHED job', async () => {
  const { cluster } = await newSite(TABLE);
  await cluster.query("ADMIN ENABLE FAILPOINT 'be.task.begin:fail type=UPLOAD' WITH 1 TIMES");
  await backUp(cluster, 's');
  expect(await job(cluster, 'BACKUP')).toMatchObject({
    State: 'FINISHED',
    Status: '[OK]',
    TaskErrMsg: expect.stringMatching(/^\[\d+: .+\]$/),
  });
  await backUp(cluster, 's2');
  expect((await job(cluster, 'BACKUP'))['TaskErrMsg']).toBe('');
  await cluster.stop();
});

describe('40244', () => {
  test.each([
    ['3.3', /^\[\d+: \d+\/12\]$/],
    ['3.5', /^\[ task id: \d+ -> finished part:\d+\/ total number of subtasks:12\]$/],
  ] as const)('40244: the Progress of an upload in %s', async (starrocksVersion, text) => {
    const options = { starrocksVersion, backends: 1, config: { max_upload_task_per_be: '1' } };
    const { cluster } = await newSite(TABLE, options);
    await cluster.query("ADMIN ENABLE FAILPOINT 'blob.put:delay=1000'");
    await cluster.query('BACKUP SNAPSHOT shop.s TO repo');
    await untilState(cluster, 'BACKUP', 'UPLOADING');
    cluster.advance(15_000);
    expect((await job(cluster, 'BACKUP'))['Progress']).toMatch(text);
    await cluster.untilJobDone('shop');
    await cluster.stop();
  });
});
