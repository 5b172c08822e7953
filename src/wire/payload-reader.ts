/**
 * Reads the values of one packet payload in order. A payload that ends too early throws what its
 * kind of packet calls for: `bad-handshake` unless another code is given.
 */
import { type ErrorCode, SimError } from '../base/errors.ts';

const LENENC_TWO_BYTES = 0xfc;
const LENENC_THREE_BYTES = 0xfd;
const LENENC_EIGHT_BYTES = 0xfe;

export class PayloadReader {
  readonly #payload: Buffer;
  readonly #truncatedCode: ErrorCode;
  #at = 0;

  constructor(payload: Buffer, truncatedCode: ErrorCode = 'bad-handshake') {
    this.#payload = payload;
    this.#truncatedCode = truncatedCode;
  }

  get at(): number {
    return this.#at;
  }

  get end(): number {
    return this.#payload.length;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#payload.length;
  }

  uint8(): number {
    return this.#payload.readUInt8(this.#claim(1));
  }

  uint32(): number {
    return this.#payload.readUInt32LE(this.#claim(4));
  }

  /** A whole number of 1, 2, 4 or 8 bytes. */
  integer(sizeBytes: 1 | 2 | 4 | 8, isSigned: boolean): bigint {
    const at = this.#claim(sizeBytes);
    if (sizeBytes === 8) {
      return isSigned ? this.#payload.readBigInt64LE(at) : this.#payload.readBigUInt64LE(at);
    }
    return BigInt(
      isSigned ? this.#payload.readIntLE(at, sizeBytes) : this.#payload.readUIntLE(at, sizeBytes),
    );
  }

  float(): number {
    return this.#payload.readFloatLE(this.#claim(4));
  }

  double(): number {
    return this.#payload.readDoubleLE(this.#claim(8));
  }

  skip(count: number): void {
    this.#claim(count);
  }

  /** A view, not a copy. */
  bytes(count: number): Uint8Array {
    const start = this.#claim(count);
    return this.#payload.subarray(start, start + count);
  }

  nulTerminatedText(): string {
    const nul = this.#payload.indexOf(0, this.#at);
    if (nul === -1) throw this.#truncated();
    return this.#textUntil(nul);
  }

  /** The same, where the last text of a packet may lack its end mark. */
  nulTerminatedTextOrRest(): string {
    const nul = this.#payload.indexOf(0, this.#at);
    return this.#textUntil(nul === -1 ? this.#payload.length : nul);
  }

  lenencBytes(): Uint8Array {
    const size = this.lenencIntIfWhole();
    if (size === undefined) throw this.#truncated();
    return this.bytes(size);
  }

  /** A length-encoded text, or `undefined` (and nothing consumed) if it is not all there. */
  lenencTextIfWhole(): string | undefined {
    const start = this.#at;
    const size = this.lenencIntIfWhole();
    if (size === undefined || size > this.#payload.length - this.#at) {
      this.#at = start;
      return undefined;
    }
    this.#at += size;
    return this.#payload.toString('utf8', this.#at - size, this.#at);
  }

  /** A length-encoded number, or `undefined` (and nothing consumed) if it is not all there. */
  lenencIntIfWhole(): number | undefined {
    const first = this.#payload[this.#at];
    if (first === undefined) return undefined;
    const width = lenencWidth(first);
    if (width === undefined || this.#payload.length - this.#at < 1 + width) return undefined;
    const start = this.#at + 1;
    this.#at = start + width;
    if (width === 0) return first;
    if (width === 8) return Number(this.#payload.readBigUInt64LE(start));
    return this.#payload.readUIntLE(start, width);
  }

  #textUntil(end: number): string {
    const text = this.#payload.toString('utf8', this.#at, end);
    this.#at = Math.min(end + 1, this.#payload.length);
    return text;
  }

  #claim(count: number): number {
    const start = this.#at;
    if (count > this.#payload.length - start) throw this.#truncated();
    this.#at = start + count;
    return start;
  }

  #truncated(): SimError {
    const name = this.#truncatedCode === 'bad-handshake' ? 'Bad handshake' : 'Malformed packet';
    return new SimError(this.#truncatedCode, `${name}: the packet ends too early`);
  }
}

/** Bytes that follow the first one; `undefined` if the first byte begins no number. */
function lenencWidth(first: number): number | undefined {
  if (first < 0xfb) return 0;
  if (first === LENENC_TWO_BYTES) return 2;
  if (first === LENENC_THREE_BYTES) return 3;
  return first === LENENC_EIGHT_BYTES ? 8 : undefined;
}
