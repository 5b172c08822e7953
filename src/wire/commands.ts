/**
 * What each command packet does (sql-surface.md 1.3 and 1.4). A command that fails throws; the
 * connection answers with ERR and goes on to the next one.
 */
import { SimError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { Op } from '../base/op.ts';
import { binaryRows } from './binary-rows.ts';
import { writeListedField } from './column-definition.ts';
import type { PacketOutput } from './packet-output.ts';
import type { PreparedStatements } from './prepared-statements.ts';
import {
  COMMAND,
  COMMAND_NAMES,
  STATUS_MORE_RESULTS_EXISTS,
  STATUS_NONE,
} from './protocol-numbers.ts';
import type { ClientSession, StatementResult } from './query-handler.ts';
import { writeEof, writeOk } from './responses.ts';
import { type RowForm, sendResultSet } from './result-set.ts';
import { textRows } from './text-rows.ts';

export interface CommandContext {
  readonly session: ClientSession;
  readonly prepared: PreparedStatements;
  readonly output: PacketOutput;
  readonly logger: Logger;
}

/** Whether the connection goes on after a command; who it serves is the connection's own affair. */
export type AfterCommand = 'next' | 'quit' | 'change-user';

export function* runCommand(context: CommandContext, payload: Buffer): Op<AfterCommand> {
  const { session, prepared, output } = context;
  const command = payload[0];
  switch (command) {
    case COMMAND.quit:
      return 'quit';
    case COMMAND.query:
      yield* runQuery(context, queryText(payload));
      return 'next';
    case COMMAND.initDb:
      yield* session.useDatabase(payload.toString('utf8', 1));
      break;
    case COMMAND.fieldList:
      yield* listFields(context, payload);
      return 'next';
    case COMMAND.stmtPrepare:
      yield* prepared.prepare(session, queryText(payload), output.writer);
      return 'next';
    case COMMAND.stmtExecute: {
      const result = yield* prepared.execute(payload);
      yield* answer(context, result, binaryRows, STATUS_NONE);
      return 'next';
    }
    case COMMAND.changeUser:
      return 'change-user';
    case COMMAND.resetConnection:
      session.reset();
      prepared.clear();
      break;
    case COMMAND.ping:
    case COMMAND.stmtReset:
      break;
    case COMMAND.stmtClose:
      prepared.close(payload);
      return 'next';
    default:
      throw refusal(command);
  }
  writeOk(output.writer, {});
  return 'next';
}

function* runQuery(context: CommandContext, text: string): Op<void> {
  const { session, output } = context;
  const { writer } = output;
  const prepared = session.parse(text);
  if (prepared.statementCount === 0) {
    writeOk(writer, {});
    return;
  }
  for (let index = 0; index < prepared.statementCount; index += 1) {
    const isLast = index === prepared.statementCount - 1;
    const status = isLast ? STATUS_NONE : STATUS_MORE_RESULTS_EXISTS;
    const result = yield* prepared.run(index);
    yield* answer(context, result, textRows, status);
    if (isLast) return;
    output.flush();
    if (output.isBusy) yield* output.ready();
    output.throwIfGone();
  }
}

function* answer(
  { output, logger }: CommandContext,
  result: StatementResult,
  form: RowForm,
  status: number,
): Op<void> {
  if (result.kind === 'rows') yield* sendResultSet(output, result, form, status, logger);
  else writeOk(output.writer, { ...result, status });
}

/** Table name, NUL, and a pattern that StarRocks does not look at. */
function* listFields({ session, output }: CommandContext, payload: Buffer): Op<void> {
  const nul = payload.indexOf(0, 1);
  const table = payload.toString('utf8', 1, nul === -1 ? payload.length : nul);
  for (const field of yield* session.fieldsOf(table)) writeListedField(output.writer, field);
  writeEof(output.writer, STATUS_NONE);
}

/** Some clients end the text with NUL bytes; the session's charset changes nothing. */
function queryText(payload: Buffer): string {
  let end = payload.length;
  while (end > 1 && payload[end - 1] === 0) end -= 1;
  return payload.toString('utf8', 1, end);
}

function refusal(command: number | undefined): SimError {
  if (command === undefined) return new SimError('unknown-command', 'the command packet is empty');
  const name = COMMAND_NAMES[command];
  if (name === undefined) {
    const hex = command.toString(16).padStart(2, '0');
    return new SimError('unknown-command', `Unknown command 0x${hex}`);
  }
  return new SimError('unsupported', `unsupported command ${name}`);
}
