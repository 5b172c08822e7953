/** A restore that is killed between two statements (br-cli.md 7.3); test/deep has every place. */
import { expect, test } from 'vitest';
import { killEverywhere } from './killed-restore.ts';

test('AC-CUT-1, E2E-26: killed after its plan, --resume brings a restore to its end', async () => {
  expect(await killEverywhere(11)).toBeGreaterThan(3);
});
