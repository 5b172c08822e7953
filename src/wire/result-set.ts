/**
 * Sends a result set: column definitions, EOF, rows, EOF. Batches are pulled only as fast as the
 * client takes the bytes, and the result is closed once, whatever happens.
 */
import { assert } from '../base/assert.ts';
import { asSimError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { Op } from '../base/op.ts';
import type { ResultColumn, Row } from '../base/row-stream.ts';
import { writeColumnDefinition } from './column-definition.ts';
import type { PacketOutput } from './packet-output.ts';
import type { PacketWriter } from './packet-writer.ts';
import { FLUSH_BYTES } from './protocol-numbers.ts';
import type { RowsResult } from './query-handler.ts';
import { writeEof } from './responses.ts';

/** How one protocol writes rows of these columns, each as a packet. */
export type RowForm = (
  columns: readonly ResultColumn[],
) => (writer: PacketWriter, row: Row) => void;

/**
 * Sends a whole result set. Throws what the result throws, or `connection-lost` when the client
 * went away; rows that were already encoded stay, as an ERR packet may follow rows.
 */
export function* sendResultSet(
  output: PacketOutput,
  result: RowsResult,
  form: RowForm,
  status: number,
  logger: Logger,
): Op<void> {
  try {
    yield* sendColumnsAndRows(output, result, form, status);
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

function* sendColumnsAndRows(
  output: PacketOutput,
  result: RowsResult,
  form: RowForm,
  status: number,
): Op<void> {
  const { columns } = result;
  const { writer } = output;
  writeHead(writer, columns, status);
  const writeRow = form(columns);
  for (;;) {
    if (output.isBusy) yield* output.ready();
    output.throwIfGone();
    const batch = yield* result.next();
    if (batch === undefined) return;
    for (const row of batch) {
      assert(row.length === columns.length, 'a row has a cell for every column');
      writeRow(writer, row);
      if (writer.pendingBytes >= FLUSH_BYTES) {
        output.flush();
        if (output.isBusy) yield* output.ready();
      }
    }
  }
}

function writeHead(writer: PacketWriter, columns: readonly ResultColumn[], status: number): void {
  assert(columns.length > 0, 'a result set has columns');
  writer.begin();
  writer.lenencInt(columns.length);
  writer.end();
  for (const column of columns) writeColumnDefinition(writer, column);
  writeEof(writer, status);
}
