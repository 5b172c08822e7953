/**
 * A bounded pool of workers for operations: first come, first served, the same in real and in
 * virtual mode. StarRocks' pools have queues without a practical bound; ours has a named one.
 */
import { SimError } from '../base/errors.ts';
import { type Op, type Outcome, start } from '../base/op.ts';

export interface WorkerPool {
  readonly limitMax: number;
  /**
   * Queues a job, which may do all of it when called, or answer with what is left; `done` hears
   * the outcome. Throws `limit-reached` when the queue is full.
   */
  submit(job: () => Op<void> | undefined, done: (outcome: Outcome<void>) => void): void;
  readonly runningCount: number;
  readonly queuedCount: number;
  /** Forgets what has not begun. */
  clear(): void;
}

export const WORKER_QUEUE_MAX = 2_000_000;

/** Past this many used slots the front of the queue is cut off. */
const QUEUE_SLACK_MAX = 1024;

const DONE: Outcome<void> = Object.freeze({ ok: true, value: undefined });

interface Entry {
  readonly job: () => Op<void> | undefined;
  readonly done: (outcome: Outcome<void>) => void;
}

export function createWorkerPool(limitMax: number): WorkerPool {
  let queue: Entry[] = [];
  let head = 0;
  let running = 0;
  let isFilling = false;

  const take = (): Entry | undefined => {
    const entry = queue[head];
    if (entry === undefined) return undefined;
    head += 1;
    if (head === queue.length) {
      queue = [];
      head = 0;
    } else if (head > QUEUE_SLACK_MAX && head * 2 > queue.length) {
      queue = queue.slice(head);
      head = 0;
    }
    return entry;
  };

  const fill = (): void => {
    if (isFilling) return;
    isFilling = true;
    try {
      while (running < limitMax) {
        const entry = take();
        if (entry === undefined) return;
        running += 1;
        const rest = entry.job();
        if (rest === undefined) {
          running -= 1;
          entry.done(DONE);
          continue;
        }
        start(rest, (outcome) => {
          running -= 1;
          try {
            entry.done(outcome);
          } finally {
            fill();
          }
        });
      }
    } finally {
      isFilling = false;
    }
  };

  return Object.freeze({
    limitMax,
    submit(job: () => Op<void> | undefined, done: (outcome: Outcome<void>) => void): void {
      if (queue.length - head >= WORKER_QUEUE_MAX) {
        throw new SimError('limit-reached', `more than ${WORKER_QUEUE_MAX} tasks are queued`);
      }
      queue.push({ job, done });
      fill();
    },
    get runningCount(): number {
      return running;
    },
    get queuedCount(): number {
      return queue.length - head;
    },
    clear(): void {
      queue = [];
      head = 0;
    },
  });
}
