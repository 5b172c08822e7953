/**
 * JSON text on its way out, in chunks of UTF-8: a table with many tablets is hundreds of megabytes
 * and never a string. Writers add small pieces and yield a chunk when one is full. A chunk never
 * ends inside a character, so that each reads as text by itself.
 */
import { STREAM_CHUNK_BYTES } from '../base/files.ts';

/** Text or UTF-8, each piece whole by itself. */
export type JsonText = Iterable<string | Buffer>;

/** A chunk is at least this long, but for the last, and little longer: worth a write by itself. */
export const CHUNK_LENGTH: number = STREAM_CHUNK_BYTES;

/** Most records are small; those of many tablets fill chunk after chunk. */
const FIRST_BYTES = 512;

/** Pieces up to this length are copied by hand: a call into native code costs more. */
const SHORT_LENGTH = 48;

/** A character is at most so many bytes of UTF-8. */
const CHAR_BYTES_MAX = 3;

/** Digits of the largest number that `addInteger` writes by hand. */
const DIGITS_MAX = 10;
const SMALL_MAX = 2 ** 31;
const DIGIT_ZERO = 48;
const ASCII_MAX = 127;
const QUOTE = 34;
const BACKSLASH = 92;
const SPACE = 32;

/** UTF-8 in one buffer: joining a million small texts costs far more than writing their bytes. */
export class JsonChunks {
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #length = 0;

  /** Must not end inside a surrogate pair. */
  add(piece: string): void {
    this.#reserve(piece.length * CHAR_BYTES_MAX);
    if (piece.length > SHORT_LENGTH || !this.#addAscii(piece)) {
      this.#length += this.#bytes.write(piece, this.#length);
    }
  }

  /** A piece that comes again and again, as UTF-8. */
  addBytes(piece: Uint8Array): void {
    this.#reserve(piece.length);
    this.#bytes.set(piece, this.#length);
    this.#length += piece.length;
  }

  /** A JSON value that is small. */
  addJson(value: unknown): void {
    this.add(JSON.stringify(value));
  }

  /** A text as a JSON value. */
  addText(text: string): void {
    if (text.length > SHORT_LENGTH * 4 || !this.#addPlain(text)) this.addJson(text);
  }

  addInteger(value: number): void {
    if (!(value >= 0 && value < SMALL_MAX) || value !== Math.trunc(value)) {
      this.add(String(value));
      return;
    }
    this.#reserve(DIGITS_MAX);
    const bytes = this.#bytes;
    // As integers all the way, which the engine divides by multiplying.
    let rest = value | 0;
    let end = this.#length + digitsOf(rest);
    this.#length = end;
    do {
      const next = (rest / 10) | 0;
      end -= 1;
      bytes[end] = DIGIT_ZERO + rest - next * 10;
      rest = next;
    } while (rest > 0);
  }

  get isFull(): boolean {
    return this.#length >= CHUNK_LENGTH;
  }

  /** What was added since the last call, as bytes of their own. */
  take(): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
    return taken;
  }

  /** Between quotes. False, and nothing added, when JSON has the text in another form. */
  #addPlain(text: string): boolean {
    this.#reserve(text.length + 2);
    const bytes = this.#bytes;
    const begin = this.#length + 1;
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code < SPACE || code > ASCII_MAX || code === QUOTE || code === BACKSLASH) return false;
      bytes[begin + at] = code;
    }
    bytes[begin - 1] = QUOTE;
    bytes[begin + text.length] = QUOTE;
    this.#length = begin + text.length + 1;
    return true;
  }

  /** False, and nothing added, when a character is no ASCII. */
  #addAscii(text: string): boolean {
    const bytes = this.#bytes;
    const begin = this.#length;
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code > ASCII_MAX) return false;
      bytes[begin + at] = code;
    }
    this.#length = begin + text.length;
    return true;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.#length + count));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

function digitsOf(value: number): number {
  let digits = 1;
  for (let power = 10; power <= value && digits < DIGITS_MAX; power *= 10) digits += 1;
  return digits;
}

/** Runs a writer and gives its text as chunks. */
export function* chunksOf(write: (out: JsonChunks) => JsonText): JsonText {
  const out = new JsonChunks();
  yield* write(out);
  const rest = out.take();
  if (rest.length > 0) yield rest;
}

/** A JSON array or object whose entries are written one by one; yields between entries. */
export function* writeAll<T>(
  out: JsonChunks,
  brackets: '[]' | '{}',
  items: Iterable<T>,
  write: (item: T) => JsonText | undefined,
): JsonText {
  out.add(brackets.charAt(0));
  let isFirst = true;
  for (const item of items) {
    if (!isFirst) out.add(',');
    isFirst = false;
    const chunks = write(item);
    if (chunks !== undefined) yield* chunks;
    if (out.isFull) yield out.take();
  }
  out.add(brackets.charAt(1));
}
