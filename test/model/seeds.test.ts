/**
 * Random runs against the model: a fixed set of seeds that must hold and must have struck every
 * transition with every kind of failure, and scenarios that once found a defect.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { coverageTable } from '../../src/sim/coverage.ts';
import { runScenario } from '../../src/sim/run-scenario.ts';
import { failureText, parseScenario, shrunk, simulate } from '../../src/sim/simulate.ts';
import { pairName, STRIKE_KINDS } from '../../src/sim/transitions.ts';

/**
 * Seeds in a row until every pair was struck, some ten, never more than these. `npm run test:deep`
 * wants each pair struck three times and more.
 */
const SEEDS = { firstSeed: 1n, seeds: 60 } as const;
const STRIKES_MIN = 1;

/** Some 8 s of work; the machine may have other things to do. */
const LIMIT_MS = 180_000;

test('the seeds hold, and every kind of failure has struck every transition', {
  timeout: LIMIT_MS,
}, () => {
  const { failure, coverage } = simulate({
    ...SEEDS,
    until: (struck) => struck.below(STRIKES_MIN).length === 0,
  });
  if (failure !== undefined) expect.fail(failureText(shrunk(failure, 60)));
  const table = coverageTable(coverage, STRIKE_KINDS).join('\n');
  expect(coverage.below(STRIKES_MIN).map(pairName), table).toEqual([]);
});

const FOUND = join(import.meta.dirname, 'found-scenarios');

describe('a scenario that once found a defect holds', () => {
  test.each(readdirSync(FOUND).sort())('%s', (name) => {
    const scenario = parseScenario(readFileSync(join(FOUND, name), 'utf8'));
    const result = runScenario(scenario);
    expect(result.violations, failureText({ scenario, result })).toEqual([]);
  });
});
