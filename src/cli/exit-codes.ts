/**
 * How the programs end: 0 done, 1 refused or failed, 70 a bug of ours, 130 interrupted. Verbs that
 * judge something tell what they found by codes of their own (docs/repo.md).
 */

export const EXIT_OK = 0;
export const EXIT_FAILED = 1;
/** Damage, a broken promise of a store, or a difference. */
export const EXIT_FOUND = 10;
/** Nothing wrong was seen, but not all could be judged. */
export const EXIT_UNKNOWN = 11;
/** All that is needed is whole; there are leftovers beside it. */
export const EXIT_LEFTOVERS = 12;
export const EXIT_INTERRUPTED = 130;
