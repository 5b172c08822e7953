/** Measuring a store and fitting a model: on stores whose figures are known, those come out. */
import { describe, expect, test } from 'vitest';
import { MemoryFiles } from '../../../src/base/memory-files.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import { MIB } from '../../../src/base/units.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { MemoryBlob } from '../../../src/blob/memory.ts';
import { fitLine, fitModel } from '../../../src/sim/capacity/fit-model.ts';
import { type Measured, measureStore } from '../../../src/sim/capacity/measure-store.ts';
import { modelledStore } from '../../../src/sim/capacity/modelled-store.ts';
import { PlannedTablets } from '../../../src/sim/capacity/planned-tablets.ts';
import { storePreset } from '../../../src/sim/capacity/presets.ts';
import {
  parseStoreModel,
  type StoreModel,
  storeModelText,
} from '../../../src/sim/capacity/store-model.ts';
import { Account, StoreTime } from '../../../src/sim/capacity/store-time.ts';
import { parseBytes, parseTableSet } from '../../../src/sim/capacity/table-set.ts';

interface Watched {
  readonly measured: Measured;
  readonly blob: MemoryBlob;
  readonly leftHere: boolean;
}

function measured(model: StoreModel, flavour?: 'hdfs'): Watched {
  const clock = new VirtualClock();
  const store = new StoreTime(model, new SeededRandom(3n));
  const account = new Account(store, { clock, cores: 1, slowness: 1 });
  const blob = new MemoryBlob(flavour);
  const files = new MemoryFiles();
  const inner = modelledStore(blob, account, new PlannedTablets(), clock);
  const storage = flavour === undefined ? inner : { ...inner, traits: blob.traits };
  const found = clock.run(
    measureStore({
      storage,
      directory: '/bucket/calibration',
      files,
      scratch: '/scratch',
      stopwatch: () => clock.now(),
      puts: 120,
    }),
  );
  const leftHere = clock.run(files.stat('/scratch')) !== undefined;
  return { measured: found, blob, leftHere };
}

const PLAIN: StoreModel = {
  ...storePreset('local'),
  latency: { ...storePreset('s3').latency, put: { p50Ms: 40, p99Ms: 90 } },
  connectionBytesPerSec: 50e6,
  backendBytesPerSec: null,
  storeBytesPerSec: 120e6,
  storeMsPerRequest: 0,
  hashBytesPerSec: null,
};

const about = { name: 'calibrated', text: 'a test' };

test('the figures of a modelled store come out of measuring it, and nothing is left behind', () => {
  const { measured: found, blob, leftHere } = measured(PLAIN);
  const model = fitModel(found, about);
  expect(model.latency.put.p50Ms).toBeGreaterThan(36);
  expect(model.latency.put.p50Ms).toBeLessThan(44);
  expect(model.latency.put.p99Ms).toBeGreaterThan(70);
  expect(model.latency.put.p99Ms).toBeLessThan(110);
  expect(model.connectionBytesPerSec).toBeGreaterThan(44e6);
  expect(model.connectionBytesPerSec).toBeLessThan(56e6);
  expect(model.storeBytesPerSec).toBeGreaterThan(100e6);
  expect(model.storeBytesPerSec).toBeLessThan(140e6);
  expect(model.upload).toBe('put');
  expect(blob.keys()).toEqual([]);
  expect(leftHere).toBe(false);
});

test('where nothing shared was seen to hold up, no limit is made up', () => {
  const model = fitModel(measured({ ...PLAIN, storeBytesPerSec: null }).measured, about);
  expect(model).toMatchObject({ storeBytesPerSec: null, storeMsPerRequest: 0 });
});

test('a store that needs renames is measured with them', () => {
  const { measured: found } = measured(PLAIN, 'hdfs');
  const model = fitModel(found, about);
  expect(model.upload).toBe('put-rename');
  expect(model.latency.rename.p50Ms).toBeGreaterThan(20);
  expect(model.latency.rename.p50Ms).toBeLessThan(45);
  expect(model.latency.put.p50Ms).toBeGreaterThan(34);
  expect(model.latency.put.p50Ms).toBeLessThan(48);
});

describe('a fitted line', () => {
  test('goes through points that are on one', () => {
    const points = [1, 5, 100].map((x) => ({ x, y: 3 + 2 * x }));
    const { base, slope } = fitLine(points);
    expect(base).toBeCloseTo(3, 6);
    expect(slope).toBeCloseTo(2, 6);
  });

  test('neither falls nor begins below 0', () => {
    expect(
      fitLine([
        { x: 1, y: 9 },
        { x: 100, y: 3 },
      ]).slope,
    ).toBe(0);
    expect(
      fitLine([
        { x: 10, y: 1 },
        { x: 100, y: 1000 },
      ]).base,
    ).toBe(0);
    expect(fitLine([{ x: 10, y: 4 }])).toEqual({ base: 4, slope: 0 });
  });
});

describe('a model file', () => {
  const read = (text: string) => parseStoreModel(text, 'm.json');

  test('is read as it was written', async () => {
    for (const name of ['local', 'minio', 's3', 'hdfs']) {
      expect(await read(storeModelText(storePreset(name)))).toEqual(storePreset(name));
    }
  });

  test.each([
    ['{', 'm.json: not JSON'],
    ['[]', 'm.json: the model: '],
    ['{"version": 7}', 'm.json: a store model of version 7; this release reads 1'],
    [JSON.stringify({ ...PLAIN, errorRate: 2 }), 'm.json: errorRate: '],
    [JSON.stringify({ ...PLAIN, storeBytesPerSec: 0 }), 'm.json: storeBytesPerSec: '],
    [JSON.stringify({ ...PLAIN, colour: 'red' }), 'm.json: the model: '],
    [
      JSON.stringify({ ...PLAIN, latency: { ...PLAIN.latency, put: { p50Ms: 9, p99Ms: 1 } } }),
      'm.json: latency.put: p99Ms is less than p50Ms',
    ],
  ])('that is %s is refused with the field', async (text, message) => {
    await expect(read(text)).rejects.toThrow(message);
  });

  test('has presets by name, and names the nearest for another', () => {
    expect(() => storePreset('mini')).toThrow("no store model is called 'mini'");
    expect(() => storePreset('mini')).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('Nearest: minio') }),
    );
  });
});

describe('a table set', () => {
  const defaults = { tabletBytes: MIB, filesPerTablet: 2, replicas: 1 };

  test('takes from the options what its file does not say', async () => {
    const text = '{"tables": [{"name": "a", "tablets": 9, "tabletSize": "1.5GB"}, {"tablets": 1}]}';
    expect(await parseTableSet(text, 't.json', defaults)).toEqual([
      { name: 'a', tablets: 9, tabletBytes: 1536 * MIB, filesPerTablet: 2, replicas: 1 },
      { name: 'table 2', tablets: 1, ...defaults },
    ]);
  });

  test.each([
    ['no', 't.json: not JSON'],
    ['{"tables": [{"tablets": 0}]}', 't.json: tables.0.tablets: '],
    ['{"tables": [{"tablets": 3, "tabletSize": "big"}]}', "'big' is not a size"],
    ['{"tables": [{"tablets": 3, "rows": 7}]}', 't.json: tables.0: '],
  ])('that is %s is refused with the field', async (text, message) => {
    await expect(parseTableSet(text, 't.json', defaults)).rejects.toThrow(message);
  });

  test.each([
    ['4096', 4096],
    ['64MB', 64 * MIB],
    ['1.5 kb', 1536],
    ['2TB', 2 * 1024 * 1024 * MIB],
  ])('reads the size %s', (text, bytes) => {
    expect(parseBytes(text, 'size')).toBe(bytes);
  });
});
