/** docs/scenarios.md shows what its statements really answer (`npx vitest run <this> -u` rewrites). */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startCluster } from '../../src/index.ts';
import { executedPage } from './executed-page.ts';
import { ROOT, readPage } from './made-page.ts';

const PAGE = 'docs/scenarios.md';

test('the page of scenarios shows what its statements answer', async () => {
  const made = await executedPage(readPage(PAGE), () =>
    startCluster({ clock: 'virtual', backends: 2 }),
  );
  await expect(made).toMatchFileSnapshot(join(ROOT, PAGE));
});
