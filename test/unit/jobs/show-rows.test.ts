import { describe, expect, it } from 'vitest';
import { SHOW_BACKUP_COLUMNS, showBackupRow } from '../../../src/jobs/show-backup-rows.ts';
import { SHOW_RESTORE_COLUMNS, showRestoreRow } from '../../../src/jobs/show-restore-rows.ts';
import { failure } from './support/backends.ts';
import { DB_ID, World } from './support/world.ts';

type Row = readonly (string | null)[] | undefined;

const named = (columns: readonly string[], row: Row): Record<string, string | null | undefined> =>
  Object.fromEntries(columns.map((name, at) => [name, row?.[at]]));

function backupRow(world: World, zone = 'UTC', isLong = true): Record<string, unknown> {
  const view = world.handler.job(DB_ID);
  if (view === undefined) throw new Error();
  const row = showBackupRow(view, zone, isLong);
  expect(row).toHaveLength(14);
  return named(SHOW_BACKUP_COLUMNS, row);
}

function restoreRow(world: World): Record<string, unknown> {
  const view = world.handler.job(DB_ID);
  if (view === undefined) throw new Error();
  const row = showRestoreRow(view, 'UTC');
  expect(row).toHaveLength(18);
  return named(SHOW_RESTORE_COLUMNS, row);
}

const withOrders = (): World => {
  const world = new World();
  world.createTable({ name: 'a', buckets: 1 });
  world.createTable({
    name: 'b',
    buckets: 1,
    ranges: [
      ['p1', 0, 1],
      ['p2', 1, 2],
    ],
  });
  return world;
};

describe('SHOW BACKUP', () => {
  it('shows a new job with -1, its objects and no times (invariant 28)', () => {
    const world = withOrders();
    world.backup({
      timeoutMs: 600_999,
      tableRefs: [
        { dbName: 'shop', tableName: 'a' },
        { dbName: 'shop', tableName: 'b', partitionNames: ['p1', 'p2'] },
      ],
    });
    expect(backupRow(world)).toEqual({
      JobId: '-1',
      SnapshotName: 's1',
      DbName: 'shop',
      State: 'PENDING',
      BackupObjs: '[shop.a], [shop.bPARTITIONS (p1, p2)]',
      CreateTime: '2025-01-01 00:00:00',
      SnapshotFinishedTime: null,
      UploadFinishedTime: null,
      FinishedTime: null,
      UnfinishedTasks: '',
      Progress: '',
      TaskErrMsg: '',
      Status: '[OK]',
      Timeout: '600',
    });
  });

  it('shows unfinished tasks with their backends, progress and errors', () => {
    const world = withOrders();
    world.backends.script = (task, usual) =>
      task.type === 'UPLOAD' ? failure('store away') : usual();
    world.backup();
    world.untilState('UPLOADING');
    const tasks = world.backends.ofType('UPLOAD');
    const [task] = tasks;
    if (task === undefined) throw new Error();
    const { signature, backendId, jobId } = task;
    world.handler.reportSnapshotLoader({
      backendId,
      jobId,
      taskId: signature,
      type: 'UPLOAD',
      finishedNum: 1,
      totalNum: 3,
    });
    const row = backupRow(world);
    expect(row['UnfinishedTasks']).toBe(
      tasks.map((one) => `${one.signature}=${one.backendId}`).join(', '),
    );
    expect(row['Progress']).toBe(
      `[ task id: ${signature} -> finished part:1/ total number of subtasks:3]`,
    );
    expect(backupRow(world, 'UTC', false)['Progress']).toBe(`[${signature}: 1/3]`);
    expect(row['TaskErrMsg']).toBe(tasks.map((one) => `[${one.signature}: store away]`).join(', '));
  });

  it('shows the zone of the session and every time at the end', () => {
    const world = withOrders();
    world.backup();
    world.untilDone();
    expect(backupRow(world, 'Asia/Shanghai')).toMatchObject({
      State: 'FINISHED',
      CreateTime: '2025-01-01 08:00:00',
      SnapshotFinishedTime: '2025-01-01 08:00:03',
      UploadFinishedTime: '2025-01-01 08:00:09',
      FinishedTime: '2025-01-01 08:00:15',
    });
  });

  it('has no row for a restore, and SHOW RESTORE none for a backup', () => {
    const world = withOrders();
    const timestamp = world.finishedBackup();
    const backup = world.handler.job(DB_ID);
    expect(backup && showRestoreRow(backup, 'UTC')).toBeUndefined();
    world.restore(timestamp);
    const restore = world.handler.job(DB_ID);
    expect(restore && showBackupRow(restore, 'UTC', true)).toBeUndefined();
  });

  it('shows an empty text for a timeout and the code for other errors', () => {
    const world = withOrders();
    world.backup({ timeoutMs: 600_000 });
    world.clock.advance(600_001);
    world.tick();
    expect(backupRow(world)['Status']).toBe('[TIMEOUT, msg: ]');
  });
});

describe('SHOW RESTORE', () => {
  it('shows a new job under the names of the snapshot', () => {
    const world = withOrders();
    const timestamp = world.finishedBackup();
    world.restore(timestamp, {
      objects: [{ name: 'a', alias: 'x' }, { name: 'b' }],
      allowLoad: true,
    });
    expect(restoreRow(world)).toMatchObject({
      JobId: '-1',
      Label: 's1',
      Timestamp: timestamp,
      State: 'PENDING',
      AllowLoad: 'true',
      ReplicationNum: '1',
      RestoreObjs: 'a, b PARTITIONS [p1, p2]',
      MetaPreparedTime: null,
      FinishedTime: null,
      Status: '[OK]',
      Timeout: '86400',
    });
  });

  it('shows tablets while snapshotting and moving, backends while downloading', () => {
    const world = withOrders();
    const timestamp = world.finishedBackup();
    world.backends.received.length = 0;
    for (const [state, type] of [
      ['SNAPSHOTING', 'MAKE_SNAPSHOT'],
      ['DOWNLOADING', 'DOWNLOAD'],
      ['COMMITTING', 'MOVE'],
    ] as const) {
      world.backends.script = (task, usual) => (task.type === type ? undefined : usual());
      if (state === 'SNAPSHOTING') world.restore(timestamp);
      world.untilState(state);
      const tasks = world.backends.ofType(type);
      const shown = tasks.map((task) =>
        task.type === 'DOWNLOAD'
          ? `${task.signature}=${task.backendId}`
          : `${task.signature}=${task.tabletId}`,
      );
      expect(restoreRow(world)['UnfinishedTasks']).toBe(shown.join(', '));
      world.backends.script = (_task, usual) => usual();
      world.resend();
      world.clock.advance(1_000);
      world.backends.received.length = 0;
    }
    expect(world.untilDone().state).toBe('FINISHED');
  });
});
