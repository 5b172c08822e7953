/** Many more seeds than `npm test` plays, and longer runs. */
import { expect, test } from 'vitest';
import { failureText, shrunk, simulate } from '../../src/sim/simulate.ts';

test.each([
  { firstSeed: 10_000n, seeds: 300, scenes: 8 },
  { firstSeed: 20_000n, seeds: 60, scenes: 25 },
])('$seeds seeds with $scenes jobs each hold', (options) => {
  const { failure, played } = simulate(options);
  if (failure !== undefined) expect.fail(failureText(shrunk(failure)));
  expect(played).toBe(options.seeds);
});
