/** Texts of which the shared parts are kept once come back as they were. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NumberedTexts } from '../../../src/jobs/numbered-texts.ts';

const path = fc
  .tuple(fc.constantFrom('/be/10001', '/be/10002', ''), fc.nat(30))
  .map(([backend, number]) => `${backend}/snapshot/20260101000000.${number}.86400`);
const text = fc.oneof(
  path,
  fc.string(),
  fc.constantFrom('', '.', '..', 'a..b', '.1.', 'x.01.y', 'x.0.y', 'x.1e3.y', 'x.-1.y'),
  fc.constantFrom('x.12345678901234567890.y', 'x.999999999999999.y', '1.2', 'ä.7.ß'),
);

test('each text comes back by its position', () => {
  fc.assert(
    fc.property(fc.array(text, { maxLength: 30 }), fc.nat(40), (texts, room) => {
      const kept = new NumberedTexts(room);
      for (const each of texts) kept.push(each);
      expect(texts.map((_, at) => kept.at(at))).toEqual(texts);
    }),
  );
});

test('paths beside each other share what stands around their number', () => {
  const kept = new NumberedTexts(0);
  for (const number of [7, 8]) kept.push(`/be/10001/snapshot/20260101000000.${number}.86400`);
  expect(kept.shapeAt(0)).toBe(kept.shapeAt(1));
  expect([kept.numberAt(0), kept.numberAt(1)]).toEqual([7, 8]);
});
