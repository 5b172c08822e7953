/**
 * How a column of each SQL type is stored in Parquet, so that plain tools read it as what it is.
 * LARGEINT is the exception: no Parquet type holds 128 bits with all tools agreeing (DECIMAL(38)
 * is too small for its ends), so it is text; so are ARRAY, MAP and STRUCT, as StarRocks prints
 * them.
 */
import type { SchemaElement } from 'hyparquet';
import { assert, present } from '../base/assert.ts';
import { floatCell } from '../base/cast-cell.ts';
import { dateText, dateTimeText, parseDate, parseDateTime } from '../base/date-text.ts';
import { formatDecimal, parseDecimal } from '../base/decimal-text.ts';
import type { Cell, SqlType } from '../base/sql-type.ts';

type Value = Exclude<Cell, null>;
/** What the Parquet writer takes and its reader gives, without the logical type applied. */
export type Physical = boolean | number | bigint | string | Uint8Array;

export interface PhysicalColumn {
  readonly element: Omit<SchemaElement, 'name' | 'repetition_type'>;
  encode(value: Value): Physical;
  decode(physical: Physical): Value;
}

const DECIMAL_INT32_DIGITS_MAX = 9;
const DECIMAL_INT64_DIGITS_MAX = 18;
const DECIMAL_BYTES = 16;

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

const same = (element: PhysicalColumn['element']): PhysicalColumn => ({
  element,
  encode: (value) => value,
  decode: (physical) => physical,
});

const TEXT: PhysicalColumn = {
  element: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
  encode: (value) => value,
  decode: (physical) => utf8.decode(bytesOf(physical)),
};

const COLUMNS = {
  BOOLEAN: same({ type: 'BOOLEAN' }),
  TINYINT: same({ type: 'INT32', converted_type: 'INT_8' }),
  SMALLINT: same({ type: 'INT32', converted_type: 'INT_16' }),
  INT: same({ type: 'INT32' }),
  BIGINT: same({ type: 'INT64' }),
  LARGEINT: {
    ...TEXT,
    encode: String,
    decode: (physical) => BigInt(utf8.decode(bytesOf(physical))),
  },
  FLOAT: {
    element: { type: 'FLOAT' },
    encode: (value) => value,
    decode: (physical) => shortestFloat(Number(physical)),
  },
  DOUBLE: same({ type: 'DOUBLE' }),
  CHAR: TEXT,
  VARCHAR: TEXT,
  JSON: TEXT,
  ARRAY: TEXT,
  MAP: TEXT,
  STRUCT: TEXT,
  VARBINARY: {
    element: { type: 'BYTE_ARRAY' },
    encode: (value) => value,
    decode: (physical) => bytesOf(physical).slice(),
  },
  DATE: {
    element: { type: 'INT32', converted_type: 'DATE', logical_type: { type: 'DATE' } },
    encode: (value) => present(parseDate(String(value)), 'a checked date'),
    decode: (physical) => dateText(Number(physical)),
  },
  DATETIME: {
    element: {
      type: 'INT64',
      logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MICROS' },
    },
    encode: (value) => present(parseDateTime(String(value)), 'a checked datetime'),
    decode: (physical) => dateTimeText(BigInt(String(physical))),
  },
} as const satisfies Partial<Record<SqlType['name'], PhysicalColumn>>;

/** A FLOAT as the number that prints shortest; minus zero, which prints as zero, stays itself. */
export function shortestFloat(value: number): number {
  return Object.is(value, -0) ? value : floatCell(value);
}

export function physicalColumn(type: SqlType): PhysicalColumn {
  return type.name === 'DECIMAL'
    ? decimalColumn(type.precision ?? 10, type.scale ?? 0)
    : COLUMNS[type.name];
}

function decimalColumn(precision: number, scale: number): PhysicalColumn {
  const element: PhysicalColumn['element'] = {
    type:
      precision <= DECIMAL_INT32_DIGITS_MAX
        ? 'INT32'
        : precision <= DECIMAL_INT64_DIGITS_MAX
          ? 'INT64'
          : 'FIXED_LEN_BYTE_ARRAY',
    converted_type: 'DECIMAL',
    logical_type: { type: 'DECIMAL', precision, scale },
    precision,
    scale,
    ...(precision > DECIMAL_INT64_DIGITS_MAX && { type_length: DECIMAL_BYTES }),
  };
  return {
    element,
    encode: (value) => present(parseDecimal(String(value)), 'a checked decimal').unscaled,
    decode: (physical) =>
      formatDecimal(
        physical instanceof Uint8Array ? signedBigEndian(physical) : BigInt(String(physical)),
        scale,
      ),
  };
}

function signedBigEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return BigInt.asIntN(bytes.length * 8, value);
}

function bytesOf(physical: Physical): Uint8Array {
  assert(physical instanceof Uint8Array, 'a text column holds bytes');
  return physical;
}
