import { beforeEach, expect, test } from 'vitest';
import { type ErrorCode, SimError } from '../../../src/base/errors.ts';
import type { ByteRange, ByteReader } from '../../../src/base/files.ts';
import { attempt, type Op, runNow } from '../../../src/base/op.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import type { BlobStorage } from '../../../src/blob/blob-storage.ts';
import { bytesSource, readObject, textSource } from '../../../src/blob/byte-source.ts';
import { MemoryBlob } from '../../../src/blob/memory.ts';
import { withRetry } from '../../../src/blob/with-retry.ts';

const LIMIT = { attemptsMax: 4, firstBackoffMs: 100, backoffMsMax: 250 };

let clock: VirtualClock;
let store: MemoryBlob;

beforeEach(() => {
  clock = new VirtualClock(0);
  store = new MemoryBlob();
  runNow(store.put('/a', textSource('0123456789')));
});

/** Runs before each call; what it throws is the call's outcome. */
function failing(before: (call: string) => void): BlobStorage {
  const passing = <A extends readonly unknown[], T>(call: string, run: (...args: A) => Op<T>) =>
    function* (...args: A): Op<T> {
      before(call);
      return yield* run(...args);
    };
  return {
    traits: store.traits,
    put: passing('put', (key, source) => store.put(key, source)),
    get: passing('get', (key: string, range?: ByteRange) => store.get(key, range)),
    stat: passing('stat', (key) => store.stat(key)),
    list: passing('list', (key) => store.list(key)),
    rename: passing('rename', (from, to) => store.rename(from, to)),
    delete: passing('delete', (key) => store.delete(key)),
    close: () => store.close(),
  };
}

function failTimes(times: number, code: ErrorCode = 'blob-unreachable'): (call: string) => void {
  let left = times;
  return () => {
    if (left-- > 0) throw new SimError(code, `no answer, ${left} to come`);
  };
}

test('transient errors are tried again, with waits that double up to a limit', () => {
  const storage = withRetry(failing(failTimes(3)), clock, LIMIT);
  expect(clock.run(storage.list('/'))).toHaveLength(1);
  expect(clock.now()).toBe(100 + 200 + 250);
});

test('after the last try the last error is thrown', () => {
  const storage = withRetry(failing(failTimes(9)), clock, LIMIT);
  expect(() => clock.run(storage.delete('/a'))).toThrow('no answer, 5 to come');
  expect(store.keys()).toEqual(['/a']);
});

test.each(['blob-not-found', 'blob-not-permitted', 'bug'] as const)('%s is final', (code) => {
  const storage = withRetry(failing(failTimes(1, code)), clock, LIMIT);
  expect(() => clock.run(storage.stat('/a'))).toThrow('no answer');
  expect(clock.now()).toBe(0);
});

test('a put opens its source anew', () => {
  const storage = withRetry(failing(failTimes(2)), clock, LIMIT);
  clock.run(storage.put('/b', bytesSource(Uint8Array.of(1, 2, 3))));
  expect([...clock.run(readObject(store, '/b', 10))]).toEqual([1, 2, 3]);
});

test('a reader that breaks off goes on where it stopped', () => {
  let breaks = 2;
  const fragile: BlobStorage = {
    ...failing(() => {}),
    *get(key, range): Op<ByteReader> {
      const reader = yield* store.get(key, { start: range?.start ?? 0, end: range?.end ?? 10 });
      let given = false;
      return {
        *read(): Op<Uint8Array | undefined> {
          if (given && breaks-- > 0) throw new SimError('blob-unreachable', 'broke off');
          given = true;
          return (yield* reader.read())?.subarray(0, 3);
        },
        close: () => reader.close(),
      };
    },
  };
  // The store's chunk is cut to three bytes, and its rest lost with the connection.
  const storage = withRetry(fragile, clock, LIMIT);
  const reader = clock.run(storage.get('/a', { start: 1, end: 8 }));
  const chunks: string[] = [];
  for (let chunk = clock.run(reader.read()); chunk; chunk = clock.run(reader.read())) {
    chunks.push(Buffer.from(chunk).toString());
  }
  expect(chunks).toEqual(['123', '456', '7']);
});

test('a rename that may have worked is not repeated, and does not count as done', () => {
  const lossy = failing(() => {});
  const storage = withRetry(
    {
      ...lossy,
      *rename(from, to): Op<void> {
        yield* store.rename(from, to);
        throw new SimError('blob-unreachable', 'the answer got lost');
      },
    },
    clock,
    LIMIT,
  );
  const outcome = clock.run(attempt(storage.rename('/a', '/b')));
  expect(outcome).toMatchObject({ ok: false });
  expect(String(outcome.ok ? '' : outcome.error)).toContain('the answer got lost');
  expect(store.keys()).toEqual(['/b']);
});

test('a rename that did not happen is tried again', () => {
  const calls: string[] = [];
  const first = failTimes(1);
  const storage = withRetry(
    failing((call) => {
      calls.push(call);
      if (call === 'rename') first(call);
    }),
    clock,
    LIMIT,
  );
  clock.run(storage.rename('/a', '/b'));
  expect(calls).toEqual(['rename', 'stat', 'rename']);
  expect(store.keys()).toEqual(['/b']);
});
