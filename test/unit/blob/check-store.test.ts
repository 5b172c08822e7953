import { describe, expect, test } from 'vitest';
import { SimError } from '../../../src/base/errors.ts';
import { runNow } from '../../../src/base/op.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import type { BlobKey, BlobStorage } from '../../../src/blob/blob-storage.ts';
import { textSource } from '../../../src/blob/byte-source.ts';
import { BLOB_CASES } from '../../../src/blob/conformance/blob-cases.ts';
import type { BlobGap } from '../../../src/blob/conformance/case.ts';
import { type CaseResult, checkStore } from '../../../src/blob/conformance/check-store.ts';
import { KNOWN_GAPS } from '../../../src/blob/conformance/known-gaps.ts';
import { MemoryBlob } from '../../../src/blob/memory.ts';

const SORTED = 'a list holds what lies directly below, sorted, with sizes';

/** What `checkStore` calls is all that a test changes. */
function changed(store: BlobStorage, change: Partial<BlobStorage>): BlobStorage {
  return {
    traits: store.traits,
    put: (key, source) => store.put(key, source),
    get: (key, range) => store.get(key, range),
    stat: (key) => store.stat(key),
    list: (directory) => store.list(directory),
    rename: (from, to) => store.rename(from, to),
    delete: (key) => store.delete(key),
    close: () => store.close(),
    ...change,
  };
}

const unsorted = (store: BlobStorage): BlobStorage =>
  changed(store, {
    *list(directory: BlobKey) {
      return [...(yield* store.list(directory))].reverse();
    },
  });

function check(
  storage: BlobStorage,
  gaps: readonly BlobGap[] = [],
  checkpoint = (): void => {},
): readonly CaseResult[] {
  const told: CaseResult[] = [];
  const onCase = (result: CaseResult): void => {
    told.push(result);
  };
  const clock = new VirtualClock();
  const results = runNow(
    checkStore({ storage, base: '/bucket/check', gaps, clock, onCase, checkpoint }),
  );
  expect(told).toEqual(results);
  return results;
}

describe('a check of a store', () => {
  test('finds every promise kept by a store that keeps them, and leaves nothing', () => {
    const store = new MemoryBlob();
    runNow(store.put('/bucket/mine', textSource('x')));
    const results = check(store);
    expect(results.map(({ promise }) => promise)).toEqual(BLOB_CASES.map(({ promise }) => promise));
    expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(['kept']));
    expect(store.keys()).toEqual(['/bucket/mine']);
  });

  test('names the promise that is broken, and what came instead', () => {
    const results = check(unsorted(new MemoryBlob()));
    const broken = results.filter(({ outcome }) => outcome === 'broken');
    expect(broken.map(({ promise }) => promise)).toContain(SORTED);
    expect(broken.find(({ promise }) => promise === SORTED)?.text).toMatch(
      /^expected \[.*"C".*\], got \[.*"dir"/,
    );
  });

  test('counts a known gap as no failure, and tells of one that is mended', () => {
    const gaps = [{ promise: SORTED, why: 'it has its own order' }];
    const found = (store: BlobStorage): unknown =>
      check(store, gaps).find(({ promise }) => promise === SORTED);
    expect(found(unsorted(new MemoryBlob()))).toMatchObject({
      outcome: 'gap',
      text: 'it has its own order',
    });
    expect(found(new MemoryBlob())).toMatchObject({ outcome: 'mended', text: '' });
  });

  test('of a store that cannot be written to is an error, not a list of broken promises', () => {
    const denied = changed(new MemoryBlob(), {
      put(): never {
        throw new SimError('blob-not-permitted', 'denied');
      },
    });
    expect(() => check(denied)).toThrow('denied');
  });

  test('that is stopped in the middle cleans up', () => {
    const store = new MemoryBlob();
    let asked = 0;
    const stop = (): void => {
      asked += 1;
      if (asked === 5) throw new SimError('interrupted', 'interrupted');
    };
    expect(() => check(store, [], stop)).toThrow('interrupted');
    expect(store.keys()).toEqual([]);
  });

  test('says what to remove when it cannot clean up', () => {
    const store = new MemoryBlob();
    const sticky = changed(store, {
      *delete(key: BlobKey) {
        if (key === '/bucket/check') throw new SimError('blob-not-permitted', 'no deletes');
        yield* store.delete(key);
      },
    });
    expect(() => check(sticky)).toThrow('cannot clean up: no deletes');
  });
});

test('every known gap of a store is one of the promises', () => {
  const promises = BLOB_CASES.map(({ promise }) => promise);
  for (const { promise } of Object.values(KNOWN_GAPS).flat()) expect(promises).toContain(promise);
});
