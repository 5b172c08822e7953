/** Numbers by position, in one piece that grows: nothing for a collector of garbage to look at. */

const ROOM_MIN = 16;

export class NumberColumn {
  #numbers = new Float64Array(0);
  #length = 0;
  readonly #roomFirst: number;

  /** Room for so many is made with the first. */
  constructor(roomFirst = 0) {
    this.#roomFirst = roomFirst;
  }

  get length(): number {
    return this.#length;
  }

  push(number: number): void {
    if (this.#length === this.#numbers.length) {
      const room = Math.max(ROOM_MIN, this.#roomFirst, this.#length * 2);
      const larger = new Float64Array(room);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers[this.#length] = number;
    this.#length += 1;
  }

  at(position: number): number | undefined {
    return position < this.#length ? this.#numbers[position] : undefined;
  }
}
