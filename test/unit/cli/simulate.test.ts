/** What `simulate` reads from its options and what it prints. */
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { addBlobCommand } from '../../../src/cli/commands/blob-options.ts';
import { addDemoCommand } from '../../../src/cli/commands/demo-options.ts';
import { addRepoCommand } from '../../../src/cli/commands/repo-options.ts';
import { addSimulateCommand, counts } from '../../../src/cli/commands/simulate-options.ts';
import { addStartCommand } from '../../../src/cli/commands/start-options.ts';
import { formatRate, formatSpan, kneeLine } from '../../../src/cli/simulate/report.ts';

test.each([
  ['3', [3]],
  ['10,3,3', [3, 10]],
  ['1..64', [1, 2, 4, 8, 16, 32, 64]],
  ['1..6,5', [1, 2, 4, 5, 6]],
])('counts are written like %s', (text, expected) => {
  expect(counts(64)(text)).toEqual(expected);
});

test.each(['0', '65', '', 'x', '4..2', '1..2..3', '1,,2', '1.5'])('"%s" is no counts', (text) => {
  expect(() => counts(64)(text)).toThrow();
});

test('spans and rates are told in units that people read', () => {
  expect([900, 65_000, 7_500_000].map(formatSpan)).toEqual(['0.90 s', '1 min 5 s', '2 h 5 min']);
  expect([12, 85e6, 26_460e6].map(formatRate)).toEqual(['12 B/s', '85 MB/s', '26.5 GB/s']);
});

test('a knee at the end of the sweep is told to be none', () => {
  expect(kneeLine({ backends: 1, workers: 8, isLast: false }).text).toBe(
    'knee with 1 backend: 8 workers each, the fewest that reach 90 % of the best throughput',
  );
  expect(kneeLine({ backends: 3, workers: 64, isLast: true }).text).toBe(
    'no knee with 3 backends up to 64 workers each: more may still help',
  );
});

test('every verb can explain itself', () => {
  const program = new Command();
  addBlobCommand(program);
  addDemoCommand(program);
  addRepoCommand(program);
  addSimulateCommand(program);
  addStartCommand(program);
  const verbs = program.commands.flatMap((verb) => [verb, ...verb.commands]);
  expect(verbs.length).toBeGreaterThan(9);
  for (const verb of verbs) expect(verb.helpInformation()).toMatch(/^Usage: /);
});
