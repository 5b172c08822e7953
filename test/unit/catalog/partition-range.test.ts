import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Cell, SqlType, TypeName } from '../../../src/base/sql-type.ts';
import type { Column, Partition, PartitionRange, RangeKey } from '../../../src/catalog/model.ts';
import { partitionForRow, partitionsInOrder } from '../../../src/catalog/partition-lookup.ts';
import {
  partitionColumns,
  rangesEqual,
  rangesIntersect,
  rangeText,
} from '../../../src/catalog/partition-range.ts';
import {
  comparableKey,
  compareKeys,
  minimumText,
  normalizedKeyText,
} from '../../../src/catalog/range-key.ts';
import { arbitraryTable, RANGE_TYPE, rangeValue } from './arbitrary-table.ts';
import { sampleTable } from './sample-table.ts';

function columnOf(type: SqlType | TypeName): Column {
  return {
    name: 'k',
    uniqueId: 0,
    type: typeof type === 'string' ? { name: type } : type,
    isKey: true,
    isAllowNull: true,
    isAutoIncrement: false,
    comment: '',
  };
}

const value = (text: string): RangeKey[number] => ({ kind: 'value', text });
const MIN: RangeKey[number] = { kind: 'min' };
const MAX: RangeKey[number] = { kind: 'max' };

/** A small line of positions: -1 is MIN, 9 is MAXVALUE, others values of the type. */
function keyAt(type: SqlType, position: number): RangeKey[number] {
  if (position < 0) return MIN;
  return position >= 9 ? MAX : value(rangeValue(type, position));
}

const SPAN = fc
  .tuple(fc.integer({ min: -1, max: 8 }), fc.integer({ min: 0, max: 9 }))
  .filter(([low, high]) => low < high);

function rangeAt(type: SqlType, [low, high]: readonly [number, number]): PartitionRange {
  return { lower: [keyAt(type, low)], upper: [keyAt(type, high)] };
}

function positionsOf([low, high]: readonly [number, number]): number[] {
  return Array.from({ length: high - low }, (_, at) => low + at);
}

describe('ranges', () => {
  test('intersect exactly when they share a position, and are equal when they share all', () => {
    fc.assert(
      fc.property(RANGE_TYPE, SPAN, SPAN, (type, a, b) => {
        const columns = [columnOf(type)];
        const shared = positionsOf(a).filter((one) => positionsOf(b).includes(one));
        const [left, right] = [rangeAt(type, a), rangeAt(type, b)];
        expect(rangesIntersect(left, right, columns)).toBe(shared.length > 0);
        expect(rangesIntersect(right, left, columns)).toBe(shared.length > 0);
        expect(rangesEqual(left, right, columns)).toBe(a[0] === b[0] && a[1] === b[1]);
      }),
    );
  });

  test('of two columns compare by the first, then by the second', () => {
    const columns = [columnOf('INT'), columnOf('DATE')];
    const keys: RangeKey[] = [
      [MIN, MIN],
      [value('-5'), value('2024-01-01')],
      [value('2'), MIN],
      [value('2'), value('2024-01-01')],
      [value('2'), value('2024-02-01')],
      [value('2'), MAX],
      [value('10'), MIN],
      [MAX, MAX],
    ];
    const comparable = keys.map((key) => comparableKey(key, columns));
    const positions = comparable.flatMap((a, i) =>
      comparable.map((b, j) => Math.sign(compareKeys(a, b)) - Math.sign(i - j)),
    );
    expect(positions.every((difference) => difference === 0)).toBe(true);
  });

  test('of texts compare by UTF-8 bytes, where an emoji is above every letter', () => {
    const columns = [columnOf({ name: 'VARCHAR', length: 20 })];
    const order = ['', 'Z', 'a', 'ab', 'ß', '\uff5e', '😀'].map((text) =>
      comparableKey([value(text)], columns),
    );
    for (let at = 1; at < order.length; at += 1) {
      expect(compareKeys(order[at - 1] ?? [], order[at] ?? [])).toBeLessThan(0);
    }
  });

  test('MIN is the lowest value of the type, so both spellings are one range', () => {
    for (const name of ['TINYINT', 'BIGINT', 'LARGEINT', 'DATE', 'DATETIME'] as const) {
      const column = columnOf(name);
      const upper = [MAX];
      const spelled = { lower: [value(minimumText(column))], upper };
      expect(rangesEqual({ lower: [MIN], upper }, spelled, [column])).toBe(true);
    }
  });
});

describe('a row', () => {
  const cellOf = (type: SqlType, position: number): Cell => {
    const text = rangeValue(type, position);
    if (type.name === 'DATE' || type.name === 'DATETIME') return text;
    return type.name === 'BIGINT' ? BigInt(text) : Number(text);
  };

  test('goes to the partition that a look at every range finds', () => {
    fc.assert(
      fc.property(arbitraryTable({ partitionCountMax: 7 }), fc.nat(101), (table, position) => {
        fc.pre(table.partitionBy.kind !== 'LIST');
        const columns = partitionColumns(table);
        const [column] = columns;
        const all = [...table.partitions.values()];
        if (column === undefined) {
          expect(partitionForRow(table.partitions, [], [])).toBe(all[0]);
          return;
        }
        const key = comparableKey([value(rangeValue(column.type, position))], columns);
        const holds = (one: Partition): boolean =>
          one.range === undefined
            ? one.list?.some(([text]) => text === rangeValue(column.type, position)) === true
            : compareKeys(comparableKey(one.range.lower, columns), key) <= 0 &&
              compareKeys(key, comparableKey(one.range.upper, columns)) < 0;
        const found = partitionForRow(table.partitions, columns, [cellOf(column.type, position)]);
        expect(found).toBe(all.find(holds));
      }),
    );
  });

  test('with NULL goes where the lowest values go, or nowhere if no partition starts there', () => {
    const table = sampleTable();
    const columns = partitionColumns(table);
    expect(partitionForRow(table.partitions, columns, [null])).toBeUndefined();
    const [first] = table.partitions.values();
    if (first?.range === undefined) throw new Error('a range');
    const open = { ...first, range: { lower: [MIN], upper: first.range.upper } };
    expect(partitionForRow(new Map([['p', open]]), columns, [null])).toBe(open);
  });

  test('on a bound belongs to the upper range', () => {
    const table = sampleTable();
    const columns = partitionColumns(table);
    const nameOf = (cell: Cell) => partitionForRow(table.partitions, columns, [cell])?.name;
    expect(nameOf('2023-12-31')).toBeUndefined();
    expect(nameOf('2024-01-01')).toBe('p20240101');
    expect(nameOf('2024-01-02')).toBe('p20240102');
    expect(nameOf('2024-01-03')).toBeUndefined();
  });
});

describe('the Range cell', () => {
  const textOf = (name: TypeName, lower: RangeKey[number], upper: RangeKey[number]): string =>
    rangeText({ lower: [lower], upper: [upper] }, [columnOf(name)]);

  test('prints types and keys of both ends', () => {
    expect(textOf('DATE', value('2024-01-01'), value('2024-01-02'))).toBe(
      '[types: [DATE]; keys: [2024-01-01]; ..types: [DATE]; keys: [2024-01-02]; )',
    );
    expect(textOf('DATE', MIN, value('2024-01-01'))).toBe(
      '[types: [DATE]; keys: [0000-01-01]; ..types: [DATE]; keys: [2024-01-01]; )',
    );
    expect(textOf('DATETIME', MIN, MAX)).toBe(
      '[types: [DATETIME]; keys: [0000-01-01 00:00:00]; ..types: [DATETIME]; keys: [MAXVALUE]; )',
    );
    expect(textOf('INT', MIN, value('7'))).toContain('keys: [-2147483648]; ..');
    expect(textOf('BIGINT', MIN, value('7'))).toContain('keys: [-9223372036854775808]; ..');
    const two = [columnOf('INT'), columnOf('DATE')];
    expect(rangeText({ lower: [value('1'), MIN], upper: [MAX, MAX] }, two)).toBe(
      '[types: [INT, DATE]; keys: [1, 0000-01-01]; ..types: [INT, DATE]; keys: [MAXVALUE, MAXVALUE]; )',
    );
  });

  test('is listed in the order of ranges, whatever the order of creation', () => {
    const table = sampleTable({ days: ['2024-03-01', '2024-03-02', '2024-03-03'] });
    const backwards = new Map([...table.partitions].reverse());
    const names = partitionsInOrder(backwards, partitionColumns(table)).map((one) => one.name);
    expect(names).toEqual(['p20240301', 'p20240302']);
  });
});

describe('values of bounds', () => {
  test.each([
    ['DATE', '2024-1-1', '2024-01-01'],
    ['DATE', '20240229', '2024-02-29'],
    ['DATE', '2024-01-01 00:00:00', '2024-01-01'],
    ['DATETIME', '2024-1-2', '2024-01-02 00:00:00'],
    ['DATETIME', '2024-01-02 3:04:05', '2024-01-02 03:04:05'],
    ['DATETIME', '2024-01-02 03:04:05.5', '2024-01-02 03:04:05.500000'],
    ['INT', ' +007', '7'],
    ['TINYINT', '-128', '-128'],
    [
      'LARGEINT',
      '170141183460469231731687303715884105727',
      '170141183460469231731687303715884105727',
    ],
  ] as const)('%s %s is kept as %s', (name, text, kept) => {
    expect(normalizedKeyText(text, columnOf(name))).toBe(kept);
  });

  test.each([
    ['DATE', '2023-02-29'],
    ['DATE', '2024-01-01 10:00:00'],
    ['DATE', 'today'],
    ['DATETIME', '2024-01-01 24:00:00'],
    ['INT', '1.5'],
    ['INT', ''],
    ['TINYINT', '128'],
    ['BIGINT', '9223372036854775808'],
  ] as const)('%s %s is refused', (name, text) => {
    expect(() => normalizedKeyText(text, columnOf(name))).toThrowError(
      expect.objectContaining({ code: 'bad-partition-range' }),
    );
  });
});
