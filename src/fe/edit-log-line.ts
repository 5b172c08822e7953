/**
 * One record of the edit log as a line of text (design.md 5):
 *
 *     {"seq":12,"op":"OP_CREATE_DB_V2","len":34,"crc":"9a3c0f12"} {"dbId":10001,"name":"sales"}
 *
 * A head and a body, both JSON, with one blank between them and a line feed at the end; neither
 * holds a line feed of its own. `len` counts the bytes of the body; `crc` is CRC-32 over the head
 * up to `,"crc"` and the body. A record too bulky for a line has `"side":true` in its head, and its
 * body names the file that holds it: `{"file":"12.side.json","size":9000000,"crc":"0c1d2e3f"}`.
 */
import { crc32 } from 'node:zlib';

export interface LogLine {
  readonly seq: number;
  readonly op: string;
  readonly isSide: boolean;
  readonly body: string;
}

/** What the bytes at some place of a log turn out to be. */
export type LineReading =
  | { readonly kind: 'record'; readonly line: LogLine }
  | { readonly kind: 'torn' }
  | { readonly kind: 'damaged'; readonly why: string };

const HEAD = /^\{"seq":(\d{1,15}),"op":"([A-Za-z0-9_]{1,100})",("side":true,)?"len":(\d{1,12})/;
const CHECK = /^,"crc":"([0-9a-f]{8})"\} /;

/** No head is longer; what has no body after so many bytes never was a record. */
const HEAD_BYTES_MAX = 200;

const HEAD_BEGIN = '{"seq":';

export function encodeLine(seq: number, op: string, isSide: boolean, body: Uint8Array): Uint8Array {
  const side = isSide ? '"side":true,' : '';
  const head = `{"seq":${seq},"op":"${op}",${side}"len":${body.length}`;
  const check = crcText(crc32(body, crc32(head)));
  return Buffer.concat([Buffer.from(`${head},"crc":"${check}"} `), body, LINE_FEED]);
}

const LINE_FEED = Buffer.from('\n');

/** Whether an op code can stand in a head. */
export function isOpCode(op: string): boolean {
  return /^[A-Za-z0-9_]{1,100}$/.test(op);
}

export function crcText(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}

/** Reads a line that ended with a line feed, given without it: whole, so any fault is damage. */
export function readWholeLine(bytes: Uint8Array): LineReading {
  const head = readHead(bytes);
  if (head === undefined) return { kind: 'damaged', why: 'no readable head' };
  const body = bytes.subarray(head.bodyAt);
  if (body.length !== head.lengthBytes) {
    return { kind: 'damaged', why: `${body.length} bytes where the head says ${head.lengthBytes}` };
  }
  const found = crcText(crc32(body, crc32(head.checked)));
  if (found !== head.crc) return { kind: 'damaged', why: `CRC ${found}, expected ${head.crc}` };
  const { seq, op, isSide } = head;
  return { kind: 'record', line: { seq, op, isSide, body: Buffer.from(body).toString('utf8') } };
}

/**
 * Reads what stands at the end of a log without a line feed. A write that was cut short leaves the
 * beginning of a record; anything else is damage. A whole record always has its line feed.
 */
export function readTail(bytes: Uint8Array): LineReading {
  const head = readHead(bytes);
  if (head !== undefined) {
    const isShort = bytes.length - head.bodyAt <= head.lengthBytes;
    return isShort ? { kind: 'torn' } : { kind: 'damaged', why: 'no line feed after the record' };
  }
  const text = Buffer.from(bytes.subarray(0, HEAD_BYTES_MAX)).toString('latin1');
  const begins = text.startsWith(HEAD_BEGIN) || HEAD_BEGIN.startsWith(text);
  if (bytes.length < HEAD_BYTES_MAX && begins) return { kind: 'torn' };
  return { kind: 'damaged', why: 'not the beginning of a record' };
}

interface Head {
  readonly seq: number;
  readonly op: string;
  readonly isSide: boolean;
  readonly lengthBytes: number;
  readonly crc: string;
  readonly checked: Uint8Array;
  readonly bodyAt: number;
}

function readHead(bytes: Uint8Array): Head | undefined {
  const text = Buffer.from(bytes.subarray(0, HEAD_BYTES_MAX)).toString('latin1');
  const head = HEAD.exec(text);
  if (head === null) return undefined;
  const check = CHECK.exec(text.slice(head[0].length));
  if (check === null) return undefined;
  return {
    seq: Number(head[1]),
    op: head[2] ?? '',
    isSide: head[3] !== undefined,
    lengthBytes: Number(head[4]),
    crc: check[1] ?? '',
    checked: bytes.subarray(0, head[0].length),
    bodyAt: head[0].length + check[0].length,
  };
}
