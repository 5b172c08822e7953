/** How long requests take in a modelled store: the formulas of docs/simulate.md. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../src/base/random.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { drawerOf, normalQuantile } from '../../../src/sim/capacity/draw.ts';
import { storePreset } from '../../../src/sim/capacity/presets.ts';
import {
  REQUEST_KINDS,
  type RequestKind,
  type StoreModel,
} from '../../../src/sim/capacity/store-model.ts';
import { Account, StoreTime } from '../../../src/sim/capacity/store-time.ts';

const NOTHING = { p50Ms: 0, p99Ms: 0 };

/** A store that costs nothing but what a test says. */
function modelWith(change: Partial<StoreModel>, putMs = 0): StoreModel {
  const kinds = REQUEST_KINDS.map((kind) => [
    kind,
    kind === 'put' ? { p50Ms: putMs, p99Ms: putMs } : NOTHING,
  ]);
  return {
    ...storePreset('local'),
    latency: Object.fromEntries(kinds) as StoreModel['latency'],
    connectionBytesPerSec: null,
    backendBytesPerSec: null,
    storeBytesPerSec: null,
    hashBytesPerSec: null,
    storeMsPerRequest: 0,
    ...change,
  };
}

interface Setting {
  readonly model: StoreModel;
  readonly backends?: number;
  readonly workers: number;
  readonly files: number;
  readonly bytes: number;
  readonly slowness?: number;
  readonly cores?: number;
}

/** Workers that upload files from one queue per backend; the time until the last is done. */
function uploadAll(setting: Setting): { readonly ms: number; readonly store: StoreTime } {
  const { model, backends = 1, workers, files, bytes, slowness = 1, cores = 16 } = setting;
  const clock = new VirtualClock();
  const store = new StoreTime(model, new SeededRandom(7n));
  const beganMs = clock.now();
  for (let backend = 0; backend < backends; backend += 1) {
    const options = { clock, cores, slowness: backend === 0 ? slowness : 1 };
    const account = new Account(store, options);
    let left = files;
    const next = (): void => {
      if (left === 0) return;
      left -= 1;
      account.upload(bytes);
      const { lastsMs, error } = account.settle();
      if (error !== undefined) left += 1;
      clock.after(lastsMs, next);
    };
    for (let worker = 0; worker < workers; worker += 1) next();
  }
  clock.runUntil(() => false);
  return { ms: clock.now() - beganMs, store };
}

test('a draw has the median and the 99th percentile that it was asked for', () => {
  const draw = drawerOf({ p50Ms: 20, p99Ms: 120 }, new SeededRandom(1n));
  const drawn = Array.from({ length: 40_000 }, draw).sort((a, b) => a - b);
  expect(drawn[20_000]).toBeGreaterThan(19);
  expect(drawn[20_000]).toBeLessThan(21);
  expect(drawn[39_600]).toBeGreaterThan(105);
  expect(drawn[39_600]).toBeLessThan(135);
  expect(normalQuantile(0.99)).toBeCloseTo(2.3263478740408408, 8);
  expect(normalQuantile(0.001)).toBeCloseTo(-3.090232306167813, 8);
});

describe('a worker alone', () => {
  test('waits for the answer, then for the bytes, one file after the other', () => {
    const model = modelWith({ connectionBytesPerSec: 1_000_000 }, 20);
    expect(uploadAll({ model, workers: 1, files: 10, bytes: 50_000 }).ms).toBe(10 * (20 + 50));
  });

  test('hashes each file first, at the speed of one core', () => {
    const model = modelWith({ hashBytesPerSec: 1_000_000 }, 20);
    expect(uploadAll({ model, workers: 1, files: 10, bytes: 50_000 }).ms).toBe(10 * (20 + 50));
  });

  test('loses no time to whole milliseconds', () => {
    const model = modelWith({}, 0.3);
    expect(uploadAll({ model, workers: 1, files: 1000, bytes: 1 }).ms).toBe(300);
  });

  test('sends a large file in parts, and begins and ends them', () => {
    const model = modelWith({ multipart: { aboveBytes: 1000, partBytes: 1000 } }, 10);
    const { ms, store } = uploadAll({ model, workers: 1, files: 1, bytes: 4_500 });
    expect(store.meter.requests.put).toBe(2 + 5);
    expect(ms).toBe(70);
  });
});

test.each<[StoreModel['upload'], Partial<Record<RequestKind, number>>]>([
  ['put', { put: 4 }],
  ['put-rename', { put: 4, rename: 4 }],
  ['put-copy-delete', { put: 4, copy: 4, delete: 4 }],
])('a file that is uploaded by %s costs the requests of that way', (upload, requests) => {
  const { store } = uploadAll({ model: modelWith({ upload }), workers: 2, files: 4, bytes: 9 });
  const none = Object.fromEntries(REQUEST_KINDS.map((kind) => [kind, 0]));
  expect(store.meter.requests).toEqual({ ...none, ...requests });
});

describe('what is shared', () => {
  test('a store that is full makes everyone wait, and no faster with more workers', () => {
    const model = modelWith({ storeBytesPerSec: 1_000_000 }, 10);
    const of = (workers: number): number =>
      uploadAll({ model, backends: 4, workers, files: 25, bytes: 100_000 }).ms;
    expect(of(1)).toBe(10_000);
    expect(of(16)).toBe(10_000);
  });

  test('the network of a backend is its own: twice the backends, twice the speed', () => {
    const model = modelWith({ backendBytesPerSec: 1_000_000 }, 1);
    const one = uploadAll({ model, backends: 1, workers: 8, files: 40, bytes: 50_000 }).ms;
    const two = uploadAll({ model, backends: 2, workers: 8, files: 20, bytes: 50_000 }).ms;
    expect(one).toBe(2_000);
    expect(two).toBe(1_000);
  });

  test('cores bound hashing however many workers there are', () => {
    const model = modelWith({ hashBytesPerSec: 1_000_000 });
    const setting = { model, workers: 8, files: 40, bytes: 50_000 };
    // The last file waits for 39 others on two cores, then takes the time of one.
    expect(uploadAll({ ...setting, cores: 2 }).ms).toBe((39 * 50) / 2 + 50);
  });

  test('a backend at a quarter of its speed takes four times as long', () => {
    const model = modelWith({ connectionBytesPerSec: 1_000_000 }, 10);
    const setting = { model, backends: 3, workers: 2, files: 20, bytes: 10_000 };
    expect(uploadAll({ ...setting, slowness: 4 }).ms).toBe(4 * uploadAll(setting).ms);
  });

  test('requests pass a throttle no faster than it says, and those refused are counted', () => {
    const model = modelWith({
      throttle: { writesPerSec: 100, readsPerSec: 100 },
      retry: { attemptsMax: 20, firstBackoffMs: 10, backoffMsMax: 1_000 },
    });
    const { ms, store } = uploadAll({ model, workers: 50, files: 1_100, bytes: 1 });
    // A second's worth passes at once, the other thousand take ten seconds.
    expect(ms).toBeGreaterThanOrEqual(9_900);
    expect(ms).toBeLessThan(13_000);
    expect(store.meter.throttled).toBeGreaterThan(1_000);
    expect(store.meter.requests.put).toBe(1_100 + store.meter.throttled);
    expect(store.meter.failures).toBe(0);
  });
});

describe('failures', () => {
  test('are tried again after growing waits, so often and no more', () => {
    const retry = { attemptsMax: 3, firstBackoffMs: 100, backoffMsMax: 5_000 };
    const clock = new VirtualClock();
    const model = modelWith({ errorRate: 0.999_999_9, retry }, 10);
    const store = new StoreTime(model, new SeededRandom(1n));
    const account = new Account(store, { clock, cores: 1, slowness: 1 });
    account.upload(5);
    expect(account.isFailed).toBe(true);
    account.upload(5);
    const { lastsMs, error } = account.settle();
    expect(lastsMs).toBe(3 * 10 + 100 + 200);
    expect(error?.message).toBe('modelled failure of a put: an error, 3 tries');
    expect(store.meter).toMatchObject({ errors: 3, failures: 1, bytes: 0 });
    expect(account.isFailed).toBe(false);
  });

  test('happen to the share of requests that the model says', () => {
    const retry = { attemptsMax: 10, firstBackoffMs: 0, backoffMsMax: 0 };
    const model = modelWith({ errorRate: 0.05, retry });
    const { store } = uploadAll({ model, workers: 4, files: 20_000, bytes: 1 });
    expect(store.meter.errors / store.meter.requests.put).toBeGreaterThan(0.045);
    expect(store.meter.errors / store.meter.requests.put).toBeLessThan(0.055);
  });
});

describe('whatever the model', () => {
  const settings = fc.record({
    putMs: fc.integer({ min: 0, max: 30 }),
    connection: fc.option(fc.integer({ min: 100_000, max: 10_000_000 })),
    backend: fc.option(fc.integer({ min: 100_000, max: 10_000_000 })),
    shared: fc.option(fc.integer({ min: 100_000, max: 10_000_000 })),
    hash: fc.option(fc.integer({ min: 100_000, max: 10_000_000 })),
    backends: fc.integer({ min: 1, max: 4 }),
    workers: fc.integer({ min: 1, max: 8 }),
    files: fc.integer({ min: 1, max: 30 }),
    bytes: fc.integer({ min: 1, max: 200_000 }),
  });

  /** Seven workers take 6,212 ms here, six 6,042. */
  const LATER_WITH_MORE = {
    putMs: 0,
    connection: 100_000,
    backend: null,
    shared: 1_308_665,
    hash: 100_005,
    backends: 4,
    workers: 6,
    files: 16,
    bytes: 79_423,
  };

  test('bytes take what the narrowest part needs; one more worker costs a file at most', () => {
    fc.assert(
      fc.property(settings, ({ putMs, connection, backend, shared, hash, ...rest }) => {
        const speeds = {
          connectionBytesPerSec: connection,
          backendBytesPerSec: backend,
          storeBytesPerSec: shared,
          hashBytesPerSec: hash,
        };
        const setting = { model: modelWith(speeds, putMs), ...rest };
        const { ms } = uploadAll(setting);
        const { backends, files, bytes, workers } = rest;
        const needMs = (perSec: number | null, sharers: number): number =>
          perSec === null ? 0 : (files * bytes * sharers * 1000) / perSec;
        const rounding = files + workers;
        expect(ms + rounding).toBeGreaterThanOrEqual(needMs(shared, backends));
        expect(ms + rounding).toBeGreaterThanOrEqual(needMs(backend, 1));
        expect(ms + rounding).toBeGreaterThanOrEqual(needMs(connection, 1) / workers);
        // Dealt out otherwise, the files may end with one that waited for a shared part.
        const fileMs = putMs + (needMs(connection, 1) + needMs(hash, 1)) / files;
        const more = uploadAll({ ...setting, workers: workers + 1 }).ms;
        expect(more).toBeLessThanOrEqual(ms + fileMs + rounding);
      }),
      { numRuns: 60, examples: [[LATER_WITH_MORE]] },
    );
  });
});
