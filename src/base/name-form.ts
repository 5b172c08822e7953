/** Names that differ in one number alone: what stands around it, and the number in each. */

/** Digits that a number holds without loss. */
const DIGITS_MAX = 15;
const DIGIT_ZERO = 48;

export class NameForm {
  readonly #prefix: string;
  readonly #suffix: string;

  private constructor(prefix: string, suffix: string) {
    this.#prefix = prefix;
    this.#suffix = suffix;
  }

  /** What is alike in two different names; undefined where they differ in more than a number. */
  static of(a: string, b: string): NameForm | undefined {
    const shorter = Math.min(a.length, b.length);
    let start = 0;
    while (start < shorter && a.charCodeAt(start) === b.charCodeAt(start)) start += 1;
    while (start > 0 && isDigit(a, start - 1)) start -= 1;
    let end = 0;
    const endAt = (text: string): number => text.charCodeAt(text.length - 1 - end);
    while (end < shorter - start && endAt(a) === endAt(b)) end += 1;
    while (end > 0 && isDigit(a, a.length - end)) end -= 1;
    const form = new NameForm(a.slice(0, start), a.slice(a.length - end));
    const areOfIt = form.numberIn(a) !== undefined && form.numberIn(b) !== undefined;
    return areOfIt ? form : undefined;
  }

  nameOf(number: number): string {
    return `${this.#prefix}${number}${this.#suffix}`;
  }

  /** The number in a name of this form, written as numbers are; undefined for any other name. */
  numberIn(name: string): number | undefined {
    const from = this.#prefix.length;
    const to = name.length - this.#suffix.length;
    if (to <= from || to - from > DIGITS_MAX) return undefined;
    if (to - from > 1 && name.charCodeAt(from) === DIGIT_ZERO) return undefined;
    let number = 0;
    for (let at = from; at < to; at += 1) {
      const digit = name.charCodeAt(at) - DIGIT_ZERO;
      if (digit < 0 || digit > 9) return undefined;
      number = number * 10 + digit;
    }
    return name.startsWith(this.#prefix) && name.endsWith(this.#suffix) ? number : undefined;
  }
}

function isDigit(text: string, at: number): boolean {
  const digit = text.charCodeAt(at) - DIGIT_ZERO;
  return digit >= 0 && digit <= 9;
}
