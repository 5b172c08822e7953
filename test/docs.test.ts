import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { generatedDocs } from '../scripts/generated-docs.ts';

test.each(generatedDocs())('$path says what the code says; else run: npm run docs', (page) => {
  const written = readFileSync(new URL(`../${page.path}`, import.meta.url), 'utf8');
  expect(written).toBe(page.text);
});
