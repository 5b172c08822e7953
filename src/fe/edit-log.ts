/**
 * The edit log: what the frontend promises is here first, and synced. Records are applied in the
 * order of their numbers, on the leader after the sync and at replay by the same function
 * (design.md 5). `edit-log-line.ts` is the format of a record, `edit-log-segments.ts` the files,
 * `edit-log-replay.ts` the start.
 */
import { asSimError, isSimError, SimError } from '../base/errors.ts';
import { passPoint } from '../base/fault.ts';
import type { FaultPoint } from '../base/fault-points.ts';
import type { ByteWriter } from '../base/files.ts';
import { Mutex } from '../base/lock.ts';
import { attempt, type Op, type Outcome, start, suspend } from '../base/op.ts';
import { MIB } from '../base/units.ts';
import { gathered } from '../base/write-file.ts';
import { encodeLine, isOpCode } from './edit-log-line.ts';
import type { EditLogOptions } from './edit-log-options.ts';
import { replay } from './edit-log-replay.ts';
import { listSegments, removeSideFiles, segmentPath } from './edit-log-segments.ts';
import { writeSide } from './edit-log-side.ts';

/** Longer than any record that is not a whole job or table with thousands of tablets. */
export const LINE_BYTES_MAX: number = 8 * MIB;

/** What goes out with one sync. */
export const BATCH_RECORDS_MAX = 1000;
export const BATCH_BYTES_MAX: number = 16 * MIB;

/** Appends that wait; past this the statement is refused. */
export const QUEUE_RECORDS_MAX = 100_000;

interface Entry<R> {
  readonly record: R;
  readonly op: string;
  /** The body, or its beginning if `rest` goes on. */
  readonly head: Uint8Array;
  readonly rest: Iterator<Uint8Array> | undefined;
  /** Of the whole body; of a bulky one known once it is written. */
  sizeBytes: number;
  readonly settle: (outcome: Outcome<void>) => void;
}

/**
 * Opens the log and replays what the image does not hold. Throws `edit-log-damaged`, which names
 * the file and the offset; a torn end is cut with a warning.
 */
export function* openEditLog<R>(options: EditLogOptions<R>): Op<EditLog<R>> {
  const end = yield* replay(options);
  const writer = yield* options.files.openAppend(end.path);
  // What the last run wrote and did not sync is applied now, so it must not get lost any more.
  yield* writer.sync();
  yield* options.files.syncDirectory(options.directory);
  return new EditLog(options, end.lastSeq, end.firstSeq, writer);
}

export class EditLog<R> {
  readonly #options: EditLogOptions<R>;
  readonly #lineBytesMax: number;
  readonly #mutex = new Mutex();
  #queue: Entry<R>[] = [];
  #isFlushing = false;
  #lastSeq: number;
  #segmentFirstSeq: number;
  #writer: ByteWriter;
  #failure: SimError | undefined;
  #idleWaiters: ((outcome: Outcome<void>) => void)[] = [];

  /** Use `openEditLog`. */
  constructor(
    options: EditLogOptions<R>,
    lastSeq: number,
    segmentFirstSeq: number,
    writer: ByteWriter,
  ) {
    this.#options = options;
    this.#lineBytesMax = options.lineBytesMax ?? LINE_BYTES_MAX;
    this.#lastSeq = lastSeq;
    this.#segmentFirstSeq = segmentFirstSeq;
    this.#writer = writer;
  }

  /** The number of the last record that is durable and applied. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** False once it has failed or was closed. */
  get isUsable(): boolean {
    return this.#failure === undefined;
  }

  /**
   * Returns when the record is durable and applied. Records that arrive while others are written
   * go out together, with one sync. The record must not change before this returns.
   */
  *append(record: R): Op<void> {
    this.#assertUsable();
    if (this.#queue.length >= QUEUE_RECORDS_MAX) {
      throw new SimError('limit-reached', `more than ${QUEUE_RECORDS_MAX} edit log records wait`);
    }
    const encoded = this.#encode(record);
    yield* suspend<void>((settle) => {
      this.#queue.push({ ...encoded, settle });
      if (!this.#isFlushing) this.#beginFlush();
    });
  }

  /**
   * Makes the log short again. `writeImage` stores the state, which stands still meanwhile, as of
   * the given record, and returns when that is durable; only then older records are removed.
   * When `writeImage` fails, or answers `false` as it wrote none, the log is as before and goes on.
   */
  *checkpoint(writeImage: (seq: number) => Op<unknown>): Op<number> {
    return yield* this.#mutex.hold(() => this.#checkpoint(writeImage));
  }

  /** Waits for the appends under way. Every later one fails. */
  *close(): Op<void> {
    if (this.#isFlushing) yield* suspend<void>((resume) => this.#idleWaiters.push(resume));
    yield* this.#mutex.hold(() => this.#close());
  }

  *#close(): Op<void> {
    this.#failure ??= new SimError('unknown-error', 'the edit log is closed');
    yield* this.#writer.close();
  }

  #assertUsable(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #encode(record: R): Omit<Entry<R>, 'settle'> {
    const { codec } = this.#options;
    const op = codec.opOf(record);
    if (!isOpCode(op)) throw new SimError('bug', `not an op code: ${op}`);
    const chunks = gathered(codec.encode(record))[Symbol.iterator]();
    const parts: Uint8Array[] = [];
    let sizeBytes = 0;
    for (let next = chunks.next(); !next.done; next = chunks.next()) {
      parts.push(next.value);
      sizeBytes += next.value.length;
      if (sizeBytes > this.#lineBytesMax) {
        return { record, op, head: Buffer.concat(parts), rest: chunks, sizeBytes };
      }
    }
    return { record, op, head: Buffer.concat(parts), rest: undefined, sizeBytes };
  }

  #beginFlush(): void {
    this.#isFlushing = true;
    start(this.#flush(), (outcome) => {
      this.#isFlushing = false;
      const waiters = this.#idleWaiters;
      this.#idleWaiters = [];
      for (const resume of waiters) resume({ ok: true, value: undefined });
      if (!outcome.ok) throw outcome.error;
    });
  }

  *#flush(): Op<void> {
    while (this.#queue.length > 0) {
      yield* this.#mutex.hold(() => this.#flushBatch());
    }
  }

  *#flushBatch(): Op<void> {
    const batch = this.#takeBatch();
    try {
      this.#assertUsable();
      yield* this.#write(batch);
      yield* this.#apply(batch);
    } catch (error) {
      this.#fail(batch, error);
      return;
    }
    for (const entry of batch) entry.settle({ ok: true, value: undefined });
  }

  /** The oldest records, as many as fit; a bulky one is written when its turn comes. */
  #takeBatch(): Entry<R>[] {
    let count = 0;
    let sizeBytes = 0;
    for (const entry of this.#queue) {
      if (count === BATCH_RECORDS_MAX || sizeBytes > BATCH_BYTES_MAX) break;
      count += 1;
      sizeBytes += entry.head.length;
    }
    return this.#queue.splice(0, count);
  }

  /** What is too large for any file is refused and leaves the batch. */
  *#write(batch: Entry<R>[]): Op<void> {
    const lines: Uint8Array[] = [];
    for (const entry of [...batch]) {
      yield* this.#pass('fe.edit-log.append', entry);
      const line = yield* attempt(this.#lineOf(entry, this.#lastSeq + 1 + lines.length));
      if (line.ok) {
        lines.push(line.value);
        continue;
      }
      if (!isSimError(line.error, 'limit-reached')) throw line.error;
      batch.splice(batch.indexOf(entry), 1);
      entry.settle(line);
    }
    if (lines.length === 0) return;
    yield* this.#writer.write(Buffer.concat(lines));
    for (const entry of batch) yield* this.#pass('fe.edit-log.sync', entry);
    yield* this.#writer.sync();
  }

  *#lineOf(entry: Entry<R>, seq: number): Op<Uint8Array> {
    const { op, head, rest } = entry;
    if (rest === undefined) return encodeLine(seq, op, false, head);
    const { files, directory } = this.#options;
    const reference = yield* writeSide(files, directory, seq, following(head, rest));
    entry.sizeBytes = reference.size;
    return encodeLine(seq, op, true, Buffer.from(JSON.stringify(reference)));
  }

  *#apply(batch: readonly Entry<R>[]): Op<void> {
    for (const entry of batch) {
      this.#options.apply(entry.record, this.#lastSeq + 1);
      this.#lastSeq += 1;
      this.#options.onAppended?.(this.#lastSeq, entry.op, entry.sizeBytes);
      yield* this.#pass('fe.edit-log.applied', entry);
    }
  }

  *#pass(point: FaultPoint, entry: Entry<R>): Op<void> {
    const { faults, clock } = this.#options;
    yield* passPoint(faults, clock, point, { op: entry.op });
  }

  /**
   * Nothing is tried again: after a failed sync nobody knows what is on the disk, and a later sync
   * that succeeds says nothing about it.
   */
  #fail(batch: readonly Entry<R>[], cause: unknown): void {
    const error = asSimError(cause);
    const isFirst = this.#failure === undefined;
    this.#failure ??= error;
    const waiting = [...batch, ...this.#queue];
    this.#queue = [];
    if (isFirst) this.#options.onFatal(error);
    for (const entry of waiting) entry.settle({ ok: false, error: this.#failure });
  }

  *#checkpoint(writeImage: (seq: number) => Op<unknown>): Op<number> {
    this.#assertUsable();
    const seq = this.#lastSeq;
    if ((yield* writeImage(seq)) === false) return seq;
    const rolled = yield* attempt(this.#roll());
    if (!rolled.ok) {
      // A half-made segment would stand in the way of the next start.
      this.#fail([], rolled.error);
      throw rolled.error;
    }
    const { files, directory } = this.#options;
    for (const segment of yield* listSegments(files, directory)) {
      if (segment.firstSeq < this.#segmentFirstSeq) yield* files.remove(segment.path);
    }
    yield* removeSideFiles(files, directory, (sideSeq) => sideSeq > seq);
    yield* files.syncDirectory(directory);
    return seq;
  }

  /** The new segment's name is durable before anything is promised in it. */
  *#roll(): Op<void> {
    const firstSeq = this.#lastSeq + 1;
    if (firstSeq === this.#segmentFirstSeq) return;
    const { files, directory } = this.#options;
    const writer = yield* files.openAppend(segmentPath(directory, firstSeq));
    yield* files.syncDirectory(directory);
    yield* this.#writer.close();
    this.#writer = writer;
    this.#segmentFirstSeq = firstSeq;
  }
}

function* following(first: Uint8Array, rest: Iterator<Uint8Array>): Iterable<Uint8Array> {
  yield first;
  for (let next = rest.next(); !next.done; next = rest.next()) yield next.value;
}
