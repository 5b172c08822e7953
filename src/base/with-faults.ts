/**
 * Failure on demand for a disk: passes a fault point before each operation, and damages bytes where
 * that is planned. Which operation on which path passes which point is its owner's to say. Costs
 * next to nothing while no fault is planned.
 */
import type { Clock } from './clock.ts';
import { damaged, otherDigest } from './damage.ts';
import { type ByteFault, type FaultPoints, type FaultSubject, passPoint } from './fault.ts';
import type { FaultPoint } from './fault-points.ts';
import type { ByteRange, ByteReader, ByteWriter, Files } from './files.ts';
import type { Op } from './op.ts';

export type FileOperation = 'read' | 'write' | 'link' | 'rename' | 'delete' | 'list' | 'sync';

export interface FileFaultOptions {
  readonly faults: FaultPoints;
  readonly clock: Clock;
  /** `undefined`: passes none, as a file whose writer passes points of its own. */
  readonly pointOf: (operation: FileOperation, path: string) => FaultPoint | undefined;
  readonly subjectOf: (path: string) => FaultSubject;
  /** All that `pointOf` may answer. */
  readonly points: readonly FaultPoint[];
}

export function withFaults(files: Files, options: FileFaultOptions): Files {
  const { faults, points } = options;
  const guarded = <T>(operation: FileOperation, path: string, run: () => Op<T>): Op<T> => {
    const point = planned(options, operation, path);
    return point === undefined ? run() : passThen(options, point, path, run);
  };
  const isQuiet = (): boolean => {
    // Asked several times for each of very many tablets.
    if (faults.isAllQuiet === true) return true;
    for (const point of points) if (faults.isQuiet?.(point) !== true) return false;
    return true;
  };
  return {
    ...plainOperations(files),
    instant: () => (isQuiet() ? files.instant?.() : undefined),
    list: (path) => guarded('list', path, () => files.list(path)),
    read: (path, range) => guardedRead(files, options, path, range),
    openRead: (path, range) => guardedOpenRead(files, options, path, range),
    md5: (path) => guardedMd5(files, options, path),
    *create(path) {
      return guardedWriter(yield* files.create(path), options, path);
    },
    *openAppend(path) {
      return guardedWriter(yield* files.openAppend(path), options, path);
    },
    clone: (from, to) => guarded('link', to, () => files.clone(from, to)),
    rename: (from, to) => guarded('rename', to, () => files.rename(from, to)),
    remove: (path) => guarded('delete', path, () => files.remove(path)),
    syncDirectory: (path) => guarded('sync', path, () => files.syncDirectory(path)),
    *createFilled(path, sizeBytes, seed) {
      const fault = yield* pass(options, 'write', path);
      yield* files.createFilled(path, sizeBytes, fault === undefined ? seed : seed + 1);
    },
    *createHollow(path, sizeBytes, md5) {
      const fault = yield* pass(options, 'write', path);
      yield* files.createHollow(path, sizeBytes, fault === undefined ? md5 : otherDigest(md5));
    },
  };
}

/** What passes no point. */
function plainOperations(
  files: Files,
): Pick<Files, 'stat' | 'makeDirectory' | 'truncate' | 'lock' | 'unsafeOverwrite'> {
  return {
    stat: (path) => files.stat(path),
    makeDirectory: (path) => files.makeDirectory(path),
    truncate: (path, sizeBytes) => files.truncate(path, sizeBytes),
    lock: (path) => files.lock(path),
    unsafeOverwrite: (path, offset, bytes) => files.unsafeOverwrite(path, offset, bytes),
  };
}

/** The point to pass, if anything is planned there. */
function planned(
  { faults, pointOf }: FileFaultOptions,
  operation: FileOperation,
  path: string,
): FaultPoint | undefined {
  const point = pointOf(operation, path);
  return point !== undefined && faults.mayStrike(point) ? point : undefined;
}

function* pass(
  options: FileFaultOptions,
  operation: FileOperation,
  path: string,
): Op<ByteFault | undefined> {
  const point = planned(options, operation, path);
  if (point === undefined) return undefined;
  return yield* passPoint(options.faults, options.clock, point, options.subjectOf(path));
}

function* passThen<T>(
  { faults, clock, subjectOf }: FileFaultOptions,
  point: FaultPoint,
  path: string,
  run: () => Op<T>,
): Op<T> {
  yield* passPoint(faults, clock, point, subjectOf(path));
  return yield* run();
}

function* guardedRead(
  files: Files,
  options: FileFaultOptions,
  path: string,
  range: ByteRange | undefined,
): Op<Uint8Array> {
  const fault = yield* pass(options, 'read', path);
  const bytes = yield* files.read(path, range);
  return fault === undefined ? bytes : damaged(fault, bytes);
}

/** A fault damages the first chunk; after a cut there is none. */
function* guardedOpenRead(
  files: Files,
  options: FileFaultOptions,
  path: string,
  range: ByteRange | undefined,
): Op<ByteReader> {
  const fault = yield* pass(options, 'read', path);
  const reader = yield* files.openRead(path, range);
  if (fault === undefined) return reader;
  let isFirst = true;
  return {
    *read(): Op<Uint8Array | undefined> {
      const chunk = yield* reader.read();
      if (!isFirst || chunk === undefined) return chunk;
      isFirst = false;
      return damaged(fault, chunk);
    },
    close: () => reader.close(),
  };
}

function* guardedMd5(files: Files, options: FileFaultOptions, path: string): Op<string> {
  const fault = yield* pass(options, 'read', path);
  const md5 = yield* files.md5(path);
  return fault === undefined ? md5 : otherDigest(md5);
}

/** After a cut nothing more is written, and nobody is told: as a failing disk does it. */
function guardedWriter(inner: ByteWriter, options: FileFaultOptions, path: string): ByteWriter {
  let isCut = false;
  return {
    *write(bytes): Op<void> {
      const fault = yield* pass(options, 'write', path);
      if (isCut) return;
      isCut = fault?.do === 'cut';
      yield* inner.write(fault === undefined ? bytes : damaged(fault, bytes));
    },
    *sync(): Op<void> {
      yield* pass(options, 'sync', path);
      yield* inner.sync();
    },
    close: () => inner.close(),
  };
}
