/**
 * What belongs to numbers that lie close together, such as ids of one sequence: lists of a few
 * neighbours, which take less room and time than a map with an entry for each of very many.
 */

const PAGE_BITS = 4;
const PAGE_LENGTH: number = 2 ** PAGE_BITS;

/** For whole numbers from 0 on. Values are never `undefined`. */
export class IdPages<V> {
  readonly #pages = new Map<number, (V | undefined)[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(id: number): V | undefined {
    return this.#pages.get(pageOf(id))?.[id % PAGE_LENGTH];
  }

  set(id: number, value: V): void {
    let page = this.#pages.get(pageOf(id));
    if (page === undefined) {
      page = new Array<V | undefined>(PAGE_LENGTH).fill(undefined);
      this.#pages.set(pageOf(id), page);
    }
    if (page[id % PAGE_LENGTH] === undefined) this.#size += 1;
    page[id % PAGE_LENGTH] = value;
  }

  delete(id: number): boolean {
    const page = this.#pages.get(pageOf(id));
    if (page?.[id % PAGE_LENGTH] === undefined) return false;
    page[id % PAGE_LENGTH] = undefined;
    this.#size -= 1;
    if (isEmpty(page)) this.#pages.delete(pageOf(id));
    return true;
  }

  /** By rising number. */
  *[Symbol.iterator](): Generator<[number, V]> {
    for (const [number, page] of [...this.#pages].sort(([a], [b]) => a - b)) {
      for (let at = 0; at < PAGE_LENGTH; at += 1) {
        const value = page[at];
        if (value !== undefined) yield [number * PAGE_LENGTH + at, value];
      }
    }
  }
}

/** Numbers may be larger than what shifts keep. */
const pageOf = (id: number): number => Math.floor(id / PAGE_LENGTH);

function isEmpty(page: readonly unknown[]): boolean {
  for (let at = 0; at < PAGE_LENGTH; at += 1) if (page[at] !== undefined) return false;
  return true;
}
