/**
 * The loads that a database has seen, as their commits tell: what SHOW LOAD, SHOW TRANSACTION and
 * information_schema.loads show. Up to `label_keep_max_num` each; the oldest are forgotten first.
 */

import type { Millis } from '../base/clock.ts';
import { SimError } from '../base/errors.ts';
import { asId, type DbId, type TableId, type TxnId } from '../base/ids.ts';
import { type CommitRecord, LOAD_SOURCES, type LoadSource } from '../catalog/records.ts';

export interface FinishedLoad {
  readonly txnId: TxnId;
  readonly dbId: DbId;
  readonly tableId: TableId;
  readonly label: string;
  readonly source: LoadSource;
  readonly rowCount: number;
  readonly startTimeMs: Millis;
  readonly commitTimeMs: Millis;
}

export class LoadHistory {
  readonly #loads = new Map<DbId, Map<TxnId, FinishedLoad>>();
  readonly #keepMax: () => number;

  constructor(keepMax: () => number) {
    this.#keepMax = keepMax;
  }

  /** Commits of before loads were counted tell of none. */
  apply({ txnId, dbId, tableId, label, commitTimeMs, loaded }: CommitRecord): void {
    if (loaded === undefined) return;
    const { source, rowCount, startTimeMs } = loaded;
    // In the order in which an image is read: the state after a start is the state before.
    this.#add({ txnId, dbId, tableId, label, source, rowCount, startTimeMs, commitTimeMs });
  }

  /** The oldest first. */
  of(dbId: DbId): readonly FinishedLoad[] {
    return [...(this.#loads.get(dbId)?.values() ?? [])];
  }

  find(dbId: DbId, txnId: TxnId): FinishedLoad | undefined {
    return this.#loads.get(dbId)?.get(txnId);
  }

  /** The database was dropped. */
  forget(dbId: DbId): void {
    this.#loads.delete(dbId);
  }

  /** For the image. */
  all(): readonly FinishedLoad[] {
    return [...this.#loads.values()].flatMap((loads) => [...loads.values()]);
  }

  /** What `all` gave; an image of before there was a history has none. */
  load(loads: unknown): void {
    if (loads === undefined) return;
    if (!Array.isArray(loads)) throw damaged();
    for (const load of loads) this.#add(read(load));
  }

  #add(load: FinishedLoad): void {
    const loads = this.#loads.get(load.dbId) ?? new Map<TxnId, FinishedLoad>();
    this.#loads.set(load.dbId, loads);
    loads.set(load.txnId, Object.freeze(load));
    for (const oldest of loads.keys()) {
      if (loads.size <= this.#keepMax()) break;
      loads.delete(oldest);
    }
  }
}

function read(json: unknown): FinishedLoad {
  const load: Readonly<Record<string, unknown>> = Object.fromEntries(Object.entries(json ?? {}));
  const number = (key: string): number => {
    const value = load[key];
    if (typeof value !== 'number') throw damaged();
    return value;
  };
  const { label, source } = load;
  if (typeof label !== 'string') throw damaged();
  const known = LOAD_SOURCES.find((one) => one === source);
  if (known === undefined) throw damaged();
  return {
    txnId: asId<TxnId>(number('txnId')),
    dbId: asId<DbId>(number('dbId')),
    tableId: asId<TableId>(number('tableId')),
    label,
    source: known,
    rowCount: number('rowCount'),
    startTimeMs: number('startTimeMs'),
    commitTimeMs: number('commitTimeMs'),
  };
}

const damaged = (): SimError =>
  new SimError('edit-log-damaged', 'image: a load of the past cannot be read');
