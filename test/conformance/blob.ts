/**
 * The promises of `src/blob/blob-storage.ts` as tests. Every driver and every wrapper runs through
 * them; what one does not keep is named in its list of gaps, with the reason, and must then fail.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Op } from '../../src/base/op.ts';
import { BLOB_CASES } from '../../src/blob/conformance/blob-cases.ts';
import type { BlobGap, CheckedBlob } from '../../src/blob/conformance/case.ts';

export type { BlobGap } from '../../src/blob/conformance/case.ts';

/** A store to test, with a directory in it that is there and empty. */
export interface BlobUnderTest extends CheckedBlob {
  readonly run: <T>(op: Op<T>) => Promise<T>;
  readonly close: () => Promise<void>;
}

export function describeBlob(
  name: string,
  make: () => Promise<BlobUnderTest>,
  gaps: readonly BlobGap[] = [],
): void {
  describe(`blob storage: ${name}`, () => {
    let blob: BlobUnderTest;
    beforeEach(async () => {
      blob = await make();
    });
    afterEach(async () => {
      await blob.close();
    });

    for (const { promise, check } of BLOB_CASES) {
      const run = (): Promise<void> => blob.run(check(blob));
      if (gaps.some((gap) => gap.promise === promise)) test.fails(promise, run);
      else test(promise, run);
    }

    test('every known gap is one of the promises', () => {
      const promises = BLOB_CASES.map(({ promise }) => promise);
      for (const gap of gaps) expect(promises).toContain(gap.promise);
    });
  });
}
