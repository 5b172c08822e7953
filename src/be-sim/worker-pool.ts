/**
 * A bounded pool of workers for operations: first come, first served, the same in real and in
 * virtual mode. StarRocks' pools have queues without a practical bound; ours has a named one.
 */
import { SimError } from '../base/errors.ts';
import { type Op, type Outcome, start } from '../base/op.ts';

export interface WorkerPool<T> {
  readonly limitMax: number;
  /** Whether a job would begin as soon as it is submitted. */
  readonly isFree: boolean;
  /** More than run now begin at once; fewer begin as running ones end. */
  resize(limitMax: number): void;
  /** Queues a job. Throws `limit-reached` when the queue is full. */
  submit(job: T): void;
  readonly runningCount: number;
  readonly queuedCount: number;
  /** Forgets what has not begun. */
  clear(): void;
}

export interface WorkerPoolOptions<T> {
  readonly limitMax: number;
  /** May do all of a job when called, or answer with what is left of it. */
  readonly run: (job: T) => Op<void> | undefined;
  /** Hears of a job that was not done at once. */
  readonly ended: (outcome: Outcome<void>, job: T) => void;
}

export const WORKER_QUEUE_MAX = 2_000_000;

/** Past this many used slots the front of the queue is cut off. */
const QUEUE_SLACK_MAX = 1024;

export function createWorkerPool<T extends object>(options: WorkerPoolOptions<T>): WorkerPool<T> {
  const { run, ended } = options;
  let { limitMax } = options;
  let queue: T[] = [];
  let head = 0;
  let running = 0;
  let isFilling = false;

  const take = (): T | undefined => {
    const job = queue[head];
    if (job === undefined) return undefined;
    head += 1;
    if (head === queue.length) {
      queue = [];
      head = 0;
    } else if (head > QUEUE_SLACK_MAX && head * 2 > queue.length) {
      queue = queue.slice(head);
      head = 0;
    }
    return job;
  };

  /** Counts as running while `run` is on the stack. */
  const begin = (job: T): void => {
    running += 1;
    let rest: Op<void> | undefined;
    try {
      rest = run(job);
    } catch (error) {
      running -= 1;
      ended({ ok: false, error }, job);
      return;
    }
    if (rest === undefined) {
      running -= 1;
      return;
    }
    start(rest, (outcome) => {
      running -= 1;
      try {
        ended(outcome, job);
      } finally {
        fill();
      }
    });
  };

  const isFree = (): boolean => running < limitMax && head === queue.length && !isFilling;

  const fill = (first?: T): void => {
    if (isFilling) return;
    isFilling = true;
    try {
      if (first !== undefined) begin(first);
      while (running < limitMax) {
        const job = take();
        if (job === undefined) return;
        begin(job);
      }
    } finally {
      isFilling = false;
    }
  };

  return Object.freeze({
    get limitMax(): number {
      return limitMax;
    },
    get isFree(): boolean {
      return isFree();
    },
    resize(wantedMax: number): void {
      limitMax = wantedMax;
      fill();
    },
    submit(job: T): void {
      if (queue.length - head >= WORKER_QUEUE_MAX) {
        throw new SimError('limit-reached', `more than ${WORKER_QUEUE_MAX} tasks are queued`);
      }
      if (isFree()) {
        fill(job);
        return;
      }
      queue.push(job);
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
