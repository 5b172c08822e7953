/** DuckDB's columns of values as rows of cells: one pass per column, typed by our own types. */
import type { DuckDBDataChunk, DuckDBVector } from '@duckdb/node-api';
import { floatCell } from '../../base/cast-cell.ts';
import { dateText, dateTimeText } from '../../base/date-text.ts';
import { formatDecimal } from '../../base/decimal-text.ts';
import type { Cell, SqlType } from '../../base/sql-type.ts';

type Item = (index: number) => Cell;

/** Days and times repeat; the last text is kept. */
function textOfDays(): (days: number) => string {
  let lastDays = Number.NaN;
  let lastText = '';
  return (days) => {
    if (days !== lastDays) {
      lastDays = days;
      lastText = dateText(days);
    }
    return lastText;
  };
}

/** Beyond this a double cannot hold every microsecond. */
const MICROS_SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER);
const DAY_MICROS = 86_400_000_000;

const two = (value: number): string => (value < 10 ? `0${value}` : String(value));

/** Like `dateTimeText`, in double arithmetic as long as that is exact. */
function textOfMicros(): (micros: bigint) => string {
  const dayText = textOfDays();
  return (wide) => {
    if (wide > MICROS_SAFE_MAX || wide < -MICROS_SAFE_MAX) return dateTimeText(wide);
    const micros = Number(wide);
    const days = Math.floor(micros / DAY_MICROS);
    const inDay = micros - days * DAY_MICROS;
    const seconds = Math.floor(inDay / 1_000_000);
    const fraction = inDay - seconds * 1_000_000;
    const minutes = Math.floor(seconds / 60);
    const time = `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:${two(seconds % 60)}`;
    const text = `${dayText(days)} ${time}`;
    return fraction === 0 ? text : `${text}.${String(fraction).padStart(6, '0')}`;
  };
}

interface Scaled {
  getScaledValue(index: number): number | bigint | null;
}
interface HasDays {
  readonly days: number;
}
interface HasMicros {
  readonly micros: bigint;
}
interface HasBytes {
  readonly bytes: Uint8Array;
}

/** Reads values of one column of DuckDB's as cells of a type. */
export function cellReader(vector: DuckDBVector, type: SqlType): Item {
  switch (type.name) {
    case 'DATE': {
      const text = textOfDays();
      return (index) => {
        const value = vector.getItem(index) as HasDays | null;
        return value === null ? null : text(value.days);
      };
    }
    case 'DATETIME': {
      const text = textOfMicros();
      return (index) => {
        const value = vector.getItem(index) as HasMicros | null;
        return value === null ? null : text(value.micros);
      };
    }
    case 'DECIMAL': {
      const scale = type.scale ?? 0;
      const decimals = vector as DuckDBVector & Scaled;
      return (index) => {
        const value = decimals.getScaledValue(index);
        return value === null ? null : formatDecimal(BigInt(value), scale);
      };
    }
    case 'FLOAT':
      return (index) => {
        const value = vector.getItem(index) as number | null;
        return value === null ? null : floatCell(value);
      };
    case 'VARBINARY':
      return (index) => {
        const value = vector.getItem(index) as HasBytes | null;
        return value === null ? null : value.bytes.slice();
      };
    default:
      return (index) => vector.getItem(index) as Cell;
  }
}

export function rowsOfChunk(chunk: DuckDBDataChunk, types: readonly SqlType[]): Cell[][] {
  const count = chunk.rowCount;
  const rows: Cell[][] = Array.from({ length: count }, () => new Array<Cell>(types.length));
  types.forEach((type, column) => {
    const item = cellReader(chunk.getColumnVector(column), type);
    for (let index = 0; index < count; index += 1) {
      const row = rows[index];
      if (row !== undefined) row[column] = item(index);
    }
  });
  return rows;
}
