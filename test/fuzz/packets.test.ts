/** A sample of what `test/deep/fuzz-packets.test.ts` does at length. */
import { expect, test } from 'vitest';
import { fuzzPackets } from './packet-fuzz.ts';

test('a changed packet is answered with an error at most, and harms nobody else', async () => {
  const { answers, complaints } = await fuzzPackets(0, 500);
  expect(complaints).toEqual([]);
  expect(answers.size).toBeGreaterThanOrEqual(8);
});
