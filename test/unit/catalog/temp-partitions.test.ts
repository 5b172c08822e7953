import { expect, test } from 'vitest';
import {
  withTempPartitionDropped,
  withTempPartitionsAdded,
  withTempPartitionsInPlace,
} from '../../../src/catalog/temp-partitions.ts';
import { sampleTable } from './sample-table.ts';

const other = [...sampleTable({ firstId: 500 }).partitions.values()];

function named(names: readonly string[]) {
  return names.map((name, at) => ({ ...(other[at] as (typeof other)[number]), name }));
}

test('a temporary partition takes the place and the name of another, with its own id', () => {
  const table = withTempPartitionsAdded(sampleTable(), named(['tp1', 'tp2']));
  const first = table.partitions.keys().next().value ?? '';
  const replacement = {
    partitionNames: [first],
    tempPartitionNames: ['tp2'],
    newNames: [first],
  };
  const after = withTempPartitionsInPlace(table, replacement);
  expect([...after.partitions.keys()].sort()).toEqual([...table.partitions.keys()].sort());
  expect(after.partitions.get(first)).toEqual({ ...table.tempPartitions.get('tp2'), name: first });
  expect([...after.tempPartitions.keys()]).toEqual(['tp1']);
  expect(withTempPartitionsInPlace(after, replacement)).toBe(after);
});

test('temporary partitions come and go, and doing so again changes nothing', () => {
  const before = sampleTable();
  const table = withTempPartitionsAdded(before, named(['tp1']));
  expect(withTempPartitionsAdded(table, named(['tp1'])).tempPartitions).toEqual(
    table.tempPartitions,
  );
  const without = withTempPartitionDropped(table, 'tp1');
  expect(without).toEqual(before);
  expect(withTempPartitionDropped(without, 'tp1')).toBe(without);
});
