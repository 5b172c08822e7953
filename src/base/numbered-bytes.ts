/**
 * Bytes that a million files have in common but for one number: each file keeps the number alone.
 */
import { hash } from 'node:crypto';
import { HAS_MD5_WORDS, Md5Prefix } from './md5-prefix.ts';

/** A longer tail is not worth a prefix of its own. */
const TAIL_BYTES_MAX = 64;
/** Characters of the longest whole number. */
const DIGITS_MAX = 17;

/** What stands before and after the number. Nobody changes the bytes. */
export class NumberedTemplate {
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
  /** The bytes of the last number that was asked for: the next is mostly as long. */
  #last: Buffer | undefined;
  #hasBeenHashed = false;
  #prefix: Md5Prefix | undefined;

  constructor(head: Uint8Array, tail: Uint8Array) {
    this.head = head;
    this.tail = tail;
  }

  /** Good until the next call. */
  filled(digits: string): Uint8Array {
    const size = this.head.length + digits.length + this.tail.length;
    if (this.#last?.length !== size) {
      this.#last = Buffer.allocUnsafe(size);
      this.#last.set(this.head);
      this.#last.set(this.tail, size - this.tail.length);
    }
    for (let at = 0; at < digits.length; at += 1) {
      this.#last[this.head.length + at] = digits.charCodeAt(at);
    }
    return this.#last;
  }

  /** In hex. The head is worked in once; of what only one file has that would be a waste. */
  md5With(digits: string): string {
    const { head, tail } = this;
    const isWorth = this.#hasBeenHashed && HAS_MD5_WORDS && tail.length <= TAIL_BYTES_MAX;
    if (!isWorth) {
      this.#hasBeenHashed = true;
      return hash('md5', this.filled(digits));
    }
    this.#prefix ??= new Md5Prefix(head, DIGITS_MAX + tail.length);
    return this.#prefix.digest(digits, tail);
  }
}

export class NumberedBytes {
  readonly #template: NumberedTemplate;
  readonly #number: number;

  constructor(template: NumberedTemplate, number: number) {
    this.#template = template;
    this.#number = number;
  }

  get sizeBytes(): number {
    const { head, tail } = this.#template;
    return head.length + String(this.#number).length + tail.length;
  }

  get md5(): string {
    return this.#template.md5With(String(this.#number));
  }

  /** A copy of its own. */
  toBytes(): Uint8Array {
    return new Uint8Array(this.#template.filled(String(this.#number)));
  }
}
