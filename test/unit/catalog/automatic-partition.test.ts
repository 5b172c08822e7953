/** Names and contents of the partitions that loads make (sql-surface.md 3.3). */
import { describe, expect, test } from 'vitest';
import type { Cell } from '../../../src/base/sql-type.ts';
import { automaticPartitions } from '../../../src/catalog/automatic-partition.ts';
import type { ExpressionUnit, OlapTable } from '../../../src/catalog/model.ts';
import { sampleTable } from './sample-table.ts';

function listTable(columns: readonly string[]): OlapTable {
  return sampleTable({ days: [], partitionBy: { kind: 'LIST', columns, isAutomatic: true } });
}

function named(table: OlapTable, rows: readonly (readonly Cell[])[]): readonly string[] {
  return automaticPartitions(table, rows).map(({ name }) => name);
}

describe('partitions of a unit of time', () => {
  test.each<[ExpressionUnit, string | null, string, unknown, unknown]>([
    ['HOUR', '2024-01-01 13:30:00', 'p2024010113', '2024-01-01', '2024-01-02'],
    ['DAY', '2024-01-01', 'p20240101', '2024-01-01', '2024-01-02'],
    ['MONTH', '2024-02-29', 'p202402', '2024-02-01', '2024-03-01'],
    ['YEAR', '2024-12-31', 'p2024', '2024-01-01', '2025-01-01'],
    ['DAY', null, 'p00000101', '0000-01-01', '0000-01-02'],
    ['YEAR', '9999-06-01', 'p9999', '9999-01-01', 'MAXVALUE'],
  ])('%s of %s: %s', (unit, value, name, lower, upper) => {
    const table = sampleTable({
      days: [],
      partitionBy: { kind: 'EXPR_RANGE', columns: ['dt'], unit },
    });
    const [made] = automaticPartitions(table, [[value], [value]]);
    if (made?.kind !== 'fixed') throw new Error('no range');
    expect(made.name).toBe(name);
    if (unit === 'HOUR') return;
    const text = (bound: typeof made.lower): string =>
      bound.map((part) => (part.kind === 'value' ? part.text : 'MAXVALUE')).join();
    expect([text(made.lower), text(made.upper)]).toEqual([lower, upper]);
  });

  test('come once for all rows of the unit, in the order of the rows', () => {
    const table = sampleTable({
      days: [],
      partitionBy: { kind: 'EXPR_RANGE', columns: ['dt'], unit: 'MONTH' },
    });
    const rows = ['2024-03-01', '2024-01-31', '2024-03-31', '2024-01-01'].map((day) => [day]);
    expect(named(table, rows)).toEqual(['p202403', 'p202401']);
  });
});

describe('partitions of values', () => {
  test.each<[readonly Cell[], string]>([
    [['2022-04-01', 'Houston'], 'p20220401_Houston'],
    [['2022-04-01', null], 'p20220401_NULL'],
    [[null, null], 'pNULL_NULL'],
    [['2022-04-01', '-11'], 'p20220401__11'],
    [['2022-04-01', 'a b:c-d'], 'p20220401_abcd'],
    [['2022-04-01', '杭州'], 'p20220401_676d5dde'],
    [['2022-04-01', 'x'.repeat(60)], `p20220401_${'x'.repeat(40)}_67bee54c`],
  ])('%j: %s', (row, name) => {
    expect(named(listTable(['dt', 'note']), [row])).toEqual([name]);
  });

  test('of numbers', () => {
    expect(named(listTable(['id']), [[7n], [-7n]])).toEqual(['p7', 'p_7']);
  });

  test('with the same letters get names of their own, the same every time', () => {
    const table = listTable(['note']);
    const rows = [['a b'], ['ab'], ['A B'], ['a-b'], ['ab']];
    const names = named(table, rows);
    expect(names[0]).toBe('pab');
    expect(names).toHaveLength(4);
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(4);
    expect(names.every((name) => /^p(ab|AB)(_[0-9a-f]+)?$/.test(name))).toBe(true);
    expect(named(table, rows)).toEqual(names);
  });
});
