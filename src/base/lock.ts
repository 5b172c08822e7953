/**
 * Locks for operations: first come, first served, so that a run is the same every time.
 *
 * A section between two `yield*` runs alone anyway; a lock is for sections that wait in the
 * middle, such as check, write to the log, apply.
 */
import { type Op, suspend } from './op.ts';

interface Waiter {
  readonly exclusive: boolean;
  readonly grant: () => void;
}

/** Many readers or one writer; a waiting writer holds back later readers. */
export class ReadWriteLock {
  #readers = 0;
  #writing = false;
  #granting = false;
  readonly #queue: Waiter[] = [];
  /** Waiters before this have entered; they are dropped many at once, as `shift` moves all. */
  #head = 0;

  *read<T>(body: () => Op<T>): Op<T> {
    yield* this.#acquire(false);
    try {
      return yield* body();
    } finally {
      this.#readers -= 1;
      this.#grantNext();
    }
  }

  *write<T>(body: () => Op<T>): Op<T> {
    yield* this.#acquire(true);
    try {
      return yield* body();
    } finally {
      this.#writing = false;
      this.#grantNext();
    }
  }

  get isWriteLocked(): boolean {
    return this.#writing;
  }

  *#acquire(exclusive: boolean): Op<void> {
    if (this.#head === this.#queue.length && this.#mayEnter(exclusive)) {
      this.#enter(exclusive);
      return;
    }
    yield* suspend<void>((resume) => {
      this.#queue.push({ exclusive, grant: () => resume({ ok: true, value: undefined }) });
    });
  }

  #mayEnter(exclusive: boolean): boolean {
    return exclusive ? !this.#writing && this.#readers === 0 : !this.#writing;
  }

  #enter(exclusive: boolean): void {
    if (exclusive) this.#writing = true;
    else this.#readers += 1;
  }

  /**
   * Lets in whoever may enter next. A waiter let in runs at once and may be done before this
   * returns; the loop of the outermost release then goes on, so that ten thousand waiters need no
   * deeper stack than one.
   */
  #grantNext(): void {
    if (this.#granting) return;
    this.#granting = true;
    try {
      let next = this.#queue[this.#head];
      while (next !== undefined && this.#mayEnter(next.exclusive)) {
        this.#dropHead();
        this.#enter(next.exclusive);
        next.grant();
        next = this.#queue[this.#head];
      }
    } finally {
      this.#granting = false;
    }
  }

  #dropHead(): void {
    this.#head += 1;
    if (this.#head < this.#queue.length && this.#head < DROPPED_MIN) return;
    if (this.#head < this.#queue.length / 2) return;
    this.#queue.splice(0, this.#head);
    this.#head = 0;
  }
}

/** Fewer waiters than this are not worth moving the rest for. */
const DROPPED_MIN = 64;

/** One holder at a time. */
export class Mutex {
  readonly #lock = new ReadWriteLock();

  hold<T>(body: () => Op<T>): Op<T> {
    return this.#lock.write(body);
  }

  get isHeld(): boolean {
    return this.#lock.isWriteLocked;
  }
}
