/** Lists that stand in for maps of very many ids answer what maps would. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IdPages } from '../../../src/base/id-pages.ts';
import { NumberColumn } from '../../../src/base/number-column.ts';
import { RisingMap } from '../../../src/base/rising-map.ts';

/** Few ids, so that they meet again, some of them beyond what 32 bits hold. */
const id = fc.oneof(
  fc.nat(40),
  fc.nat(40).map((small) => 2 ** 40 + small),
);
const steps = fc.array(fc.tuple(fc.constantFrom('set', 'set', 'set', 'delete'), id), {
  maxLength: 60,
});

interface SmallMap {
  readonly size: number;
  get(key: number): number | undefined;
  set(key: number, value: number): unknown;
  delete(key: number): boolean;
  [Symbol.iterator](): Iterator<[number, number]>;
}

/** Does the same to a map, and compares after each step. */
function expectSameAsMap(made: SmallMap, run: readonly (readonly [string, number])[]): void {
  const expected = new Map<number, number>();
  for (const [step, [what, key]] of run.entries()) {
    if (what === 'set') {
      made.set(key, step);
      expected.set(key, step);
    } else {
      expect(made.delete(key)).toBe(expected.delete(key));
    }
    expect(made.size).toBe(expected.size);
    for (const [, each] of run) expect(made.get(each)).toBe(expected.get(each));
    const byKey = ([a]: [number, number], [b]: [number, number]): number => a - b;
    expect([...made].sort(byKey)).toEqual([...expected].sort(byKey));
  }
}

test('a rising map is a map, whatever the order of ids', () => {
  fc.assert(
    fc.property(steps, (run) => expectSameAsMap(new RisingMap(), run)),
    { numRuns: 60 },
  );
});

test('pages of ids are a map', () => {
  fc.assert(
    fc.property(steps, (run) => expectSameAsMap(new IdPages(), run)),
    { numRuns: 60 },
  );
});

test('a rising map keeps no room for what has gone, and gives the rest in order', () => {
  const map = new RisingMap<number, string>();
  for (let key = 1; key <= 40_000; key += 1) map.set(key, `task ${key}`);
  for (let key = 1; key <= 30_000; key += 1) map.delete(key === 2000 ? 39_999 : key);
  expect(map.has(2000)).toBe(true);
  expect([...map.keys()].slice(0, 3)).toEqual([2000, 30_001, 30_002]);
  expect([...map.values()].slice(-2)).toEqual(['task 39998', 'task 40000']);
  map.clear();
  expect([map.size, [...map]]).toEqual([0, []]);
});

test('pages of ids come by rising number', () => {
  const pages = new IdPages<string>();
  for (const key of [70, 3, 2 ** 40, 69]) pages.set(key, `tablet ${key}`);
  expect([...pages].map(([key]) => key)).toEqual([3, 69, 70, 2 ** 40]);
});

test('a column of numbers has what was pushed, and nothing behind it', () => {
  const column = new NumberColumn(3);
  const numbers = Array.from({ length: 100 }, (_, at) => at * 2 ** 30);
  for (const number of numbers) column.push(number);
  expect(numbers.map((_, at) => column.at(at))).toEqual(numbers);
  expect([column.length, column.at(100)]).toEqual([100, undefined]);
});
