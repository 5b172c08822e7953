/** Oddities of StarRocks that a job has unasked (restore-jobs.md 9). */
import { expect, it } from 'vitest';
import type { OlapTable } from '../../../src/catalog/model.ts';
import { sendDownloads } from '../../../src/jobs/restore-transfer.ts';
import type { StepView } from '../../../src/jobs/transition.ts';
import { backedUp, change, first, ORDERS, SIX } from './support/backed-up.ts';
import { failure } from './support/backends.ts';
import { DB_ID, World } from './support/world.ts';

it('quirk #9: tasks that always fail never cancel a restore, only its timeout does', () => {
  const { world, timestamp } = backedUp();
  world.backends.script = (task, usual) => (task.type === 'DOWNLOAD' ? failure('no') : usual());
  world.restore(timestamp, { timeoutMs: 600_000 });
  world.untilState('DOWNLOADING');
  world.ticks(190);
  expect(world.job()).toMatchObject({ state: 'DOWNLOADING', status: { code: 'OK' } });
  const messages = world.handler.job(DB_ID)?.runtime.taskErrMsg.values() ?? [];
  expect([...messages]).toEqual(Array.from({ length: 6 }, () => 'no'));
  expect(world.untilDone()).toMatchObject({ state: 'CANCELLED', status: { code: 'TIMEOUT' } });
});

it('quirk #11: a download finds its table gone and names a tablet instead', () => {
  const { world, timestamp } = backedUp();
  world.restore(timestamp);
  world.untilState('DOWNLOAD');
  const job = world.restoreJob();
  const steps = sendDownloads(job, {} as StepView);
  expect(steps.next().value).toMatchObject({ do: 'lock-database', mode: 'read' });
  const tables = new Map<OlapTable['id'], OlapTable>();
  expect(steps.next({ ...world.database, tables }).value).toEqual({ do: 'unlock-database' });
  const [info] = job.snapshotInfos;
  const msg = `restored table ${info?.tabletId} does not exist`;
  const status = { code: 'NOT_FOUND', msg };
  expect(steps.next()).toEqual({ done: true, value: { kind: 'fail', job, status } });
});

it('quirk #28: the frontend keeps the medium of a restored partition, no task names one', () => {
  const world = new World();
  world.createTable(ORDERS);
  change(world, 'orders', (table) => ({
    ...table,
    partitions: new Map(
      [...table.partitions].map(([name, one]) => [name, { ...one, storageMedium: 'SSD' as const }]),
    ),
  }));
  const timestamp = world.finishedBackup();
  world.dropTable('orders');
  world.restore(timestamp);
  expect(world.untilDone().state).toBe('FINISHED');
  const media = [...world.table('orders').partitions.values()].map((one) => one.storageMedium);
  expect(media).toEqual(['SSD', 'SSD']);
  const creates = world.backends.ofType('CREATE');
  expect(creates).toHaveLength(6);
  expect(JSON.stringify(creates)).not.toMatch(/SSD|HDD|medium/i);
});

it('quirk #29: a snapshot that says it failed is restored all the same', () => {
  const { world, timestamp } = backedUp();
  const key = `s1/__info_${timestamp}`;
  const text = Buffer.from(world.repository.objects.get(key) ?? []).toString('utf8');
  expect(text).toContain('"backup_result":"succeed"');
  const failed = text.replace('"succeed"', '"failed"');
  world.repository.objects.set(key, Buffer.from(failed));
  world.restore(timestamp);
  expect(world.restoreJob().jobInfo.success).toBe(false);
  expect(world.untilDone().state).toBe('FINISHED');
  expect(world.contents(world.table('orders'))).toEqual(first(SIX));
});
