import { expect, test } from 'vitest';
import { present } from '../../../src/base/assert.ts';
import { asId, type IndexId } from '../../../src/base/ids.ts';
import type { OlapTable, PhysicalPartition } from '../../../src/catalog/model.ts';
import { withIndexAdded, withIndexDropped } from '../../../src/catalog/table-indexes.ts';
import { allPartitions, baseIndexMeta } from '../../../src/catalog/table-lookup.ts';
import { tableSignature } from '../../../src/catalog/table-signature.ts';
import { sampleTable } from './sample-table.ts';

const ROLLUP = asId<IndexId>(900);

function rolledUp(table: OlapTable): OlapTable {
  const meta = { ...baseIndexMeta(table), indexId: ROLLUP, name: 'r1' };
  const parts = [...allPartitions(table)].flatMap(({ physical }) =>
    physical.map((one): PhysicalPartition => {
      const [base] = one.indexes;
      return { ...one, indexes: [{ ...present(base, 'a base index'), indexId: ROLLUP }] };
    }),
  );
  return withIndexAdded(table, meta, parts);
}

test('an added index stands behind the base index in every partition, once', () => {
  const table = rolledUp(sampleTable());
  expect(table.indexMetas.map(({ name }) => name)).toEqual(['orders', 'r1']);
  for (const { physical } of table.partitions.values()) {
    for (const { indexes } of physical) {
      expect(indexes.map(({ indexId }) => indexId)).toEqual([table.baseIndexId, ROLLUP]);
    }
  }
  expect(rolledUp(table)).toBe(table);
});

test('dropping it gives the table back as it was, and a second time nothing', () => {
  const before = sampleTable();
  const after = withIndexDropped(rolledUp(before), ROLLUP);
  expect(after).toEqual(before);
  expect(withIndexDropped(after, ROLLUP)).toBe(after);
});

test('the signature of a table tells which indexes it has', () => {
  const before = sampleTable();
  const names = [...before.partitions.keys()];
  const signature = (table: OlapTable) => tableSignature(table, names).signature;
  expect(signature(rolledUp(before))).not.toBe(signature(before));
});
