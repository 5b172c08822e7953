/** Lists of file names, one per tablet, by position. */

/**
 * A list of one name, which most tablets of a very large job have, is kept as that name alone. What
 * is given back may be a new array each time.
 */
export class NameLists {
  readonly #lists: (string | readonly string[] | undefined)[];

  /** As many as there will be, if that is known. */
  constructor(count = 0) {
    this.#lists = new Array<undefined>(count).fill(undefined);
  }

  set(at: number, names: readonly string[]): void {
    // No holes: an array with holes takes more room and time.
    while (this.#lists.length < at) this.#lists.push(undefined);
    const [only] = names;
    this.#lists[at] = names.length === 1 && only !== undefined ? only : names;
  }

  /** One name without an array around it. */
  namesAt(at: number): string | readonly string[] | undefined {
    return this.#lists[at];
  }

  get(at: number): readonly string[] | undefined {
    const list = this.#lists[at];
    return typeof list === 'string' ? [list] : list;
  }
}
