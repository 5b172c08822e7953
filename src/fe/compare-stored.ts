/** The order of values of one type, as columns hold them. */

import { parseDecimal, rescale } from '../base/decimal-text.ts';
import { SimError } from '../base/errors.ts';
import type { Cell, SqlType } from '../base/sql-type.ts';

type Value = Exclude<Cell, null>;

/** Negative, zero or positive. Texts compare by their UTF-8 bytes, dates so by time. */
export function compareStored(type: SqlType, a: Value, b: Value): number {
  if (type.name === 'DECIMAL') return order(unscaled(type, a), unscaled(type, b));
  if (typeof a === 'string' && typeof b === 'string') {
    return Buffer.compare(Buffer.from(a), Buffer.from(b));
  }
  return order(
    Number.isSafeInteger(a) ? BigInt(Number(a)) : a,
    Number.isSafeInteger(b) ? BigInt(Number(b)) : b,
  );
}

function order(a: Value, b: Value): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function unscaled({ scale = 0 }: SqlType, value: Value): bigint {
  const decimal = parseDecimal(String(value));
  if (decimal === undefined) throw new SimError('bug', `${String(value)} is a DECIMAL`);
  return rescale(decimal, scale);
}
