/** The Adler-32 checksum (RFC 1950), fed piece by piece, as java.util.zip.Adler32 is. */

const MODULUS = 65_521;
const encoder = new TextEncoder();

export class Adler32 {
  #low = 1;
  #high = 0;

  /** The low 8 bits of an integer. */
  byte(value: number): this {
    this.#low = (this.#low + (value & 0xff)) % MODULUS;
    this.#high = (this.#high + this.#low) % MODULUS;
    return this;
  }

  /** The UTF-8 bytes of a text. */
  text(value: string): this {
    for (const byte of encoder.encode(value)) this.byte(byte);
    return this;
  }

  /** As an unsigned 32-bit number. */
  get value(): number {
    return this.#high * 65_536 + this.#low;
  }

  /** What StarRocks makes of it: the absolute value of the number read as a signed one. */
  get absolute(): number {
    return Math.abs(this.value | 0);
  }
}
