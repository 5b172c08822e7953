/**
 * The agent of a backend: takes tasks, runs them in pools by type, reports their ends. A task that
 * is registered already is ignored; a failed one is the frontend's to send again.
 */
import { sleep } from '../base/clock.ts';
import { asSimError } from '../base/errors.ts';
import { strike } from '../base/fault.ts';
import type { Signature, TabletId } from '../base/ids.ts';
import { all, type Op, type Outcome } from '../base/op.ts';
import { RisingMap } from '../base/rising-map.ts';
import type { Settlement } from '../blob/blob-storage.ts';
import {
  type AgentTask,
  type CreateReplicaTask,
  type FinishTaskRequest,
  STATUS_OK,
  TASK_TYPES,
  type TaskStatus,
  type TaskType,
} from '../protocol/agent-task.ts';
import { dropReplica, filledRecords, releaseFills } from './create-drop.ts';
import { download, downloadNow } from './download.ts';
import { type Engine, isQuiet } from './engine.ts';
import { attemptInLife } from './life.ts';
import { makeSnapshot, makeSnapshotNow } from './make-snapshot.ts';
import type { MetaRecord } from './meta-records.ts';
import { moveTablet } from './move.ts';
import { releaseSnapshot, releaseSnapshotNow } from './release-snapshot.ts';
import type { SuccessReport } from './success-report.ts';
import { letPass, upload, uploadNow } from './upload.ts';
import { createWorkerPool, type WorkerPool } from './worker-pool.ts';

/** A finish report that got no answer is sent this often in all. */
export const FINISH_REPORT_ATTEMPTS_MAX = 3;
export const FINISH_REPORT_RETRY_MS = 1000;

/** CREATE tasks that share one write of the meta log. */
const CREATE_BATCH_MAX = 256;
/** Finish reports of one such batch at the same time. */
const CREATE_REPORTS_MAX = 16;

type TaskResult = Omit<FinishTaskRequest, 'backendId' | 'type' | 'signature' | 'status'>;

export interface RegisteredTask {
  readonly type: TaskType;
  readonly signature: Signature;
}

export class Agent {
  readonly #engine: Engine;
  readonly #registered: Readonly<Record<TaskType, RisingMap<Signature, AgentTask>>> = {
    CREATE: new RisingMap(),
    DROP: new RisingMap(),
    MAKE_SNAPSHOT: new RisingMap(),
    UPLOAD: new RisingMap(),
    DOWNLOAD: new RisingMap(),
    MOVE: new RisingMap(),
    RELEASE_SNAPSHOT: new RisingMap(),
  };
  readonly #pools: Readonly<Record<TaskType, WorkerPool<AgentTask>>>;
  #pendingCreates: CreateReplicaTask[] = [];
  #snapshotSequence = 0;
  readonly #nextSequence = (): number => this.#snapshotSequence++;

  constructor(engine: Engine) {
    this.#engine = engine;
    const { config, cpuCores } = engine;
    const downloadWorkers = config.downloadWorkers || cpuCores;
    const pool = (limitMax: number): WorkerPool<AgentTask> =>
      createWorkerPool({ limitMax, run: (task) => this.#runTask(task), ended: this.#ended });
    this.#pools = {
      CREATE: pool(config.createTabletWorkers),
      DROP: pool(config.dropTabletWorkers),
      MAKE_SNAPSHOT: pool(config.makeSnapshotWorkers),
      UPLOAD: pool(config.uploadWorkers || cpuCores),
      DOWNLOAD: pool(downloadWorkers),
      MOVE: pool(downloadWorkers),
      RELEASE_SNAPSHOT: pool(config.releaseSnapshotWorkers),
    };
  }

  /** Running and queued tasks. */
  registered(): readonly RegisteredTask[] {
    return TASK_TYPES.flatMap((type) =>
      Array.from(this.#registered[type].keys(), (signature) => ({ type, signature })),
    );
  }

  submit(tasks: readonly AgentTask[]): void {
    const creates: CreateReplicaTask[] = [];
    for (const task of tasks) {
      const { type, signature } = task;
      const registered = this.#registered[type];
      if (registered.has(signature)) continue;
      const pool = this.#pools[type];
      // What begins at once may end at once: it is registered when something is left of it.
      if (type === 'CREATE' || !pool.isFree) registered.set(signature, task);
      if (type === 'CREATE') creates.push(task);
      else pool.submit(task);
    }
    // They gather first, so that those of one message share a write.
    for (const task of creates) this.#pendingCreates.push(task);
    for (const task of creates) this.#pools.CREATE.submit(task);
  }

  /** Runs so many tasks of a type at a time from now on; those that run go on. */
  resize(type: TaskType, limitMax: number): void {
    this.#pools[type].resize(limitMax);
  }

  /** Forgets what has not begun. */
  clear(): void {
    for (const pool of Object.values(this.#pools)) pool.clear();
    this.#pendingCreates = [];
    for (const type of TASK_TYPES) this.#registered[type].clear();
  }

  readonly #ended = (outcome: Outcome<void>): void => {
    if (!outcome.ok && !this.#engine.life.isOver) throw outcome.error;
  };

  /** What is left to do of a task: of those that come by the million mostly nothing. */
  #runTask(task: AgentTask): Op<void> | undefined {
    if (task.type === 'CREATE') return this.#runCreates();
    const rest = this.#beginTask(task);
    const registered = this.#registered[task.type];
    if (rest === undefined) registered.delete(task.signature);
    else registered.set(task.signature, task);
    return rest;
  }

  #beginTask(task: Exclude<AgentTask, CreateReplicaTask>): Op<void> | undefined {
    const engine = this.#engine;
    const { faults, life } = engine;
    const isPlain = isQuiet(engine, 'be.task.begin') && isQuiet(engine, 'be.task.report');
    const done = isPlain && !life.isOver ? this.#successNow(task) : undefined;
    if (done === undefined) return this.#runRegistered(task);
    faults.visit?.('be.task.begin');
    const { settlement } = done;
    if (settlement !== undefined) return this.#finishLater(task, done, settlement);
    return this.#finishNow(task, done);
  }

  /** What was done at once ends when the store says so. */
  *#finishLater(task: AgentTask, request: FinishTaskRequest, settlement: Settlement): Op<void> {
    const outcome = yield* attemptInLife(this.#engine.life, letPass(this.#engine, settlement));
    if (!outcome.ok) return yield* this.#finish(task, this.#status(task, outcome), {});
    const rest = this.#finishNow(task, request);
    if (rest === undefined) this.#registered[task.type].delete(task.signature);
    else yield* rest;
  }

  /** Undefined when the frontend has taken the report. */
  #finishNow(task: AgentTask, request: FinishTaskRequest): Op<void> | undefined {
    const { faults, frontend } = this.#engine;
    if (frontend.finishTaskNow?.(request) === undefined) {
      return this.#finish(task, STATUS_OK, request);
    }
    faults.visit?.('be.task.report');
    return undefined;
  }

  /** Does a task and says so; undefined, and nothing done, where the ordinary way has to. */
  #successNow(task: AgentTask): SuccessReport | undefined {
    const engine = this.#engine;
    switch (task.type) {
      case 'MAKE_SNAPSHOT':
        return makeSnapshotNow(engine, task, this.#nextSequence);
      case 'UPLOAD':
        return uploadNow(engine, task);
      case 'DOWNLOAD':
        return downloadNow(engine, task);
      case 'RELEASE_SNAPSHOT':
        return releaseSnapshotNow(engine, task);
      default:
        return undefined;
    }
  }

  *#runRegistered(task: Exclude<AgentTask, CreateReplicaTask>): Op<void> {
    const { life } = this.#engine;
    const result: Mutable<TaskResult> = {};
    const outcome = yield* attemptInLife(life, this.#execute(task, result));
    yield* this.#finish(task, this.#status(task, outcome), result);
  }

  *#execute(task: Exclude<AgentTask, CreateReplicaTask>, result: Mutable<TaskResult>): Op<void> {
    const engine = this.#engine;
    yield* this.#begin(task);
    switch (task.type) {
      case 'DROP':
        return yield* dropReplica(engine, task);
      case 'MAKE_SNAPSHOT':
        result.jobId = task.jobId;
        Object.assign(result, yield* makeSnapshot(engine, task, this.#nextSequence));
        return;
      case 'UPLOAD': {
        const tabletFiles = new Map<TabletId, string[]>();
        result.tabletFiles = tabletFiles;
        return yield* upload(engine, task, tabletFiles);
      }
      case 'DOWNLOAD': {
        const touched: TabletId[] = [];
        result.downloadedTabletIds = touched;
        return yield* download(engine, task, touched);
      }
      case 'MOVE':
        return yield* moveTablet(engine, task);
      case 'RELEASE_SNAPSHOT':
        return yield* releaseSnapshot(engine, task);
    }
  }

  /** All creates that wait, with one write; a bad one fails alone. */
  *#runCreates(): Op<void> {
    const { life, log } = this.#engine;
    const tasks = this.#pendingCreates.splice(0, CREATE_BATCH_MAX);
    if (tasks.length === 0) return;
    const checked: {
      readonly task: CreateReplicaTask;
      readonly outcome: Outcome<readonly MetaRecord[]>;
    }[] = [];
    for (const task of tasks) {
      const outcome = yield* attemptInLife(life, this.#prepareCreate(task));
      checked.push({ task, outcome });
    }
    const records = checked.flatMap(({ outcome }) => (outcome.ok ? outcome.value : []));
    const written = yield* attemptInLife(life, log.append(records, true));
    if (!written.ok) releaseFills(this.#engine, tasks);
    yield* all(
      checked.map(({ task, outcome }) => () => {
        const status = this.#status(task, outcome.ok ? written : outcome);
        return this.#finish(task, status, {});
      }),
      CREATE_REPORTS_MAX,
    );
  }

  *#prepareCreate(task: CreateReplicaTask): Op<readonly MetaRecord[]> {
    yield* this.#begin(task);
    return yield* filledRecords(this.#engine, task);
  }

  *#begin({ type }: AgentTask): Op<void> {
    const { faults, clock, backendId, life } = this.#engine;
    const subject = { type, backend: backendId };
    const fault = faults.at('be.task.begin', subject);
    if (fault !== undefined) yield* strike(fault, faults, clock, 'be.task.begin', subject);
    life.check();
  }

  /** A failure as the frontend sees it; a bug of ours is none. */
  #status(task: AgentTask, outcome: Outcome<unknown>): TaskStatus {
    if (outcome.ok) return STATUS_OK;
    const error = asSimError(outcome.error);
    if (error.row.kind === 'bug') throw error;
    const prefix = task.type === 'MAKE_SNAPSHOT' ? 'make_snapshot failed. ' : '';
    return { code: 'RUNTIME_ERROR', errorMsgs: [`${prefix}${error.message}`] };
  }

  /**
   * Reports until the frontend answers, a few times. Until then the task stays registered; after
   * that the frontend, not seeing it in the task report, sends it again.
   */
  *#finish(task: AgentTask, status: TaskStatus, result: TaskResult): Op<void> {
    const { life, clock, events, backendId } = this.#engine;
    const { type, signature } = task;
    for (let attempts = 1; attempts <= FINISH_REPORT_ATTEMPTS_MAX; attempts += 1) {
      const request = { backendId, type, signature, status, ...result };
      const answer = yield* attemptInLife(life, this.#report(request));
      if (answer.ok && answer.value.code !== 'TOO_MANY_TASKS') break;
      if (!answer.ok && asSimError(answer.error).row.kind === 'bug') throw answer.error;
      if (attempts === FINISH_REPORT_ATTEMPTS_MAX) {
        events.emit('be.task.report-lost', { backendId, type, signature });
        break;
      }
      yield* sleep(clock, FINISH_REPORT_RETRY_MS);
      life.check();
    }
    this.#registered[type].delete(signature);
  }

  *#report(request: FinishTaskRequest): Op<TaskStatus> {
    const { faults, clock, frontend, backendId, life } = this.#engine;
    const subject = { type: request.type, backend: backendId };
    const fault = faults.at('be.task.report', subject);
    if (fault !== undefined) yield* strike(fault, faults, clock, 'be.task.report', subject);
    life.check();
    return yield* frontend.finishTask(request);
  }
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
