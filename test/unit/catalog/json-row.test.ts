/** Rows that are laid out once read like rows that are written anew each time. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonChunks } from '../../../src/catalog/json-chunks.ts';
import { JsonRow } from '../../../src/catalog/json-row.ts';

const integer = fc.oneof(
  fc.nat(120),
  fc.constantFrom(0, 9, 10, 99, 100, 2 ** 31 - 1, 2 ** 31),
  fc.maxSafeInteger(),
);

test('integers of any length, in any order, stand where they belong', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(integer, integer), { maxLength: 20 }), (rows) => {
      const row = new JsonRow(['{"ä":', ',"b":', '}\n']);
      const out = new JsonChunks();
      for (const [a, b] of rows) {
        row.set(0, a);
        row.set(1, b);
        row.addTo(out);
      }
      const expected = rows.map(([a, b]) => `{"ä":${a},"b":${b}}\n`).join('');
      expect(out.take().toString()).toBe(expected);
    }),
    { numRuns: 60 },
  );
});
