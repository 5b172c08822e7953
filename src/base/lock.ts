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
    if (this.#queue.length === 0 && this.#mayEnter(exclusive)) {
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
      let head = this.#queue[0];
      while (head !== undefined && this.#mayEnter(head.exclusive)) {
        this.#queue.shift();
        this.#enter(head.exclusive);
        head.grant();
        head = this.#queue[0];
      }
    } finally {
      this.#granting = false;
    }
  }
}

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
