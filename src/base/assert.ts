/** Assertions. A failed one is a bug of ours: it is caught only at the edge of the process. */
import { SimError } from './errors.ts';

export function assert(condition: boolean, what: string): asserts condition {
  if (!condition) throw new SimError('bug', `assertion failed: ${what}`);
}

/** For the branch that the types say cannot be reached. */
export function unreachable(value: never): never {
  throw new SimError('bug', `not a known case: ${JSON.stringify(value)}`);
}

/** A value that must be there. */
export function present<T>(value: T | undefined | null, what: string): T {
  if (value === undefined || value === null) throw new SimError('bug', `missing: ${what}`);
  return value;
}
