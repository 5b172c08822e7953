/** What each wrapper adds: limit, rate, lag, metrics, broker, and the properties that set them. */
import { describe, expect, test } from 'vitest';
import { sleep } from '../../../src/base/clock.ts';
import { SimError } from '../../../src/base/errors.ts';
import { noFaults } from '../../../src/base/fault.ts';
import { MemoryFiles } from '../../../src/base/memory-files.ts';
import { all, attempt, type Op, start } from '../../../src/base/op.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import type { BlobStorage, OpenBlob } from '../../../src/blob/blob-storage.ts';
import {
  bytesSource,
  hollowSource,
  readObject,
  textSource,
} from '../../../src/blob/byte-source.ts';
import { MemoryBlob } from '../../../src/blob/memory.ts';
import { createOpenBlob } from '../../../src/blob/registry.ts';
import { openWithBrokers } from '../../../src/blob/with-broker.ts';
import { withLag } from '../../../src/blob/with-lag.ts';
import { withLimit } from '../../../src/blob/with-limit.ts';
import { BlobMetrics, withMetrics } from '../../../src/blob/with-metrics.ts';
import { withRate } from '../../../src/blob/with-rate.ts';

/** A store each of whose lists takes a second, and that counts how many run. */
function slowStore(clock: VirtualClock, tell: (running: number) => void = () => {}): BlobStorage {
  const inner = new MemoryBlob();
  let running = 0;
  return {
    traits: inner.traits,
    put: (key, source) => inner.put(key, source),
    get: (key, range) => inner.get(key, range),
    stat: (key) => inner.stat(key),
    *list(directory) {
      running += 1;
      tell(running);
      yield* sleep(clock, 1_000);
      running -= 1;
      return yield* inner.list(directory);
    },
    rename: (from, to) => inner.rename(from, to),
    delete: (key) => inner.delete(key),
    close: () => inner.close(),
  };
}

describe('a limit', () => {
  test('lets so many operations run, the next in the order they came', () => {
    const clock = new VirtualClock();
    let most = 0;
    const storage = slowStore(clock, (running) => {
      most = Math.max(most, running);
    });
    const limited = withLimit(storage, { concurrentMax: 2, queuedMax: 10 });
    expect(limited.traits.connectionsMax).toBe(2);
    const ended: number[] = [];
    const began = clock.now();
    clock.run(
      all(
        [0, 1, 2, 3, 4].map(
          (index) =>
            function* (): Op<void> {
              yield* limited.list('/');
              ended.push(index);
            },
        ),
        5,
      ),
    );
    expect(ended).toEqual([0, 1, 2, 3, 4]);
    expect(most).toBe(2);
    expect(clock.now() - began).toBe(3_000);
  });

  test('refuses what finds the queue full, and goes on after a failure', () => {
    const clock = new VirtualClock();
    const limited = withLimit(slowStore(clock), { concurrentMax: 1, queuedMax: 1 });
    const outcomes: string[] = [];
    for (let index = 0; index < 3; index += 1) {
      start(limited.list('/'), (outcome) => {
        outcomes.push(outcome.ok ? 'listed' : String(outcome.error));
      });
    }
    expect(outcomes).toEqual([
      expect.stringContaining('1 operations of the store run and 1 wait already'),
    ]);
    clock.advance(5_000);
    expect(outcomes.slice(1)).toEqual(['listed', 'listed']);
    expect(clock.run(attempt(limited.get('/none')))).toMatchObject({ ok: false });
    expect(clock.run(limited.list('/'))).toEqual([]);
  });

  test('counts an object that is read until its end or its close', () => {
    const clock = new VirtualClock();
    const limited = withLimit(new MemoryBlob(), { concurrentMax: 1, queuedMax: 0 });
    clock.run(limited.put('/a', textSource('x')));
    const reader = clock.run(limited.get('/a'));
    expect(clock.run(attempt(limited.stat('/a')))).toMatchObject({
      ok: false,
      error: { code: 'limit-reached' },
    });
    clock.run(reader.close());
    clock.run(reader.close());
    expect(clock.run(limited.stat('/a'))?.sizeBytes).toBe(1);
    expect(clock.run(readObject(limited, '/a', 10))).toHaveLength(1);
    expect(clock.run(limited.stat('/a'))?.sizeBytes).toBe(1);
  });
});

describe('a rate', () => {
  test('lets bytes pass at its speed, whoever they belong to, both ways', () => {
    const clock = new VirtualClock();
    const slow = withRate(new MemoryBlob(), clock, 1_000);
    const bytes = new Uint8Array(3_000);
    const began = clock.now();
    clock.run(
      all(
        ['/a', '/b'].map((key) => () => slow.put(key, { ...bytesSource(bytes), bytes })),
        2,
      ),
    );
    expect(clock.now() - began).toBe(6_000);
    clock.run(readObject(slow, '/a', 5_000));
    expect(clock.now() - began).toBe(9_000);
    clock.run(slow.put('/c', hollowSource({ sizeBytes: 2_000, md5: '0'.repeat(32) })));
    expect(clock.now() - began).toBe(11_000);
    clock.run(slow.list('/'));
    expect(clock.now() - began).toBe(11_000);
  });
});

describe('a lag', () => {
  const make = (): { clock: VirtualClock; inner: MemoryBlob; lagging: BlobStorage } => {
    const clock = new VirtualClock();
    const inner = new MemoryBlob();
    const lag = { clock, random: new SeededRandom(7n), lagMsMax: 1_000 };
    return { clock, inner, lagging: withLag(inner, lag) };
  };
  const names = (clock: VirtualClock, storage: BlobStorage, directory: string): string[] =>
    clock.run(storage.list(directory)).map(({ name }) => name);

  test('hides what was put, with the directories that it made, until it has passed', () => {
    const { clock, inner, lagging } = make();
    clock.run(lagging.put('/a/b/object', textSource('x')));
    expect(lagging.traits.readsMayLag).toBe(true);
    expect(names(clock, inner, '/a/b')).toEqual(['object']);
    for (const directory of ['/', '/a', '/a/b'])
      expect(names(clock, lagging, directory)).toEqual([]);
    expect(clock.run(lagging.stat('/a/b/object'))).toBeUndefined();
    expect(clock.run(attempt(lagging.get('/a/b/object')))).toMatchObject({
      ok: false,
      error: { code: 'blob-not-found' },
    });
    clock.advance(1_001);
    expect(names(clock, lagging, '/a')).toEqual(['b']);
    expect(clock.run(lagging.stat('/a/b/object'))?.sizeBytes).toBe(1);
    expect(clock.run(readObject(lagging, '/a/b/object', 10))).toHaveLength(1);
  });

  test('shows what was deleted or renamed until it has passed, though nothing is there', () => {
    const { clock, lagging } = make();
    clock.run(lagging.put('/d/old', textSource('four')));
    clock.run(lagging.put('/d/gone', textSource('x')));
    clock.advance(1_001);
    clock.run(lagging.rename('/d/old', '/d/new'));
    clock.run(lagging.delete('/d/gone'));
    clock.run(lagging.delete('/d/never'));
    expect(names(clock, lagging, '/d')).toEqual(['gone', 'old']);
    expect(clock.run(lagging.stat('/d/old'))?.sizeBytes).toBe(4);
    expect(clock.run(attempt(lagging.get('/d/gone')))).toMatchObject({ ok: false });
    clock.advance(1_001);
    expect(names(clock, lagging, '/d')).toEqual(['new']);
  });

  test('is the same for the same seed', () => {
    const seenAt = (): number[] => {
      const { clock, lagging } = make();
      const found: number[] = [];
      for (let index = 0; index < 5; index += 1) {
        clock.run(lagging.put(`/${index}`, textSource('')));
        const began = clock.now();
        while (clock.run(lagging.stat(`/${index}`)) === undefined) clock.advance(1);
        found.push(clock.now() - began);
      }
      return found;
    };
    const first = seenAt();
    expect(seenAt()).toEqual(first);
    expect(new Set(first).size).toBeGreaterThan(1);
  });
});

test('metrics count requests, failures, bytes and time of each operation', () => {
  const clock = new VirtualClock();
  const metrics = new BlobMetrics();
  const store = withMetrics(withRate(new MemoryBlob(), clock, 1_000), clock, metrics);
  clock.run(store.put('/a', bytesSource(new Uint8Array(2_000))));
  clock.run(store.put('/b', bytesSource(new Uint8Array(500))));
  clock.run(readObject(store, '/a', 5_000));
  const half = clock.run(store.get('/b'));
  clock.run(half.close());
  clock.run(attempt(store.get('/none')));
  clock.run(attempt(store.rename('/none', '/x')));
  clock.run(store.delete('/a'));
  expect(metrics.figures()).toEqual({
    put: { requests: 2, failures: 0, bytes: 2_500, totalMs: 2_500, longestMs: 2_000 },
    get: { requests: 3, failures: 1, bytes: 2_000, totalMs: 2_000, longestMs: 2_000 },
    stat: { requests: 0, failures: 0, bytes: 0, totalMs: 0, longestMs: 0 },
    list: { requests: 0, failures: 0, bytes: 0, totalMs: 0, longestMs: 0 },
    rename: { requests: 1, failures: 1, bytes: 0, totalMs: 0, longestMs: 0 },
    delete: { requests: 1, failures: 0, bytes: 0, totalMs: 0, longestMs: 0 },
  });
});

describe('conditions of a repository', () => {
  const opener = (clock: VirtualClock): OpenBlob =>
    createOpenBlob({
      files: new MemoryFiles(),
      memory: new MemoryBlob(),
      faults: noFaults,
      clock,
      hasNetwork: false,
    });
  const at = (properties: Readonly<Record<string, string>>, brokerName = '') => ({
    location: 'memory://b',
    brokerName,
    properties,
  });

  test('are one line for all who open it', () => {
    const clock = new VirtualClock();
    const open = opener(clock);
    const properties = { 'emulator.bytes_per_sec': '1000', 'emulator.requests_max': '3' };
    const first = open(at(properties)).storage;
    expect(open(at(properties)).storage).toBe(first);
    expect(open(at({})).storage).not.toBe(first);
    expect(first.traits.connectionsMax).toBe(3);
    clock.run(first.put('/b/x', bytesSource(new Uint8Array(2_000))));
    expect(clock.now()).toBe(new VirtualClock().now() + 2_000);
    const lag = { 'emulator.lag_ms': '500', 'emulator.lag_seed': '0' };
    expect(open(at(lag)).storage.traits.readsMayLag).toBe(true);
  });

  test.each([
    [{ 'emulator.lag_ms': '0' }, 'emulator.lag_ms must be a whole number above 0'],
    [{ 'emulator.bytes_per_sec': '1MB' }, 'emulator.bytes_per_sec must be a whole number'],
    [{ 'emulator.lagms': '1' }, 'emulator.lagms is unknown; there is emulator.requests_max'],
  ])('%j is refused', (properties, text) => {
    expect(() => opener(new VirtualClock())(at(properties))).toThrow(text);
  });

  test('a broker that is gone is asked for before every operation', () => {
    const clock = new VirtualClock();
    const known = new Set(['b1']);
    const open = openWithBrokers(opener(clock), (name) => known.has(name));
    const { storage } = open(at({}, 'b1'));
    clock.run(storage.put('/b/x', textSource('x')));
    known.delete('b1');
    const failure = clock.run(attempt(storage.stat('/b/x')));
    expect(failure).toMatchObject({ ok: false, error: { code: 'blob-error' } });
    const error = failure.ok ? undefined : failure.error;
    expect(error instanceof SimError ? error.hint : '').toContain('ALTER SYSTEM ADD BROKER b1');
    expect(clock.run(open(at({})).storage.stat('/b/x'))?.sizeBytes).toBe(1);
  });
});
