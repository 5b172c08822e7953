/** Many more seeds than `npm test` plays, and longer runs. */
import { expect, test } from 'vitest';
import { failureText, shrunk, simulate } from '../../src/sim/simulate.ts';
import { pairName } from '../../src/sim/transitions.ts';

/** How often every kind of failure must have struck every transition. */
const STRIKES_MIN = 3;

test.each([
  { firstSeed: 10_000n, seeds: 300, scenes: 8, comparesAll: true },
  { firstSeed: 20_000n, seeds: 60, scenes: 25, comparesAll: false },
])('$seeds seeds with $scenes jobs each hold', (options) => {
  const { failure, played, coverage } = simulate(options);
  if (failure !== undefined) expect.fail(failureText(shrunk(failure)));
  expect(played).toBe(options.seeds);
  expect(coverage.below(STRIKES_MIN).map(pairName)).toEqual([]);
});
