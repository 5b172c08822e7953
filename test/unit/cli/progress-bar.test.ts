/** Bars of any width, and what a tracker takes for new work. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { formatCount, formatDuration } from '../../../src/cli/ui/format.ts';
import {
  barLine,
  createProgressTracker,
  type ProgressView,
  plainProgressLine,
} from '../../../src/cli/ui/progress-bar.ts';

function viewOf(changes: Partial<ProgressView>): ProgressView {
  return {
    label: 'insert',
    unit: 'rows',
    done: 0,
    total: 1_461,
    isComplete: false,
    elapsedMs: 0,
    ratePerSec: undefined,
    etaMs: undefined,
    ...changes,
  };
}

describe('a bar', () => {
  test('shows share, count, rate and time left', () => {
    const view = viewOf({ done: 700, total: 1_400, ratePerSec: 2_000, etaMs: 350 });
    expect(barLine(view, 80)).toBe(
      '  insert [============>           ] 700/1,400 rows, 2,000 rows/s, 0.35 s left',
    );
  });

  test('is full only when all is done, and then tells how long it took', () => {
    const almost = barLine(viewOf({ done: 1_460 }), 80);
    expect(almost).toContain('>]');
    const full = barLine(viewOf({ done: 1_461, isComplete: true, elapsedMs: 61_000 }), 80);
    expect(full).toBe(`  insert [${'='.repeat(24)}] 1,461/1,461 rows, in 1 min 1 s`);
  });

  test('of no work at all is full', () => {
    expect(barLine(viewOf({ total: 0, isComplete: true }), 80)).toContain('=] 0/0 rows, in 0.00 s');
  });

  test('keeps its length while the figures grow', () => {
    const lengthOf = (view: ProgressView): number => barLine(view, 80).indexOf(']');
    const first = lengthOf(viewOf({}));
    expect(lengthOf(viewOf({ done: 1_000, ratePerSec: 12_345, etaMs: 37 }))).toBe(first);
  });

  test('gives way to its figures where the terminal is narrow', () => {
    expect(barLine(viewOf({ done: 5 }), 50)).toBe('  insert 5/1,461 rows');
    expect(barLine(viewOf({ done: 5 }), 10)).toBe('  insert 5');
  });

  test('never is longer than the terminal is wide', () => {
    const whole = fc.integer({ min: 0, max: 10 ** 9 });
    const view = fc.record({
      label: fc.string({ maxLength: 20 }),
      done: whole,
      total: whole,
      isComplete: fc.boolean(),
      elapsedMs: whole,
      ratePerSec: fc.option(whole, { nil: undefined }),
      etaMs: fc.option(whole, { nil: undefined }),
    });
    fc.assert(
      fc.property(view, fc.integer({ min: 0, max: 250 }), (changes, columns) => {
        expect(barLine(viewOf(changes), columns).length).toBeLessThanOrEqual(columns);
      }),
    );
  });

  test('without a bar is a line for files and pipes', () => {
    const view = viewOf({ done: 200, ratePerSec: 100, etaMs: 12_610 });
    expect(plainProgressLine(view)).toBe('  insert 200/1,461 rows, 100 rows/s, 12.6 s left');
  });
});

describe('a progress tracker', () => {
  const work = { label: 'insert', unit: 'rows', total: 10 } as const;

  test('measures from the first update', () => {
    const clock = new VirtualClock();
    const tracker = createProgressTracker(clock);
    expect(tracker.update({ ...work, done: 0 })).toMatchObject({
      isComplete: false,
      elapsedMs: 0,
      ratePerSec: undefined,
    });
    clock.advance(2_000);
    expect(tracker.update({ ...work, done: 4 })).toMatchObject({
      isComplete: false,
      elapsedMs: 2_000,
      ratePerSec: 2,
      etaMs: 3_000,
    });
    expect(tracker.update({ ...work, done: 10 })).toMatchObject({ isComplete: true, etaMs: 0 });
  });

  test.each([
    ['another label', (): object => ({ label: 'upload', done: 5 })],
    ['less done than before', (): object => ({ done: 1 })],
  ])('takes %s for new work', (_, change) => {
    const clock = new VirtualClock();
    const tracker = createProgressTracker(clock);
    tracker.update({ ...work, done: 2 });
    clock.advance(1_000);
    tracker.update({ ...work, done: 4 });
    const view = tracker.update({ ...work, done: 4, ...change() });
    expect(view).toMatchObject({ elapsedMs: 0, ratePerSec: undefined });
  });

  test('begins anew after a reset', () => {
    const clock = new VirtualClock();
    const tracker = createProgressTracker(clock);
    tracker.update({ ...work, done: 2 });
    clock.advance(1_000);
    tracker.reset();
    expect(tracker.update({ ...work, done: 4 })).toMatchObject({ elapsedMs: 0 });
  });
});

describe('figures', () => {
  test.each([
    [0, '0'],
    [999.6, '1,000'],
    [1_461, '1,461'],
    [1_234_567, '1,234,567'],
  ])('count %d as %s', (count, text) => {
    expect(formatCount(count)).toBe(text);
  });

  test.each([
    [0, '0.00 s'],
    [41, '0.04 s'],
    [9_990, '9.99 s'],
    [9_997, '10.0 s'],
    [59_960, '1 min 0 s'],
    [125_400, '2 min 5 s'],
  ])('of %d ms read %s', (spanMs, text) => {
    expect(formatDuration(spanMs)).toBe(text);
  });
});

test('bytes are read in larger units, also their rate', () => {
  const progress = { label: 'monday', unit: 'bytes', done: 1_572_864, total: 3_221_225_472 };
  const view = { ...progress, isComplete: false, elapsedMs: 0, ratePerSec: 2048, etaMs: undefined };
  expect(plainProgressLine(view)).toBe('  monday 1.5MB/3GB, 2KB/s');
});
