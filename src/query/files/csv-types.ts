/** What type the texts of a CSV column have: the narrowest in which every one of them stands. */
import type { SqlType } from '../../base/sql-type.ts';
import { BIGINT, DOUBLE } from '../types.ts';
import { FILE_TEXT } from './file-text.ts';

/** From narrow to wide; the first that has taken all values is the column's. */
const FORMS = [
  { type: { name: 'BOOLEAN' }, takes: (text: string) => /^(true|false)$/i.test(text) },
  { type: BIGINT, takes: isBigint },
  { type: DOUBLE, takes: (text: string) => NUMBER.test(text) && Number.isFinite(Number(text)) },
] as const satisfies readonly {
  readonly type: SqlType;
  readonly takes: (text: string) => boolean;
}[];

/** As a DOUBLE prints it back: digits that would be lost, such as leading zeros, keep it a text. */
const NUMBER = /^-?(0|[1-9]\d{0,15})(\.\d+)?([eE][+-]?\d{1,3})?$/;
const WHOLE = /^-?(0|[1-9]\d{0,18})$/;
const BIGINT_LIMIT = 2n ** 63n;

function isBigint(text: string): boolean {
  if (!WHOLE.test(text)) return false;
  if (text.length < 19) return true;
  const value = BigInt(text);
  return value >= -BIGINT_LIMIT && value < BIGINT_LIMIT;
}

/** Looks at the values of one column; NULL and empty texts fit every type. */
export class ColumnTypeFinder {
  readonly #fits = FORMS.map(() => true);
  #hasValues = false;

  add(text: string | null): void {
    if (text === null || text === '') return;
    this.#hasValues = true;
    for (const [index, { takes }] of FORMS.entries()) {
      if (this.#fits[index] === true && !takes(text)) this.#fits[index] = false;
    }
  }

  get type(): SqlType {
    const found = FORMS.findIndex((_, index) => this.#fits[index]);
    return (this.#hasValues ? FORMS[found]?.type : undefined) ?? FILE_TEXT;
  }
}
