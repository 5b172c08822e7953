/** Every wrapper keeps the promises of the store that it wraps. */

import { sleep } from '../../src/base/clock.ts';
import type { Op } from '../../src/base/op.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import type { BlobKey, BlobStorage, ByteSource } from '../../src/blob/blob-storage.ts';
import { MemoryBlob, type MemoryFlavour } from '../../src/blob/memory.ts';
import { withBroker } from '../../src/blob/with-broker.ts';
import { withLag } from '../../src/blob/with-lag.ts';
import { withLimit } from '../../src/blob/with-limit.ts';
import { BlobMetrics, withMetrics } from '../../src/blob/with-metrics.ts';
import { withRate } from '../../src/blob/with-rate.ts';
import { withRetry } from '../../src/blob/with-retry.ts';
import { type BlobUnderTest, describeBlob } from './blob.ts';

const LAG_MS = 5_000;

type Wrap = (storage: BlobStorage, clock: VirtualClock) => BlobStorage;

function describeWrapper(
  name: string,
  wrap: Wrap,
  flavours: readonly MemoryFlavour[] = ['object-store'],
): void {
  for (const flavour of flavours) {
    describeBlob(`${name} over memory, ${flavour}`, async (): Promise<BlobUnderTest> => {
      const clock = new VirtualClock();
      const storage = wrap(new MemoryBlob(flavour), clock);
      return { storage, base: '/base', run: async (op) => clock.run(op), close: async () => {} };
    });
  }
}

/** Whoever waits long enough after a change sees it. */
const patient: Wrap = (storage, clock) => {
  function* settled(change: Op<void>): Op<void> {
    yield* change;
    yield* sleep(clock, LAG_MS + 1);
  }
  return {
    ...storage,
    put: (key: BlobKey, source: ByteSource) => settled(storage.put(key, source)),
    rename: (from: BlobKey, to: BlobKey) => settled(storage.rename(from, to)),
    delete: (key: BlobKey) => settled(storage.delete(key)),
  };
};

// A case reads the store while it writes; that takes two requests.
describeWrapper('at most two requests', (storage) =>
  withLimit(storage, { concurrentMax: 2, queuedMax: 1_000 }),
);
describeWrapper('a slow line', (storage, clock) => withRate(storage, clock, 1_000));
describeWrapper('no lag', (storage, clock) =>
  withLag(storage, { clock, random: new SeededRandom(1n), lagMsMax: 0 }),
);
describeWrapper(
  'a lag that is waited for',
  (storage, clock) => {
    const lag = { clock, random: new SeededRandom(1n), lagMsMax: LAG_MS };
    return patient(withLag(storage, lag), clock);
  },
  ['object-store', 'hdfs'],
);
describeWrapper('metrics', (storage, clock) => withMetrics(storage, clock, new BlobMetrics()));
describeWrapper('retries', (storage, clock) => withRetry(storage, clock));
describeWrapper('a broker', (storage) => withBroker(storage, () => {}));
