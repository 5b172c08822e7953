/**
 * Images: the whole state as of one record of the edit log, `image.<seq>`. A head line and an end
 * line of JSON enclose the state, whatever text that is:
 *
 *     {"image":1,"seq":12}
 *     ...
 *     {"size":34,"crc":"9a3c0f12"}
 *
 * `size` counts the bytes between the two line feeds; the CRC-32 is over the head line and them.
 */

import { crc32 } from 'node:zlib';
import { SimError } from '../base/errors.ts';
import type { Files } from '../base/files.ts';
import type { Op } from '../base/op.ts';
import { MIB } from '../base/units.ts';
import {
  ASIDE_SUFFIX,
  gathered,
  makeDirectoryDurably,
  writeFileDurably,
} from '../base/write-file.ts';
import type { JsonText } from '../catalog/json-chunks.ts';
import { crcText } from './edit-log-line.ts';

export interface LoadedImage {
  /** The last record it holds. */
  readonly seq: number;
  readonly text: string;
}

/** What can still be read as one text. */
export const IMAGE_BYTES_MAX: number = 500 * MIB;

const IMAGE_NAME = /^image\.(\d{1,15})$/;
const END_LINE = /^\{"size":(\d{1,12}),"crc":"([0-9a-f]{8})"\}\n$/;

/** Longer than any end line with the line feed before it. */
const END_BYTES_MAX = 100;

export function imagePath(directory: string, seq: number): string {
  return `${directory}/image.${seq}`;
}

/**
 * Writes the image as of record `seq`, then removes older ones. When it returns the image is
 * durable and the log may be cut; a crash before leaves the older images and the whole log.
 */
export function* writeImage(
  files: Files,
  directory: string,
  seq: number,
  chunks: JsonText,
): Op<void> {
  yield* makeDirectoryDurably(files, directory);
  yield* writeFileDurably(files, imagePath(directory, seq), framed(seq, chunks));
  for (const { name } of yield* files.list(directory)) {
    const other = IMAGE_NAME.exec(name);
    const isOlder = other !== null && Number(other[1]) < seq;
    if (isOlder || name.endsWith(ASIDE_SUFFIX)) yield* files.remove(`${directory}/${name}`);
  }
  yield* files.syncDirectory(directory);
}

/**
 * The newest image, or `undefined` if there is none. One that is damaged is `edit-log-damaged`:
 * an older one would lack records that the log has no more.
 */
export function* loadLatestImage(files: Files, directory: string): Op<LoadedImage | undefined> {
  if ((yield* files.stat(directory)) === undefined) return undefined;
  let seq = -1;
  for (const { name } of yield* files.list(directory)) {
    const match = IMAGE_NAME.exec(name);
    if (match !== null) seq = Math.max(seq, Number(match[1]));
  }
  if (seq < 0) return undefined;
  const path = imagePath(directory, seq);
  return { seq, text: textOf(yield* files.read(path), seq, path) };
}

function* framed(seq: number, chunks: JsonText): Iterable<Uint8Array> {
  const head = headLine(seq);
  yield head;
  let size = 0;
  let crc = crc32(head);
  for (const chunk of gathered(chunks)) {
    size += chunk.length;
    if (size > IMAGE_BYTES_MAX) {
      throw new SimError('limit-reached', `an image exceeds ${IMAGE_BYTES_MAX} bytes`);
    }
    crc = crc32(chunk, crc);
    yield chunk;
  }
  yield Buffer.from(`\n{"size":${size},"crc":"${crcText(crc)}"}\n`);
}

function headLine(seq: number): Uint8Array {
  return Buffer.from(`{"image":1,"seq":${seq}}\n`);
}

function textOf(bytes: Uint8Array, seq: number, path: string): string {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const head = headLine(seq);
  if (!all.subarray(0, head.length).equals(head)) {
    throw damaged(path, 0, `no head of image ${seq}`);
  }
  const endAt = all.lastIndexOf('\n{"size":');
  const end =
    endAt < all.length - END_BYTES_MAX ? null : END_LINE.exec(all.toString('utf8', endAt + 1));
  if (end === null) throw damaged(path, all.length, 'no end line');
  const content = all.subarray(head.length, endAt);
  if (content.length !== Number(end[1])) {
    throw damaged(path, head.length, `${content.length} bytes where the end line says ${end[1]}`);
  }
  const found = crcText(crc32(content, crc32(head)));
  if (found !== end[2]) throw damaged(path, head.length, `CRC ${found}, expected ${end[2]}`);
  return content.toString('utf8');
}

function damaged(path: string, offset: number, why: string): SimError {
  return new SimError('edit-log-damaged', `image ${path} is damaged at byte ${offset}: ${why}`, {
    hint: 'Restore the data directory from a copy; an older image would lack what came after it.',
  });
}
