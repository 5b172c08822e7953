import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { generatedDocs } from '../scripts/generated-docs.ts';
import { QUIRK_NOTES } from '../scripts/quirk-rows.ts';
import { QUIRK_NAMES, QUIRKS } from '../src/base/quirks.ts';

test.each(await generatedDocs())(
  '$path says what the code says; else run: npm run docs',
  (page) => {
    const written = readFileSync(new URL(`../${page.path}`, import.meta.url), 'utf8');
    expect(written).toBe(page.text);
  },
);

test('every numbered quirk has one row, and the tests it names are there', () => {
  const upTo = (sign: string, count: number): string[] =>
    Array.from({ length: count }, (_, at) => `${sign}${at + 1}`);
  expect(QUIRK_NOTES.map(({ number }) => number)).toEqual([...upTo('Q', 26), ...upTo('#', 39)]);
  const options = QUIRK_NOTES.flatMap(({ number, has }) => (has === 'option' ? [number] : []));
  expect(options.sort()).toEqual(QUIRK_NAMES.flatMap((name) => QUIRKS[name].numbers).sort());
  for (const { test: file } of QUIRK_NOTES) {
    if (file === undefined) continue;
    expect(existsSync(new URL(file, import.meta.url)), file).toBe(true);
  }
});
