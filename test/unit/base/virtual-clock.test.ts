import { describe, expect, test } from 'vitest';
import { realClock, sleep } from '../../../src/base/clock.ts';
import { type Op, suspend } from '../../../src/base/op.ts';
import { VIRTUAL_START_MS, VirtualClock } from '../../../src/base/virtual-clock.ts';

describe('the virtual clock', () => {
  test('runs events by time, and those of one time in the order they were asked for', () => {
    const clock = new VirtualClock(0);
    const seen: string[] = [];
    const note = (name: string) => (): void => {
      seen.push(`${name}@${clock.now()}`);
    };
    clock.after(20, note('c'));
    clock.after(10, note('a'));
    clock.after(10, note('b'));
    clock.after(0, () => {
      note('z')();
      clock.after(10, note('d'));
    });
    expect(seen).toEqual([]);
    clock.advance(15);
    expect(seen).toEqual(['z@0', 'a@10', 'b@10', 'd@10']);
    expect(clock.now()).toBe(15);
    expect(clock.runUntil(() => seen.length === 5)).toBe(true);
    expect(clock.now()).toBe(20);
    expect(clock.step()).toBe(false);
  });

  test('does not run what was cancelled, and does not wait for it', () => {
    const clock = new VirtualClock(0);
    const cancel = clock.after(10, () => expect.unreachable());
    clock.after(5, cancel);
    cancel();
    cancel();
    expect(clock.runUntil(() => false)).toBe(false);
    expect(clock.now()).toBe(5);
    expect(clock.eventsPassed).toBe(1);
  });

  test('keeps nothing of many timeouts that were cancelled', () => {
    const clock = new VirtualClock(0);
    let fired = 0;
    clock.after(86_400_000, () => {
      fired += 1;
    });
    for (let index = 0; index < 100_000; index += 1) {
      clock.after(1000 + index, () => expect.unreachable())();
    }
    expect(clock.runUntil(() => fired === 1)).toBe(true);
    expect(clock.eventsPassed).toBe(1);
  });

  test('keeps the delay of timers when it is set forward or back', () => {
    for (const spanMs of [1000, -1000]) {
      const clock = new VirtualClock();
      const seen: number[] = [];
      clock.after(10, () => seen.push(clock.now()));
      const cancel = clock.after(5, () => expect.unreachable());
      clock.jump(spanMs);
      cancel();
      expect(clock.now()).toBe(VIRTUAL_START_MS + spanMs);
      clock.advance(9);
      expect(seen).toEqual([]);
      clock.advance(1);
      expect(seen).toEqual([VIRTUAL_START_MS + spanMs + 10]);
    }
  });

  test('stops at a limit of time', () => {
    const clock = new VirtualClock(0);
    clock.after(100, () => {});
    expect(clock.runUntil(() => false, 50)).toBe(false);
    expect(clock.now()).toBe(0);
  });

  test('drives an operation to its end, and says when that never comes', () => {
    const clock = new VirtualClock(0);
    function* program(): Op<number> {
      yield* sleep(clock, 1000);
      yield* sleep(clock, 0);
      return clock.now();
    }
    expect(clock.run(program())).toBe(1000);
    const endless = suspend<void>(() => {});
    expect(() => clock.run(endless)).toThrow(/nothing left/);
  });

  test('refuses delays that are none', () => {
    const clock = new VirtualClock();
    expect(() => clock.after(-1, () => {})).toThrow(/delay of -1/);
    expect(() => clock.run(sleep(clock, Number.NaN))).toThrow(/delay of NaN/);
  });
});

test('the real clock does not fire early however long the delay', async () => {
  const cancels = [2 ** 31, 2 ** 40].map((delayMs) =>
    realClock.after(delayMs, () => expect.unreachable()),
  );
  await new Promise<void>((resolve) => realClock.after(5, resolve));
  for (const cancel of cancels) cancel();
});
