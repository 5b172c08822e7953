/** How each type is announced in a result set: type byte, charset, length, decimals (sql-surface.md 1.5). */
import type { ResultColumn } from '../base/row-stream.ts';
import { type SqlType, STRING_LENGTH, type TypeName } from '../base/sql-type.ts';
import type { PacketWriter } from './packet-writer.ts';
import { CHARSET_BINARY, CHARSET_UTF8 } from './protocol-numbers.ts';
import type { ListedField } from './query-handler.ts';

interface TypeRow {
  readonly typeByte: number;
  readonly charset: number;
  /** Characters of the longest text, for types where that does not depend on the column. */
  readonly width: number;
}

const binary = (typeByte: number, width: number): TypeRow => ({
  typeByte,
  charset: CHARSET_BINARY,
  width,
});
const text = (typeByte: number, width: number): TypeRow => ({
  typeByte,
  charset: CHARSET_UTF8,
  width,
});

const UTF8_BYTES_PER_CHARACTER = 3;

const TYPE_ROWS: Readonly<Record<TypeName, TypeRow>> = {
  BOOLEAN: binary(0x01, 1),
  TINYINT: binary(0x01, 4),
  SMALLINT: binary(0x02, 6),
  INT: binary(0x03, 11),
  BIGINT: binary(0x08, 20),
  LARGEINT: text(0xfe, 40),
  FLOAT: binary(0x04, 12),
  DOUBLE: binary(0x05, 22),
  DECIMAL: binary(0xf6, 29),
  CHAR: text(0xfe, 1),
  VARCHAR: text(0xfd, STRING_LENGTH),
  VARBINARY: binary(0xfc, STRING_LENGTH),
  DATE: binary(0x0a, 10),
  DATETIME: binary(0x0c, 26),
  JSON: text(0xfe, STRING_LENGTH),
  ARRAY: text(0xfe, STRING_LENGTH),
  MAP: text(0xfe, STRING_LENGTH),
  STRUCT: text(0xfe, STRING_LENGTH),
};

const CATALOG = 'def';
/** Bytes of the fixed part that follows the names. */
const FIXED_PART_BYTES = 0x0c;
const DECIMALS_OF_FLOATS = 31;
const NO_FLAGS = 0;

/** Schema, table and original table stay empty, flags zero, whatever the column comes from. */
export function writeColumnDefinition(writer: PacketWriter, column: ResultColumn): void {
  writer.begin();
  writeDefinition(writer, { database: '', table: '', ...column });
  writer.end();
}

/** Of COM_FIELD_LIST: the only place that tells whose the column is, and what its default is. */
export function writeListedField(writer: PacketWriter, field: ListedField): void {
  writer.begin();
  writeDefinition(writer, field);
  if (field.defaultText === null) writer.null();
  else writer.lenencText(field.defaultText);
  writer.end();
}

function writeDefinition(
  writer: PacketWriter,
  { database, table, name, type }: Omit<ListedField, 'defaultText'>,
): void {
  const row = TYPE_ROWS[type.name];
  writer.lenencText(CATALOG);
  writer.lenencText(database);
  writer.lenencText(table);
  writer.lenencText(table);
  writer.lenencText(name);
  writer.lenencText(name);
  writer.lenencInt(FIXED_PART_BYTES);
  writer.uint16(row.charset);
  writer.uint32(lengthBytes(type, row));
  writer.uint8(row.typeByte);
  writer.uint16(NO_FLAGS);
  writer.uint8(decimals(type));
  writer.zeros(2);
}

function decimals(type: SqlType): number {
  if (type.name === 'DECIMAL') return type.scale ?? 0;
  return type.name === 'FLOAT' || type.name === 'DOUBLE' ? DECIMALS_OF_FLOATS : 0;
}

function lengthBytes(type: SqlType, row: TypeRow): number {
  switch (type.name) {
    case 'CHAR':
    case 'VARCHAR':
      return (type.length ?? row.width) * UTF8_BYTES_PER_CHARACTER;
    case 'VARBINARY':
      return type.length ?? row.width;
    case 'DECIMAL':
      // Digits, a sign and a point.
      return type.precision === undefined ? row.width : type.precision + 2;
    default:
      return row.width;
  }
}
