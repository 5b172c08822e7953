/** Names, types, literals and casts in DuckDB's SQL, with StarRocks' meaning. */
import { SimError } from '../../base/errors.ts';
import type { Cell, SqlType } from '../../base/sql-type.ts';
import type { ColumnId } from '../bound.ts';
import { quoteText } from '../functions/function-spec.ts';
import { isFloating, isInteger, isTemporal, isText } from '../types.ts';

/** A name as DuckDB reads it back exactly. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** What a column is called in the SQL we print: no name of a user's is ever in scope there. */
export function columnName(id: ColumnId): string {
  return `c${id}`;
}

/** DuckDB's type for values of a type of ours. */
export function duckType(type: SqlType): string {
  switch (type.name) {
    case 'INT':
      return 'INTEGER';
    case 'LARGEINT':
      return 'HUGEINT';
    case 'DECIMAL':
      return `DECIMAL(${type.precision ?? 10},${type.scale ?? 0})`;
    case 'CHAR':
    case 'VARCHAR':
    case 'JSON':
    case 'ARRAY':
    case 'MAP':
    case 'STRUCT':
      return 'VARCHAR';
    case 'VARBINARY':
      return 'BLOB';
    case 'DATETIME':
      return 'TIMESTAMP';
    default:
      return type.name;
  }
}

export function printLiteral(value: Cell, type: SqlType): string {
  if (value === null) return `CAST(NULL AS ${duckType(type)})`;
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE';
  if (value instanceof Uint8Array) return `from_hex('${Buffer.from(value).toString('hex')}')`;
  if (duckType(type) === 'VARCHAR') return printText(String(value));
  return `CAST('${String(value)}' AS ${duckType(type)})`;
}

/** DuckDB ends a statement at a NUL, so these are put together. */
function printText(text: string): string {
  if (!text.includes('\0')) return quoteText(text);
  return `(${text.split('\0').map(quoteText).join(' || chr(0) || ')})`;
}

/** `sql` of type `from` as type `to`; what has no value there is NULL. */
export function printCast(sql: string, from: SqlType, to: SqlType): string {
  if (isText(to)) return castToText(sql, from);
  if (isInteger(to)) return castToInteger(sql, from, duckType(to));
  switch (to.name) {
    case 'DOUBLE':
    case 'FLOAT':
      return castToFloating(sql, from, to.name);
    case 'DECIMAL': {
      const text = isText(from) || from.name === 'JSON' ? `sr_number(${sql})` : digitsOf(sql, from);
      return `TRY_CAST(${text} AS ${duckType(to)})`;
    }
    case 'BOOLEAN':
      return isText(from) || from.name === 'JSON' ? `sr_boolean(${sql})` : `(${sql} <> 0)`;
    case 'DATE':
      return `CAST(${castToDateTime(sql, from)} AS DATE)`;
    case 'DATETIME':
      return castToDateTime(sql, from);
    case 'VARBINARY':
      return `encode(${sql})`;
    case 'JSON':
      return `sr_json(${sql})`;
    default:
      throw new SimError('bug', `no cast from ${from.name} to ${to.name}`);
  }
}

/** Dates as the whole number that their digits make; other values as they are. */
function digitsOf(sql: string, from: SqlType): string {
  if (!isTemporal(from)) return sql;
  return `strftime(${sql}, '${from.name === 'DATE' ? '%Y%m%d' : '%Y%m%d%H%M%S'}')`;
}

function castToText(sql: string, from: SqlType): string {
  switch (from.name) {
    case 'BOOLEAN':
      return `CAST(CAST(${sql} AS TINYINT) AS VARCHAR)`;
    case 'DOUBLE':
    case 'FLOAT':
      return `regexp_replace(CAST(${sql} AS VARCHAR), '\\.0$', '')`;
    case 'DATETIME':
      return `sr_datetime_text(${sql})`;
    case 'VARBINARY':
      return `decode(${sql})`;
    case 'JSON':
      return sql;
    default:
      return `CAST(${sql} AS VARCHAR)`;
  }
}

function castToInteger(sql: string, from: SqlType, type: string): string {
  if (isText(from) || from.name === 'JSON') return `TRY_CAST(sr_whole(${sql}) AS ${type})`;
  if (isFloating(from) || from.name === 'DECIMAL') return `TRY_CAST(trunc(${sql}) AS ${type})`;
  return `TRY_CAST(${digitsOf(sql, from)} AS ${type})`;
}

function castToFloating(sql: string, from: SqlType, type: string): string {
  if (isText(from) || from.name === 'JSON') {
    return `CAST(TRY_CAST(sr_number(${sql}) AS DOUBLE) AS ${type})`;
  }
  return `CAST(${digitsOf(sql, from)} AS ${type})`;
}

function castToDateTime(sql: string, from: SqlType): string {
  if (isTemporal(from)) return `CAST(${sql} AS TIMESTAMP)`;
  if (isInteger(from)) return `sr_datetime(CAST(${sql} AS VARCHAR))`;
  return `sr_datetime(${sql})`;
}
