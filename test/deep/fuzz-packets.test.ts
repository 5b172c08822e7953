/**
 * 100,000 changed conversations. That they go deep is held by the answers: each kind of refusal of
 * the wire and of the frontend behind it has to come, beside rows and OKs of what stayed whole.
 */
import { expect, test } from 'vitest';
import { fuzzPackets } from '../fuzz/packet-fuzz.ts';

/** Handshake, login, command, packet, order, parameter, preparing, then those of statements. */
const ANSWERS = [1043, 1045, 1047, 1153, 1156, 1835, 1295, 1064, 1193, 5501, 5502, 5509];

test('changed packets are answered with an error at most, and harm nobody else', async () => {
  const { answers, complaints } = await fuzzPackets(500, 100_500);
  process.stdout.write(`${[...answers].map(([kind, count]) => `${kind}: ${count}`).join(', ')}\n`);
  expect(complaints).toEqual([]);
  const wanted = ['OK', 'EOF', 'other', ...ANSWERS.map((code) => `error ${code}`)];
  expect([...answers.keys()]).toEqual(expect.arrayContaining(wanted));
});
