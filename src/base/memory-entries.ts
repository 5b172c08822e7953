/**
 * Names and what they stand for: a map that takes next to no room while it holds one name, as most
 * directories of a simulated disk with a million of them do.
 */
export class MemoryEntries<T> {
  #onlyName: string | undefined;
  #onlyValue: T | undefined;
  #map: Map<string, T> | undefined;

  get size(): number {
    return this.#map?.size ?? (this.#onlyName === undefined ? 0 : 1);
  }

  has(name: string): boolean {
    return this.#map === undefined ? this.#onlyName === name : this.#map.has(name);
  }

  get(name: string): T | undefined {
    if (this.#map !== undefined) return this.#map.get(name);
    return this.#onlyName === name ? this.#onlyValue : undefined;
  }

  set(name: string, value: T): void {
    if (this.#map !== undefined) {
      this.#map.set(name, value);
    } else if (this.#onlyName === undefined || this.#onlyName === name) {
      this.#onlyName = name;
      this.#onlyValue = value;
    } else {
      this.#map = new Map([...this, [name, value]]);
      this.#onlyName = undefined;
      this.#onlyValue = undefined;
    }
  }

  delete(name: string): void {
    if (this.#map !== undefined) {
      this.#map.delete(name);
    } else if (this.#onlyName === name) {
      this.#onlyName = undefined;
      this.#onlyValue = undefined;
    }
  }

  clear(): void {
    this.#map = undefined;
    this.#onlyName = undefined;
    this.#onlyValue = undefined;
  }

  /** In the order in which the names came. */
  *[Symbol.iterator](): Generator<[string, T]> {
    if (this.#map !== undefined) yield* this.#map;
    else if (this.#onlyName !== undefined) yield [this.#onlyName, this.#onlyValue as T];
  }
}
