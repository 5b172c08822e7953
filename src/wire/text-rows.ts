/** Rows of the text protocol: every value as its text (sql-surface.md 1.5). */
import { floatCell } from '../base/cast-cell.ts';
import { doubleText } from '../base/double-text.ts';
import type { ResultColumn, Row } from '../base/row-stream.ts';
import { type Cell, cellText } from '../base/sql-type.ts';
import type { PacketWriter } from './packet-writer.ts';
import type { RowForm } from './result-set.ts';

type CellForm = 'plain' | 'FLOAT' | 'DOUBLE';

export const textRows: RowForm = (columns) => {
  const forms = columns.map(cellForm);
  return (writer, row) => writeRow(writer, row, forms);
};

/** Numbers with a floating point have a text of their own; all else is text by its value alone. */
function cellForm(column: ResultColumn): CellForm {
  const { name } = column.type;
  return name === 'FLOAT' || name === 'DOUBLE' ? name : 'plain';
}

function writeRow(writer: PacketWriter, row: Row, forms: readonly CellForm[]): void {
  writer.begin();
  for (let index = 0; index < forms.length; index += 1) {
    writeCell(writer, row[index] as Cell, forms[index] as CellForm);
  }
  writer.end();
}

function writeCell(writer: PacketWriter, cell: Cell, form: CellForm): void {
  if (cell === null) {
    writer.null();
    return;
  }
  if (form !== 'plain' && typeof cell === 'number') {
    writer.lenencText(doubleText(form === 'FLOAT' ? floatCell(cell) : cell));
    return;
  }
  const text = cellText(cell);
  if (typeof text === 'string') writer.lenencText(text);
  else writer.lenencBytes(text);
}
