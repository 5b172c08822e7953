/** Random runs of `srbr` with faults at its statements (br-cli.md 10); test/deep has many more. */
import { test } from 'vitest';
import { expectRuns } from './runs/run.ts';

test('E2E-42, AC-HIST-1: random runs keep every promise', async () => {
  const file = 'test/br/random.test.ts';
  await expectRuns({ seed: 11, count: 3, moves: 6, file, project: 'sources' });
});
