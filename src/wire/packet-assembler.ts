/**
 * Puts incoming packets together from whatever pieces a socket delivers. A packet that lies in one
 * piece is not copied; one that does not is gathered in a buffer that grows with what has really
 * come, so that a length in a header costs nothing by itself.
 */
import { assert } from '../base/assert.ts';
import { SimError } from '../base/errors.ts';
import { KIB } from '../base/units.ts';
import { HEADER_BYTES, PART_BYTES_MAX, SEQUENCE_MASK } from './protocol-numbers.ts';

export interface Packet {
  /** The whole payload, parts over 16 MB joined. Valid as long as it is held. */
  readonly payload: Buffer;
}

const GATHERED_BYTES_MIN: number = 4 * KIB;
const EMPTY: Buffer = Buffer.alloc(0);

export class PacketAssembler {
  /** A payload longer than this is refused as soon as a header says so. */
  payloadBytesMax: number;
  /** The number that the next packet has to begin with. */
  expectedSequence = 0;

  readonly #pieces: Buffer[] = [];
  /** How much of the first piece is used up. */
  #at = 0;
  readonly #header: Buffer = Buffer.alloc(HEADER_BYTES);
  #headerBytes = 0;
  #isContinued = false;
  #partBytes = 0;
  /** What of the current part has still to come. */
  #missingBytes = 0;
  #gathered: Buffer = EMPTY;
  #gatheredBytes = 0;
  #nextSequence = 0;

  constructor(payloadBytesMax: number) {
    this.payloadBytesMax = payloadBytesMax;
  }

  /** The number of an answer to the last packet of which a header was seen. */
  get nextSequence(): number {
    return this.#nextSequence;
  }

  push(piece: Buffer): void {
    if (piece.length > 0) this.#pieces.push(piece);
  }

  /** What was pushed and not yet used, between two packets; it is taken out. */
  takeRest(): readonly Buffer[] {
    assert(this.#headerBytes === 0, 'the rest is taken between packets');
    const pieces = this.#pieces.splice(0);
    const at = this.#at;
    this.#at = 0;
    return pieces.map((piece, index) => (index === 0 ? piece.subarray(at) : piece));
  }

  /**
   * The next whole packet, or `undefined` until more pieces come. Throws `packets-out-of-order`
   * or `packet-too-large`; after that the connection cannot go on.
   */
  next(): Packet | undefined {
    for (;;) {
      if (this.#headerBytes < HEADER_BYTES) {
        if (!this.#readHeader()) return undefined;
        this.#acceptHeader();
      }
      const whole = this.#wholeInPiece();
      if (whole !== undefined) return this.#finish(whole);
      if (!this.#gather()) return undefined;
      this.#headerBytes = 0;
      this.#isContinued = this.#partBytes === PART_BYTES_MAX;
      if (this.#isContinued) continue;
      const payload = this.#gathered.subarray(0, this.#gatheredBytes);
      return this.#finish(payload);
    }
  }

  #finish(payload: Buffer): Packet {
    this.#headerBytes = 0;
    this.#isContinued = false;
    this.#gathered = EMPTY;
    this.#gatheredBytes = 0;
    return { payload };
  }

  #readHeader(): boolean {
    while (this.#headerBytes < HEADER_BYTES) {
      const piece = this.#pieces[0];
      if (piece === undefined) return false;
      const count = Math.min(HEADER_BYTES - this.#headerBytes, piece.length - this.#at);
      piece.copy(this.#header, this.#headerBytes, this.#at, this.#at + count);
      this.#headerBytes += count;
      this.#advance(piece, count);
    }
    return true;
  }

  #acceptHeader(): void {
    const sequence = this.#header.readUInt8(3);
    const expected = this.#isContinued ? this.#nextSequence : this.expectedSequence;
    this.#nextSequence = (sequence + 1) & SEQUENCE_MASK;
    if (sequence !== expected) {
      throw new SimError(
        'packets-out-of-order',
        `Got packets out of order: number ${sequence} came where ${expected} is due`,
      );
    }
    this.#partBytes = this.#header.readUIntLE(0, 3);
    this.#missingBytes = this.#partBytes;
    if (this.#gatheredBytes + this.#partBytes > this.payloadBytesMax) {
      throw new SimError(
        'packet-too-large',
        "Got a packet bigger than 'max_allowed_packet' bytes, " +
          `which is ${this.payloadBytesMax} at this point`,
      );
    }
  }

  /** The payload as a view of the piece it lies in, if it is whole there. */
  #wholeInPiece(): Buffer | undefined {
    if (this.#isContinued || this.#partBytes === PART_BYTES_MAX) return undefined;
    if (this.#missingBytes !== this.#partBytes) return undefined;
    if (this.#partBytes === 0) return EMPTY;
    const piece = this.#pieces[0];
    if (piece === undefined || piece.length - this.#at < this.#partBytes) return undefined;
    const payload = piece.subarray(this.#at, this.#at + this.#partBytes);
    this.#advance(piece, this.#partBytes);
    return payload;
  }

  #gather(): boolean {
    while (this.#missingBytes > 0) {
      const piece = this.#pieces[0];
      if (piece === undefined) return false;
      const count = Math.min(this.#missingBytes, piece.length - this.#at);
      this.#reserve(count);
      piece.copy(this.#gathered, this.#gatheredBytes, this.#at, this.#at + count);
      this.#gatheredBytes += count;
      this.#missingBytes -= count;
      this.#advance(piece, count);
    }
    return true;
  }

  #reserve(count: number): void {
    const needed = this.#gatheredBytes + count;
    if (needed <= this.#gathered.length) return;
    const announced = this.#gatheredBytes + this.#missingBytes;
    const doubled = Math.max(GATHERED_BYTES_MIN, 2 * this.#gathered.length);
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, Math.min(announced, doubled)));
    this.#gathered.copy(grown, 0, 0, this.#gatheredBytes);
    this.#gathered = grown;
  }

  #advance(piece: Buffer, count: number): void {
    this.#at += count;
    if (this.#at < piece.length) return;
    this.#pieces.shift();
    this.#at = 0;
  }
}
