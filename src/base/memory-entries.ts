/**
 * Names and what they stand for: a map that takes next to no room while it holds one name, as most
 * directories of a simulated disk with a million of them do, and little while its names differ in
 * a number alone.
 */
import type { NameForm } from './name-form.ts';
import { NumberedEntries } from './numbered-entries.ts';

/** Values are never `undefined`. */
export class MemoryEntries<T> {
  #onlyName: string | undefined;
  #onlyValue: T | undefined;
  #many: Map<string, T> | NumberedEntries<T> | undefined;

  get size(): number {
    return this.#many?.size ?? (this.#onlyName === undefined ? 0 : 1);
  }

  has(name: string): boolean {
    return this.#many === undefined ? this.#onlyName === name : this.#many.has(name);
  }

  get(name: string): T | undefined {
    if (this.#many !== undefined) return this.#many.get(name);
    return this.#onlyName === name ? this.#onlyValue : undefined;
  }

  set(name: string, value: T): void {
    const many = this.#many;
    if (many instanceof NumberedEntries) {
      if (!many.set(name, value)) this.#many = new Map([...many, [name, value]]);
    } else if (many !== undefined) {
      many.set(name, value);
    } else if (this.#onlyName === undefined || this.#onlyName === name) {
      this.#onlyName = name;
      this.#onlyValue = value;
    } else {
      const next: [string, T] = [name, value];
      const [only] = this;
      if (only !== undefined) this.#many = NumberedEntries.of(only, next) ?? new Map([only, next]);
      this.#onlyName = undefined;
      this.#onlyValue = undefined;
    }
  }

  /** Sets a name that is not here; false, and nothing done, if it is. */
  add(name: string, value: T): boolean {
    const many = this.#many;
    const isNew = many instanceof NumberedEntries ? many.add(name, value) : undefined;
    if (isNew !== undefined) return isNew;
    if (this.has(name)) return false;
    this.set(name, value);
    return true;
  }

  delete(name: string): void {
    if (this.#many !== undefined) {
      this.#many.delete(name);
      // What is numbered would keep its room.
      if (this.#many.size === 0) this.#many = undefined;
    } else if (this.#onlyName === name) {
      this.#onlyName = undefined;
      this.#onlyValue = undefined;
    }
  }

  /** What the names here have in common, as long as they differ in a number alone. */
  get form(): NameForm | undefined {
    return this.#many instanceof NumberedEntries ? this.#many.form : undefined;
  }

  clear(): void {
    this.#many = undefined;
    this.#onlyName = undefined;
    this.#onlyValue = undefined;
  }

  /** In the order in which the names came; those that differ in a number alone, by that. */
  *[Symbol.iterator](): Generator<[string, T]> {
    if (this.#many !== undefined) yield* this.#many;
    else if (this.#onlyName !== undefined) yield [this.#onlyName, this.#onlyValue as T];
  }
}
