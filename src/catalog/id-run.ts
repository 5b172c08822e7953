/** Ids that were reserved at one go and are given out one after the other. */
import { assert } from '../base/assert.ts';

export interface IdRun {
  next(): number;
  /** The first of `count` consecutive ids. */
  take(count: number): number;
}

/** The ids from `first` on, `count` of them; asking for more is a `bug`. */
export function idRun(first: number, count: number): IdRun {
  let at = first;
  const take = (wanted: number): number => {
    assert(at + wanted <= first + count, `${count} ids are enough`);
    const begin = at;
    at += wanted;
    return begin;
  };
  return { take, next: () => take(1) };
}
