/**
 * Names that differ in one number alone, with what they stand for, by that number. A simulated
 * backend has the snapshots of thousands of tablets in one directory, and a map would keep and hash
 * each of their names.
 */
import { IdPages } from './id-pages.ts';
import { NameForm } from './name-form.ts';

/** Values are never `undefined`. */
export class NumberedEntries<T> {
  readonly form: NameForm;
  readonly #values = new IdPages<T>();

  private constructor(form: NameForm) {
    this.form = form;
  }

  /** Of two different names; undefined where they differ in more than a number. */
  static of<T>(
    [name, value]: readonly [string, T],
    [nextName, nextValue]: readonly [string, T],
  ): NumberedEntries<T> | undefined {
    const form = NameForm.of(name, nextName);
    if (form === undefined) return undefined;
    const entries = new NumberedEntries<T>(form);
    entries.set(name, value);
    entries.set(nextName, nextValue);
    return entries;
  }

  get size(): number {
    return this.#values.size;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  get(name: string): T | undefined {
    const number = this.form.numberIn(name);
    return number === undefined ? undefined : this.#values.get(number);
  }

  /** False, and nothing done, for a name of another form. */
  set(name: string, value: T): boolean {
    const number = this.form.numberIn(name);
    if (number === undefined) return false;
    this.#values.set(number, value);
    return true;
  }

  /** As `set` of a name that is not here; undefined, and nothing done, for one of another form. */
  add(name: string, value: T): boolean | undefined {
    const number = this.form.numberIn(name);
    if (number === undefined) return undefined;
    if (this.#values.get(number) !== undefined) return false;
    this.#values.set(number, value);
    return true;
  }

  delete(name: string): boolean {
    const number = this.form.numberIn(name);
    return number !== undefined && this.#values.delete(number);
  }

  /** By rising number. */
  *[Symbol.iterator](): Generator<[string, T]> {
    for (const [number, value] of this.#values) yield [this.form.nameOf(number), value];
  }
}
