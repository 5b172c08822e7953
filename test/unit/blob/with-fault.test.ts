import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { isSimError } from '../../../src/base/errors.ts';
import type { Fault } from '../../../src/base/fault.ts';
import { createFaultPlan, type FaultPlan } from '../../../src/base/fault-plan.ts';
import type { FaultPoint } from '../../../src/base/fault-points.ts';
import { attempt, type Op, runNow, start } from '../../../src/base/op.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import type { BlobStorage } from '../../../src/blob/blob-storage.ts';
import {
  bytesSource,
  hollowSource,
  readObject,
  textSource,
} from '../../../src/blob/byte-source.ts';
import { MemoryBlob } from '../../../src/blob/memory.ts';
import { withFault } from '../../../src/blob/with-fault.ts';

const KEY = '/repo/object';

let store: MemoryBlob;
let plan: FaultPlan;
let clock: VirtualClock;
let storage: BlobStorage;
let crashes: number;

beforeEach(() => {
  store = new MemoryBlob();
  crashes = 0;
  plan = createFaultPlan({
    random: new SeededRandom(1n),
    onCrash: () => {
      crashes += 1;
    },
  });
  clock = new VirtualClock();
  storage = withFault(store, { faults: plan, clock, backend: 10_001 });
  runNow(store.put(KEY, textSource('old')));
});

const read = (from: BlobStorage): Buffer => Buffer.from(runNow(readObject(from, KEY, 1 << 20)));

const bitsApart = (a: Uint8Array, b: Uint8Array): number =>
  a.reduce(
    (sum, byte, at) => sum + ((byte ^ (b[at] ?? 0)) >>> 0).toString(2).replaceAll('0', '').length,
    0,
  );

const operations: readonly (readonly [FaultPoint, (from: BlobStorage) => Op<unknown>])[] = [
  ['blob.put', (from) => from.put(KEY, textSource('new'))],
  ['blob.get', (from) => from.get(KEY)],
  ['blob.list', (from) => from.list('/repo')],
  ['blob.stat', (from) => from.stat(KEY)],
  ['blob.rename', (from) => from.rename(KEY, '/repo/other')],
  ['blob.delete', (from) => from.delete(KEY)],
];

test.each(operations)('a failure at %s happens before anything else', (point, operation) => {
  plan.enable(point, { do: 'fail', text: 'no way' });
  const outcome = runNow(attempt(operation(storage)));
  expect(outcome).toMatchObject({
    ok: false,
    error: { code: 'injected-fault', message: 'no way' },
  });
  expect(read(store).toString()).toBe('old');
});

test.each(operations)('a delay at %s passes on the clock', (point, operation) => {
  plan.enable(point, { do: 'delay', ms: 1500 });
  const before = clock.now();
  clock.run(operation(storage));
  expect(clock.now() - before).toBe(1500);
});

test.each(operations)('a crash at %s never returns and changes nothing', (point, operation) => {
  plan.enable(point, { do: 'crash' });
  let isDone = false;
  start(operation(storage), () => {
    isDone = true;
  });
  expect([isDone, crashes]).toEqual([false, 1]);
  expect(read(store).toString()).toBe('old');
});

test('a put that is cut leaves the old object, also when the cut is past the end', () => {
  for (const afterBytes of [0, 1, 2, 3, 4, 99]) {
    plan.enable('blob.put', { do: 'cut', afterBytes });
    const outcome = runNow(attempt(storage.put(KEY, textSource('new'))));
    expect(outcome.ok).toBe(false);
    expect(read(store).toString()).toBe('old');
  }
});

test('a get that is cut gives the first bytes and then fails', () => {
  plan.enable('blob.get', { do: 'cut', afterBytes: 2 });
  const reader = runNow(storage.get(KEY));
  expect(Buffer.from(runNow(reader.read()) ?? []).toString()).toBe('ol');
  expect(() => runNow(reader.read())).toThrow('cut after 2 bytes');
});

test('corruption turns exactly the bits asked for, the same ones each time', () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(bytes, fc.integer({ min: 1, max: 400 }), (content, bitFlips) => {
      const fault: Fault = { do: 'corrupt', bitFlips };
      plan.enable('blob.put', fault, { times: 2 });
      runNow(storage.put(KEY, bytesSource(content)));
      const first = read(store);
      runNow(storage.put(KEY, bytesSource(content)));
      expect(read(store)).toEqual(first);
      expect(bitsApart(first, content)).toBe(Math.min(bitFlips, content.length * 8));

      runNow(storage.put(KEY, bytesSource(content)));
      plan.enable('blob.get', fault, { times: 1 });
      expect(bitsApart(read(storage), content)).toBe(Math.min(bitFlips, content.length * 8));
      expect(bitsApart(read(storage), content)).toBe(0);
    }),
  );
});

test('corruption of a hollow object changes its digest', () => {
  plan.enable('blob.put', { do: 'corrupt', bitFlips: 1 });
  const md5 = '0'.repeat(32);
  runNow(storage.put(KEY, hollowSource({ sizeBytes: 5, md5 })));
  expect(runNow(storage.stat(KEY))?.hollow?.md5).not.toBe(md5);
});

test('a fault can be narrowed to a key', () => {
  plan.enable('blob.put', { do: 'fail', text: 'no' }, { match: { key: '/repo/other' } });
  runNow(storage.put(KEY, textSource('new')));
  const outcome = runNow(attempt(storage.put('/repo/other', textSource('new'))));
  expect(!outcome.ok && isSimError(outcome.error, 'injected-fault')).toBe(true);
});

test('several objects go together until something is planned for a put', () => {
  const together: string[][] = [];
  const both = withFault(
    Object.assign(store, {
      *putAll(_directory: string, objects: readonly { readonly name: string }[]): Op<void> {
        together.push(objects.map(({ name }) => name));
      },
    }),
    { faults: plan, clock, backend: 10_001 },
  );
  const objects = ['a', 'b', 'c'].map((name) => ({ name, source: textSource(name) }));
  const putAll = (): Op<void> => both.putAll?.('/repo', objects) ?? both.close();
  runNow(putAll());
  expect(together).toEqual([['a', 'b', 'c']]);
  plan.enable('blob.put', { do: 'fail', text: 'no way' }, { match: { key: '/repo/b' } });
  expect(() => runNow(putAll())).toThrow('no way');
  expect(together).toHaveLength(1);
  const there = runNow(store.list('/repo')).map(({ name }) => name);
  expect(there).toEqual(['a', 'object']);
});
