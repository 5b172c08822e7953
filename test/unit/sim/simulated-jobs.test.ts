/** Simulated backups: the states are those of the job code, the time is that of the model. */
import { describe, expect, test } from 'vitest';
import { BACKUP_STEPS } from '../../../src/jobs/backup-steps.ts';
import { storePreset } from '../../../src/sim/capacity/presets.ts';
import { type Plan, runPlan } from '../../../src/sim/capacity/run-plan.ts';
import { boundBy, knees, type SweepPoint, sweep } from '../../../src/sim/capacity/sweep.ts';
import type { PlannedTable } from '../../../src/sim/capacity/table-set.ts';

const MIB = 2 ** 20;
const TABLE: PlannedTable = {
  name: 't',
  tablets: 40,
  tabletBytes: 32 * MIB,
  filesPerTablet: 2,
  replicas: 1,
};
const PLAN: Plan = {
  model: storePreset('s3'),
  tables: [TABLE],
  backends: 2,
  workers: 4,
  cores: 4,
  slowness: 1,
  failedTasks: 0,
  tasksPerBackendMax: 0,
  profile: '3.5',
  seed: 1n,
  keepsMetadata: false,
  tickMs: 3_000,
  timeoutSec: 86_400,
};

describe('a simulated backup', async () => {
  const result = await runPlan(PLAN);

  test('goes through the states of the job table, in their order', async () => {
    const ways = result.states.map(({ state }) => state);
    const table = Object.keys(BACKUP_STEPS).filter((state) => state !== 'CANCELLED');
    expect(ways).toEqual(table);
    expect(result).toMatchObject({ state: 'FINISHED', status: '[OK]' });
    for (const { state, ms } of result.states.slice(1, 3))
      expect([state, ms]).toEqual([state, 3000]);
  });

  test('asks the store for a list per tablet and a put per file, headers too', async () => {
    const { list, put, rename } = result.requests;
    // Beside the tablets: two puts and renames of the metadata, and the look for the label.
    expect(put).toBe(40 * 3 + 2);
    expect(rename).toBe(2);
    expect(list).toBeGreaterThanOrEqual(40);
    expect(list).toBeLessThan(50);
    expect(result.bytes).toBeGreaterThan(40 * 32 * MIB);
    expect(result.cost).toBeCloseTo((list * 0.005 + put * 0.005) / 1000, 6);
  });

  test('is the same for the same seed, and another for another', async () => {
    expect(await runPlan(PLAN)).toEqual(result);
    expect((await runPlan({ ...PLAN, seed: 2n })).transferMs).not.toBe(result.transferMs);
  });

  test('takes as long whether its tablets come one by one or in few tasks', async () => {
    const batched = await runPlan({ ...PLAN, tasksPerBackendMax: 4 });
    expect(batched.requests).toEqual(result.requests);
    expect(batched.transferMs / result.transferMs).toBeGreaterThan(0.8);
    expect(batched.transferMs / result.transferMs).toBeLessThan(1.25);
  });
});

describe('of very many tablets one stands for several', () => {
  const tables = [
    { ...TABLE, tablets: 613 },
    { ...TABLE, tablets: 200, tabletBytes: 4 * MIB, filesPerTablet: 1 },
  ];
  const many = { ...PLAN, tables, backends: 4 };

  test('with the same files and bytes', async () => {
    const sound = { ...many, model: { ...PLAN.model, throttle: null } };
    const exact = await runPlan(sound);
    const gathered = await runPlan({ ...sound, tabletsEach: 5 });
    expect(gathered.requests.put).toBe(exact.requests.put);
    expect(gathered.bytes / exact.bytes).toBeCloseTo(1, 3);
  });

  test.each([
    { trouble: 'errors', change: { errorRate: 0.02 } },
    { trouble: 'a throttle', change: { throttle: { writesPerSec: 60, readsPerSec: 60 } } },
  ])('and to a few hundredths the same time and cost with $trouble', async ({ change }) => {
    const model = { ...PLAN.model, ...change };
    const exact = await runPlan({ ...many, model });
    const gathered = await runPlan({ ...many, model, tabletsEach: 5 });
    for (const figure of ['transferMs', 'requestCount', 'cost'] as const) {
      expect(Math.abs(gathered[figure] / exact[figure] - 1), figure).toBeLessThan(0.06);
    }
  });
});

test('a task that failed is sent again with a task report, and the job finishes', async () => {
  const sound = await runPlan({ ...PLAN, workers: 20 });
  const failing = await runPlan({ ...PLAN, workers: 20, failedTasks: 0.3 });
  expect(failing.state).toBe('FINISHED');
  expect(failing.transferMs).toBeGreaterThan(sound.transferMs + 3_000);
  expect(failing.requests.put).toBe(sound.requests.put);
});

test('a request that fails for good fails its task; what lies there stays', async () => {
  const retry = { attemptsMax: 1, firstBackoffMs: 0, backoffMsMax: 0 };
  const model = { ...PLAN.model, errorRate: 0.1, retry };
  const failing = await runPlan({ ...PLAN, model });
  expect(failing).toMatchObject({ state: 'FINISHED', status: '[OK]' });
  expect(failing.failures).toBeGreaterThan(5);
  expect(failing.errors).toBe(failing.failures);
  // Each file once, and once more for each put that failed.
  expect(failing.requests.put).toBeLessThanOrEqual(40 * 3 + 2 + failing.failures);
});

test('a job that would take longer than its timeout is cancelled', async () => {
  const slow = { ...PLAN.model, connectionBytesPerSec: 100_000 };
  const result = await runPlan({ ...PLAN, model: slow, timeoutSec: 600 });
  expect(result.state).toBe('CANCELLED');
  expect(result.status).toContain('TIMEOUT');
});

test('tables that do not fit are refused by name', async () => {
  const tables = [{ ...TABLE, name: 'orders', replicas: 3 }];
  await expect(runPlan({ ...PLAN, tables })).rejects.toThrow(
    'table orders: 3 replicas need as many backends, there are 2',
  );
});

test('the knee is the fewest workers that reach nine tenths of the best throughput', async () => {
  const heard: number[] = [];
  const model = { ...PLAN.model, throttle: null, storeBytesPerSec: 300e6 };
  const points = await sweep({ ...PLAN, model }, [2], [1, 2, 4, 8], ({ workers }) => {
    heard.push(workers);
  });
  expect(heard).toEqual([1, 2, 4, 8]);
  const at = (bytesPerSec: number, workers: number): SweepPoint => ({
    backends: 3,
    workers,
    result: { ...(points[0] as SweepPoint).result, bytesPerSec },
  });
  expect(knees([at(100, 1), at(180, 2), at(195, 4), at(190, 8)])).toEqual([
    { backends: 3, workers: 2, isLast: false },
  ]);
  expect(knees([at(100, 1), at(200, 2)])).toEqual([{ backends: 3, workers: 2, isLast: true }]);
  expect(boundBy((points[0] as SweepPoint).result)).toBe('workers');
  expect(boundBy((points[3] as SweepPoint).result)).toBe('store');
});

test('a long run lets the process work now and then, and ends when it is told to', async () => {
  const many = { ...PLAN, tables: [{ ...TABLE, tablets: 100 }] };
  let pauses = 0;
  const stop = async (): Promise<void> => {
    pauses += 1;
    if (pauses === 2) throw new Error('interrupted');
  };
  await expect(runPlan(many, stop)).rejects.toThrow('interrupted');
  expect(pauses).toBe(2);
});

test('tables larger than any disk can be planned', async () => {
  const tables = [{ ...TABLE, tabletBytes: 400 * 1024 * MIB, tablets: 8 }];
  const result = await runPlan({ ...PLAN, tables });
  expect(result).toMatchObject({ state: 'FINISHED', status: '[OK]' });
});
