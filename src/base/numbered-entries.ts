/**
 * Names that differ in one number alone, with what they stand for, by that number. A simulated
 * backend has the snapshots of thousands of tablets in one directory, and a map would keep and hash
 * each of their names.
 */
import { IdPages } from './id-pages.ts';

/** Digits that a number holds without loss. */
const DIGITS_MAX = 15;
const DIGIT_ZERO = 48;

interface Form {
  readonly prefix: string;
  readonly suffix: string;
}

/** Values are never `undefined`. */
export class NumberedEntries<T> {
  readonly #form: Form;
  readonly #values = new IdPages<T>();

  private constructor(form: Form) {
    this.#form = form;
  }

  /** Of two different names; undefined where they differ in more than a number. */
  static of<T>(
    [name, value]: readonly [string, T],
    [nextName, nextValue]: readonly [string, T],
  ): NumberedEntries<T> | undefined {
    const form = formOf(name, nextName);
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
    const number = numberIn(this.#form, name);
    return number === undefined ? undefined : this.#values.get(number);
  }

  /** False, and nothing done, for a name of another form. */
  set(name: string, value: T): boolean {
    const number = numberIn(this.#form, name);
    if (number === undefined) return false;
    this.#values.set(number, value);
    return true;
  }

  delete(name: string): boolean {
    const number = numberIn(this.#form, name);
    return number !== undefined && this.#values.delete(number);
  }

  /** By rising number. */
  *[Symbol.iterator](): Generator<[string, T]> {
    const { prefix, suffix } = this.#form;
    for (const [number, value] of this.#values) yield [`${prefix}${number}${suffix}`, value];
  }
}

/** What is alike in two names around the digits where they differ. */
function formOf(a: string, b: string): Form | undefined {
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a.charCodeAt(start) === b.charCodeAt(start)) start += 1;
  while (start > 0 && isDigit(a, start - 1)) start -= 1;
  let end = 0;
  const endAt = (text: string): number => text.charCodeAt(text.length - 1 - end);
  while (end < shorter - start && endAt(a) === endAt(b)) end += 1;
  while (end > 0 && isDigit(a, a.length - end)) end -= 1;
  const form = { prefix: a.slice(0, start), suffix: a.slice(a.length - end) };
  const areNumbered = numberIn(form, a) !== undefined && numberIn(form, b) !== undefined;
  return areNumbered ? form : undefined;
}

/** The number in a name of that form, written as numbers are; undefined for any other name. */
function numberIn({ prefix, suffix }: Form, name: string): number | undefined {
  const from = prefix.length;
  const to = name.length - suffix.length;
  if (to <= from || to - from > DIGITS_MAX) return undefined;
  if (to - from > 1 && name.charCodeAt(from) === DIGIT_ZERO) return undefined;
  let number = 0;
  for (let at = from; at < to; at += 1) {
    const digit = name.charCodeAt(at) - DIGIT_ZERO;
    if (digit < 0 || digit > 9) return undefined;
    number = number * 10 + digit;
  }
  return name.startsWith(prefix) && name.endsWith(suffix) ? number : undefined;
}

function isDigit(text: string, at: number): boolean {
  const digit = text.charCodeAt(at) - DIGIT_ZERO;
  return digit >= 0 && digit <= 9;
}
