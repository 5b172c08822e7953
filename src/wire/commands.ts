/**
 * What each command packet does (sql-surface.md 1.3 and 1.4). A command that fails throws; the
 * connection answers with ERR and goes on to the next one.
 */
import { SimError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { Op } from '../base/op.ts';
import type { PacketOutput } from './packet-output.ts';
import {
  COMMAND,
  COMMAND_NAMES,
  STATUS_MORE_RESULTS_EXISTS,
  STATUS_NONE,
} from './protocol-numbers.ts';
import type { ClientSession } from './query-handler.ts';
import { writeOk } from './responses.ts';
import { sendTextResultSet } from './text-result-set.ts';

export interface CommandContext {
  readonly session: ClientSession;
  readonly output: PacketOutput;
  readonly logger: Logger;
}

/** Whether the connection goes on after a command. */
export type AfterCommand = 'next' | 'quit';

export function* runCommand(context: CommandContext, payload: Buffer): Op<AfterCommand> {
  const { session, output } = context;
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
    case COMMAND.resetConnection:
      session.reset();
      break;
    case COMMAND.ping:
    case COMMAND.stmtReset:
      break;
    case COMMAND.stmtClose:
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
    if (result.kind === 'rows') {
      yield* sendTextResultSet(output, result, status, context.logger);
    } else {
      writeOk(writer, { ...result, status });
    }
    if (isLast) return;
    output.flush();
    if (output.isBusy) yield* output.ready();
    output.throwIfGone();
  }
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
  switch (command) {
    case COMMAND.stmtPrepare:
      return new SimError(
        'not-preparable',
        'the emulator does not prepare statements on the server: ' +
          'send the statement as text (COM_QUERY) with its values in it',
      );
    case COMMAND.stmtExecute:
      return new SimError('unsupported', `${name} names a statement that was never prepared`);
    default:
      return new SimError('unsupported', `unsupported command ${name}`);
  }
}
