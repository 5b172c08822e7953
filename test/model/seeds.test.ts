/**
 * Random runs against the model: a fixed set of seeds that must hold and must have struck every
 * transition, and scenarios that once found a defect.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Coverage, coverageTable } from '../../src/sim/coverage.ts';
import { runScenario } from '../../src/sim/run-scenario.ts';
import { failureText, parseScenario, shrunk, simulate } from '../../src/sim/simulate.ts';
import { PAIRS, STRIKE_KINDS, TRANSITIONS } from '../../src/sim/transitions.ts';

/**
 * Seeds in a row until every transition was struck and every kind of failure has struck, some six,
 * never more than these. `npm run test:deep` plays hundreds, and wants each kind to strike each
 * transition three times.
 */
const SEEDS = { firstSeed: 1n, seeds: 60 } as const;

/** The transitions and kinds of failure that never met. */
function missing(coverage: Coverage): readonly string[] {
  const struck = PAIRS.filter((pair) => coverage.count(pair) > 0);
  return [
    ...STRIKE_KINDS.filter((kind) => !struck.some((pair) => pair.kind === kind)),
    ...TRANSITIONS.filter((one) => !struck.some(({ transition }) => transition === one)).map(
      ({ job, from, to }) => `${job} ${from} -> ${to}`,
    ),
  ];
}

test('the seeds hold; every transition is struck, and every kind of failure strikes', () => {
  const { failure, coverage } = simulate({
    ...SEEDS,
    until: (struck) => missing(struck).length === 0,
  });
  if (failure !== undefined) expect.fail(failureText(shrunk(failure, 60)));
  expect(missing(coverage), coverageTable(coverage, STRIKE_KINDS).join('\n')).toEqual([]);
});

const FOUND = join(import.meta.dirname, 'found-scenarios');

describe('a scenario that once found a defect holds', () => {
  test.each(readdirSync(FOUND).sort())('%s', (name) => {
    const scenario = parseScenario(readFileSync(join(FOUND, name), 'utf8'));
    const result = runScenario(scenario);
    expect(result.violations, failureText({ scenario, result })).toEqual([]);
  });
});
