import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { realClock } from '../../../src/base/clock.ts';
import { createEvents } from '../../../src/base/events.ts';
import { noFaults } from '../../../src/base/fault.ts';
import { asId } from '../../../src/base/ids.ts';
import { createLocalFiles } from '../../../src/base/local-files.ts';
import { silentLogger } from '../../../src/base/log.ts';
import { type Op, toPromise } from '../../../src/base/op.ts';
import { realRandom } from '../../../src/base/random.ts';
import { createBackend } from '../../../src/be-sim/backend.ts';
import { createOpenBlob } from '../../../src/blob/registry.ts';
import {
  type FinishTaskRequest,
  STATUS_OK,
  type TaskStatus,
} from '../../../src/protocol/agent-task.ts';
import {
  BACKEND_ID,
  createTask,
  moveTask,
  remove,
  schemaOf,
  snapshotTask,
  type TaskWithoutHead,
  transpose,
  upsert,
} from './rig.ts';

test('on a real disk a tablet goes to a repository and comes back with its rows', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'backend-'));
  const files = createLocalFiles();
  let ended: (request: FinishTaskRequest) => void = () => {};
  const backend = createBackend({
    backendId: BACKEND_ID,
    files,
    dataDir: `${folder}/be/10001`,
    clock: realClock,
    random: realRandom,
    faults: noFaults,
    events: createEvents(realClock),
    logger: silentLogger,
    openBlob: createOpenBlob({ files, faults: noFaults, clock: realClock, hasNetwork: false }),
    frontend: {
      *finishTask(request): Op<TaskStatus> {
        ended(request);
        return STATUS_OK;
      },
      *reportSnapshotLoader(): Op<TaskStatus> {
        return STATUS_OK;
      },
      *reportTasks(): Op<void> {},
      *reportTablets(): Op<void> {},
    },
    cpuCores: 2,
  });
  let signature = 1;
  const run = (task: TaskWithoutHead): Promise<FinishTaskRequest> => {
    const head = { backendId: BACKEND_ID, dbId: 1, signature: signature++ };
    return new Promise((resolve) => {
      ended = resolve;
      backend.submitTasks([{ ...task, ...head } as never]);
    });
  };
  try {
    await toPromise(backend.start());
    const schema = schemaOf('PRIMARY_KEYS');
    await run(createTask(100, schema));
    await run(createTask(200, schema, 3));
    const batches = [upsert([1, 'a'], [2, 'b']), remove(1)];
    for (const [index, batch] of batches.entries()) {
      const txnId = asId<never>(index + 1);
      const tabletId = asId<never>(100);
      await toPromise(backend.writeRowsets({ txnId, tablets: [{ tabletId, batch }] }));
      const tablets = [{ tabletId, version: index + 2 }];
      await toPromise(backend.publishVersion({ txnId, tablets }));
    }
    const made = await run(snapshotTask(100, 3));
    expect(made.jobId).toBe(5);
    const location = `file://${folder}/repository`;
    const storage = { location, brokerName: '', properties: {} };
    const remote = `${location}/__idx_1/__100`;
    const local = `${(await run(snapshotTask(200, 3))).snapshotPath}/200/77`;
    const upload = new Map([[`${made.snapshotPath}/100/77`, remote]]);
    const up = await run({ type: 'UPLOAD', jobId: asId(1), srcDest: upload, storage });
    const srcDest = new Map([[remote, local]]);
    const down = await run({ type: 'DOWNLOAD', jobId: asId(1), srcDest, storage });
    const moved = await run(moveTask(200, local));
    expect([up.status, down.status, moved.status]).toEqual([STATUS_OK, STATUS_OK, STATUS_OK]);
    await toPromise(backend.stop());
    await toPromise(backend.start());
    const request = { tabletId: asId<never>(200), version: 3 };
    expect(transpose(await toPromise(backend.scanTablet(request)))).toEqual([[2, 'b']]);
    const opened = await toPromise(backend.openTablet(request));
    expect(opened.files.map(({ kind }) => kind)).toEqual(['delete', 'data']);
    backend.closeTablet(opened.leaseId);
    await toPromise(backend.stop());
  } finally {
    rmSync(folder, { recursive: true });
  }
});
