/**
 * A piece of JSON that comes again and again with other integers in it: what lies between them is
 * laid out once, and mostly a few digits change from one row to the next.
 */
import type { JsonChunks } from './json-chunks.ts';

const DIGIT_ZERO = 48;
const SMALL_MAX = 2 ** 31;

export class JsonRow {
  readonly #pieces: readonly Buffer[];
  readonly #numbers: number[];
  /** Characters of each number, and where it ends in the row. */
  readonly #lengths: number[];
  readonly #ends: number[];
  #row: Buffer = Buffer.alloc(0);

  /** What stands before, between and after the integers; all of them are 0 at first. */
  constructor(pieces: readonly string[]) {
    this.#pieces = pieces.map((piece) => Buffer.from(piece));
    this.#numbers = pieces.slice(1).map(() => 0);
    this.#lengths = this.#numbers.map(() => 1);
    this.#ends = this.#numbers.map(() => 0);
    this.#layOut();
  }

  /** The integer after the piece with that number. */
  set(at: number, value: number): void {
    if (this.#numbers[at] === value) return;
    this.#numbers[at] = value;
    const isSmall = value >= 0 && value < SMALL_MAX && value === Math.trunc(value);
    const length = isSmall ? digitsOf(value) : String(value).length;
    if (length !== this.#lengths[at]) {
      this.#lengths[at] = length;
      this.#layOut();
    } else if (isSmall) {
      this.#putDigits(value, this.#ends[at] ?? 0);
    } else {
      this.#putText(at);
    }
  }

  addTo(out: JsonChunks): void {
    out.addBytes(this.#row);
  }

  #layOut(): void {
    const parts: Buffer[] = [];
    let end = 0;
    for (const [at, piece] of this.#pieces.entries()) {
      parts.push(piece);
      end += piece.length;
      if (at === this.#numbers.length) continue;
      const length = this.#lengths[at] ?? 0;
      parts.push(Buffer.alloc(length));
      end += length;
      this.#ends[at] = end;
    }
    this.#row = Buffer.concat(parts);
    for (const at of this.#numbers.keys()) this.#putText(at);
  }

  #putText(at: number): void {
    const start = (this.#ends[at] ?? 0) - (this.#lengths[at] ?? 0);
    this.#row.write(String(this.#numbers[at]), start, 'latin1');
  }

  /** From the last digit on, as integers all the way, which the engine divides by multiplying. */
  #putDigits(value: number, end: number): void {
    const row = this.#row;
    let rest = value | 0;
    let at = end;
    do {
      const next = (rest / 10) | 0;
      at -= 1;
      row[at] = DIGIT_ZERO + rest - next * 10;
      rest = next;
    } while (rest > 0);
  }
}

function digitsOf(value: number): number {
  let digits = 1;
  for (let power = 10; power <= value; power *= 10) digits += 1;
  return digits;
}
