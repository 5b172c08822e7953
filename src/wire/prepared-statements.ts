/** COM_STMT_PREPARE, _EXECUTE, _CLOSE of one connection (sql-surface.md 1.3). */
import { SimError } from '../base/errors.ts';
import type { Op } from '../base/op.ts';
import type { ResultColumn } from '../base/row-stream.ts';
import { writeColumnDefinition } from './column-definition.ts';
import type { PacketWriter } from './packet-writer.ts';
import { type ParameterType, readParameters } from './parameter-values.ts';
import { PayloadReader } from './payload-reader.ts';
import { MARK, PARAMETERS_MAX, PREPARED_STATEMENTS_MAX, STATUS_NONE } from './protocol-numbers.ts';
import type { ClientSession, PreparedStatement, StatementResult } from './query-handler.ts';
import { writeEof } from './responses.ts';

interface Held {
  readonly statement: PreparedStatement;
  /** As the last execution bound them. */
  types: readonly ParameterType[];
}

/** What a parameter is announced as; clients send what they like. */
const PARAMETER_COLUMN: ResultColumn = { name: '?', type: { name: 'VARCHAR' } };

export class PreparedStatements {
  readonly #held = new Map<number, Held>();
  #lastId = 0;

  /** Forgets all: the connection is reset or another user's. */
  clear(): void {
    this.#held.clear();
  }

  close(payload: Buffer): void {
    if (payload.length >= 5) this.#held.delete(payload.readUInt32LE(1));
  }

  *prepare(session: ClientSession, sql: string, writer: PacketWriter): Op<void> {
    if (this.#held.size >= PREPARED_STATEMENTS_MAX) {
      throw new SimError(
        'limit-reached',
        `a connection holds at most ${PREPARED_STATEMENTS_MAX} prepared statements`,
        { hint: 'close those that are no longer needed.' },
      );
    }
    const statement = yield* session.prepare(sql);
    if (statement.parameterCount > PARAMETERS_MAX) {
      throw new SimError('limit-reached', `a statement has at most ${PARAMETERS_MAX} parameters`);
    }
    this.#lastId += 1;
    this.#held.set(this.#lastId, { statement, types: [] });
    writePrepared(writer, this.#lastId, statement);
  }

  /** What a COM_STMT_EXECUTE packet asks for. */
  *execute(payload: Buffer): Op<StatementResult> {
    const reader = new PayloadReader(payload, 'malformed-packet');
    reader.skip(1);
    const id = reader.uint32();
    const held = this.#held.get(id);
    if (held === undefined) {
      throw new SimError(
        'execution',
        `Unknown prepared statement handler (${id}) given to EXECUTE`,
      );
    }
    // Flags ask for a cursor, which StarRocks has not; the iteration count is always 1.
    reader.skip(1 + 4);
    const { values, types } = readParameters(reader, held.statement.parameterCount, held.types);
    held.types = types;
    return yield* held.statement.execute(values);
  }
}

function writePrepared(
  writer: PacketWriter,
  id: number,
  { parameterCount, columns }: PreparedStatement,
): void {
  writer.begin();
  writer.uint8(MARK.ok);
  writer.uint32(id);
  writer.uint16(columns.length);
  writer.uint16(parameterCount);
  writer.zeros(1 + 2);
  writer.end();
  if (parameterCount > 0) {
    for (let at = 0; at < parameterCount; at += 1) writeColumnDefinition(writer, PARAMETER_COLUMN);
    writeEof(writer, STATUS_NONE);
  }
  if (columns.length > 0) {
    for (const column of columns) writeColumnDefinition(writer, column);
    writeEof(writer, STATUS_NONE);
  }
}
