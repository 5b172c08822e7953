/**
 * Side files of the edit log: the bodies of records too bulky for a line, written and synced before
 * the line that names them. A record is thus never half in the log.
 */
import { crc32 } from 'node:zlib';
import { SimError } from '../base/errors.ts';
import type { Files } from '../base/files.ts';
import type { Op } from '../base/op.ts';
import { MIB } from '../base/units.ts';
import { crcText } from './edit-log-line.ts';

/** What a line says of its side file. */
export interface SideReference {
  readonly file: string;
  readonly size: number;
  readonly crc: string;
}

/** What can still be read as one text; larger records are refused before they are promised. */
export const SIDE_BYTES_MAX: number = 500 * MIB;

const SIDE_NAME = /^(\d{1,15})\.side\.json$/;

/** The record whose body a side file is, or `undefined` for any other name. */
export function seqOfSideName(name: string): number | undefined {
  const match = SIDE_NAME.exec(name);
  return match === null ? undefined : Number(match[1]);
}

/**
 * Both the bytes and the name are durable when it returns. `limit-reached` for a record larger
 * than `SIDE_BYTES_MAX`, of which nothing is left then.
 */
export function* writeSide(
  files: Files,
  directory: string,
  seq: number,
  chunks: Iterable<Uint8Array>,
): Op<SideReference> {
  const file = `${seq}.side.json`;
  const writer = yield* files.create(`${directory}/${file}`);
  let size = 0;
  let crc = 0;
  try {
    for (const chunk of chunks) {
      size += chunk.length;
      if (size > SIDE_BYTES_MAX) break;
      crc = crc32(chunk, crc);
      yield* writer.write(chunk);
    }
    if (size <= SIDE_BYTES_MAX) yield* writer.sync();
  } finally {
    yield* writer.close();
  }
  if (size > SIDE_BYTES_MAX) {
    yield* files.remove(`${directory}/${file}`);
    throw new SimError('limit-reached', `an edit log record exceeds ${SIDE_BYTES_MAX} bytes`);
  }
  yield* files.syncDirectory(directory);
  return { file, size, crc: crcText(crc) };
}

/** The text of a side file, or `edit-log-damaged`. */
export function* readSide(files: Files, directory: string, body: string): Op<string> {
  const { file, size, crc } = parseReference(body);
  const path = `${directory}/${file}`;
  const stat = yield* files.stat(path);
  if (stat === undefined || stat.sizeBytes !== size) {
    const found = stat === undefined ? 'missing' : `${stat.sizeBytes} bytes long`;
    throw new SimError('edit-log-damaged', `edit log: ${path} is ${found}, expected ${size} bytes`);
  }
  const bytes = yield* files.read(path);
  const found = crcText(crc32(bytes));
  if (found !== crc) {
    throw new SimError('edit-log-damaged', `edit log: ${path} has CRC ${found}, expected ${crc}`);
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
}

/** The line's CRC has vouched for it, so a wrong shape is a mistake of ours. */
function parseReference(body: string): SideReference {
  const value: unknown = JSON.parse(body);
  if (typeof value === 'object' && value !== null) {
    const { file, size, crc }: Partial<Record<keyof SideReference, unknown>> = value;
    const isWhole = typeof file === 'string' && typeof size === 'number' && typeof crc === 'string';
    if (isWhole && seqOfSideName(file) !== undefined) return { file, size, crc };
  }
  throw new SimError('bug', `not a reference to a side file: ${body}`);
}
