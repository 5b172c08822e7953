/** Work on many things of a store at a time, without a list of all of them. */
import { all, type Op } from '../../base/op.ts';
import type { BlobTraits } from '../../blob/blob-storage.ts';

/** Requests that a look at a repository has on their way at a time. */
export const REQUESTS_AT_ONCE_MAX = 32;

const BATCH = 1024;

export function requestsAtOnce({ connectionsMax }: BlobTraits): number {
  return Math.min(REQUESTS_AT_ONCE_MAX, connectionsMax);
}

/** Does `work` for each thing; of failures the first is thrown, after what runs has ended. */
export function* inBatches<T>(
  things: Iterable<T>,
  limitMax: number,
  work: (thing: T) => Op<void>,
): Op<void> {
  let batch: (() => Op<void>)[] = [];
  for (const thing of things) {
    batch.push(() => work(thing));
    if (batch.length < BATCH) continue;
    yield* all(batch, limitMax);
    batch = [];
  }
  yield* all(batch, limitMax);
}
