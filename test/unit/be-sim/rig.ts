/** A backend on a memory disk and a virtual clock, with a frontend that remembers what it hears. */
import { createEvents } from '../../../src/base/events.ts';
import { type FaultPoints, noFaults } from '../../../src/base/fault.ts';
import type { Files } from '../../../src/base/files.ts';
import { asId, type BackendId, type TabletId, type TxnId } from '../../../src/base/ids.ts';
import { silentLogger } from '../../../src/base/log.ts';
import { MemoryFiles } from '../../../src/base/memory-files.ts';
import type { Op } from '../../../src/base/op.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import type { Cell, ColumnVector } from '../../../src/base/sql-type.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { type Backend, createBackend } from '../../../src/be-sim/backend.ts';
import type { BackendConfig } from '../../../src/be-sim/config.ts';
import type { BlobStorage } from '../../../src/blob/blob-storage.ts';
import { MemoryBlob } from '../../../src/blob/memory.ts';
import {
  type AgentTask,
  type FinishTaskRequest,
  type SnapshotLoaderReport,
  STATUS_OK,
  type TaskReport,
  type TaskStatus,
} from '../../../src/protocol/agent-task.ts';
import type { RowBatch, ScannedTablet, TabletReport } from '../../../src/protocol/data.ts';
import type { FrontendLink } from '../../../src/protocol/links.ts';
import type { KeysType, TabletColumn, TabletSchema } from '../../../src/protocol/tablet-schema.ts';

export const BACKEND_ID: BackendId = asId<BackendId>(10_001);
export const DATA_DIR = '/be/10001';
export const LOCATION = 'memory://repository/root';

export interface FakeFrontend extends FrontendLink {
  readonly finished: FinishTaskRequest[];
  readonly loaderReports: SnapshotLoaderReport[];
  readonly taskReports: TaskReport[];
  readonly tabletReports: TabletReport[];
  /** What the next calls answer or throw. */
  answerFinish: (request: FinishTaskRequest) => TaskStatus;
  answerLoader: () => TaskStatus;
}

function createFakeFrontend(): FakeFrontend {
  const frontend: FakeFrontend = {
    finished: [],
    loaderReports: [],
    taskReports: [],
    tabletReports: [],
    answerFinish: () => STATUS_OK,
    answerLoader: () => STATUS_OK,
    *finishTask(request): Op<TaskStatus> {
      const answer = frontend.answerFinish(request);
      frontend.finished.push(request);
      return answer;
    },
    *reportSnapshotLoader(report): Op<TaskStatus> {
      frontend.loaderReports.push(report);
      return frontend.answerLoader();
    },
    *reportTasks(report): Op<void> {
      frontend.taskReports.push(report);
    },
    *reportTablets(report): Op<void> {
      frontend.tabletReports.push(report);
    },
  };
  return frontend;
}

export interface Rig {
  readonly clock: VirtualClock;
  readonly files: Files;
  readonly frontend: FakeFrontend;
  readonly backend: Backend;
  readonly blob: BlobStorage;
  run<T>(op: Op<T>): T;
  create(id: number, schema: TabletSchema, version?: number): void;
  load(txn: number, id: number, version: number, ...batches: readonly RowBatch[]): void;
  scan(id: number, version: number): ScannedTablet;
  rows(id: number, version: number): readonly (readonly Cell[])[];
  /** Sends a task and waits for its end. */
  task(task: TaskWithoutHead): FinishTaskRequest;
  restart(): void;
}

type WithoutHead<T> = T extends AgentTask
  ? Omit<T, 'backendId' | 'dbId' | 'signature'> & { readonly signature?: number }
  : never;
export type TaskWithoutHead = WithoutHead<AgentTask>;

export interface RigOptions {
  readonly files?: Files;
  readonly blob?: BlobStorage;
  readonly faults?: FaultPoints;
  readonly clock?: VirtualClock;
  readonly config?: Partial<BackendConfig>;
}

export function createRig(options: RigOptions = {}): Rig {
  const clock = options.clock ?? new VirtualClock();
  const files = options.files ?? new MemoryFiles();
  const blob = options.blob ?? new MemoryBlob('object-store');
  const frontend = createFakeFrontend();
  const backend = createBackend({
    backendId: BACKEND_ID,
    files,
    dataDir: DATA_DIR,
    clock,
    random: new SeededRandom(7n),
    faults: options.faults ?? noFaults,
    events: createEvents(clock),
    logger: silentLogger,
    openBlob: () => ({ storage: blob, root: '/root', *checkUsable(): Op<void> {} }),
    frontend,
    cpuCores: 2,
    ...(options.config !== undefined && { config: options.config }),
  });
  let signature = 1000;
  const rig: Rig = {
    clock,
    files,
    frontend,
    backend,
    blob,
    run: (op) => clock.run(op),
    create(id, schema, version = 1): void {
      const ended = rig.task(createTask(id, schema, version));
      if (ended.status.code !== 'OK') throw new Error(ended.status.errorMsgs.join());
    },
    load(txn, id, version, ...batches): void {
      const tabletId = asId<TabletId>(id);
      const txnId = asId<TxnId>(txn);
      for (const batch of batches) {
        rig.run(backend.writeRowsets({ txnId, tablets: [{ tabletId, batch }] }));
      }
      rig.run(backend.publishVersion({ txnId, tablets: [{ tabletId, version }] }));
    },
    scan: (id, version) => rig.run(backend.scanTablet({ tabletId: asId(id), version })),
    rows: (id, version) => transpose(rig.scan(id, version)),
    task(task): FinishTaskRequest {
      const own = task.signature ?? signature++;
      const full = {
        ...task,
        backendId: BACKEND_ID,
        dbId: 1,
        signature: own,
      } as unknown as AgentTask;
      const before = frontend.finished.length;
      backend.submitTasks([full]);
      if (!clock.runUntil(() => frontend.finished.length > before, 60_000)) {
        throw new Error(`${task.type} did not end`);
      }
      const ended = frontend.finished.at(-1);
      if (ended === undefined) throw new Error('no finish report');
      return ended;
    },
    restart(): void {
      backend.kill();
      rig.run(backend.start());
    },
  };
  rig.run(backend.start());
  return rig;
}

export function createTask(id: number, schema: TabletSchema, version = 1): TaskWithoutHead {
  return {
    type: 'CREATE',
    tableId: asId(2),
    partitionId: asId(3),
    indexId: asId(4),
    tabletId: asId(id),
    replicaId: asId(id + 1),
    version,
    schema,
    isRestoreTask: version > 1,
  };
}

export function snapshotTask(id: number, version: number, schemaHash = 77): TaskWithoutHead {
  return {
    type: 'MAKE_SNAPSHOT',
    jobId: asId(5),
    tableId: asId(2),
    partitionId: asId(3),
    indexId: asId(4),
    tabletId: asId(id),
    version,
    schemaHash,
    timeoutSec: 600,
    listFiles: true,
    isRestoreTask: false,
  };
}

const STORAGE = { location: LOCATION, brokerName: '', properties: {} };
export const remoteDirectory = (id: number): string => `${LOCATION}/__ss_l/__idx_4/__${id}`;

export function uploadTask(srcDest: Readonly<Record<string, string>>): TaskWithoutHead {
  return {
    type: 'UPLOAD',
    jobId: asId(5),
    srcDest: new Map(Object.entries(srcDest)),
    storage: STORAGE,
  };
}

export function downloadTask(srcDest: Readonly<Record<string, string>>): TaskWithoutHead {
  return {
    type: 'DOWNLOAD',
    jobId: asId(6),
    srcDest: new Map(Object.entries(srcDest)),
    storage: STORAGE,
  };
}

export function moveTask(id: number, src: string, jobId = 6): TaskWithoutHead {
  return { type: 'MOVE', jobId: asId(jobId), tabletId: asId(id), schemaHash: 77, src };
}

export const column = (
  name: string,
  type: TabletColumn['type'],
  isKey = false,
  aggregation?: string,
): TabletColumn => ({
  name,
  type,
  isKey,
  isNullable: true,
  ...(aggregation !== undefined && { aggregation }),
});

/** `k INT` key, `v VARCHAR`. */
export function schemaOf(keysType: KeysType): TabletSchema {
  return {
    keysType,
    schemaHash: 77,
    columns: [
      column('k', { name: 'INT' }, true),
      column(
        'v',
        { name: 'VARCHAR', length: 100 },
        false,
        keysType === 'AGG_KEYS' ? 'MAX' : undefined,
      ),
    ],
  };
}

export function upsert(...rows: readonly (readonly Cell[])[]): RowBatch {
  const width = rows[0]?.length ?? 2;
  const columns: ColumnVector[] = Array.from({ length: width }, (_, index) =>
    rows.map((row) => row[index] ?? null),
  );
  return { op: 'upsert', rowCount: rows.length, columns };
}

export function remove(...keys: readonly Cell[]): RowBatch {
  return { op: 'delete', rowCount: keys.length, columns: [[...keys]] };
}

export function transpose(scanned: ScannedTablet): readonly (readonly Cell[])[] {
  return Array.from({ length: scanned.rowCount }, (_, row) =>
    scanned.columns.map((cells) => cells[row] ?? null),
  );
}
