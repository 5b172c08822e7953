/** Names that differ in a number alone are kept by it, and nobody sees a difference but the order. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MemoryEntries } from '../../../src/base/memory-entries.ts';

const name = fc.oneof(
  fc.nat(40).map((number) => `20260101000000.${number}.86400`),
  fc.nat(40).map((number) => `__${number}`),
  fc.constantFrom(
    '__',
    '__01',
    '__1x',
    '__-1',
    '__99999999999999999',
    '20260101000001.3.86400',
    'a',
  ),
);
const steps = fc.array(fc.tuple(fc.constantFrom('set', 'set', 'set', 'delete'), name), {
  maxLength: 40,
});

test('entries are a map of names', () => {
  fc.assert(
    fc.property(steps, (run) => {
      const entries = new MemoryEntries<number>();
      const expected = new Map<string, number>();
      for (const [step, [what, key]] of run.entries()) {
        if (what === 'set') {
          entries.set(key, step);
          expected.set(key, step);
        } else {
          entries.delete(key);
          expected.delete(key);
        }
        expect(entries.size).toBe(expected.size);
        for (const [, each] of run) {
          expect([entries.has(each), entries.get(each)]).toEqual([
            expected.has(each),
            expected.get(each),
          ]);
        }
      }
      expect([...entries].sort()).toEqual([...expected].sort());
    }),
    { numRuns: 60 },
  );
});

test('names that differ in a number come in its order, until another name comes', () => {
  const entries = new MemoryEntries<number>();
  for (const number of [9, 100, 10, 0]) entries.set(`.${number}.s`, number);
  expect([...entries].map(([key]) => key)).toEqual(['.0.s', '.9.s', '.10.s', '.100.s']);
  entries.set('other', -1);
  entries.set('.5.s', 5);
  expect([...entries].map(([key]) => key).slice(-2)).toEqual(['other', '.5.s']);
});
