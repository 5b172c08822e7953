/**
 * What backends still owe the frontend: tasks keyed by (backend, type, signature), sent again after
 * a task report that does not list them, until someone takes them out. Lives in memory and dies
 * with the frontend. The only place where backend work is retried (backup-jobs.md 4.5,
 * restore-jobs.md 4.6, design.md 7).
 */
import type { Clock } from '../base/clock.ts';
import type { Events } from '../base/events.ts';
import { type FaultPoints, strike } from '../base/fault.ts';
import type { BackendId, Signature, TabletId } from '../base/ids.ts';
import { attempt, type Op, start, suspend } from '../base/op.ts';
import type { Quirks } from '../base/quirks.ts';
import { RisingMap } from '../base/rising-map.ts';
import type { AgentTasks } from '../jobs/ports.ts';
import type {
  AgentTask,
  CreateReplicaTask,
  TaskReport,
  TaskStatus,
  TaskType,
} from '../protocol/agent-task.ts';
import type { BackendDirectory } from './backend-directory.ts';

/** Not sent again: their senders wait for them themselves (resolutions.md, last table). */
const NEVER_RESENT: ReadonlySet<TaskType> = new Set(['CREATE', 'DROP', 'RELEASE_SNAPSHOT']);

/** Tasks of one hand-over to a backend; a larger batch goes in several. */
const SEND_BATCH_MAX = 1_000;

export class AgentTaskQueue implements AgentTasks {
  readonly #clock: Clock;
  readonly #events: Events;
  readonly #faults: FaultPoints;
  readonly #backends: BackendDirectory;
  readonly #quirks: Quirks;
  readonly #queued = new Map<BackendId, Map<TaskType, RisingMap<Signature, AgentTask>>>();
  #last:
    | {
        readonly backendId: BackendId;
        readonly type: TaskType;
        readonly queue: RisingMap<Signature, AgentTask>;
      }
    | undefined;
  readonly #creating = new Map<string, (isMade: boolean) => void>();
  /** Made on backends, not yet seen in the catalog: a tablet report must not drop them. */
  readonly #beingMade = new Set<TabletId>();

  constructor(
    clock: Clock,
    events: Events,
    faults: FaultPoints,
    backends: BackendDirectory,
    quirks: Quirks,
  ) {
    this.#quirks = quirks;
    this.#clock = clock;
    this.#events = events;
    this.#faults = faults;
    this.#backends = backends;
  }

  add(tasks: readonly AgentTask[]): void {
    for (const task of tasks) {
      const queue = this.#queueOf(task.backendId, task.type);
      if (!queue.has(task.signature)) queue.set(task.signature, task);
    }
  }

  send(tasks: readonly AgentTask[]): void {
    for (const [backendId, list] of groupByBackend(tasks)) {
      if (!this.#backends.isAlive(backendId)) continue;
      for (let from = 0; from < list.length; from += SEND_BATCH_MAX) {
        this.#handOver(backendId, list.slice(from, from + SEND_BATCH_MAX));
      }
    }
  }

  get(backendId: BackendId, type: TaskType, signature: Signature): AgentTask | undefined {
    return this.#find(backendId, type)?.get(signature);
  }

  has(backendId: BackendId, type: TaskType, signature: Signature): boolean {
    return this.get(backendId, type, signature) !== undefined;
  }

  remove(backendId: BackendId, type: TaskType, signature: Signature): void {
    this.#find(backendId, type)?.delete(signature);
  }

  get size(): number {
    let size = 0;
    for (const queues of this.#queued.values()) {
      for (const queue of queues.values()) size += queue.size;
    }
    return size;
  }

  /** What stands in the queue, for SHOW PROC, checkers and tests. */
  tasks(): readonly AgentTask[] {
    return [...this.#queued.values()].flatMap((queues) =>
      [...queues.values()].flatMap((queue) => [...queue.values()]),
    );
  }

  /** Sends again what a backend owes and is not doing. */
  resendMissing(report: TaskReport): void {
    const missing: AgentTask[] = [];
    for (const [type, queue] of this.#queued.get(report.backendId) ?? []) {
      if (queue.size === 0 || NEVER_RESENT.has(type)) continue;
      const running = new Set<Signature>();
      for (const task of report.tasks) if (task.type === type) running.add(task.signature);
      for (const task of queue.values()) if (!running.has(task.signature)) missing.push(task);
    }
    if (missing.length > 0) this.send(missing);
  }

  /** A CREATE has ended on a backend, well or not: whoever waits for it learns of it. */
  answerCreate(backendId: BackendId, signature: Signature, status: TaskStatus): void {
    this.remove(backendId, 'CREATE', signature);
    this.#creating.get(`${backendId}/${signature}`)?.(status.code === 'OK');
  }

  isBeingMade(tabletId: TabletId): boolean {
    return this.#beingMade.has(tabletId);
  }

  /** The tablets are in the catalog now, or never will be. */
  endMaking(tabletIds: Iterable<number>): void {
    for (const tabletId of tabletIds) this.endMakingOf(tabletId as TabletId);
  }

  endMakingOf(tabletId: TabletId): void {
    this.#beingMade.delete(tabletId);
  }

  *createReplicas(
    tasks: readonly CreateReplicaTask[],
    timeoutMs: number,
  ): Op<readonly CreateReplicaTask[]> {
    if (tasks.length === 0) return [];
    const outstanding = new Map<string, CreateReplicaTask>();
    for (const task of tasks) {
      outstanding.set(`${task.backendId}/${task.signature}`, task);
      this.#beingMade.add(task.tabletId);
    }
    this.add(tasks);
    yield* this.#waitForCreates(tasks, outstanding, timeoutMs);
    for (const [key, task] of outstanding) {
      this.#creating.delete(key);
      this.remove(task.backendId, task.type, task.signature);
    }
    if (outstanding.size > 0) this.endMaking(tasks.map((task) => task.tabletId));
    return [...outstanding.values()];
  }

  /** Ends when all have answered or the time is over; what was made leaves `outstanding`. */
  *#waitForCreates(
    tasks: readonly CreateReplicaTask[],
    outstanding: Map<string, CreateReplicaTask>,
    timeoutMs: number,
  ): Op<void> {
    yield* suspend<void>((resume) => {
      let unanswered = outstanding.size;
      let cancelTimer = (): void => {};
      const end = (): void => {
        cancelTimer();
        unanswered = -1;
        resume({ ok: true, value: undefined });
      };
      for (const [key, { isRestoreTask }] of outstanding) {
        this.#creating.set(key, (isMade) => {
          this.#creating.delete(key);
          const counts = isMade || (isRestoreTask && this.#quirks.failedCreatesCount);
          if (counts) outstanding.delete(key);
          unanswered -= 1;
          if (unanswered === 0) end();
        });
      }
      cancelTimer = this.#clock.after(timeoutMs, end);
      this.send(tasks);
    });
  }

  #handOver(backendId: BackendId, tasks: readonly AgentTask[]): void {
    if (this.#events.isHeard) {
      for (const { type, signature } of tasks) {
        this.#events.emit('task.send', { backend: backendId, type, signature });
      }
    }
    // A failed hand-over is not an error: the task stays queued and the next report sends it again.
    start(attempt(this.#passAndSubmit(backendId, tasks)), () => {});
  }

  *#passAndSubmit(backendId: BackendId, tasks: readonly AgentTask[]): Op<void> {
    if (this.#faults.isQuiet?.('fe.task.send') === true) {
      for (let passed = 0; passed < tasks.length; passed += 1) this.#faults.visit?.('fe.task.send');
      this.#backends.link(backendId).submitTasks(tasks);
      return;
    }
    const through: AgentTask[] = [];
    for (const task of tasks) {
      const subject = { type: task.type, backend: backendId };
      const fault = this.#faults.at('fe.task.send', subject);
      const passed =
        fault === undefined ||
        (yield* attempt(strike(fault, this.#faults, this.#clock, 'fe.task.send', subject))).ok;
      if (passed) through.push(task);
    }
    if (through.length > 0) this.#backends.link(backendId).submitTasks(through);
  }

  /** Most often that of the call before: reports come in runs of a backend. */
  #find(backendId: BackendId, type: TaskType): RisingMap<Signature, AgentTask> | undefined {
    const last = this.#last;
    if (last?.backendId === backendId && last.type === type) return last.queue;
    const queue = this.#queued.get(backendId)?.get(type);
    if (queue !== undefined) this.#last = { backendId, type, queue };
    return queue;
  }

  #queueOf(backendId: BackendId, type: TaskType): RisingMap<Signature, AgentTask> {
    let queues = this.#queued.get(backendId);
    if (queues === undefined) {
      queues = new Map();
      this.#queued.set(backendId, queues);
    }
    let queue = queues.get(type);
    if (queue === undefined) {
      queue = new RisingMap();
      queues.set(type, queue);
    }
    return queue;
  }
}

function groupByBackend(tasks: readonly AgentTask[]): ReadonlyMap<BackendId, readonly AgentTask[]> {
  const groups = new Map<BackendId, AgentTask[]>();
  for (const task of tasks) {
    const group = groups.get(task.backendId);
    if (group === undefined) groups.set(task.backendId, [task]);
    else group.push(task);
  }
  return groups;
}
