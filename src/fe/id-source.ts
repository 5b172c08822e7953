/**
 * One sequence of ids for all catalog objects, jobs and transactions. Batches are reserved in the
 * log before the first id of them is used, so an id is never given out twice, also not after a
 * crash; what a crash leaves unused of a batch stays unused (design.md 5).
 */

import { Mutex } from '../base/lock.ts';
import type { Op } from '../base/op.ts';
import type { IdSource } from '../jobs/ports.ts';

/** First ids are above the backends' (sql-surface.md 3.2: just above 10000). */
export const FIRST_ID = 11_000;
export const ID_BATCH_SIZE = 1_000;

export interface NextIdRecord {
  readonly op: 'OP_SAVE_NEXTID';
  /** Every id below this may be in use. */
  readonly nextId: number;
}

export class LoggedIdSource implements IdSource {
  #next = FIRST_ID;
  #reserved = FIRST_ID;
  readonly #mutex = new Mutex();
  readonly #log: (record: NextIdRecord) => Op<void>;

  constructor(log: (record: NextIdRecord) => Op<void>) {
    this.#log = log;
  }

  *next(count: number): Op<number> {
    if (!this.#mutex.isHeld && this.#next + count <= this.#reserved) return this.#take(count);
    return yield* this.#mutex.hold(() => this.#reserveAndTake(count));
  }

  /** Also how the leader learns that its reservation is on disk. */
  apply(record: NextIdRecord): void {
    this.#reserved = Math.max(this.#reserved, record.nextId);
  }

  /** After replay: nothing below the last reservation may be given out. */
  beginAfterReplay(): void {
    this.#next = this.#reserved;
  }

  get reserved(): number {
    return this.#reserved;
  }

  *#reserveAndTake(count: number): Op<number> {
    if (this.#next + count > this.#reserved) {
      const wanted = this.#next + count;
      const batches = Math.ceil((wanted - FIRST_ID) / ID_BATCH_SIZE);
      yield* this.#log({ op: 'OP_SAVE_NEXTID', nextId: FIRST_ID + batches * ID_BATCH_SIZE });
    }
    return this.#take(count);
  }

  #take(count: number): number {
    const first = this.#next;
    this.#next += count;
    return first;
  }
}
