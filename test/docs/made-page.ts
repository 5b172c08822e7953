/** Pages of the documentation with blocks that a test makes: `<!-- made by: name -->` stands above. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';

const ROOT: string = join(import.meta.dirname, '../..');

const MADE_BLOCK = /(<!-- made by: (\S+) -->\n```\w+\n)[\s\S]*?(```)/g;

/** The page with its made blocks made anew. Throws for a block that nothing makes. */
export function withBlocks(page: string, blocks: Readonly<Record<string, string>>): string {
  return page.replace(MADE_BLOCK, (_all, opening: string, name: string, closing: string) => {
    const block = blocks[name];
    if (block === undefined) throw new Error(`nothing makes the block '${name}'`);
    return `${opening}${block.trimEnd()}\n${closing}`;
  });
}

/**
 * The page must say what was made, but for ids and sizes, which any change of a record shifts.
 * `npx vitest run <test> -u` writes the page anew.
 */
export async function expectPage(path: string, made: string): Promise<void> {
  if (comparable(made) === comparable(readPage(path))) return;
  await expect(made).toMatchFileSnapshot(join(ROOT, path));
}

function comparable(page: string): string {
  return page
    .replace(/\b11\d{3}\b/g, 'id')
    .replace(/\b\d+(\.\d+)?K?B\b/g, 'size')
    .replace(/ +/g, ' ')
    .replace(/-+/g, '-');
}

export function readPage(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}
