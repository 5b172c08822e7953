/** Stores that are known not to keep every promise, each with what it does instead. */
import type { BlobGap } from './case.ts';

/** By the name that `blob check --store` takes. */
export const KNOWN_GAPS: Readonly<Record<string, readonly BlobGap[]>> = Object.freeze({
  s3rver: [
    {
      promise: 'a list holds what lies directly below, sorted, with sizes',
      why: 'the server leaves out a prefix below which nothing lies directly',
    },
    {
      promise: 'characters of a key are data, never a pattern',
      why: "the server escapes & and ' of a listed prefix twice",
    },
  ],
});
