/**
 * Encodes outgoing packets into one growing buffer: frames, sequence numbers, length-encoded
 * values, payloads over 16 MB. Whoever sends the bytes takes them with `taken()`
 * (packet-output.ts).
 */
import { assert } from '../base/assert.ts';
import { KIB } from '../base/units.ts';
import { HEADER_BYTES, MARK, PART_BYTES_MAX, SEQUENCE_MASK } from './protocol-numbers.ts';

const CAPACITY_BYTES_MIN: number = 4 * KIB;
/** A buffer that grew past this for one big value is not kept. */
const CAPACITY_BYTES_KEPT_MAX: number = 256 * KIB;

const UTF8_BYTES_PER_UNIT_MAX = 3;
/** Length-encoded numbers below this take one byte. */
const LENENC_ONE_BYTE_END = 0xfb;
/** Texts this short are certain to have a one-byte length. */
const SHORT_TEXT_UNITS_MAX: number = Math.floor(
  (LENENC_ONE_BYTE_END - 1) / UTF8_BYTES_PER_UNIT_MAX,
);
const LENENC_BYTES_MAX = 9;

export class PacketWriter {
  #buffer: Buffer = Buffer.allocUnsafeSlow(CAPACITY_BYTES_MIN);
  #length = 0;
  /** Where the open packet began, or -1. */
  #packetStart = -1;

  /** The number that the next packet gets. */
  sequence = 0;

  /** Bytes of encoded packets that nobody has taken yet. */
  get pendingBytes(): number {
    return this.#length;
  }

  begin(): void {
    assert(this.#packetStart === -1, 'one packet at a time is written');
    this.#ensure(HEADER_BYTES);
    this.#packetStart = this.#length;
    this.#length += HEADER_BYTES;
  }

  end(): void {
    const start = this.#packetStart;
    assert(start !== -1, 'a packet was begun');
    this.#packetStart = -1;
    const payloadBytes = this.#length - start - HEADER_BYTES;
    if (payloadBytes >= PART_BYTES_MAX) this.#split(start, payloadBytes);
    else this.#frame(start, payloadBytes);
  }

  /** Forgets the packet that was begun and not ended, if there is one. */
  abandon(): void {
    if (this.#packetStart === -1) return;
    this.#length = this.#packetStart;
    this.#packetStart = -1;
  }

  /** The encoded bytes; they stay valid until `taken`. */
  pending(): Buffer {
    assert(this.#packetStart === -1, 'only whole packets are sent');
    return this.#buffer.subarray(0, this.#length);
  }

  /** The pending bytes are handed over. `isReusable`: nobody reads them any more. */
  taken(isReusable: boolean): void {
    const capacity = this.#buffer.length;
    this.#length = 0;
    if (capacity > CAPACITY_BYTES_KEPT_MAX) {
      this.#buffer = Buffer.allocUnsafeSlow(CAPACITY_BYTES_MIN);
    } else if (!isReusable) {
      this.#buffer = Buffer.allocUnsafeSlow(capacity);
    }
  }

  uint8(value: number): void {
    this.#ensure(1);
    this.#buffer[this.#length++] = value;
  }

  uint16(value: number): void {
    this.#ensure(2);
    this.#length = this.#buffer.writeUInt16LE(value, this.#length);
  }

  uint32(value: number): void {
    this.#ensure(4);
    this.#length = this.#buffer.writeUInt32LE(value, this.#length);
  }

  uint64(value: bigint): void {
    this.#ensure(8);
    this.#length = this.#buffer.writeBigUInt64LE(BigInt.asUintN(64, value), this.#length);
  }

  float(value: number): void {
    this.#ensure(4);
    this.#length = this.#buffer.writeFloatLE(value, this.#length);
  }

  double(value: number): void {
    this.#ensure(8);
    this.#length = this.#buffer.writeDoubleLE(value, this.#length);
  }

  zeros(count: number): void {
    this.#ensure(count);
    this.#buffer.fill(0, this.#length, this.#length + count);
    this.#length += count;
  }

  bytes(source: Uint8Array): void {
    this.#ensure(source.length);
    this.#buffer.set(source, this.#length);
    this.#length += source.length;
  }

  /** UTF-8 without length or end mark. */
  text(text: string): void {
    this.#ensure(text.length * UTF8_BYTES_PER_UNIT_MAX);
    this.#length += this.#buffer.write(text, this.#length);
  }

  nulTerminatedText(text: string): void {
    this.text(text);
    this.uint8(0);
  }

  null(): void {
    this.uint8(MARK.null);
  }

  lenencInt(value: number): void {
    this.#ensure(LENENC_BYTES_MAX);
    const buffer = this.#buffer;
    if (value < LENENC_ONE_BYTE_END) {
      buffer[this.#length++] = value;
    } else if (value <= 0xffff) {
      buffer[this.#length] = 0xfc;
      this.#length = buffer.writeUInt16LE(value, this.#length + 1);
    } else if (value <= 0xff_ffff) {
      buffer[this.#length] = 0xfd;
      this.#length = buffer.writeUIntLE(value, this.#length + 1, 3);
    } else {
      buffer[this.#length] = 0xfe;
      this.#length = buffer.writeBigUInt64LE(BigInt(value), this.#length + 1);
    }
  }

  lenencBytes(source: Uint8Array): void {
    this.lenencInt(source.length);
    this.bytes(source);
  }

  lenencText(text: string): void {
    const units = text.length;
    if (units > SHORT_TEXT_UNITS_MAX) {
      const sizeBytes = Buffer.byteLength(text);
      this.lenencInt(sizeBytes);
      this.#ensure(sizeBytes);
      this.#length += this.#buffer.write(text, this.#length, sizeBytes, 'utf8');
      return;
    }
    this.#ensure(1 + units * UTF8_BYTES_PER_UNIT_MAX);
    const buffer = this.#buffer;
    const start = this.#length + 1;
    // A loop beats a call into native code for the short ASCII texts that most cells are.
    let index = 0;
    for (; index < units; index += 1) {
      const code = text.charCodeAt(index);
      if (code > 0x7f) break;
      buffer[start + index] = code;
    }
    const sizeBytes = index === units ? units : buffer.write(text, start);
    buffer[start - 1] = sizeBytes;
    this.#length = start + sizeBytes;
  }

  #frame(start: number, payloadBytes: number): void {
    const buffer = this.#buffer;
    buffer[start] = payloadBytes & 0xff;
    buffer[start + 1] = (payloadBytes >> 8) & 0xff;
    buffer[start + 2] = payloadBytes >> 16;
    buffer[start + 3] = this.sequence;
    this.sequence = (this.sequence + 1) & SEQUENCE_MASK;
  }

  /** Makes room for a header before each further part, the last of which may be empty. */
  #split(start: number, payloadBytes: number): void {
    const furtherParts = Math.floor(payloadBytes / PART_BYTES_MAX);
    this.#ensure(furtherParts * HEADER_BYTES);
    const buffer = this.#buffer;
    const body = start + HEADER_BYTES;
    for (let part = furtherParts; part >= 1; part -= 1) {
      const from = body + part * PART_BYTES_MAX;
      buffer.copyWithin(
        from + part * HEADER_BYTES,
        from,
        Math.min(from + PART_BYTES_MAX, this.#length),
      );
    }
    for (let part = 0; part <= furtherParts; part += 1) {
      const size = Math.min(PART_BYTES_MAX, payloadBytes - part * PART_BYTES_MAX);
      this.#frame(start + part * (HEADER_BYTES + PART_BYTES_MAX), size);
    }
    this.#length += furtherParts * HEADER_BYTES;
  }

  #ensure(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#buffer.length));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}
