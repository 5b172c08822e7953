/**
 * Values of AUTO_INCREMENT columns. A table's ids are reserved in the log by batches, so none is
 * given out twice, also not after a crash; what a restart leaves unused of a batch stays unused.
 * A restore sets the counter of a table anew and makes this forget what was reserved before.
 */
import { SimError } from '../base/errors.ts';
import type { TableId } from '../base/ids.ts';
import { Mutex } from '../base/lock.ts';
import type { Op } from '../base/op.ts';
import type { Catalog, Database, OlapTable } from '../catalog/model.ts';
import type { CatalogRecord } from '../catalog/records.ts';

/** The first id of a table (restore-jobs.md 1.6, where batches are of 100,000). */
const FIRST_AUTO_INCREMENT_ID = 1;

interface Reserved {
  next: number;
  readonly end: number;
}

type SaveRecord = Extract<CatalogRecord, { readonly op: 'OP_SAVE_AUTO_INCREMENT_ID' }>;

export class AutoIncrementIds {
  readonly #catalog: Catalog;
  readonly #log: (record: SaveRecord) => Op<void>;
  readonly #batchSize: () => number;
  readonly #reserved = new Map<TableId, Reserved>();
  readonly #mutex = new Mutex();

  constructor(catalog: Catalog, log: (record: SaveRecord) => Op<void>, batchSize: () => number) {
    this.#catalog = catalog;
    this.#log = log;
    this.#batchSize = batchSize;
  }

  /** The first of `count` ids in a row. */
  *take(database: Database, tableId: TableId, count: number): Op<number> {
    return yield* this.#mutex.hold(() => this.#take(database, tableId, count));
  }

  /** After the record: live, and at replay, where nothing is reserved anyway. */
  apply(record: SaveRecord): void {
    if (record.isReplaced) this.#reserved.delete(record.tableId);
  }

  forget(tableId: TableId): void {
    this.#reserved.delete(tableId);
  }

  *#take(database: Database, tableId: TableId, count: number): Op<number> {
    const before = this.#reserved.get(tableId);
    if (before !== undefined && before.next + count <= before.end) return taken(before, count);
    this.#reserved.delete(tableId);
    const next = database.autoIncrementIds.get(tableId) ?? FIRST_AUTO_INCREMENT_ID;
    const first = before?.end === next ? before.next : next;
    const size = Math.max(1, this.#batchSize());
    const nextId = next + Math.ceil((first + count - next) / size) * size;
    yield* this.#log({
      op: 'OP_SAVE_AUTO_INCREMENT_ID',
      dbId: database.id,
      tableId,
      nextId,
      isReplaced: false,
    });
    const now = this.#catalog.databases.get(database.id)?.autoIncrementIds.get(tableId);
    if (now !== nextId) {
      throw new SimError('insert-failed', 'the table was dropped or restored during the load', {
        hint: 'run the statement again',
      });
    }
    const reserved = { next: first, end: nextId };
    this.#reserved.set(tableId, reserved);
    return taken(reserved, count);
  }
}

function taken(reserved: Reserved, count: number): number {
  const first = reserved.next;
  reserved.next += count;
  return first;
}

/** The ids of one statement. */
export interface RowIds {
  /** Waits until `next` can give so many. */
  prepare(count: number): Op<void>;
  next(): bigint;
}

export function rowIds(source: AutoIncrementIds, database: Database, table: OlapTable): RowIds {
  let at = 0;
  let end = 0;
  return {
    *prepare(count: number): Op<void> {
      if (at + count <= end) return;
      at = yield* source.take(database, table.id, count);
      end = at + count;
    },
    next(): bigint {
      if (at >= end) throw new SimError('bug', 'more AUTO_INCREMENT ids than were prepared');
      at += 1;
      return BigInt(at - 1);
    },
  };
}
