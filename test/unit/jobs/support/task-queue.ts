/** The frontend's task queue in front of fake backends, and the choice of backends for replicas. */
import type { BackendId, Signature } from '../../../../src/base/ids.ts';
import { type Op, suspend } from '../../../../src/base/op.ts';
import type { VirtualClock } from '../../../../src/base/virtual-clock.ts';
import type { AgentTasks } from '../../../../src/jobs/ports.ts';
import type {
  AgentTask,
  CreateReplicaTask,
  TaskType,
} from '../../../../src/protocol/agent-task.ts';
import type { FakeBackends } from './backends.ts';

export const keyOf = (backendId: number, type: string, signature: number): string =>
  `${backendId}/${type}/${signature}`;

export class FakeTaskQueue implements AgentTasks {
  readonly entries: Map<string, AgentTask> = new Map();
  readonly #creating: Map<string, () => void> = new Map();
  readonly #clock: VirtualClock;
  readonly #backends: FakeBackends;

  constructor(clock: VirtualClock, backends: FakeBackends) {
    this.#clock = clock;
    this.#backends = backends;
  }

  add(tasks: readonly AgentTask[]): void {
    for (const task of tasks) {
      const key = keyOf(task.backendId, task.type, task.signature);
      if (!this.entries.has(key)) this.entries.set(key, task);
    }
  }

  send(tasks: readonly AgentTask[]): void {
    this.#backends.submit(tasks);
  }

  remove(backendId: BackendId, type: TaskType, signature: Signature): void {
    this.entries.delete(keyOf(backendId, type, signature));
  }

  has(backendId: BackendId, type: TaskType, signature: Signature): boolean {
    return this.entries.has(keyOf(backendId, type, signature));
  }

  /** A replica was created. */
  acknowledge(key: string): void {
    this.entries.delete(key);
    this.#creating.get(key)?.();
  }

  *createReplicas(
    tasks: readonly CreateReplicaTask[],
    timeoutMs: number,
  ): Op<readonly CreateReplicaTask[]> {
    const open = new Map(
      tasks.map((task) => [keyOf(task.backendId, task.type, task.signature), task]),
    );
    yield* suspend<void>((resume) => {
      const end = (): void => resume({ ok: true, value: undefined });
      const cancelTimer = this.#clock.after(timeoutMs, end);
      for (const [key, task] of open) {
        this.entries.set(key, task);
        this.#creating.set(key, () => {
          open.delete(key);
          if (open.size > 0) return;
          cancelTimer();
          end();
        });
      }
      this.#backends.submit(tasks);
    });
    for (const task of tasks) {
      const key = keyOf(task.backendId, task.type, task.signature);
      this.entries.delete(key);
      this.#creating.delete(key);
    }
    return [...open.values()];
  }
}

/** Gives out backends in turn. */
export class FakePlacement {
  readonly #ids: readonly BackendId[];
  #placed = 0;

  constructor(ids: readonly BackendId[]) {
    this.#ids = ids;
  }

  choose(tabletCount: number, replicationNum: number): Float64Array | undefined {
    if (replicationNum < 1 || replicationNum > this.#ids.length) return undefined;
    const chosen = new Float64Array(tabletCount * replicationNum);
    for (let at = 0; at < chosen.length; at += 1) {
      const tablet = this.#placed + Math.floor(at / replicationNum);
      chosen[at] = this.#ids[(tablet + (at % replicationNum)) % this.#ids.length] ?? 0;
    }
    this.#placed += tabletCount;
    return chosen;
  }
}
