/** docs/scenarios.md shows what its statements really answer (`npx vitest run <this> -u` rewrites). */
import { expect, test } from 'vitest';
import { startCluster } from '../../src/index.ts';
import { executedPage } from './executed-page.ts';
import { expectPage, readPage } from './made-page.ts';

const PAGE = 'docs/scenarios.md';

test('the page of scenarios shows what its statements answer', async () => {
  const made = await executedPage(readPage(PAGE), () =>
    startCluster({ clock: 'virtual', backends: 2 }),
  );
  expect(made).toContain('26 files of tablets were uploaded');
  await expectPage(PAGE, made);
});
