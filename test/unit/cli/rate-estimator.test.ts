/** Rates and times left, on a virtual clock. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { createRateEstimator, RATE_WINDOW_MS } from '../../../src/cli/ui/rate-estimator.ts';

describe('a rate estimator', () => {
  test('knows no rate before time has passed between two samples', () => {
    const clock = new VirtualClock();
    const estimator = createRateEstimator(clock);
    expect(estimator.ratePerSec()).toBeUndefined();
    estimator.add(0);
    expect(estimator.ratePerSec()).toBeUndefined();
    estimator.add(10);
    expect(estimator.ratePerSec()).toBeUndefined();
    expect(estimator.etaMs(100)).toBeUndefined();
  });

  test('tells what is done per second and how long the rest takes', () => {
    const clock = new VirtualClock();
    const estimator = createRateEstimator(clock);
    estimator.add(0);
    clock.advance(500);
    estimator.add(100);
    expect(estimator.ratePerSec()).toBe(200);
    expect(estimator.etaMs(400)).toBe(1_500);
    expect(estimator.etaMs(100)).toBe(0);
  });

  test('forgets what is older than its window', () => {
    const clock = new VirtualClock();
    const estimator = createRateEstimator(clock);
    for (let second = 0; second <= 10; second += 1) {
      estimator.add(second);
      clock.advance(1_000);
    }
    for (let step = 1; step <= 10; step += 1) {
      clock.advance(1_000);
      estimator.add(10 + step * 50);
    }
    expect(estimator.ratePerSec()).toBe(50);
  });

  test('falls while nothing is done, to nothing', () => {
    const clock = new VirtualClock();
    const estimator = createRateEstimator(clock);
    estimator.add(0);
    clock.advance(1_000);
    estimator.add(100);
    clock.advance(1_000);
    expect(estimator.ratePerSec()).toBe(50);
    clock.advance(RATE_WINDOW_MS);
    expect(estimator.ratePerSec()).toBe(0);
    expect(estimator.etaMs(200)).toBeUndefined();
  });

  test('of steady work is that work, however often it is noted', () => {
    const gaps = fc.array(fc.integer({ min: 1, max: 2_000 }), { minLength: 1, maxLength: 700 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 100 }), (gapsMs, perMs) => {
        const clock = new VirtualClock();
        const estimator = createRateEstimator(clock);
        let done = 0;
        estimator.add(done);
        for (const gapMs of gapsMs) {
          clock.advance(gapMs);
          done += gapMs * perMs;
          estimator.add(done);
        }
        expect(estimator.ratePerSec()).toBeCloseTo(perMs * 1_000, 6);
        expect(estimator.etaMs(done + perMs * 70)).toBe(70);
      }),
      { numRuns: 50 },
    );
  });
});
