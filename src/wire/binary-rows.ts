/** Rows of the binary protocol, which answers COM_STMT_EXECUTE (sql-surface.md 1.3, 1.5). */
import { floatCell } from '../base/cast-cell.ts';
import type { Row } from '../base/row-stream.ts';
import { type Cell, cellText, type TypeName } from '../base/sql-type.ts';
import type { PacketWriter } from './packet-writer.ts';
import { MARK } from './protocol-numbers.ts';
import type { RowForm } from './result-set.ts';

export const binaryRows: RowForm = (columns) => {
  const types = columns.map(({ type }) => type.name);
  return (writer, row) => writeRow(writer, row, types);
};

/** Bits of the null bitmap before that of the first column. */
const NULL_BITS_OFFSET = 2;

function writeRow(writer: PacketWriter, row: Row, types: readonly TypeName[]): void {
  const nulls = new Uint8Array(Math.floor((types.length + NULL_BITS_OFFSET + 7) / 8));
  row.forEach((cell, index) => {
    if (cell !== null) return;
    const bit = index + NULL_BITS_OFFSET;
    nulls[bit >> 3] = (nulls[bit >> 3] ?? 0) | (1 << (bit & 7));
  });
  writer.begin();
  writer.uint8(MARK.ok);
  writer.bytes(nulls);
  types.forEach((type, index) => {
    const cell = row[index];
    if (cell !== null && cell !== undefined) writeCell(writer, cell, type);
  });
  writer.end();
}

function writeCell(writer: PacketWriter, cell: Exclude<Cell, null>, type: TypeName): void {
  switch (type) {
    case 'BOOLEAN':
    case 'TINYINT':
      writer.uint8(Number(cell) & 0xff);
      break;
    case 'SMALLINT':
      writer.uint16(Number(cell) & 0xffff);
      break;
    case 'INT':
      writer.uint32(Number(cell) >>> 0);
      break;
    case 'BIGINT':
      writer.uint64(BigInt(wholeText(cell)));
      break;
    case 'FLOAT':
      writer.float(floatCell(Number(cell)));
      break;
    case 'DOUBLE':
      writer.double(Number(cell));
      break;
    case 'DATE':
    case 'DATETIME':
      writeTime(writer, String(cell));
      break;
    default: {
      const text = cellText(cell);
      if (typeof text === 'string') writer.lenencText(text);
      else writer.lenencBytes(text);
    }
  }
}

const wholeText = (cell: Exclude<Cell, null>): string =>
  typeof cell === 'boolean' ? String(Number(cell)) : String(cell);

const TIME = /^(\d{4})-(\d\d)-(\d\d)(?: (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?$/;
const DATE_BYTES = 4;
const DATE_TIME_BYTES = 7;
const WITH_MICROSECONDS_BYTES = 11;
const MICROSECOND_DIGITS = 6;

/** Length first; what is zero at the end is left out. */
function writeTime(writer: PacketWriter, text: string): void {
  const match = TIME.exec(text);
  const part = (at: number): number => Number(match?.[at] ?? 0);
  const microseconds = Number((match?.[7] ?? '').padEnd(MICROSECOND_DIGITS, '0'));
  const hasTime = part(4) + part(5) + part(6) > 0;
  if (microseconds > 0) writer.uint8(WITH_MICROSECONDS_BYTES);
  else writer.uint8(hasTime ? DATE_TIME_BYTES : DATE_BYTES);
  writer.uint16(part(1));
  writer.uint8(part(2));
  writer.uint8(part(3));
  if (!hasTime && microseconds === 0) return;
  for (const at of [4, 5, 6]) writer.uint8(part(at));
  if (microseconds > 0) writer.uint32(microseconds);
}
