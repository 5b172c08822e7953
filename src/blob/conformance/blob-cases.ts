/** The conformance suite: every promise of `blob-storage.ts`, in the order in which it is told. */
import type { BlobCase } from './case.ts';
import { CHANGE_CASES } from './change-cases.ts';
import { PUT_CASES } from './put-cases.ts';
import { READ_CASES } from './read-cases.ts';

export const BLOB_CASES: readonly BlobCase[] = [...PUT_CASES, ...READ_CASES, ...CHANGE_CASES];
