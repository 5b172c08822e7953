/**
 * Tasks that a job waits for, by signature, in the order in which they were sent. All are there
 * from the beginning, which makes it smaller and faster than a map: a job may wait for as many as
 * its database has tablets.
 */
import { IdPositions } from '../base/id-positions.ts';
import type { Signature } from '../base/ids.ts';
import type { AgentTask } from '../protocol/agent-task.ts';

export class AwaitedTasks {
  /** The ones that the agent task queue holds, not copies; those that have ended leave a gap. */
  readonly #tasks: (AgentTask | undefined)[];
  readonly #positions: IdPositions;
  #size: number;

  constructor(tasks: readonly AgentTask[]) {
    this.#tasks = [...tasks];
    this.#positions = new IdPositions(tasks.length, (at) => tasks[at]?.signature ?? Number.NaN);
    this.#size = this.#positions.count;
  }

  get size(): number {
    return this.#size;
  }

  get(signature: Signature): AgentTask | undefined {
    const at = this.#positions.get(signature);
    return at === undefined ? undefined : this.#tasks[at];
  }

  has(signature: Signature): boolean {
    return this.get(signature) !== undefined;
  }

  /** The task has ended. */
  delete(signature: Signature): void {
    const at = this.#positions.get(signature);
    if (at === undefined || this.#tasks[at] === undefined) return;
    this.#tasks[at] = undefined;
    this.#size -= 1;
  }

  *keys(): Generator<Signature, undefined> {
    for (const [signature] of this) yield signature;
  }

  *[Symbol.iterator](): Generator<[Signature, AgentTask], undefined> {
    for (const [at, task] of this.#tasks.entries()) {
      const isIt = task !== undefined && this.#positions.get(task.signature) === at;
      if (isIt) yield [task.signature, task];
    }
  }
}
