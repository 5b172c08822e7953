/**
 * One lock per database: loads share it while they commit, changes of its tables hold it alone.
 * One more per table for statements that read rows in order to write them (UPDATE, DELETE), and
 * one for loads that make partitions.
 */
import type { DbId, TableId } from '../base/ids.ts';
import { Mutex, ReadWriteLock } from '../base/lock.ts';

export class DatabaseLocks {
  /** Held while databases come and go, so that a name is checked and taken in one. */
  readonly catalog: Mutex = new Mutex();
  /** Held while users, roles and what they may do change. */
  readonly accounts: Mutex = new Mutex();
  readonly #locks = new Map<DbId, ReadWriteLock>();
  readonly #rewrites = new Map<TableId, Mutex>();
  readonly #automatic = new Map<TableId, Mutex>();

  of(id: DbId): ReadWriteLock {
    let lock = this.#locks.get(id);
    if (lock === undefined) {
      lock = new ReadWriteLock();
      this.#locks.set(id, lock);
    }
    return lock;
  }

  readModifyWrite(id: TableId): Mutex {
    return mutexOf(this.#rewrites, id);
  }

  automaticPartitions(id: TableId): Mutex {
    return mutexOf(this.#automatic, id);
  }

  forget(id: DbId): void {
    this.#locks.delete(id);
  }

  forgetTable(id: TableId): void {
    this.#rewrites.delete(id);
    this.#automatic.delete(id);
  }
}

function mutexOf(mutexes: Map<TableId, Mutex>, id: TableId): Mutex {
  let mutex = mutexes.get(id);
  if (mutex === undefined) {
    mutex = new Mutex();
    mutexes.set(id, mutex);
  }
  return mutex;
}
