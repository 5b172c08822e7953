/** Writes the parts of docs/ that come from the code: `npm run docs`. A test holds them to it. */
import { writeFileSync } from 'node:fs';
import { generatedDocs } from './generated-docs.ts';

for (const { path, text } of await generatedDocs()) {
  writeFileSync(new URL(`../${path}`, import.meta.url), text);
}
