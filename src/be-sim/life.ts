/**
 * One life of a backend, from start to stop or kill. What belongs to a life works through files,
 * stores and links that refuse once it is over, so that work in flight at a kill leaves no trace
 * later; a new life waits until the last file operation of the old one has ended.
 */
import type { Clock } from '../base/clock.ts';
import { SimError } from '../base/errors.ts';
import type { ByteReader, ByteWriter, Files } from '../base/files.ts';
import type { BackendId } from '../base/ids.ts';
import { type Op, type Outcome, type Suspension, start, suspend } from '../base/op.ts';
import type { BlobKey, BlobStorage, NamedSource } from '../blob/blob-storage.ts';

export interface Life {
  readonly isOver: boolean;
  end(): void;
  /** Runs once when the life ends, for timers that must not outlive it. */
  atEnd(run: () => void): void;
  /** Throws `backend-unavailable` once the life is over. */
  check(): void;
  /** Runs a step of the outside world: not begun when the life is over, failed when it has ended. */
  step<T>(op: () => Op<T>): Op<T>;
  /** Ends when no step is in flight any more, or after `SETTLE_MS_MAX`. */
  settled(clock: Clock): Op<void>;
}

/** A step that a simulated crash has cut off never ends. */
export const SETTLE_MS_MAX = 5000;

export function createLife(backendId: BackendId): Life {
  let isOver = false;
  let inFlight = 0;
  const waiters: (() => void)[] = [];
  const endings: (() => void)[] = [];
  const check = (): void => {
    if (isOver) throw new SimError('backend-unavailable', `backend ${backendId} is down`);
  };
  const enter = (): void => {
    inFlight += 1;
  };
  const leave = (): void => {
    inFlight -= 1;
    if (inFlight > 0) return;
    for (const waiter of waiters.splice(0)) waiter();
  };
  const doors: Doors = { check, enter, leave };
  return {
    get isOver(): boolean {
      return isOver;
    },
    end(): void {
      if (isOver) return;
      isOver = true;
      for (const run of endings.splice(0)) run();
    },
    atEnd(run: () => void): void {
      endings.push(run);
    },
    check,
    step: <T>(op: () => Op<T>): Op<T> => new LifeStep(op, doors) as unknown as Op<T>,
    *settled(clock: Clock): Op<void> {
      if (inFlight === 0) return;
      yield* suspend<void>((resume) => {
        let isDone = false;
        const done = (): void => {
          if (isDone) return;
          isDone = true;
          cancel();
          resume({ ok: true, value: undefined });
        };
        const cancel = clock.after(SETTLE_MS_MAX, done);
        waiters.push(done);
      });
    },
  };
}

interface Doors {
  readonly check: () => void;
  readonly enter: () => void;
  readonly leave: () => void;
}

/**
 * What the generator below does, without a generator: backends take tens of steps for each of a
 * million tablets.
 *
 *     check(); enter(); try { result = yield* op(); } finally { leave(); } check();
 */
class LifeStep<T> {
  readonly #op: () => Op<T>;
  readonly #doors: Doors;
  #inner: Op<T> | undefined;

  constructor(op: () => Op<T>, doors: Doors) {
    this.#op = op;
    this.#doors = doors;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(value: unknown): IteratorResult<Suspension, T> {
    const { check, enter, leave } = this.#doors;
    let step: IteratorResult<Suspension, T>;
    if (this.#inner === undefined) {
      check();
      enter();
    }
    try {
      this.#inner ??= this.#op();
      step = this.#inner.next(value);
    } catch (error) {
      leave();
      throw error;
    }
    if (step.done !== true) return step;
    leave();
    check();
    return step;
  }

  throw(error: unknown): IteratorResult<Suspension, T> {
    const { check, leave } = this.#doors;
    if (this.#inner === undefined) throw error;
    let step: IteratorResult<Suspension, T>;
    try {
      step = this.#inner.throw(error);
    } catch (thrown) {
      leave();
      throw thrown;
    }
    if (step.done !== true) return step;
    leave();
    check();
    return step;
  }

  return(value: T): IteratorResult<Suspension, T> {
    if (this.#inner === undefined) return { done: true, value };
    this.#doors.leave();
    return this.#inner.return(value);
  }
}

/** The disk as a life sees it. */
export function filesOfLife(files: Files, life: Life): Files {
  const reader = (inner: ByteReader): ByteReader => ({
    read: () => life.step(() => inner.read()),
    close: () => inner.close(),
  });
  const writer = (inner: ByteWriter): ByteWriter => ({
    write: (bytes) => life.step(() => inner.write(bytes)),
    sync: () => life.step(() => inner.sync()),
    close: () => inner.close(),
  });
  return {
    instant: () => (life.isOver ? undefined : files.instant?.()),
    stat: (path) => life.step(() => files.stat(path)),
    list: (path) => life.step(() => files.list(path)),
    makeDirectory: (path) => life.step(() => files.makeDirectory(path)),
    read: (path, range) => life.step(() => files.read(path, range)),
    *openRead(path, range) {
      return reader(yield* life.step(() => files.openRead(path, range)));
    },
    *create(path) {
      return writer(yield* life.step(() => files.create(path)));
    },
    *openAppend(path) {
      return writer(yield* life.step(() => files.openAppend(path)));
    },
    truncate: (path, sizeBytes) => life.step(() => files.truncate(path, sizeBytes)),
    clone: (from, to) => life.step(() => files.clone(from, to)),
    rename: (from, to) => life.step(() => files.rename(from, to)),
    remove: (path) => life.step(() => files.remove(path)),
    syncDirectory: (path) => life.step(() => files.syncDirectory(path)),
    md5: (path) => life.step(() => files.md5(path)),
    createFilled: (path, sizeBytes, seed) =>
      life.step(() => files.createFilled(path, sizeBytes, seed)),
    createHollow: (path, sizeBytes, md5) =>
      life.step(() => files.createHollow(path, sizeBytes, md5)),
    lock: (path) => life.step(() => files.lock(path)),
    unsafeOverwrite: (path, offset, bytes) =>
      life.step(() => files.unsafeOverwrite(path, offset, bytes)),
  };
}

/** A store as a life sees it. */
export function storageOfLife(storage: BlobStorage, life: Life): BlobStorage {
  const putAll = storage.putAll?.bind(storage);
  return {
    traits: storage.traits,
    instant: () => (life.isOver ? undefined : storage.instant?.()),
    put: (key, source) => life.step(() => storage.put(key, source)),
    ...(putAll !== undefined && {
      putAll: (directory: BlobKey, objects: readonly NamedSource[]) =>
        life.step(() => putAll(directory, objects)),
    }),
    *get(key, range) {
      const inner = yield* life.step(() => storage.get(key, range));
      return { read: () => life.step(() => inner.read()), close: () => inner.close() };
    },
    stat: (key) => life.step(() => storage.stat(key)),
    list: (key) => life.step(() => storage.list(key)),
    rename: (from, to) => life.step(() => storage.rename(from, to)),
    delete: (key) => life.step(() => storage.delete(key)),
    close: () => storage.close(),
  };
}

/**
 * Runs an operation nobody waits for. A failure is the caller's to judge; nothing is heard from
 * a life that is over.
 */
export function detach(life: Life, op: Op<void>, failed: (error: unknown) => void): void {
  start(op, (outcome) => {
    if (!outcome.ok && !life.isOver) failed(outcome.error);
  });
}

/** The outcome of an operation as a value; the end of the life is none. */
export function* attemptInLife<T>(life: Life, op: Op<T>): Op<Outcome<T>> {
  try {
    return { ok: true, value: yield* op };
  } catch (error) {
    life.check();
    return { ok: false, error };
  }
}
