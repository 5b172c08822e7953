/** A restore by `srbr` that is killed at every statement after its plan (br-cli.md 7.3). */
import { expect, test } from 'vitest';
import { killEverywhere } from '../br/killed-restore.ts';

test('AC-CUT-1, E2E-26: killed anywhere, --resume brings a restore to its end', async () => {
  expect(await killEverywhere(1)).toBeGreaterThan(40);
});
