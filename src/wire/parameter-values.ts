/** The values of COM_STMT_EXECUTE, decoded by the type codes that come with them. */
import { floatCell } from '../base/cast-cell.ts';
import { doubleText } from '../base/double-text.ts';
import { SimError } from '../base/errors.ts';
import type { PayloadReader } from './payload-reader.ts';
import type { ParameterValue } from './query-handler.ts';

/** A type code with its flag, as a client binds it. */
export interface ParameterType {
  readonly code: number;
  readonly isUnsigned: boolean;
}

const UNSIGNED_FLAG = 0x80;

/**
 * What follows the null bitmap's position: bitmap, types if they are new, values. `known` are the
 * types that an earlier execution sent. Throws `malformed-packet`, or `unsupported` for a type.
 */
export function readParameters(
  reader: PayloadReader,
  count: number,
  known: readonly ParameterType[],
): { readonly values: readonly ParameterValue[]; readonly types: readonly ParameterType[] } {
  if (count === 0) return { values: [], types: [] };
  const nulls = reader.bytes(Math.floor((count + 7) / 8));
  const isBoundAnew = reader.uint8() === 1;
  const types = isBoundAnew
    ? Array.from({ length: count }, () => ({
        code: reader.uint8(),
        isUnsigned: (reader.uint8() & UNSIGNED_FLAG) !== 0,
      }))
    : known;
  if (types.length !== count) {
    throw new SimError('malformed-packet', 'Malformed packet: the values come without types');
  }
  const values = types.map((type, index): ParameterValue => {
    const isNull = ((nulls[index >> 3] ?? 0) & (1 << (index & 7))) !== 0;
    return isNull ? { kind: 'null' } : readValue(reader, type);
  });
  return { values, types };
}

const SIZES: Readonly<Record<number, 1 | 2 | 4 | 8>> = {
  1: 1,
  2: 2,
  13: 2,
  3: 4,
  9: 4,
  8: 8,
};

function readValue(reader: PayloadReader, { code, isUnsigned }: ParameterType): ParameterValue {
  const sizeBytes = SIZES[code];
  if (sizeBytes !== undefined) {
    return { kind: 'number', text: String(reader.integer(sizeBytes, !isUnsigned)) };
  }
  switch (code) {
    case 0x04:
      return numberOf(floatCell(reader.float()));
    case 0x05:
      return numberOf(reader.double());
    case 0x06:
      return { kind: 'null' };
    // DATE, DATETIME, TIMESTAMP.
    case 0x0a:
    case 0x0c:
    case 0x07:
      return readTime(reader);
    // TINY_BLOB, MEDIUM_BLOB, LONG_BLOB, BLOB.
    case 0xf9:
    case 0xfa:
    case 0xfb:
    case 0xfc:
      return { kind: 'bytes', bytes: Uint8Array.from(reader.lenencBytes()) };
    // DECIMAL and NEWDECIMAL: their text, to the last digit.
    case 0x00:
    case 0xf6:
      return { kind: 'number', text: readText(reader) };
    // VARCHAR, JSON, ENUM, SET, VAR_STRING, STRING.
    case 0x0f:
    case 0xf5:
    case 0xf7:
    case 0xf8:
    case 0xfd:
    case 0xfe:
      return { kind: 'string', text: readText(reader) };
    default:
      throw new SimError(
        'unsupported',
        `a parameter of type 0x${code.toString(16)} is not supported by this emulator`,
      );
  }
}

const readText = (reader: PayloadReader): string =>
  Buffer.from(reader.lenencBytes()).toString('utf8');

function numberOf(value: number): ParameterValue {
  if (Number.isFinite(value)) return { kind: 'number', text: doubleText(value) };
  throw new SimError('unsupported', 'NaN and infinity are not supported as parameters');
}

const MICROSECOND_DIGITS = 6;

/** Length, then year, month, day, then hour, minute, second, then microseconds, as they are. */
function readTime(reader: PayloadReader): ParameterValue {
  const sizeBytes = reader.uint8();
  const digits = (value: number | bigint, width = 2): string => String(value).padStart(width, '0');
  const date =
    sizeBytes >= 4
      ? `${digits(reader.integer(2, false), 4)}-${digits(reader.uint8())}-${digits(reader.uint8())}`
      : '0000-00-00';
  if (sizeBytes <= 4) return { kind: 'date', text: date };
  const time = `${digits(reader.uint8())}:${digits(reader.uint8())}:${digits(reader.uint8())}`;
  const fraction = sizeBytes > 7 ? `.${digits(reader.uint32(), MICROSECOND_DIGITS)}` : '';
  return { kind: 'datetime', text: `${date} ${time}${fraction}` };
}
