/** Where ids stand in a list: the same whether they lie close together or far apart. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IdPositions } from '../../../src/base/id-positions.ts';

test('answers as a map of the list does, whatever the ids', () => {
  const close = fc.integer({ min: 10_000, max: 10_040 });
  const apart = fc.integer({ min: -5, max: 2 ** 50 });
  fc.assert(
    fc.property(fc.array(fc.oneof(close, apart), { maxLength: 20 }), (ids) => {
      for (const list of [ids, ids.filter((id) => id >= 10_000 && id <= 10_040)]) {
        const map = new Map(list.map((id, at) => [id, at]));
        const positions = new IdPositions(list.length, (at) => list[at] ?? Number.NaN);
        expect(positions.count).toBe(map.size);
        for (const id of [...ids, -6, 0, 9_999, 10_020, 10_041, 2 ** 51]) {
          expect(positions.get(id)).toBe(map.get(id));
        }
      }
    }),
  );
});
