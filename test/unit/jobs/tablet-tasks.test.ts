/** Tasks of a backup that are views answer what the plain messages they stand for would hold. */
import { expect, test } from 'vitest';
import { asId } from '../../../src/base/ids.ts';
import { tabletSnapshots } from '../../../src/jobs/tablet-snapshots.ts';
import { TabletSnapshotTask, TabletsUploadTask } from '../../../src/jobs/tablet-tasks.ts';
import type { MakeSnapshotTask, UploadTask } from '../../../src/protocol/agent-task.ts';

/** Every field by its name, as a message to another process would carry it. */
function fieldsOf(task: object): Record<string, unknown> {
  const own = Object.getOwnPropertyNames(task);
  const shared = Object.getOwnPropertyNames(Object.getPrototypeOf(task));
  const names = [...own, ...shared].filter((name) => name !== 'constructor');
  return Object.fromEntries(names.map((name) => [name, Reflect.get(task, name)]));
}

test('a snapshot task has the fields of its index and of its tablet, and no more', () => {
  const index = {
    dbId: asId<MakeSnapshotTask['dbId']>(1),
    jobId: asId<MakeSnapshotTask['jobId']>(2),
    tableId: asId<MakeSnapshotTask['tableId']>(3),
    partitionId: asId<MakeSnapshotTask['partitionId']>(4),
    indexId: asId<MakeSnapshotTask['indexId']>(5),
    version: 6,
    schemaHash: 7,
    timeoutSec: 8,
  };
  const task = new TabletSnapshotTask(index, asId(9), asId(10));
  const plain: MakeSnapshotTask = {
    ...index,
    type: 'MAKE_SNAPSHOT',
    backendId: asId(10),
    signature: asId(9),
    tabletId: asId(9),
    listFiles: true,
    isRestoreTask: false,
  };
  expect(fieldsOf(task)).toEqual(plain);
});

test('an upload task leads from the snapshots of its tablets to their remote directories', () => {
  const ids = {
    dbId: asId<UploadTask['dbId']>(1),
    jobId: asId<UploadTask['jobId']>(2),
  };
  const info = (tabletId: number) => ({
    dbId: ids.dbId,
    tblId: asId<MakeSnapshotTask['tableId']>(3),
    partitionId: asId<MakeSnapshotTask['partitionId']>(4),
    indexId: asId<MakeSnapshotTask['indexId']>(5),
    tabletId: asId<MakeSnapshotTask['tabletId']>(tabletId),
    beId: asId<UploadTask['backendId']>(10),
    schemaHash: 7,
    path: `/snapshot/${tabletId}`,
    files: [],
  });
  const job = {
    ...ids,
    storage: { location: 'memory://r', brokerName: '', properties: {} },
    snapshots: tabletSnapshots([info(6), info(7), info(8), info(9)]),
    tabletDirectory: (_place: object, tabletId: number) => `remote/__${tabletId}`,
  };
  const ofBackend = { job, backendId: asId<UploadTask['backendId']>(10), positions: [0, 2, 3] };
  const task = new TabletsUploadTask(ofBackend, 1, 3, asId(20));
  const plain: UploadTask = {
    type: 'UPLOAD',
    backendId: asId(10),
    signature: asId(20),
    dbId: job.dbId,
    jobId: job.jobId,
    srcDest: new Map([
      ['/snapshot/8/8/7', 'remote/__8'],
      ['/snapshot/9/9/7', 'remote/__9'],
    ]),
    storage: job.storage,
  };
  expect(fieldsOf(task)).toEqual(plain);
  const only = new TabletsUploadTask(ofBackend, 1, 2, asId(21)).srcDest;
  expect([...only]).toEqual([['/snapshot/8/8/7', 'remote/__8']]);
});
