/** docs/prototyping.md shows what its example and a stepped cluster really print (`-u` rewrites). */
import { expect, test } from 'vitest';
import { SKIPS_SAVE_META, search } from '../../examples/skip-save-meta-log.ts';
import { startCluster } from '../../src/index.ts';
import { expectPage, readPage, withBlocks } from './made-page.ts';

const PAGE = 'docs/prototyping.md';
const EXAMPLE = 'examples/skip-save-meta-log.ts';
const SEEDS = 12;
const TICK = "ADMIN EXECUTE ON FRONTEND 'backupHandler.tick()'";

async function steps(): Promise<string> {
  const sql = /```sql\n([\s\S]*?)```/.exec(readPage(PAGE))?.[1] ?? '';
  expect(sql).toContain(`${TICK};\nBACKUP SNAPSHOT`);
  const cluster = await startCluster({ clock: 'virtual', stepped: true, backends: 2 });
  await cluster.query(sql);
  const lines: unknown[] = [];
  for (let at = 0; at < 4; at += 1) {
    lines.push(...(await cluster.query(TICK)).rows.map(([line]) => line));
    cluster.advance(3_000);
  }
  await cluster.stop();
  return lines.join('\n');
}

test('the page on prototyping shows code that runs and what it prints', async () => {
  const found = await search(SKIPS_SAVE_META, SEEDS);
  expect(found.join('\n')).toMatch(/invariant 7[\s\S]*invariant 8/);
  const made = withBlocks(readPage(PAGE), {
    steps: await steps(),
    example: readPage(EXAMPLE),
    search: found.join('\n'),
  });
  await expectPage(PAGE, made);
});

test('the tables of StarRocks break no invariant at the same seeds', async () => {
  expect(await search({}, SEEDS)).toEqual([]);
});
