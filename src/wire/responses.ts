/** The short answers: OK, EOF and ERR packets (sql-surface.md 1.4 to 1.6). */
import type { SimError } from '../base/errors.ts';
import type { PacketWriter } from './packet-writer.ts';
import { MARK, STATUS_NONE } from './protocol-numbers.ts';

const UNKNOWN_ERROR_TEXT = 'Unknown error';
/** A text of ours that was never meant for users is cut to this. */
const BUG_TEXT_UNITS_MAX = 200;

export interface OkPacket {
  readonly affectedRows?: number;
  readonly warningCount?: number;
  readonly info?: string;
  readonly status?: number;
}

export function writeOk(writer: PacketWriter, packet: OkPacket): void {
  writer.begin();
  writer.uint8(MARK.ok);
  writer.lenencInt(packet.affectedRows ?? 0);
  writer.lenencInt(0);
  writer.uint16(packet.status ?? STATUS_NONE);
  writer.uint16(packet.warningCount ?? 0);
  // Documented as text up to the end; servers send, and libmysqlclient reads, a length before it.
  if (packet.info !== undefined && packet.info !== '') writer.lenencText(packet.info);
  writer.end();
}

export function writeEof(writer: PacketWriter, status: number): void {
  writer.begin();
  writer.uint8(MARK.eof);
  writer.uint16(0);
  writer.uint16(status);
  writer.end();
}

export function writeError(writer: PacketWriter, error: SimError): void {
  writer.begin();
  writer.uint8(MARK.error);
  writer.uint16(error.row.mysql);
  writer.text('#');
  writer.text(error.row.state);
  writer.text(errorText(error));
  writer.end();
}

/** What a client reads: StarRocks' own text first, then what to do about it. */
export function errorText(error: SimError): string {
  const text = error.row.kind === 'bug' ? bugText(error.message) : error.message;
  const shown = text === '' ? UNKNOWN_ERROR_TEXT : text;
  return error.hint === undefined ? shown : `${shown} Hint: ${error.hint}`;
}

function bugText(message: string): string {
  const firstLine = message.split('\n', 1)[0] ?? '';
  return `internal error: ${firstLine.slice(0, BUG_TEXT_UNITS_MAX)}`;
}
