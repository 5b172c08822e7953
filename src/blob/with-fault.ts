/**
 * Failure on demand for a store: passes the points `blob.*` before each operation, and carries out
 * the faults that change bytes. Drivers keep their promises underneath, so a put that is cut leaves
 * nothing, and one that is corrupted leaves a whole object with wrong bytes.
 */
import type { Clock } from '../base/clock.ts';
import { type BitFlips, bitFlips, otherDigest, turnBits } from '../base/damage.ts';
import { SimError } from '../base/errors.ts';
import { type ByteFault, type FaultPoints, passPoint } from '../base/fault.ts';
import type { FaultPoint } from '../base/fault-points.ts';
import type { ByteRange, ByteReader } from '../base/files.ts';
import type { Op } from '../base/op.ts';
import { joinKey } from './blob-key.ts';
import type {
  BlobKey,
  BlobStat,
  BlobStorage,
  ByteSource,
  InstantBlob,
  InstantContent,
  InstantObject,
  NamedSource,
} from './blob-storage.ts';

export interface BlobFaultOptions {
  readonly faults: FaultPoints;
  readonly clock: Clock;
  /** Who uses the store: the id of a backend, or `frontend`. */
  readonly backend: BlobUser;
}

export type BlobUser = number | 'frontend';

type Point = BlobFaultOptions;

export function withFault(storage: BlobStorage, point: BlobFaultOptions): BlobStorage {
  const { faults } = point;
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
    ...(storage.putAll !== undefined && {
      putAll: (directory: BlobKey, objects: readonly NamedSource[]) =>
        putAll(storage, point, directory, objects),
    }),
    get: (key: BlobKey, range?: ByteRange) => get(storage, point, key, range),
    *stat(key: BlobKey): Op<BlobStat | undefined> {
      yield* pass(point, 'blob.stat', key);
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
    fill(parent: BlobKey, name: string, objects: readonly InstantObject[]): boolean {
      if (!inner.fill(parent, name, objects)) return false;
      faults.visit?.('blob.list');
      for (let put = 0; put < objects.length; put += 1) faults.visit?.('blob.put');
      return true;
    },
    take(directory: BlobKey, use: (objects: readonly InstantObject[]) => boolean): boolean {
      // The other points of this way are asked for before; this one only downloads pass.
      if (faults.isQuiet?.('blob.get') !== true) return false;
      let count = 0;
      const isTaken = inner.take?.(directory, (objects) => {
        count = objects.length;
        return use(objects);
      });
      if (isTaken !== true) return false;
      faults.visit?.('blob.list');
      for (let got = 0; got < count; got += 1) faults.visit?.('blob.get');
      return true;
    },
    ...(inner.settle !== undefined && { settle: inner.settle }),
  };
}

function pass(
  { faults, clock, backend }: Point,
  name: FaultPoint,
  key: BlobKey,
): ReturnType<typeof passPoint> {
  return passPoint(faults, clock, name, { backend, key });
}

function* put(storage: BlobStorage, point: Point, key: BlobKey, source: ByteSource): Op<void> {
  const fault = yield* pass(point, 'blob.put', key);
  yield* storage.put(key, fault === undefined ? source : damagedSource(fault, key, source));
}

/** Each object passes its point before it is put; only what nothing is planned for goes together. */
function* putAll(
  storage: BlobStorage,
  point: Point,
  directory: BlobKey,
  objects: readonly NamedSource[],
): Op<void> {
  const { faults } = point;
  if (storage.putAll !== undefined && faults.isQuiet?.('blob.put') === true) {
    for (const _ of objects) faults.visit?.('blob.put');
    return yield* storage.putAll(directory, objects);
  }
  for (const { name, source } of objects) {
    yield* put(storage, point, joinKey(directory, name), source);
  }
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
  return damagedReader(fault, key, yield* storage.get(key, range), bitFlips(fault, length));
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
      const all = bitFlips(fault, source.sizeBytes);
      const shifted = new Map([...all].map(([at, mask]) => [at - (range?.start ?? 0), mask]));
      return damagedReader(fault, key, yield* source.open(range), shifted);
    },
  };
}

function damagedReader(
  fault: ByteFault,
  key: BlobKey,
  reader: ByteReader,
  masks: BitFlips,
): ByteReader {
  let offset = 0;
  return {
    *read(): Op<Uint8Array | undefined> {
      if (fault.do === 'cut' && offset >= fault.afterBytes) throw cutError(key, offset);
      const chunk = yield* reader.read();
      if (fault.do === 'corrupt') {
        const begin = offset;
        offset += chunk?.length ?? 0;
        return chunk === undefined ? undefined : turnBits(chunk, begin, masks);
      }
      if (chunk === undefined) throw cutError(key, offset);
      const kept = chunk.subarray(0, fault.afterBytes - offset);
      offset += kept.length;
      return kept;
    },
    close: () => reader.close(),
  };
}

function cutError(key: BlobKey, afterBytes: number): SimError {
  return new SimError('injected-fault', `${key}: connection cut after ${afterBytes} bytes`);
}
