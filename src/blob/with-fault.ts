/**
 * Failure on demand for a store: passes the points `blob.*` before each operation, and carries out
 * the faults that change bytes. Drivers keep their promises underneath, so a put that is cut leaves
 * nothing, and one that is corrupted leaves a whole object with wrong bytes.
 */
import type { Clock } from '../base/clock.ts';
import { SimError } from '../base/errors.ts';
import { type ByteFault, type FaultPoint, type FaultPoints, passPoint } from '../base/fault.ts';
import type { ByteRange, ByteReader } from '../base/files.ts';
import type { Op } from '../base/op.ts';
import type {
  BlobKey,
  BlobStat,
  BlobStorage,
  ByteSource,
  InstantBlob,
  InstantContent,
} from './blob-storage.ts';

interface Point {
  readonly faults: FaultPoints;
  readonly clock: Clock;
}

/** `stat` passes `blob.list`: both are what a caller does to learn what is there. */
export function withFault(storage: BlobStorage, faults: FaultPoints, clock: Clock): BlobStorage {
  const point: Point = { faults, clock };
  let counted: { readonly inner: InstantBlob; readonly counter: InstantBlob } | undefined;
  return Object.freeze({
    traits: storage.traits,
    instant(): InstantBlob | undefined {
      const isQuiet = faults.isQuiet?.('blob.list') === true && faults.isQuiet('blob.put');
      const inner = isQuiet ? storage.instant?.() : undefined;
      if (inner === undefined) return undefined;
      if (inner !== counted?.inner) counted = { inner, counter: quietInstant(inner, faults) };
      return counted.counter;
    },
    put: (key: BlobKey, source: ByteSource) => put(storage, point, key, source),
    get: (key: BlobKey, range?: ByteRange) => get(storage, point, key, range),
    *stat(key: BlobKey): Op<BlobStat | undefined> {
      yield* pass(point, 'blob.list', key);
      return yield* storage.stat(key);
    },
    *list(directory: BlobKey): Op<readonly BlobStat[]> {
      yield* pass(point, 'blob.list', directory);
      return yield* storage.list(directory);
    },
    *rename(from: BlobKey, to: BlobKey): Op<void> {
      yield* pass(point, 'blob.rename', from);
      yield* storage.rename(from, to);
    },
    *delete(key: BlobKey): Op<void> {
      yield* pass(point, 'blob.delete', key);
      yield* storage.delete(key);
    },
    close: () => storage.close(),
  });
}

/** Counts its visits like the ordinary way; for while nothing is planned at its points. */
function quietInstant(inner: InstantBlob, faults: FaultPoints): InstantBlob {
  return {
    list(directory: BlobKey): readonly BlobStat[] {
      faults.visit?.('blob.list');
      return inner.list(directory);
    },
    put(directory: BlobKey, name: string, content: InstantContent): void {
      faults.visit?.('blob.put');
      inner.put(directory, name, content);
    },
  };
}

function pass(
  { faults, clock }: Point,
  name: FaultPoint,
  key: BlobKey,
): ReturnType<typeof passPoint> {
  return passPoint(faults, clock, name, { key });
}

function* put(storage: BlobStorage, point: Point, key: BlobKey, source: ByteSource): Op<void> {
  const fault = yield* pass(point, 'blob.put', key);
  yield* storage.put(key, fault === undefined ? source : damagedSource(fault, key, source));
}

function* get(
  storage: BlobStorage,
  point: Point,
  key: BlobKey,
  range: ByteRange | undefined,
): Op<ByteReader> {
  const fault = yield* pass(point, 'blob.get', key);
  if (fault === undefined) return yield* storage.get(key, range);
  const sizeBytes = (yield* storage.stat(key))?.sizeBytes ?? 0;
  const start = range?.start ?? 0;
  const length = Math.min(range?.end ?? sizeBytes, sizeBytes) - start;
  return damagedReader(fault, key, yield* storage.get(key, range), flips(fault, length));
}

function damagedSource(fault: ByteFault, key: BlobKey, source: ByteSource): ByteSource {
  if (source.hollow !== undefined) {
    if (fault.do === 'cut') throw cutError(key, fault.afterBytes);
    const { sizeBytes, md5 } = source.hollow;
    return { ...source, hollow: { sizeBytes, md5: otherDigest(md5) } };
  }
  return {
    sizeBytes: source.sizeBytes,
    *open(range?: ByteRange): Op<ByteReader> {
      const all = flips(fault, source.sizeBytes);
      const shifted = new Map([...all].map(([at, mask]) => [at - (range?.start ?? 0), mask]));
      return damagedReader(fault, key, yield* source.open(range), shifted);
    },
  };
}

/** Which bits of which bytes to turn: spread evenly, so that the same fault does the same again. */
function flips(fault: ByteFault, sizeBytes: number): ReadonlyMap<number, number> {
  const masks = new Map<number, number>();
  if (fault.do !== 'corrupt' || sizeBytes <= 0) return masks;
  const bits = sizeBytes * 8;
  const count = Math.min(fault.bitFlips, bits);
  for (let flip = 0; flip < count; flip += 1) {
    const bit = Math.floor(((2 * flip + 1) * bits) / (2 * count));
    const at = Math.floor(bit / 8);
    masks.set(at, (masks.get(at) ?? 0) ^ (1 << (bit % 8)));
  }
  return masks;
}

function damagedReader(
  fault: ByteFault,
  key: BlobKey,
  reader: ByteReader,
  masks: ReadonlyMap<number, number>,
): ByteReader {
  let offset = 0;
  return {
    *read(): Op<Uint8Array | undefined> {
      if (fault.do === 'cut' && offset >= fault.afterBytes) throw cutError(key, offset);
      const chunk = yield* reader.read();
      if (fault.do === 'corrupt') {
        const begin = offset;
        offset += chunk?.length ?? 0;
        return chunk === undefined ? undefined : turn(chunk, begin, masks);
      }
      if (chunk === undefined) throw cutError(key, offset);
      const kept = chunk.subarray(0, fault.afterBytes - offset);
      offset += kept.length;
      return kept;
    },
    close: () => reader.close(),
  };
}

function turn(chunk: Uint8Array, begin: number, masks: ReadonlyMap<number, number>): Uint8Array {
  const turned = chunk.slice();
  for (const [at, mask] of masks) {
    const index = at - begin;
    const byte = turned[index];
    if (byte !== undefined) turned[index] = byte ^ mask;
  }
  return turned;
}

function otherDigest(md5: string): string {
  return `${md5.startsWith('0') ? '1' : '0'}${md5.slice(1)}`;
}

function cutError(key: BlobKey, afterBytes: number): SimError {
  return new SimError('injected-fault', `${key}: connection cut after ${afterBytes} bytes`);
}
