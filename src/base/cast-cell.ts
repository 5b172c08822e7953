/**
 * Values from one type to another, by the rules of StarRocks' CAST: numbers lose their fraction
 * on the way to an integer, text must be a number or a date as a whole, what does not fit has no
 * value. Loads use `castCell`, which refuses such a value by name (strict mode); queries use
 * `tryCastCell`, where it becomes NULL.
 */

import { type CastScalar, castNested } from './cast-nested.ts';
import {
  dateText,
  dateTimeText,
  daysOfMicros,
  microsOfDays,
  parseDate,
  parseDateTime,
} from './date-text.ts';
import { fitsPrecision, formatDecimal, parseDecimal, rescale } from './decimal-text.ts';
import { doubleText } from './double-text.ts';
import { SimError } from './errors.ts';
import { type JsonValue, jsonOfText, jsonText, parseJsonValue } from './json-value.ts';
import { type Cell, isNestedType, type SqlType, type TypeName, typeText } from './sql-type.ts';

type Value = Exclude<Cell, null>;

const INTEGER_BITS: Readonly<Partial<Record<TypeName, bigint>>> = {
  TINYINT: 8n,
  SMALLINT: 16n,
  INT: 32n,
  BIGINT: 64n,
  LARGEINT: 128n,
};

const WHOLE_TEXT = /^\s*[+-]?\d+\s*$/;
const NUMBER_TEXT = /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/;

/** The type of an integer as it is held: a number up to INT, a bigint above. */
export function isIntegerType(name: TypeName): boolean {
  return INTEGER_BITS[name] !== undefined;
}

/** The cell of a whole number in an integer type; undefined when it is out of range. */
export function integerCell(value: bigint, name: TypeName): Cell | undefined {
  const bits = INTEGER_BITS[name] ?? 64n;
  const limit = 1n << (bits - 1n);
  if (value < -limit || value >= limit) return undefined;
  return bits > 32n ? value : Number(value);
}

/** The shortest number that is the same single-precision value, so that 0.1 prints as 0.1. */
export function floatCell(value: number): number {
  const single = Math.fround(value);
  if (!Number.isFinite(single)) return single;
  for (let digits = 6; digits < 9; digits += 1) {
    const short = Number(single.toPrecision(digits));
    if (Math.fround(short) === single) return short;
  }
  return Number(single.toPrecision(9));
}

function toInteger(value: Value, from: TypeName): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value === 'number') {
    return Number.isFinite(value) ? BigInt(Math.trunc(value)) : undefined;
  }
  if (typeof value !== 'string') return undefined;
  switch (from) {
    case 'DECIMAL': {
      const decimal = parseDecimal(value);
      return decimal === undefined ? undefined : decimal.unscaled / 10n ** BigInt(decimal.scale);
    }
    case 'DATE':
    case 'DATETIME':
      return BigInt(value.replace(/\..*$/, '').replace(/\D/g, ''));
    default:
      return WHOLE_TEXT.test(value) ? BigInt(value.trim().replace(/^\+/, '')) : undefined;
  }
}

function toDouble(value: Value, from: TypeName): number | undefined {
  if (typeof value === 'number') return from === 'FLOAT' ? Math.fround(value) : value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value !== 'string') return undefined;
  if (from === 'DATE' || from === 'DATETIME') return Number(toInteger(value, from));
  return NUMBER_TEXT.test(value) ? Number(value) : undefined;
}

function toDecimal(value: Value, from: TypeName, to: SqlType): string | undefined {
  const scale = to.scale ?? 0;
  let text: string;
  if (typeof value === 'number') {
    if (!Number.isFinite(value) || Math.abs(value) >= 1e38) return undefined;
    return doubleToDecimal(value, to);
  } else if (typeof value === 'string') {
    text = from === 'DATE' || from === 'DATETIME' ? String(toInteger(value, from)) : value;
  } else if (value instanceof Uint8Array) {
    return undefined;
  } else {
    text = String(typeof value === 'boolean' ? Number(value) : value);
  }
  const decimal = parseDecimal(text);
  if (decimal === undefined) return undefined;
  const unscaled = rescale(decimal, scale);
  return fitsPrecision(unscaled, to.precision ?? 10) ? formatDecimal(unscaled, scale) : undefined;
}

function doubleToDecimal(value: number, to: SqlType): string | undefined {
  const scaled = value * 10 ** (to.scale ?? 0);
  const unscaled = BigInt(Math.sign(scaled) * Math.floor(Math.abs(scaled) + 0.5));
  if (!fitsPrecision(unscaled, to.precision ?? 10)) return undefined;
  return formatDecimal(unscaled, to.scale ?? 0);
}

function toText(value: Value, from: TypeName): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') {
    return from === 'DOUBLE' || from === 'FLOAT' ? doubleText(value) : String(value);
  }
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'bigint') return value.toString();
  return new TextDecoder().decode(value);
}

function toBoolean(value: Value, from: TypeName): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  if (typeof value === 'bigint') return value !== 0n;
  if (typeof value !== 'string' || from === 'DATE' || from === 'DATETIME') return undefined;
  if (from === 'DECIMAL') return parseDecimal(value)?.unscaled !== 0n;
  const word = value.trim().toLowerCase();
  if (word === 'true' || word === '1') return true;
  return word === 'false' || word === '0' ? false : undefined;
}

/** Microseconds of a value that is a point in time: a date, a datetime, or text or digits of one. */
function toMicros(value: Value, from: TypeName): bigint | undefined {
  if (typeof value === 'string' && from !== 'DECIMAL') return parseDateTime(value);
  if (typeof value === 'bigint') return parseDateTime(value.toString());
  if (typeof value === 'number' && isIntegerType(from)) return parseDateTime(String(value));
  return undefined;
}

function toJson(value: Value, from: TypeName): string | undefined {
  if (from === 'JSON') return String(value);
  const json = jsonOfCell(value, from);
  return json === undefined ? undefined : jsonText(json);
}

/** Text is read as JSON if it begins like it; whole numbers have to fit 64 bits. */
function jsonOfCell(value: Value, from: TypeName): JsonValue | undefined {
  if (value instanceof Uint8Array || from === 'DATE' || from === 'DATETIME') return undefined;
  if (typeof value === 'string') return from === 'DECIMAL' ? Number(value) : jsonOfText(value);
  if (typeof value === 'boolean') return value;
  if (from === 'FLOAT' || from === 'DOUBLE') {
    return Number.isFinite(value) ? Number(value) : undefined;
  }
  return integerCell(BigInt(value), 'BIGINT') as bigint | undefined;
}

/** A JSON string, number or boolean as the cell it is; of an object or array there is only text. */
function fromJson(text: string, to: SqlType): Cell | undefined {
  const value = parseJsonValue(text);
  if (value === undefined || value === null) return null;
  switch (typeof value) {
    case 'string':
      return tryCastCell(value, JSON_STRING, to);
    case 'bigint':
      return tryCastCell(value, JSON_WHOLE, to);
    case 'number':
      return to.name === 'VARCHAR' || to.name === 'CHAR'
        ? text
        : tryCastCell(value, JSON_DOUBLE, to);
    case 'boolean':
      return to.name === 'VARCHAR' || to.name === 'CHAR'
        ? text
        : tryCastCell(value, JSON_BOOLEAN, to);
    default:
      return to.name === 'VARCHAR' || to.name === 'CHAR' ? text : undefined;
  }
}

const JSON_STRING: SqlType = Object.freeze({ name: 'VARCHAR' });
const JSON_WHOLE: SqlType = Object.freeze({ name: 'LARGEINT' });
const JSON_DOUBLE: SqlType = Object.freeze({ name: 'DOUBLE' });
const JSON_BOOLEAN: SqlType = Object.freeze({ name: 'BOOLEAN' });

/** The value in another type, or undefined when it has none there. NULL stays NULL. */
export function tryCastCell(cell: Cell, from: SqlType, to: SqlType): Cell | undefined {
  if (cell === null) return null;
  if (isNestedType(from) || isNestedType(to)) {
    return castNested(cell, from, to, { scalar: tryCastCell, isLenient: true });
  }
  return castScalar(cell, from, to);
}

function castScalar(cell: Value, from: SqlType, to: SqlType): Cell | undefined {
  if (from.name === 'JSON' && to.name !== 'JSON') return fromJson(String(cell), to);
  switch (to.name) {
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
    case 'LARGEINT': {
      const whole = toInteger(cell, from.name);
      return whole === undefined ? undefined : integerCell(whole, to.name);
    }
    case 'DOUBLE':
      return toDouble(cell, from.name);
    case 'FLOAT': {
      const double = toDouble(cell, from.name);
      return double === undefined ? undefined : floatCell(double);
    }
    case 'DECIMAL':
      return toDecimal(cell, from.name, to);
    case 'BOOLEAN':
      return toBoolean(cell, from.name);
    case 'CHAR':
    case 'VARCHAR':
      return toText(cell, from.name);
    case 'VARBINARY':
      return typeof cell === 'string' ? new TextEncoder().encode(cell) : bytesOf(cell);
    case 'DATE': {
      if (from.name === 'DATE') return cell;
      const micros = toMicros(cell, from.name);
      return micros === undefined ? undefined : dateText(daysOfMicros(micros));
    }
    case 'DATETIME': {
      const micros =
        from.name === 'DATE' && typeof cell === 'string'
          ? microsOfDays(parseDate(cell) ?? 0)
          : toMicros(cell, from.name);
      return micros === undefined ? undefined : dateTimeText(micros);
    }
    case 'JSON':
      return toJson(cell, from.name);
    default:
      return undefined;
  }
}

/** Like `tryCastCell`, but a part of a nested value that has no value spoils the whole. */
const strictCast: CastScalar = (cell, from, to) =>
  cell !== null && (isNestedType(from) || isNestedType(to))
    ? castNested(cell, from, to, { scalar: strictCast, isLenient: false })
    : tryCastCell(cell, from, to);

function bytesOf(cell: Value): Uint8Array | undefined {
  return cell instanceof Uint8Array ? cell : undefined;
}

/**
 * A value as the column `columnName` of type `to` stores it. Throws `rows-filtered`, naming column
 * and value, when it has no value there, is out of range, or is longer than the column; that is
 * what a load in strict mode does (sql-surface.md 3.6). Nullability is the caller's to check.
 */
export function castCell(cell: Cell, from: SqlType, to: SqlType, columnName: string): Cell {
  const value = strictCast(cell, from, to);
  if (value === undefined) {
    throw new SimError(
      'rows-filtered',
      `Insert has filtered data in strict mode: value '${shown(cell)}' of column ` +
        `'${columnName}' is not a ${typeText(to)}`,
    );
  }
  const sizeBytes = byteLength(value);
  if (sizeBytes !== undefined && to.length !== undefined && sizeBytes > to.length) {
    throw new SimError(
      'rows-filtered',
      `Insert has filtered data in strict mode: String '${shown(value)}'(length=${sizeBytes}) ` +
        `is too long. The max length of '${columnName}' is ${to.length}`,
    );
  }
  return value;
}

function byteLength(cell: Cell): number | undefined {
  if (typeof cell === 'string') return Buffer.byteLength(cell);
  return cell instanceof Uint8Array ? cell.length : undefined;
}

const SHOWN_CHARS_MAX = 60;

function shown(cell: Cell): string {
  const text = cell instanceof Uint8Array ? `${cell.length} bytes` : String(cell);
  return text.length > SHOWN_CHARS_MAX ? `${text.slice(0, SHOWN_CHARS_MAX)}...` : text;
}
