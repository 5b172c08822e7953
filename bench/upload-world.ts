/** Backends without a frontend, snapshots for them to upload, and how long each task takes. */
import { randomFillSync } from 'node:crypto';
import { linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { realClock } from '../src/base/clock.ts';
import { createEvents } from '../src/base/events.ts';
import { type FaultPoints, noFaults } from '../src/base/fault.ts';
import { asId, type BackendId, FIRST_BACKEND_ID } from '../src/base/ids.ts';
import { createLocalFiles } from '../src/base/local-files.ts';
import { silentLogger } from '../src/base/log.ts';
import { type Op, toPromise } from '../src/base/op.ts';
import { realRandom } from '../src/base/random.ts';
import { type Backend, createBackend } from '../src/be-sim/backend.ts';
import { DEFAULT_BACKEND_CONFIG } from '../src/be-sim/config.ts';
import { createOpenBlob } from '../src/blob/registry.ts';
import {
  type FinishTaskRequest,
  type RemoteStorage,
  STATUS_OK,
  type TaskStatus,
  type UploadTask,
} from '../src/protocol/agent-task.ts';

export interface FileSet {
  readonly tablets: number;
  readonly filesPerTablet: number;
  readonly fileBytes: number;
}

export interface BackendsOptions {
  readonly count: number;
  /** Of each backend; 0 as many as cores. */
  readonly uploadWorkers: number;
  readonly faults?: FaultPoints;
}

export interface Backends {
  /** Ends when all tasks have; gives the milliseconds of each from its submission to its end. */
  run(tasks: readonly UploadTask[]): Promise<number[]>;
  /** The same, with so many tasks handed out at a time, so that none waits for a worker. */
  runClosed(tasks: readonly UploadTask[], atOnce: number): Promise<number[]>;
  stop(): Promise<void>;
}

export async function openBackends(folder: string, options: BackendsOptions): Promise<Backends> {
  const files = createLocalFiles();
  const { faults = noFaults } = options;
  let ended: (request: FinishTaskRequest) => void = () => {};
  const backends = new Map<BackendId, Backend>();
  for (let index = 0; index < options.count; index += 1) {
    const backendId = backendIdOf(index);
    const backend = createBackend({
      backendId,
      files,
      dataDir: `${folder}/be/${backendId}`,
      clock: realClock,
      random: realRandom,
      faults,
      events: createEvents(realClock),
      logger: silentLogger,
      openBlob: createOpenBlob({ files, faults, clock: realClock, hasNetwork: true }),
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
      cpuCores: availableParallelism(),
      config: { ...DEFAULT_BACKEND_CONFIG, uploadWorkers: options.uploadWorkers },
    });
    await toPromise(backend.start());
    backends.set(backendId, backend);
  }

  const runClosed = (tasks: readonly UploadTask[], atOnce: number): Promise<number[]> =>
    new Promise((resolve, reject) => {
      const began = new Map<number, number>();
      const spans: number[] = [];
      let next = 0;
      const submit = (count: number): void => {
        const batch = tasks.slice(next, next + count);
        next += batch.length;
        for (const { signature } of batch) began.set(signature, performance.now());
        for (const [backendId, backend] of backends) {
          const mine = batch.filter((task) => task.backendId === backendId);
          if (mine.length > 0) backend.submitTasks(mine);
        }
      };
      ended = ({ status, signature }) => {
        spans.push(performance.now() - (began.get(signature) ?? Number.NaN));
        if (status.code !== 'OK') reject(new Error(status.errorMsgs.join('; ')));
        else if (spans.length === tasks.length) resolve(spans);
        // A backend ignores a task while one of that signature is registered.
        else if (next < tasks.length) setImmediate(() => submit(1));
      };
      submit(atOnce);
    });

  return {
    run: (tasks) => runClosed(tasks, tasks.length),
    runClosed,
    async stop() {
      for (const backend of backends.values()) await toPromise(backend.stop());
    },
  };
}

const backendIdOf = (index: number): BackendId => asId<BackendId>(FIRST_BACKEND_ID + index);

/** Files with bytes of their own; what is beyond is more names of these. */
const DISTINCT_BYTES_MAX = 512 * 1024 * 1024;

/**
 * Random bytes where backends keep snapshots; one task per tablet. What comes back makes the tasks
 * for a repository: `location` as tasks say it, `below` where in it the tablets go.
 */
export function fillSnapshots(
  folder: string,
  set: FileSet,
  backends: number,
): (storage: RemoteStorage, below: string) => UploadTask[] {
  const content = Buffer.allocUnsafe(set.fileBytes);
  const distinctMax = Math.max(1, Math.floor(DISTINCT_BYTES_MAX / set.fileBytes));
  const made: string[] = [];
  const directories: { readonly backendId: BackendId; readonly source: string }[] = [];
  for (let tablet = 1; tablet <= set.tablets; tablet += 1) {
    const backendId = backendIdOf(tablet % backends);
    const root = `${folder}/be/${backendId}/snapshot/20300101000000.${tablet}.86400`;
    const source = `${root}/${tablet}/7`;
    mkdirSync(source, { recursive: true });
    for (let file = 0; file < set.filesPerTablet; file += 1) {
      const path = `${source}/${file}.dat`;
      const twin = made[made.length % distinctMax];
      if (made.length >= distinctMax && twin !== undefined) linkSync(twin, path);
      else writeFileSync(path, randomFillSync(content));
      made.push(path);
    }
    directories.push({ backendId, source });
  }
  return (storage, below) =>
    directories.map(({ backendId, source }, index) => ({
      type: 'UPLOAD',
      backendId,
      signature: asId(index + 1),
      dbId: asId(1),
      jobId: asId(1),
      srcDest: new Map([[source, `${storage.location}/${below}/__${index + 1}`]]),
      storage,
    }));
}
