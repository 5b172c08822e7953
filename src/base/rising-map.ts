/**
 * A map by id for ids that come rising and go in about that order, as tasks of a queue do: two
 * lists, without a hash and without the tables that a map makes anew as it grows and shrinks.
 */

/** Past this many gaps the lists are made shorter, once most of them is gaps. */
const GAPS_MIN = 16 * 1024;

/** Values are never `undefined`. */
export class RisingMap<K extends number, V> {
  #ids: K[] = [];
  /** A gap is what has gone. */
  #values: (V | undefined)[] = [];
  #filled = 0;
  /** Where the next call will probably look. */
  #next = 0;
  /** What did not come in order. */
  readonly #others = new Map<K, V>();

  get size(): number {
    return this.#filled + this.#others.size;
  }

  has(id: K): boolean {
    return this.get(id) !== undefined;
  }

  get(id: K): V | undefined {
    const at = this.#find(id);
    const value = at === undefined ? undefined : this.#values[at];
    return value ?? (this.#isOther(id) ? this.#others.get(id) : undefined);
  }

  set(id: K, value: V): void {
    const last = this.#ids[this.#ids.length - 1];
    if ((last === undefined || id > last) && !this.#isOther(id)) {
      this.#ids.push(id);
      this.#values.push(value);
      this.#filled += 1;
      return;
    }
    const at = this.#find(id);
    if (at !== undefined && this.#values[at] !== undefined) this.#values[at] = value;
    else this.#others.set(id, value);
  }

  delete(id: K): boolean {
    const at = this.#find(id);
    if (at === undefined || this.#values[at] === undefined) {
      return this.#isOther(id) && this.#others.delete(id);
    }
    this.#values[at] = undefined;
    this.#filled -= 1;
    this.#next = at + 1;
    const gaps = this.#ids.length - this.#filled;
    if (this.#filled === 0 || (gaps > GAPS_MIN && gaps > this.#filled)) this.#closeGaps();
    return true;
  }

  clear(): void {
    this.#values = [];
    this.#filled = 0;
    this.#closeGaps();
    this.#others.clear();
  }

  *keys(): Generator<K, undefined> {
    for (const [id] of this) yield id;
  }

  *values(): Generator<V, undefined> {
    for (const [, value] of this) yield value;
  }

  /** Those that came rising, then the others. */
  *[Symbol.iterator](): Generator<[K, V], undefined> {
    const [ids, values] = [this.#ids, this.#values];
    for (const [at, id] of ids.entries()) {
      const value = values[at];
      if (value !== undefined) yield [id, value];
    }
    yield* this.#others;
  }

  #isOther(id: K): boolean {
    return this.#others.size > 0 && this.#others.has(id);
  }

  #closeGaps(): void {
    const [ids, values] = [this.#ids, this.#values];
    const isThere = (_: unknown, at: number): boolean => values[at] !== undefined;
    this.#ids = this.#filled === 0 ? [] : ids.filter(isThere);
    this.#values = this.#filled === 0 ? [] : values.filter(isThere);
    this.#next = 0;
  }

  /** Where an id stands, also when it has gone. */
  #find(id: K): number | undefined {
    const ids = this.#ids;
    if (ids[this.#next] === id) return this.#next;
    let from = 0;
    let to = ids.length;
    if (to === 0 || id > (ids[to - 1] ?? 0)) return undefined;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((ids[middle] ?? 0) < id) from = middle + 1;
      else to = middle;
    }
    if (ids[from] !== id) return undefined;
    this.#next = from;
    return from;
  }
}
