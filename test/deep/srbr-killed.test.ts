/** Commands of `srbr` that are killed at every statement (br-cli.md 7.3 and 10). */
import { expect, test } from 'vitest';
import { killBackups, killPrunes, killRestores } from '../br/everywhere.ts';

test.each([
  ['alias', 'resume'],
  ['direct', 'resume'],
  ['staged', 'resume'],
  ['in-place', 'resume'],
  ['alias', 'rollback'],
  ['direct', 'rollback'],
  ['in-place', 'rollback'],
] as const)('AC-CUT-1, E2E-26: a restore that is killed anywhere, %s, --%s', async (way, end) => {
  expect(await killRestores(way, 1, end)).toBeGreaterThan(60);
});

test.each(['full', 'incremental'] as const)(
  'AC-HIST-1, E2E-22: a backup that was killed anywhere has one row after reconcile, %s',
  async (type) => {
    expect(await killBackups(type, 1)).toBeGreaterThan(25);
  },
);

test('a prune that was killed anywhere is ended by the same command', async () => {
  expect(await killPrunes(1)).toBeGreaterThan(20);
});
