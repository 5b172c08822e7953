/** Commands that are killed between two statements (br-cli.md 7.3); test/deep has every place. */
import { expect, test } from 'vitest';
import { killBackups, killPrunes, killRestores } from './everywhere.ts';

test.each(['alias', 'direct', 'staged', 'in-place'] as const)(
  'AC-CUT-1, E2E-26: killed, --resume brings a restore to its end, %s',
  async (way) => {
    expect(await killRestores(way, 31)).toBeGreaterThan(1);
  },
);

test('AC-HIST-1, E2E-22: a backup that was killed has one row after reconcile', async () => {
  expect(await killBackups('incremental', 9)).toBeGreaterThan(2);
});

test('a prune that was killed is ended by the same command', async () => {
  expect(await killPrunes(11)).toBeGreaterThan(1);
});
