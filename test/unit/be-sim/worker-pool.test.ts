import { expect, test } from 'vitest';
import { sleep } from '../../../src/base/clock.ts';
import type { Op, Outcome } from '../../../src/base/op.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import {
  createWorkerPool as createPool,
  type WorkerPool,
} from '../../../src/be-sim/worker-pool.ts';

interface Job {
  readonly run: () => Op<void> | undefined;
  readonly ended: (outcome: Outcome<void>) => void;
}

interface JobPool extends Omit<WorkerPool<Job>, 'submit'> {
  submit(run: Job['run'], ended: Job['ended']): void;
}

/** A pool of jobs that are told of their own ends. */
function createWorkerPool(limitMax: number): JobPool {
  const pool = createPool<Job>({
    limitMax,
    run: (job) => job.run(),
    ended: (outcome, job) => job.ended(outcome),
  });
  return Object.create(pool, {
    submit: { value: (run: Job['run'], ended: Job['ended']) => pool.submit({ run, ended }) },
  }) as JobPool;
}

test('a pool runs as many jobs as it may, first come first served, and tells each outcome', () => {
  const clock = new VirtualClock();
  const pool = createWorkerPool(2);
  const begun: number[] = [];
  const ended: (number | string)[] = [];
  const job = (id: number, ms: number): (() => Op<void>) =>
    function* () {
      begun.push(id);
      yield* sleep(clock, ms);
      if (id === 2) throw new Error('two failed');
    };
  [30, 10, 10, 10].forEach((ms, index) => {
    pool.submit(job(index + 1, ms), (outcome) =>
      ended.push(outcome.ok ? index + 1 : String(outcome.error)),
    );
  });
  expect([begun, pool.runningCount, pool.queuedCount]).toEqual([[1, 2], 2, 2]);
  clock.advance(10);
  expect(begun).toEqual([1, 2, 3]);
  clock.advance(100);
  expect(begun).toEqual([1, 2, 3, 4]);
  expect(ended).toEqual(['Error: two failed', 3, 1, 4]);
});

test('many jobs that end at once need no deep stack, and a clear forgets the rest', () => {
  const clock = new VirtualClock();
  const pool = createWorkerPool(1);
  let done = 0;
  pool.submit(
    () => sleep(clock, 1),
    () => {},
  );
  for (let count = 0; count < 100_000; count += 1) {
    pool.submit(
      function* () {},
      () => {
        done += 1;
      },
    );
  }
  clock.advance(1);
  expect(done).toBe(100_000);
  pool.submit(
    () => sleep(clock, 1),
    () => {},
  );
  pool.submit(
    () => sleep(clock, 1),
    () => {
      done += 1;
    },
  );
  pool.clear();
  clock.advance(10);
  expect([done, pool.runningCount, pool.queuedCount]).toEqual([100_000, 0, 0]);
});

test('what a job does at once leaves its place to the next, without an end to tell', () => {
  const clock = new VirtualClock();
  const pool = createWorkerPool(1);
  const story: string[] = [];
  const tell = (text: string) => (): undefined => {
    story.push(text);
  };
  pool.submit(() => sleep(clock, 5), tell('slow ended'));
  pool.submit(tell('at once'), tell('never told'));
  pool.submit(() => sleep(clock, 5), tell('last ended'));
  expect([story, pool.runningCount, pool.queuedCount]).toEqual([[], 1, 2]);
  clock.advance(5);
  expect([story, pool.runningCount, pool.queuedCount]).toEqual([['slow ended', 'at once'], 1, 0]);
  clock.advance(5);
  expect([story.at(-1), pool.runningCount]).toEqual(['last ended', 0]);
});

test('a pool that grows begins more at once; one that shrinks lets running ones end', () => {
  const clock = new VirtualClock();
  const pool = createWorkerPool(1);
  const job = function* (): Op<void> {
    yield* sleep(clock, 10);
  };
  for (let count = 0; count < 9; count += 1) pool.submit(job, () => {});
  expect(pool.runningCount).toBe(1);
  pool.resize(4);
  expect([pool.limitMax, pool.runningCount, pool.queuedCount]).toEqual([4, 4, 5]);
  pool.resize(2);
  expect([pool.runningCount, pool.queuedCount]).toEqual([4, 5]);
  clock.advance(10);
  expect([pool.runningCount, pool.queuedCount]).toEqual([2, 3]);
});
