/**
 * Keys of range partitions: reading their values by column type, comparing and printing them as
 * StarRocks' `PartitionKey` does. MIN is the lowest value of a type, MAXVALUE is above all values.
 */
import { assert } from '../base/assert.ts';
import { SimError } from '../base/errors.ts';
import type { Cell, TypeName } from '../base/sql-type.ts';
import { dateText, dateTimeText, isMidnight, parseMoment } from './calendar.ts';
import type { Column, RangeKey } from './model.ts';

/** A key in a form that compares fast: one entry per column; null is MAXVALUE. */
export type ComparableKey = readonly (bigint | string | null)[];

const INTEGER_BITS: Partial<Record<TypeName, bigint>> = {
  TINYINT: 8n,
  SMALLINT: 16n,
  INT: 32n,
  BIGINT: 64n,
  LARGEINT: 128n,
};

/** Whether a table may be partitioned by ranges of the column: integers and dates only. */
export function isRangeColumn(column: Pick<Column, 'type'>): boolean {
  return (
    INTEGER_BITS[column.type.name] !== undefined ||
    column.type.name === 'DATE' ||
    column.type.name === 'DATETIME'
  );
}

/** The lowest value of the column's type, in the form of `Cell` as text. */
export function minimumText(column: Column): string {
  const bits = INTEGER_BITS[column.type.name];
  if (bits !== undefined) return String(-(2n ** (bits - 1n)));
  if (column.type.name === 'DATE') return '0000-01-01';
  return column.type.name === 'DATETIME' ? '0000-01-01 00:00:00' : '';
}

/**
 * A value of a range or list as it is kept: `2024-1-1` becomes `2024-01-01`, `+07` becomes `7`.
 * Throws `bad-partition-range` for a text that is no value of the column's type.
 */
export function normalizedKeyText(
  text: string,
  column: Column,
  place: 'range' | 'list' = 'range',
): string {
  const refuse = (what: string): SimError =>
    new SimError('bad-partition-range', `Invalid ${place} value format: ${what}`);
  const bits = INTEGER_BITS[column.type.name];
  if (bits !== undefined) return integerText(text, bits, column, refuse);
  if (column.type.name !== 'DATE' && column.type.name !== 'DATETIME') return text;
  const moment = parseMoment(text);
  const isDate = column.type.name === 'DATE';
  if (moment === undefined || (isDate && !isMidnight(moment))) {
    throw refuse(`Invalid date value: ${text}`);
  }
  return isDate ? dateText(moment) : dateTimeText(moment);
}

function integerText(
  text: string,
  bits: bigint,
  column: Column,
  refuse: (what: string) => SimError,
): string {
  const trimmed = text.trim();
  if (!/^[+-]?\d+$/.test(trimmed)) throw refuse(`Invalid number format: ${text}`);
  const value = BigInt(trimmed.startsWith('+') ? trimmed.slice(1) : trimmed);
  const limit = 2n ** (bits - 1n);
  if (value < -limit || value >= limit) {
    throw refuse(`Number out of range[${text}]. type: ${column.type.name}`);
  }
  return String(value);
}

export function comparableKey(key: RangeKey, columns: readonly Column[]): ComparableKey {
  assert(key.length === columns.length, 'a range key has a part for each partition column');
  return columns.map((column, index) => {
    const part = key[index];
    if (part?.kind === 'max') return null;
    const text = part?.kind === 'value' ? part.text : minimumText(column);
    return INTEGER_BITS[column.type.name] === undefined ? text : BigInt(text);
  });
}

/** A row's partition columns as a key; NULL sorts with the lowest value of its type. */
export function comparableCells(cells: readonly Cell[], columns: readonly Column[]): ComparableKey {
  return columns.map((column, index) => {
    const cell = cells[index];
    assert(cell !== undefined, `a value for partition column ${column.name}`);
    const isInteger = INTEGER_BITS[column.type.name] !== undefined;
    if (cell === null) return isInteger ? BigInt(minimumText(column)) : minimumText(column);
    if (typeof cell === 'string') return isInteger ? BigInt(cell) : cell;
    assert(isInteger && typeof cell !== 'object', `a value of ${column.type.name}`);
    return BigInt(cell);
  });
}

/** Negative, zero or positive. Texts compare by their UTF-8 bytes, dates so by time. */
export function compareKeys(a: ComparableKey, b: ComparableKey): number {
  for (let index = 0; index < a.length; index += 1) {
    const order = compareParts(a[index], b[index]);
    if (order !== 0) return order;
  }
  return 0;
}

function compareParts(
  a: bigint | string | null | undefined,
  b: bigint | string | null | undefined,
): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  if (typeof a === 'bigint' && typeof b === 'bigint') return a < b ? -1 : 1;
  assert(typeof a === 'string' && typeof b === 'string', 'parts of one type');
  return isPlainAscii(a) && isPlainAscii(b)
    ? a < b
      ? -1
      : 1
    : Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function isPlainAscii(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
}

/** `types: [DATE]; keys: [2024-01-01]; `, as in the Range cell of SHOW PARTITIONS. */
export function keyText(key: RangeKey, columns: readonly Column[]): string {
  const types = columns.map((column) => column.type.name).join(', ');
  const keys = columns.map((column, index) => {
    const part = key[index];
    if (part?.kind === 'max') return 'MAXVALUE';
    return part?.kind === 'value' ? part.text : minimumText(column);
  });
  return `types: [${types}]; keys: [${keys.join(', ')}]; `;
}
