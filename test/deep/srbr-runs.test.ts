/** Random runs of `srbr` with faults at every kind of statement (br-cli.md 10). */
import { test } from 'vitest';
import { expectRuns } from '../br/runs/run.ts';

test('E2E-42, AC-HIST-1: random runs keep every promise', async () => {
  await expectRuns({
    seed: 1,
    count: 120,
    moves: 10,
    file: 'test/deep/srbr-runs.test.ts',
    project: 'deep',
  });
});
