/**
 * Brings cells of a load into the one form in which a backend keeps them, and refuses what a
 * column cannot hold. Casting is the frontend's work: a cell of the wrong kind is an error here.
 */
import {
  dateText,
  dateTimeText,
  isCanonicalDate,
  parseDate,
  parseDateTime,
} from '../base/date-text.ts';
import { fitsPrecision, formatDecimal, parseDecimal } from '../base/decimal-text.ts';
import { SimError } from '../base/errors.ts';
import { nestedText, parseNested } from '../base/nested-cell.ts';
import { type Cell, type ColumnVector, type SqlType, typeText } from '../base/sql-type.ts';
import type { TabletColumn } from '../protocol/tablet-schema.ts';
import { shortestFloat } from './physical-column.ts';

type Value = Exclude<Cell, null>;
type Normalize = (value: Value) => Value | undefined;

const UNPAIRED_SURROGATE = /\p{Surrogate}/gu;

function wholeNumber(bits: number): Normalize {
  const limit = 2 ** (bits - 1);
  return (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= -limit && value < limit
      ? value + 0
      : undefined;
}

function bigWholeNumber(bits: bigint): Normalize {
  const limit = 1n << (bits - 1n);
  return (value) =>
    typeof value === 'bigint' && value >= -limit && value < limit ? value : undefined;
}

function floatingPoint(round: (value: number) => number): Normalize {
  return (value) => {
    if (typeof value !== 'number') return undefined;
    const rounded = round(value);
    return Number.isFinite(rounded) ? rounded : undefined;
  };
}

function decimal(precision: number, scale: number): Normalize {
  return (value) => {
    if (typeof value !== 'string') return undefined;
    const parsed = parseDecimal(value);
    if (parsed === undefined || parsed.scale !== scale) return undefined;
    return fitsPrecision(parsed.unscaled, precision)
      ? formatDecimal(parsed.unscaled, scale)
      : undefined;
  };
}

function text(value: Value): Value | undefined {
  if (typeof value !== 'string') return undefined;
  return value.replace(UNPAIRED_SURROGATE, '\uFFFD');
}

/** The one text of a value of the type. */
function nested(value: Value, type: SqlType): Value | undefined {
  if (typeof value !== 'string') return undefined;
  const clean = value.replace(UNPAIRED_SURROGATE, '\uFFFD');
  const inside = parseNested(clean, type);
  return inside === undefined ? undefined : nestedText(inside, type);
}

function date(value: Value): Value | undefined {
  if (typeof value !== 'string') return undefined;
  if (isCanonicalDate(value)) return value;
  const days = parseDate(value);
  return days === undefined ? undefined : dateText(days);
}

function dateTime(value: Value): Value | undefined {
  const micros = typeof value === 'string' ? parseDateTime(value) : undefined;
  return micros === undefined ? undefined : dateTimeText(micros);
}

function normalizeOf({ type }: TabletColumn): Normalize {
  switch (type.name) {
    case 'BOOLEAN':
      return (value) => (typeof value === 'boolean' ? value : undefined);
    case 'TINYINT':
      return wholeNumber(8);
    case 'SMALLINT':
      return wholeNumber(16);
    case 'INT':
      return wholeNumber(32);
    case 'BIGINT':
      return bigWholeNumber(64n);
    case 'LARGEINT':
      return bigWholeNumber(128n);
    case 'FLOAT':
      return floatingPoint(shortestFloat);
    case 'DOUBLE':
      return floatingPoint((value) => value);
    case 'DECIMAL':
      return decimal(type.precision ?? 10, type.scale ?? 0);
    case 'CHAR':
    case 'VARCHAR':
    case 'JSON':
      return text;
    case 'ARRAY':
    case 'MAP':
    case 'STRUCT':
      return (value) => nested(value, type);
    case 'VARBINARY':
      return (value) => (value instanceof Uint8Array ? value.slice() : undefined);
    case 'DATE':
      return date;
    case 'DATETIME':
      return dateTime;
  }
}

/**
 * The cells of one column in stored form. Throws `insert-failed`, naming column and value, for a
 * cell of another type, out of range, not a number, or NULL where that is not allowed.
 */
export function checkColumn(column: TabletColumn, cells: readonly Cell[]): ColumnVector {
  const normalize = normalizeOf(column);
  return cells.map((cell) => {
    if (cell === null) {
      if (column.isNullable) return null;
      throw new SimError('insert-failed', `column '${column.name}' cannot be NULL`);
    }
    const stored = normalize(cell);
    if (stored !== undefined) return stored;
    throw new SimError(
      'insert-failed',
      `column '${column.name}' of type ${typeText(column.type)} cannot hold ${shown(cell)}`,
    );
  });
}

const SHOWN_CHARS_MAX = 64;

function shown(cell: Value): string {
  return cell instanceof Uint8Array
    ? `${cell.length} bytes`
    : `'${String(cell).slice(0, SHOWN_CHARS_MAX)}'`;
}
