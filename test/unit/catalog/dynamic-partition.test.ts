/** Which partitions the properties of a table ask for at a moment (sql-surface.md 3.3). */
import { describe, expect, test } from 'vitest';
import { present } from '../../../src/base/assert.ts';
import {
  dueDynamicPartitions,
  dynamicPartitionOf,
  overDynamicPartitions,
} from '../../../src/catalog/dynamic-partition.ts';
import type { OlapTable } from '../../../src/catalog/model.ts';
import { sampleTable } from './sample-table.ts';

/** A Wednesday. */
const NOW_MS = Date.UTC(2024, 4, 15, 22, 30);

function due(
  settings: Readonly<Record<string, string>>,
  days: readonly string[] = [],
): readonly string[] {
  const table = sampleTable({ days });
  return dueDynamicPartitions(table, dynamicOf(settings), NOW_MS).map((one) => {
    if (one.kind !== 'fixed') throw new Error('a range');
    const [lower, upper] = [one.lower, one.upper].map(([part]) =>
      part?.kind === 'value' ? part.text : '',
    );
    return `${one.name} ${lower} ${upper}`;
  });
}

function dynamicOf(settings: Readonly<Record<string, string>>) {
  const entries = Object.entries({ enable: 'true', end: '1', ...settings });
  const properties = new Map(entries.map(([key, value]) => [`dynamic_partition.${key}`, value]));
  return present(dynamicPartitionOf(properties), 'settings');
}

describe('partitions that are due', () => {
  test.each<[Readonly<Record<string, string>>, readonly string[]]>([
    [{ time_unit: 'DAY' }, ['p20240515 2024-05-15 2024-05-16', 'p20240516 2024-05-16 2024-05-17']],
    [{ time_unit: 'day', time_zone: '+08:00', end: '0' }, ['p20240516 2024-05-16 2024-05-17']],
    [{ time_unit: 'DAY', prefix: 'x_', end: '0' }, ['x_20240515 2024-05-15 2024-05-16']],
    [{ time_unit: 'WEEK' }, ['p2024_20 2024-05-13 2024-05-20', 'p2024_21 2024-05-20 2024-05-27']],
    [{ time_unit: 'WEEK', start_day_of_week: '4', end: '0' }, ['p2024_19 2024-05-09 2024-05-16']],
    [{ time_unit: 'MONTH' }, ['p202405 2024-05-01 2024-06-01', 'p202406 2024-06-01 2024-07-01']],
    [{ time_unit: 'MONTH', start_day_of_month: '20', end: '0' }, ['p202404 2024-04-20 2024-05-20']],
    [{ time_unit: 'YEAR', end: '0' }, ['p2024 2024-01-01 2025-01-01']],
    [
      { time_unit: 'DAY', end: '0', start: '-1', history_partition_num: '5' },
      ['p20240514 2024-05-14 2024-05-15', 'p20240515 2024-05-15 2024-05-16'],
    ],
  ])('%j: %j', (settings, wanted) => {
    expect(due(settings)).toEqual(wanted);
  });

  test('leave out those whose days are taken, by whatever name', () => {
    const days = ['2024-05-15', '2024-05-16'];
    expect(due({ time_unit: 'DAY' }, days)).toEqual(['p20240516 2024-05-16 2024-05-17']);
    expect(due({ time_unit: 'MONTH', end: '0' }, days)).toEqual([]);
  });
});

test('partitions are over when all of them lies before the first unit that is kept', () => {
  const table: OlapTable = sampleTable({
    days: ['2024-05-10', '2024-05-12', '2024-05-13', '2024-05-14'],
  });
  const over = (start: string): readonly string[] =>
    overDynamicPartitions(table, dynamicOf({ time_unit: 'DAY', start }), NOW_MS);
  expect(over('-3')).toEqual(['p20240510']);
  expect(over('-2')).toEqual(['p20240510', 'p20240512']);
  expect(over('-1')).toEqual(['p20240510', 'p20240512', 'p20240513']);
  expect(over('-2147483648')).toEqual([]);
});
