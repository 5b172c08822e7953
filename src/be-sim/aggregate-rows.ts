/** Aggregate-key tables: how the value columns of rows with one key combine. */
import { floatCell } from '../base/cast-cell.ts';
import { fitsPrecision, formatDecimal, parseDecimal } from '../base/decimal-text.ts';
import { SimError } from '../base/errors.ts';
import { type Cell, type ColumnVector, type SqlType, typeText } from '../base/sql-type.ts';
import type { TabletColumn, TabletSchema } from '../protocol/tablet-schema.ts';
import type { MergedRows, RowPick } from './merge-rows.ts';
import { compareCells, keyPositions, keyText } from './row-key.ts';

type Combine = (older: Cell, newer: Cell) => Cell;

const INTEGER_BITS = { TINYINT: 8, SMALLINT: 16, INT: 32, BIGINT: 64, LARGEINT: 128 } as const;

/** How a value column combines; `unsupported`, by name, for what the emulator has not. */
export function combineOf(column: TabletColumn): Combine {
  const { type } = column;
  switch (column.aggregation?.toUpperCase()) {
    case 'SUM':
      return skippingNull(sumOf(column));
    case 'MIN': {
      const compare = compareCells(type);
      return skippingNull((older, newer) => (compare(newer, older) < 0 ? newer : older));
    }
    case 'MAX': {
      const compare = compareCells(type);
      return skippingNull((older, newer) => (compare(newer, older) > 0 ? newer : older));
    }
    case 'REPLACE':
      return (_older, newer) => newer;
    case 'REPLACE_IF_NOT_NULL':
      return (older, newer) => newer ?? older;
    default:
      throw new SimError(
        'unsupported',
        `aggregation ${column.aggregation ?? 'NONE'} of column '${column.name}' is not supported`,
        { hint: 'SUM, MIN, MAX, REPLACE and REPLACE_IF_NOT_NULL are' },
      );
  }
}

const skippingNull =
  (combine: Combine): Combine =>
  (older, newer) =>
    older === null ? newer : newer === null ? older : combine(older, newer);

/** Sums up to BIGINT wrap around at the end of their type, as in StarRocks. */
function sumOf({ name, type }: TabletColumn): Combine {
  switch (type.name) {
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
      return (a, b) => Number(wrapped(type.name, BigInt(Number(a)) + BigInt(Number(b))));
    case 'BIGINT':
      return (a, b) => wrapped(type.name, BigInt(String(a)) + BigInt(String(b)));
    case 'LARGEINT':
      return (a, b) => {
        const sum = BigInt(String(a)) + BigInt(String(b));
        if (wrapped(type.name, sum) !== sum) throw overflow(name, type);
        return sum;
      };
    case 'FLOAT':
      return (a, b) => floatCell(Number(a) + Number(b));
    case 'DOUBLE':
      return (a, b) => Number(a) + Number(b);
    case 'DECIMAL':
      return (a, b) => {
        const sum = unscaled(a) + unscaled(b);
        if (!fitsPrecision(sum, type.precision ?? 10)) throw overflow(name, type);
        return formatDecimal(sum, type.scale ?? 0);
      };
    default:
      throw new SimError(
        'unsupported',
        `SUM of column '${name}' of type ${typeText(type)} is not supported`,
      );
  }
}

/** As the query engine does, which has no wider type to wrap from. */
function overflow(name: string, type: SqlType): SimError {
  return new SimError(
    'unsupported',
    `SUM of column '${name}' is out of range for ${typeText(type)}`,
  );
}

function wrapped(name: SqlType['name'], value: bigint): bigint {
  return BigInt.asIntN(name in INTEGER_BITS ? INTEGER_BITS[name as 'INT'] : 64, value);
}

function unscaled(cell: Cell): bigint {
  return parseDecimal(String(cell))?.unscaled ?? 0n;
}

/** One row per key, value columns combined in order of arrival. */
export function aggregateRun(schema: TabletSchema, picks: readonly RowPick[]): MergedRows {
  const positions = keyPositions(schema);
  const combines = schema.columns.map((column) => (column.isKey ? undefined : combineOf(column)));
  const rowOfKey = new Map<string, number>();
  const result: ColumnVector[] = schema.columns.map(() => []);
  for (const { columns, rows } of picks) {
    const key = positions.map((position) => columns[position] ?? []);
    for (const row of rows) {
      const text = keyText(key, row);
      const target = rowOfKey.get(text);
      if (target === undefined) rowOfKey.set(text, rowOfKey.size);
      result.forEach((cells, index) => {
        const cell = columns[index]?.[row] ?? null;
        const combine = combines[index];
        if (target === undefined) cells.push(cell);
        else if (combine !== undefined) cells[target] = combine(cells[target] ?? null, cell);
      });
    }
  }
  return { rowCount: rowOfKey.size, columns: result };
}
