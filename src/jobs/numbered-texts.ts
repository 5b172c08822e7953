/**
 * Texts by position, of which most differ in a number alone: paths of snapshots, of which a job has
 * as many as its database has tablets. What they share is kept once.
 */
import { present } from '../base/assert.ts';
import { NumberColumn } from '../base/number-column.ts';

/** What stands before and after the number. */
export interface TextShape {
  readonly head: string;
  readonly tail: string;
}

/** Digits that a number holds without loss. */
const DIGITS_MAX = 15;
const DIGIT_ZERO = 48;

export class NumberedTexts {
  /** Of a text without a number between dots the text itself. */
  readonly #shapes: (TextShape | string)[] = [];
  /** Of each text, where its shape is. */
  readonly #shapeAts: NumberColumn;
  readonly #numbers: NumberColumn;

  /** Room for so many is made with the first. */
  constructor(roomFirst: number) {
    this.#shapeAts = new NumberColumn(roomFirst);
    this.#numbers = new NumberColumn(roomFirst);
  }

  push(text: string): void {
    const tailAt = text.lastIndexOf('.');
    const numberAt = text.lastIndexOf('.', tailAt - 1) + 1;
    const number = tailAt > 0 ? numberIn(text, numberAt, tailAt) : undefined;
    this.#numbers.push(number ?? 0);
    this.#noteShape(text, number === undefined ? undefined : { numberAt, tailAt });
    this.#shapeAts.push(this.#shapes.length - 1);
  }

  at(position: number): string {
    const shape = this.shapeAt(position);
    if (typeof shape === 'string') return shape;
    return `${shape.head}${this.numberAt(position)}${shape.tail}`;
  }

  /** A text without a number comes as it is. */
  shapeAt(position: number): TextShape | string {
    return present(this.#shapes[this.#shapeAts.at(position) ?? -1], 'a text');
  }

  numberAt(position: number): number {
    return present(this.#numbers.at(position), 'a number');
  }

  /** The last shape is that of the text afterwards, as mostly it is before. */
  #noteShape(
    text: string,
    number: { readonly numberAt: number; readonly tailAt: number } | undefined,
  ): void {
    if (number === undefined) {
      this.#shapes.push(text);
      return;
    }
    const { numberAt, tailAt } = number;
    const last = this.#shapes[this.#shapes.length - 1];
    if (typeof last === 'object' && isOf(last, text, numberAt, tailAt)) return;
    this.#shapes.push({ head: text.slice(0, numberAt), tail: text.slice(tailAt) });
  }
}

function isOf({ head, tail }: TextShape, text: string, numberAt: number, tailAt: number): boolean {
  return (
    head.length === numberAt &&
    tail.length === text.length - tailAt &&
    text.startsWith(head) &&
    text.endsWith(tail)
  );
}

/** As numbers are written; undefined for anything else. */
function numberIn(text: string, from: number, to: number): number | undefined {
  if (to <= from || to - from > DIGITS_MAX) return undefined;
  if (to - from > 1 && text.charCodeAt(from) === DIGIT_ZERO) return undefined;
  let number = 0;
  for (let at = from; at < to; at += 1) {
    const digit = text.charCodeAt(at) - DIGIT_ZERO;
    if (digit < 0 || digit > 9) return undefined;
    number = number * 10 + digit;
  }
  return number;
}
