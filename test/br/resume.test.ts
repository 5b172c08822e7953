/** Commands that are killed between two statements (br-cli.md 7.3); test/deep has every place. */
import { expect, test } from 'vitest';
import { killBackups, killPrunes, killRestores } from './everywhere.ts';

test.each([
  { way: 'alias', stride: 37 },
  { way: 'in-place', stride: 73 },
] as const)(
  'AC-CUT-1, E2E-26: killed, --resume brings a restore to its end, $way',
  async ({ way, stride }) => {
    expect(await killRestores(way, stride)).toBeGreaterThan(0);
  },
);

test('AC-HIST-1, E2E-22: a backup that was killed has one row after reconcile', async () => {
  expect(await killBackups('incremental', 17)).toBeGreaterThan(1);
});

test('a prune that was killed is ended by the same command', async () => {
  expect(await killPrunes(19)).toBeGreaterThan(0);
});
