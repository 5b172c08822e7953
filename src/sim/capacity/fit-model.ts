/**
 * A store model from what was measured: by least squares, latency and bytes of a worker alone, then
 * what the store does at most when many work at once. docs/simulate.md has the formulas.
 */
import { SECOND_MS } from '../../base/units.ts';
import type { Batch, Measured } from './measure-store.ts';
import { storePreset } from './presets.ts';
import type { Latency, RequestKind, StoreModel, UploadWay } from './store-model.ts';

export interface Line {
  readonly base: number;
  readonly slope: number;
}

/** Points of a line that never falls and never begins below 0, weighted to count by their share. */
export function fitLine(points: readonly { readonly x: number; readonly y: number }[]): Line {
  const weight = (y: number): number => 1 / Math.max(y, 1e-9) ** 2;
  let [sum, sumX, sumY, sumXX, sumXY] = [0, 0, 0, 0, 0];
  for (const { x, y } of points) {
    const w = weight(y);
    sum += w;
    sumX += w * x;
    sumY += w * y;
    sumXX += w * x * x;
    sumXY += w * x * y;
  }
  const spread = sum * sumXX - sumX * sumX;
  const slope = spread <= 0 ? 0 : (sum * sumXY - sumX * sumY) / spread;
  const base = sum === 0 ? 0 : (sumY - slope * sumX) / sum;
  if (slope < 0) return { base: sumY / sum, slope: 0 };
  if (base < 0) return { base: 0, slope: sumXX === 0 ? 0 : sumXY / sumXX };
  return { base, slope };
}

/** A batch that got this much of what its workers alone would get was held up by nothing shared. */
const UNHINDERED_SHARE = 0.8;
/** The spread of a few dozen measurements says no more than this about the slowest of a hundred. */
const SIGMA_MAX = 1;
const Z99 = 2.326;

const REQUESTS_PER_FILE: Readonly<Record<UploadWay, number>> = {
  put: 1,
  'put-rename': 2,
  'put-copy-delete': 3,
};

export function fitModel(
  measured: Measured,
  about: { readonly name: string; readonly text: string },
): StoreModel {
  const perPut = (batch: Batch): number => batch.elapsedMs / batch.eachMs.length;
  const points = (batches: readonly Batch[]) =>
    batches.map((batch) => ({ x: batch.bytes, y: perPut(batch) }));
  const alone = measured.batches.filter(({ concurrency }) => concurrency === 1);
  const own = fitLine(points(alone));
  const isHindered = (batch: Batch): boolean =>
    batch.concurrency > 1 &&
    (own.base + own.slope * batch.bytes) / batch.concurrency < UNHINDERED_SHARE * perPut(batch);
  const most = Math.max(...measured.batches.map(({ concurrency }) => concurrency));
  const full = measured.batches.filter((batch) => batch.concurrency === most && isHindered(batch));
  const shared = full.length === 0 ? { base: 0, slope: 0 } : fitLine(points(full));
  const smallest = alone.reduce((a, b) => (b.bytes < a.bytes ? b : a));
  const spread = sigmaOf(smallest.eachMs);
  const renames = alone.flatMap(({ renameMs }) => renameMs);
  const renameMeanMs = meanOf(renames);
  const put = latencyOf(Math.max(0, own.base - renameMeanMs), spread);
  // Where a rename is a copy and a delete, both share what it took.
  const rename = latencyOf(
    measured.upload === 'put-copy-delete' ? renameMeanMs / 2 : renameMeanMs,
    sigmaOf(renames),
  );
  const list = latencyOf(meanOf(measured.listMs), sigmaOf(measured.listMs));
  const template = storePreset('local');
  const rest: Readonly<Record<RequestKind, Latency>> = {
    list,
    stat: list,
    get: put,
    put,
    rename: renames.length === 0 ? list : rename,
    copy: renames.length === 0 ? put : rename,
    delete: renames.length === 0 ? list : rename,
  };
  return {
    ...template,
    name: about.name,
    about: about.text,
    upload: measured.upload,
    latency: rest,
    connectionBytesPerSec: speedOf(own.slope),
    storeBytesPerSec: speedOf(shared.slope),
    storeMsPerRequest: shared.base / REQUESTS_PER_FILE[measured.upload],
    copyBytesPerSec: null,
    // Hashing is part of what was measured.
    hashBytesPerSec: null,
  };
}

/** Bytes per second of so many ms per byte. */
function speedOf(msPerByte: number): number | null {
  return msPerByte <= 0 ? null : SECOND_MS / msPerByte;
}

/** A log-normal distribution of this mean. */
function latencyOf(meanMs: number, sigma: number): Latency {
  const p50Ms = meanMs / Math.exp((sigma * sigma) / 2);
  return { p50Ms, p99Ms: p50Ms * Math.exp(Z99 * sigma) };
}

function sigmaOf(values: readonly number[]): number {
  const logs = values.map((value) => Math.log(Math.max(value, 1e-3)));
  const mean = meanOf(logs);
  return Math.min(SIGMA_MAX, Math.sqrt(meanOf(logs.map((log) => (log - mean) ** 2))));
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
