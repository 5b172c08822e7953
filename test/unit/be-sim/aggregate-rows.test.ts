/** How two values of one key combine, by function and type. */
import { describe, expect, test } from 'vitest';
import type { Cell, SqlType } from '../../../src/base/sql-type.ts';
import { combineOf } from '../../../src/be-sim/aggregate-rows.ts';

function combined(aggregation: string, type: SqlType, ...values: readonly Cell[]): Cell {
  const column = { name: 'v', type, isKey: false, isNullable: true, aggregation };
  return values.slice(1).reduce<Cell>((a, b) => combineOf(column)(a, b), values[0] ?? null);
}

const DECIMAL: SqlType = { name: 'DECIMAL', precision: 5, scale: 2 };
const WIDE: SqlType = { name: 'LARGEINT' };

describe('values combine', () => {
  test.each<[string, SqlType, readonly Cell[], Cell]>([
    ['SUM', { name: 'SMALLINT' }, [32_767, 1], -32_768],
    ['SUM', { name: 'BIGINT' }, [2n ** 63n - 1n, 1n], -(2n ** 63n)],
    ['SUM', WIDE, [2n ** 126n, -1n], 2n ** 126n - 1n],
    ['SUM', DECIMAL, ['999.00', '0.99'], '999.99'],
    ['SUM', { name: 'FLOAT' }, [0.1, 0.2], 0.3],
    ['SUM', { name: 'INT' }, [null, 2, null, 3], 5],
    ['MIN', DECIMAL, ['10.00', '9.50', '-1.00'], '-1.00'],
    ['MAX', { name: 'DATE' }, ['2024-01-02', null, '2023-12-31'], '2024-01-02'],
    ['MAX', { name: 'VARCHAR', length: 9 }, ['Z', 'a', 'ä'], 'ä'],
    ['REPLACE', { name: 'INT' }, [1, null], null],
    ['REPLACE_IF_NOT_NULL', { name: 'INT' }, [1, null, 2, null], 2],
  ])('%s of %o: %s', (aggregation, type, values, result) => {
    expect(combined(aggregation, type, ...values)).toEqual(result);
  });

  test.each<[SqlType, readonly Cell[], string]>([
    [DECIMAL, ['999.99', '0.01'], "SUM of column 'v' is out of range for decimal(5, 2)"],
    [WIDE, [2n ** 127n - 1n, 1n], "SUM of column 'v' is out of range for largeint(40)"],
  ])('a sum that leaves %o is refused', (type, values, text) => {
    expect(() => combined('SUM', type, ...values)).toThrow(text);
  });
});
