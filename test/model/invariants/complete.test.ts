/** No numbered invariant may go: 32 of backup-jobs.md 10, 40 of restore-jobs.md 10. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test.each([
  ['backup', 32],
  ['restore', 40],
])('every %s invariant, 1 to %i, has a test under its number', (kind, count) => {
  const found = new Set<number>();
  for (const name of readdirSync(import.meta.dirname)) {
    const text = readFileSync(join(import.meta.dirname, name), 'utf8');
    for (const match of text.matchAll(new RegExp(`${kind} invariant (\\d+):`, 'g'))) {
      found.add(Number(match[1]));
    }
  }
  const expected = Array.from({ length: count }, (_, at) => at + 1);
  expect([...found].sort((a, b) => a - b)).toEqual(expected);
});
