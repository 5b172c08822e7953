import { describe, expect, test } from 'vitest';
import { Mutex, ReadWriteLock } from '../../../src/base/lock.ts';
import {
  all,
  attempt,
  type Op,
  type Outcome,
  runNow,
  start,
  succeed,
  suspend,
  toPromise,
  wait,
} from '../../../src/base/op.ts';

/** An operation that waits until it is let go. */
function gate(): { op: () => Op<void>; open: () => void; fail: (error: Error) => void } {
  const waiting: ((outcome: Outcome<void>) => void)[] = [];
  const settle = (outcome: Outcome<void>): void => {
    for (const resume of waiting.splice(0)) resume(outcome);
  };
  return {
    op: () => suspend<void>((resume) => waiting.push(resume)),
    open: () => settle({ ok: true, value: undefined }),
    fail: (error) => settle({ ok: false, error }),
  };
}

describe('an operation', () => {
  test('waits a million times at once without a deeper stack', () => {
    function* loop(): Op<number> {
      let sum = 0;
      for (let index = 0; index < 1_000_000; index += 1) {
        sum += yield* suspend<number>((resume) => resume({ ok: true, value: 1 }));
      }
      return sum;
    }
    expect(runNow(loop())).toBe(1_000_000);
  });

  test('meets a failure where it waited', () => {
    const { op, fail } = gate();
    const seen: unknown[] = [];
    function* program(): Op<string> {
      const outcome = yield* attempt(op());
      return outcome.ok ? 'fine' : String(outcome.error);
    }
    start(program(), (outcome) => seen.push(outcome));
    expect(seen).toEqual([]);
    fail(new Error('broken'));
    expect(seen).toEqual([{ ok: true, value: 'Error: broken' }]);
  });

  test('meets the failure of a wait that cannot even begin', () => {
    function* program(): Op<string> {
      try {
        yield* suspend<void>(() => {
          throw new Error('no beginning');
        });
        return 'fine';
      } catch (error) {
        return String(error);
      }
    }
    expect(runNow(program())).toBe('Error: no beginning');
  });

  test('cannot be resumed twice', () => {
    let resumeAgain = (): void => {};
    start(
      suspend<void>((resume) => {
        resumeAgain = () => resume({ ok: true, value: undefined });
      }),
      () => {},
    );
    resumeAgain();
    expect(resumeAgain).toThrow(/resumed twice/);
  });

  test('that has to wait is refused by runNow', () => {
    expect(() => runNow(gate().op())).toThrow(/had to wait/);
    expect(() => runNow(wait(Promise.resolve()))).toThrow(/had to wait/);
  });

  test('can be awaited', async () => {
    await expect(toPromise(wait(Promise.resolve(5)))).resolves.toBe(5);
    await expect(toPromise(wait(Promise.reject(new Error('no'))))).rejects.toThrow('no');
  });
});

describe('all', () => {
  test('runs at most as many as it is told and answers in order', () => {
    const gates = Array.from({ length: 5 }, gate);
    let running = 0;
    const jobs = gates.map(
      ({ op }, index) =>
        function* (): Op<number> {
          running += 1;
          yield* op();
          running -= 1;
          return index;
        },
    );
    let result: Outcome<number[]> | undefined;
    start(all(jobs, 2), (outcome) => {
      result = outcome;
    });
    for (const { open } of [...gates].reverse()) {
      expect(running).toBeLessThanOrEqual(2);
      open();
    }
    for (let round = 0; round < 5; round += 1) for (const { open } of gates) open();
    expect(result).toEqual({ ok: true, value: [0, 1, 2, 3, 4] });
  });

  test('begins nothing after a failure and ends when the running ones have', () => {
    const slow = gate();
    const broken = gate();
    let began = 0;
    const job = (op: () => Op<void>) =>
      function* (): Op<void> {
        began += 1;
        yield* op();
      };
    let result: Outcome<unknown> | undefined;
    start(all([job(slow.op), job(broken.op), job(slow.op)], 2), (outcome) => {
      result = outcome;
    });
    broken.fail(new Error('first'));
    expect(result).toBeUndefined();
    slow.fail(new Error('second'));
    expect(result).toEqual({ ok: false, error: new Error('first') });
    expect(began).toBe(2);
  });

  test('passes a hundred thousand jobs that are done at once', () => {
    const jobs = Array.from({ length: 100_000 }, (_, index) => () => succeed(index));
    expect(runNow(all(jobs, 3))).toHaveLength(100_000);
    expect(runNow(all([], 3))).toEqual([]);
  });
});

describe('a lock', () => {
  test('lets readers in together and writers alone, first come first served', () => {
    const lock = new ReadWriteLock();
    const log: string[] = [];
    const gates = new Map<string, ReturnType<typeof gate>>();
    const enter = (name: string, kind: 'read' | 'write'): void => {
      const door = gate();
      gates.set(name, door);
      const body = function* (): Op<void> {
        log.push(`+${name}`);
        yield* door.op();
        log.push(`-${name}`);
      };
      start(lock[kind](body), () => {});
    };
    enter('r1', 'read');
    enter('r2', 'read');
    enter('w1', 'write');
    enter('r3', 'read');
    enter('w2', 'write');
    expect(log).toEqual(['+r1', '+r2']);
    for (const name of ['r1', 'r2', 'w1', 'r3', 'w2']) gates.get(name)?.open();
    expect(log.join(' ')).toBe('+r1 +r2 -r1 -r2 +w1 -w1 +r3 -r3 +w2 -w2');
    expect(lock.isWriteLocked).toBe(false);
  });

  test('is free again after a failure inside', () => {
    const mutex = new Mutex();
    const failing = mutex.hold(function* (): Op<void> {
      throw new Error('inside');
    });
    expect(() => runNow(failing)).toThrow('inside');
    expect(mutex.isHeld).toBe(false);
    expect(runNow(mutex.hold(() => succeed(1)))).toBe(1);
  });

  test('hands itself through tens of thousands of waiters without a deeper stack', () => {
    const mutex = new Mutex();
    const door = gate();
    let passed = 0;
    start(mutex.hold(door.op), () => {});
    for (let index = 0; index < 30_000; index += 1) {
      start(
        mutex.hold(() => succeed(undefined)),
        () => {
          passed += 1;
        },
      );
    }
    expect(passed).toBe(0);
    door.open();
    expect(passed).toBe(30_000);
    expect(mutex.isHeld).toBe(false);
  });
});
