/**
 * Sends rows in the text protocol: column definitions, EOF, rows, EOF. Batches are pulled only as
 * fast as the client takes the bytes, and the result is closed once, whatever happens.
 */
import { assert } from '../base/assert.ts';
import { doubleText, floatCell } from '../base/cast-cell.ts';
import { asSimError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { Op } from '../base/op.ts';
import type { ResultColumn, Row } from '../base/row-stream.ts';
import { type Cell, cellText } from '../base/sql-type.ts';
import { writeColumnDefinition } from './column-definition.ts';
import type { PacketOutput } from './packet-output.ts';
import type { PacketWriter } from './packet-writer.ts';
import { FLUSH_BYTES } from './protocol-numbers.ts';
import type { RowsResult } from './query-handler.ts';
import { writeEof } from './responses.ts';

type CellForm = 'plain' | 'FLOAT' | 'DOUBLE';

/**
 * Sends a whole result set. Throws what the result throws, or `connection-lost` when the client
 * went away; rows that were already encoded stay, as an ERR packet may follow rows.
 */
export function* sendTextResultSet(
  output: PacketOutput,
  result: RowsResult,
  status: number,
  logger: Logger,
): Op<void> {
  try {
    yield* sendColumnsAndRows(output, result, status);
  } catch (error) {
    yield* closeFailed(result, logger);
    throw error;
  }
  yield* result.close();
  writeEof(output.writer, status);
}

/** The failure of the rows is what the client hears; that of the closing goes to the log. */
function* closeFailed(result: RowsResult, logger: Logger): Op<void> {
  try {
    yield* result.close();
  } catch (error) {
    const text = asSimError(error).message;
    logger.log('error', 'a result that had failed could not be closed', { text });
  }
}

function* sendColumnsAndRows(output: PacketOutput, result: RowsResult, status: number): Op<void> {
  const { columns } = result;
  const { writer } = output;
  writeColumns(writer, columns, status);
  const forms = columns.map(cellForm);
  for (;;) {
    if (output.isBusy) yield* output.ready();
    output.throwIfGone();
    const batch = yield* result.next();
    if (batch === undefined) return;
    for (const row of batch) {
      writeRow(writer, row, forms);
      if (writer.pendingBytes >= FLUSH_BYTES) {
        output.flush();
        if (output.isBusy) yield* output.ready();
      }
    }
  }
}

function writeColumns(
  writer: PacketWriter,
  columns: readonly ResultColumn[],
  status: number,
): void {
  assert(columns.length > 0, 'a result set has columns');
  writer.begin();
  writer.lenencInt(columns.length);
  writer.end();
  for (const column of columns) writeColumnDefinition(writer, column);
  writeEof(writer, status);
}

/** Numbers with a floating point have a text of their own; all else is text by its value alone. */
function cellForm(column: ResultColumn): CellForm {
  const { name } = column.type;
  return name === 'FLOAT' || name === 'DOUBLE' ? name : 'plain';
}

function writeRow(writer: PacketWriter, row: Row, forms: readonly CellForm[]): void {
  assert(row.length === forms.length, 'a row has a cell for every column');
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
