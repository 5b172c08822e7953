/**
 * Columns of a Parquet file from anywhere: which SQL type each is, and how what is stored becomes
 * a cell. Nested columns and types that StarRocks has and the emulator has not are refused by name.
 */
import type { FileMetaData, SchemaElement } from 'hyparquet';
import { floatCell } from '../../base/cast-cell.ts';
import { dateText, dateTimeText } from '../../base/date-text.ts';
import { formatDecimal } from '../../base/decimal-text.ts';
import { SimError } from '../../base/errors.ts';
import type { Cell, SqlType } from '../../base/sql-type.ts';
import { offsetMs } from '../../base/time-zone.ts';
import {
  BIGINT,
  DATE,
  DATETIME,
  DOUBLE,
  decimalType,
  INT,
  LARGEINT,
  SMALLINT,
  TINYINT,
} from '../types.ts';
import { FILE_TEXT } from './file-text.ts';

/** What the reader gives where no logical type is applied; INT96 as nanoseconds since 1970. */
export type Stored = boolean | number | bigint | Uint8Array;

export interface ParquetColumn {
  readonly name: string;
  readonly element: SchemaElement;
  readonly type: SqlType;
  /** A point in time in UTC: the session's zone says what its clocks showed. */
  readonly isUtc: boolean;
  cell(stored: Stored, zone: string): Cell;
}

type Facts = Pick<ParquetColumn, 'type' | 'cell'> & { readonly isUtc?: boolean };

/** The columns of a file, in order. `location` is for errors. */
export function parquetColumns(metadata: FileMetaData, location: string): readonly ParquetColumn[] {
  const [root, ...elements] = metadata.schema;
  const isFlat = elements.length === root?.num_children;
  return elements.map((element) => {
    const refuse = (what: string): never => {
      throw new SimError(
        'unsupported',
        `FILES: column '${element.name}' of ${location} is ${what}: not supported`,
      );
    };
    if (element.num_children !== undefined || element.repetition_type === 'REPEATED' || !isFlat) {
      refuse('nested (ARRAY, MAP or STRUCT), or stands beside one that is');
    }
    const facts = factsOf(element) ?? refuse(`of the Parquet type ${describedType(element)}`);
    return { isUtc: false, ...facts, name: element.name, element };
  });
}

function describedType({
  type,
  converted_type: converted,
  logical_type: logical,
}: SchemaElement): string {
  return [type, logical?.type ?? converted].filter((word) => word !== undefined).join(' ');
}

function factsOf(element: SchemaElement): Facts | undefined {
  const { type } = element;
  const decimal = decimalFacts(element);
  if (decimal !== undefined) return decimal;
  switch (type) {
    case 'BOOLEAN':
      return { type: { name: 'BOOLEAN' }, cell: (stored) => Boolean(stored) };
    case 'INT32':
      return int32Facts(element);
    case 'INT64':
      return int64Facts(element);
    case 'INT96':
      return { type: DATETIME, cell: (stored) => microsCell(toBigInt(stored), 1000n) };
    case 'FLOAT':
      return { type: { name: 'FLOAT' }, cell: (stored) => floatCell(Number(stored)) };
    case 'DOUBLE':
      return { type: DOUBLE, cell: (stored) => Number(stored) };
    case 'BYTE_ARRAY':
      return bytesFacts(element);
    default:
      return undefined;
  }
}

const whole = (type: SqlType): Facts => ({
  type,
  cell: (stored) =>
    type.name === 'BIGINT' || type.name === 'LARGEINT' ? toBigInt(stored) : Number(stored),
});

function int32Facts({
  converted_type: converted,
  logical_type: logical,
}: SchemaElement): Facts | undefined {
  switch (converted ?? integerName(logical)) {
    case 'INT_8':
      return whole(TINYINT);
    case 'INT_16':
    case 'UINT_8':
      return whole(SMALLINT);
    case undefined:
    case 'INT_32':
    case 'UINT_16':
      return logical?.type === 'DATE'
        ? DATE_FACTS
        : logical?.type === 'TIME'
          ? undefined
          : whole(INT);
    case 'UINT_32':
      return { type: BIGINT, cell: (stored) => BigInt(Number(stored) >>> 0) };
    case 'DATE':
      return DATE_FACTS;
    default:
      return undefined;
  }
}

const DATE_FACTS: Facts = { type: DATE, cell: (stored) => dateText(Number(stored)) };

function int64Facts({
  converted_type: converted,
  logical_type: logical,
}: SchemaElement): Facts | undefined {
  if (logical?.type === 'TIMESTAMP') {
    const perMicro = logical.unit === 'NANOS' ? 1000n : logical.unit === 'MICROS' ? 1n : -1000n;
    return timestamp(perMicro, logical.isAdjustedToUTC);
  }
  switch (converted ?? integerName(logical)) {
    case undefined:
    case 'INT_64':
      return logical?.type === 'TIME' ? undefined : whole(BIGINT);
    case 'UINT_64':
      return { type: LARGEINT, cell: (stored) => BigInt.asUintN(64, toBigInt(stored)) };
    case 'TIMESTAMP_MILLIS':
      return timestamp(-1000n, true);
    case 'TIMESTAMP_MICROS':
      return timestamp(1n, true);
    default:
      return undefined;
  }
}

function integerName(logical: SchemaElement['logical_type']): string | undefined {
  if (logical?.type !== 'INTEGER') return undefined;
  return `${logical.isSigned ? 'INT' : 'UINT'}_${logical.bitWidth}`;
}

/** `perMicro`: stored units in a microsecond; negative: microseconds in a stored unit. */
function timestamp(perMicro: bigint, isUtc: boolean): Facts {
  return {
    type: DATETIME,
    isUtc,
    cell: (stored, zone) => microsCell(toBigInt(stored), perMicro, isUtc ? zone : undefined),
  };
}

function microsCell(stored: bigint, perMicro: bigint, zone?: string): Cell {
  const micros = perMicro > 0n ? floorDivide(stored, perMicro) : stored * -perMicro;
  if (zone === undefined) return dateTimeText(micros);
  return dateTimeText(micros + BigInt(offsetMs(Number(floorDivide(micros, 1000n)), zone)) * 1000n);
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}

function bytesFacts({
  converted_type: converted,
  logical_type: logical,
}: SchemaElement): Facts | undefined {
  switch (converted ?? logical?.type) {
    case 'UTF8':
    case 'STRING':
    case 'ENUM':
    case 'JSON':
      return { type: FILE_TEXT, cell: (stored) => utf8.decode(bytesOf(stored)) };
    case undefined:
      return { type: { name: 'VARBINARY' }, cell: (stored) => bytesOf(stored).slice() };
    default:
      return undefined;
  }
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

function decimalFacts(element: SchemaElement): Facts | undefined {
  const { logical_type: logical, converted_type: converted } = element;
  if (logical?.type !== 'DECIMAL' && converted !== 'DECIMAL') return undefined;
  const fromLogical = logical?.type === 'DECIMAL' ? logical : undefined;
  const precision = fromLogical?.precision ?? element.precision ?? 0;
  const scale = fromLogical?.scale ?? element.scale ?? 0;
  if (precision < 1 || precision > 38) return undefined;
  return {
    type: decimalType(precision, scale),
    cell: (stored) => formatDecimal(toBigInt(stored), scale),
  };
}

function toBigInt(stored: Stored): bigint {
  if (!(stored instanceof Uint8Array)) return BigInt(stored);
  let value = 0n;
  for (const byte of stored) value = (value << 8n) | BigInt(byte);
  return BigInt.asIntN(stored.length * 8, value);
}

function bytesOf(stored: Stored): Uint8Array {
  if (stored instanceof Uint8Array) return stored;
  throw new SimError('bug', 'a text column holds bytes');
}
