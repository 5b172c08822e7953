/** Values of list partitions: read by type, compared, printed, refused. */
import { describe, expect, test } from 'vitest';
import { definedLists, type ListDefinition } from '../../../src/catalog/list-definition.ts';
import type { Column, PartitionList } from '../../../src/catalog/model.ts';
import { listKey, listText } from '../../../src/catalog/partition-list.ts';
import { partitionForRow, partitionsInOrder } from '../../../src/catalog/partition-lookup.ts';
import { sampleTable } from './sample-table.ts';

const PLAIN = { uniqueId: 0, isKey: true, isAutoIncrement: false, comment: '' } as const;
const DAY: Column = { ...PLAIN, name: 'day', type: { name: 'DATE' }, isAllowNull: true };
const CITY: Column = {
  ...PLAIN,
  name: 'city',
  type: { name: 'VARCHAR', length: 9 },
  isAllowNull: false,
};

function list(name: string, values: PartitionList, ifNotExists = false): ListDefinition {
  return { name, values, ifNotExists, properties: new Map() };
}

test('values are kept in the form of cells', () => {
  const columns = [DAY, CITY];
  const [made] = definedLists(
    [
      list('p', [
        ['2024-1-1', ' a '],
        [null, ''],
      ]),
    ],
    columns,
    [],
  );
  expect(made?.list).toEqual([
    ['2024-01-01', ' a '],
    [null, ''],
  ]);
});

describe('refused', () => {
  const existing = [{ name: 'old', list: [['2024-01-01', 'a']] }];
  test.each<[string, ListDefinition, string]>([
    ['a name twice', list('old', [[null, 'b']]), 'Duplicate partition name old'],
    ['a bad name', list('1-x', [[null, 'b']]), "Incorrect partition name '1-x'"],
    [
      'a value of another partition',
      list('p', [['2024-1-1', 'a']]),
      'Duplicate values ("2024-01-01","a")',
    ],
    [
      'a value twice',
      list('p', [
        [null, 'b'],
        [null, 'b'],
      ]),
      'Duplicate values (NULL,"b") not allow',
    ],
    ['no date', list('p', [['noon', 'b']]), 'Invalid list value format: Invalid date value: noon'],
    ['too few values', list('p', [['2024-01-01']]), 'has 1 values of 2 columns'],
    [
      'NULL where none may be',
      list('p', [[null, null]]),
      'Partition column[city] could not be null',
    ],
  ])('%s', (_, definition, text) => {
    expect(() => definedLists([definition], [DAY, CITY], existing)).toThrow(text);
  });

  test('not a name that is there, with IF NOT EXISTS', () => {
    expect(definedLists([list('old', [[null, 'b']], true)], [DAY, CITY], existing)).toEqual([]);
  });
});

test('keys of values are equal exactly for equal values', () => {
  const rows = [
    ['a', 'b'],
    ['ab', ''],
    ['', 'ab'],
    [null, 'ab'],
    ['-', 'ab'],
    ['1:a', ''],
    ['1', ':a'],
  ];
  expect(new Set(rows.map(listKey)).size).toBe(rows.length);
  expect(listKey([7])).toBe(listKey(['7']));
  expect(listKey([7n, null])).toBe(listKey(['7', null]));
});

test('rows find their partition by value; partitions are shown as they were made', () => {
  const sample = sampleTable();
  const [first, second] = [...sample.partitions.values()].map(({ range: _, ...one }) => one);
  if (first === undefined || second === undefined) throw new Error('two partitions');
  const partitions = new Map([
    ['z', { ...first, name: 'z', list: [['1'], [null]] }],
    ['a', { ...second, name: 'a', list: [['2']] }],
  ]);
  const column: Column = { ...DAY, type: { name: 'BIGINT' } };
  const found = [1n, null, 2n, 3n].map(
    (cell) => partitionForRow(partitions, [column], [cell])?.name,
  );
  expect(found).toEqual(['z', 'z', 'a', undefined]);
  expect(partitionsInOrder(partitions, [column]).map(({ name }) => name)).toEqual(['z', 'a']);
  expect(partitionForRow(new Map(), [column], [1n])).toBeUndefined();
});

test.each([
  [['c'], false, [['a'], ["it's"], [null]], String.raw`('a', 'it\'s', NULL)`],
  [['c'], true, [['a']], "(('a'))"],
  [
    ['c', 'd'],
    false,
    [
      ['a', null],
      ['b', ''],
    ],
    "(('a', NULL), ('b', ''))",
  ],
])('%j, automatic %s: %j is %s', (columns, isAutomatic, values, text) => {
  expect(listText(values, { kind: 'LIST', columns, isAutomatic })).toBe(text);
});
