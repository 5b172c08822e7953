/**
 * Where ids stand in a list. Those of one job come from one sequence, so they lie close together,
 * and a table by id takes a fraction of the room and time of a map. Ids that do not are in a map.
 */

/** With more room per id than this a table would be larger than a map. */
const ROOM_PER_ID_MAX = 8;

export class IdPositions {
  /** Of the table's first entry. */
  readonly #firstId: number;
  /** Positions, one more than they are; 0 stands for none. */
  readonly #table: Int32Array | undefined;
  readonly #map: Map<number, number> | undefined;
  readonly #count: number;

  /** Of an id that comes twice the later position counts. */
  constructor(count: number, idAt: (position: number) => number) {
    let least = Number.POSITIVE_INFINITY;
    let most = Number.NEGATIVE_INFINITY;
    for (let at = 0; at < count; at += 1) {
      const id = idAt(at);
      if (id < least) least = id;
      if (id > most) most = id;
    }
    this.#firstId = least;
    const room = most - least + 1;
    if (count > 0 && room <= count * ROOM_PER_ID_MAX) this.#table = new Int32Array(room);
    else this.#map = new Map();
    let distinct = 0;
    for (let at = 0; at < count; at += 1) {
      if (this.get(idAt(at)) === undefined) distinct += 1;
      this.#set(idAt(at), at);
    }
    this.#count = distinct;
  }

  /** Different ids. */
  get count(): number {
    return this.#count;
  }

  get(id: number): number | undefined {
    if (this.#table === undefined) return this.#map?.get(id);
    const found = this.#table[id - this.#firstId];
    return found === undefined || found === 0 ? undefined : found - 1;
  }

  #set(id: number, position: number): void {
    if (this.#table === undefined) this.#map?.set(id, position);
    else this.#table[id - this.#firstId] = position + 1;
  }
}
