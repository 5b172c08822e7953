/** Commands of `srbr` under which the cluster crashes, or whose answers are lost, at each statement. */
import { expect, test } from 'vitest';
import { backupStruck, restoreStruck, strikeEverywhere } from '../br/everywhere.ts';
import type { Strike } from '../br/runs/moves.ts';

type StrikeAt = (at: number) => Strike;

const STRIKES: readonly (readonly [string, StrikeAt])[] = [
  [
    'the cluster crashes and loses what it had not synced',
    (at) => ({ kind: 'crash', at, isDone: at % 2 === 0, fate: at % 3 === 0 ? 'lost' : 'torn' }),
  ],
  ['the answer is lost', (at) => ({ kind: 'lost', at, isDone: true, more: at % 4 })],
];

test.each(STRIKES)('E2E-24: %s in a backup, and all is in order', async (_, strike) => {
  const struck = (at: number) => backupStruck(strike(at));
  expect(await strikeEverywhere(struck, 1)).toBeGreaterThan(30);
});

test.each(STRIKES)('E2E-26: %s in a restore, and all is in order', async (_, strike) => {
  const struck = (at: number) => restoreStruck(strike(at), at % 2 === 0 ? 'staged' : 'in-place');
  expect(await strikeEverywhere(struck, 3)).toBeGreaterThan(25);
});
