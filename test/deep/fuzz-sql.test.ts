/**
 * 100,000 changed statements. That they go deep is held by what came of them: kinds of statements
 * that ran to their end, and different ends (kind with error number). Both say more than lines
 * reached: a line is reached by the first statement, an end only by a state and a text that fit.
 */
import { expect, test } from 'vitest';
import { fuzzSql } from '../fuzz/sql-fuzz.ts';

const CASES = 100_000;

test('changed statements succeed or fail with an error for their user', () => {
  const { complaints, outcomes, kinds, unparsed } = fuzzSql(1000, 1000 + CASES);
  process.stdout.write(
    `${kinds.size} kinds ran, ${outcomes.size} different ends, ${unparsed} texts did not parse\n`,
  );
  expect(complaints).toEqual([]);
  expect(kinds.size).toBeGreaterThanOrEqual(84);
  expect(outcomes.size).toBeGreaterThanOrEqual(270);
  expect(unparsed).toBeLessThan(CASES * 0.8);
});
