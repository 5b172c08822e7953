/**
 * Labels that users gave to loads, so that none is used twice in a database (sql-surface.md 3.6).
 * Remembered with the commits, up to `label_keep_max_num`; the oldest are forgotten first.
 */
import { SimError } from '../base/errors.ts';
import { asId, type DbId } from '../base/ids.ts';
import type { Op } from '../base/op.ts';
import type { CommitRecord } from '../catalog/records.ts';

/** `insert_` and a UUID. */
const MADE_UP = /^insert_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export class LoadLabels {
  readonly #labels = new Map<DbId, Set<string>>();
  /** Of loads under way: taken, but gone again if the load fails. */
  readonly #running = new Set<string>();
  readonly #keepMax: () => number;

  constructor(keepMax: () => number) {
    this.#keepMax = keepMax;
  }

  /** Whether the label is used, or being used. */
  stateOf(dbId: DbId, label: string): 'RUNNING' | 'FINISHED' | undefined {
    if (this.#labels.get(dbId)?.has(label) === true) return 'FINISHED';
    return this.#running.has(`${dbId}/${label}`) ? 'RUNNING' : undefined;
  }

  /** Runs a load under its label; `execution` when the label is used or being used. */
  *hold<T>(dbId: DbId, label: string, load: () => Op<T>): Op<T> {
    const running = `${dbId}/${label}`;
    if (this.stateOf(dbId, label) !== undefined) {
      throw new SimError('execution', `Label [${label}] has already been used.`, {
        hint: 'choose another label, or look whether the first load did what you want',
      });
    }
    this.#running.add(running);
    try {
      return yield* load();
    } finally {
      this.#running.delete(running);
    }
  }

  /** Labels the frontend made up itself are unique already. */
  apply(record: CommitRecord): void {
    if (!MADE_UP.test(record.label)) this.#add(record.dbId, record.label);
  }

  /** The database was dropped. */
  forget(dbId: DbId): void {
    this.#labels.delete(dbId);
  }

  /** For the image: database ids and labels, the oldest first. */
  all(): readonly (readonly [number, string])[] {
    return [...this.#labels].flatMap(([dbId, labels]) =>
      [...labels].map((label) => [dbId, label] as const),
    );
  }

  /** What `all` gave. */
  load(pairs: readonly unknown[]): void {
    for (const pair of pairs) {
      const [dbId, label]: readonly unknown[] = Array.isArray(pair) ? pair : [];
      if (typeof dbId !== 'number' || typeof label !== 'string') {
        throw new SimError('edit-log-damaged', 'image: a label is not a pair of id and text');
      }
      this.#add(asId<DbId>(dbId), label);
    }
  }

  #add(dbId: DbId, label: string): void {
    let labels = this.#labels.get(dbId);
    if (labels === undefined) {
      labels = new Set();
      this.#labels.set(dbId, labels);
    }
    labels.add(label);
    for (const oldest of labels) {
      if (labels.size <= this.#keepMax()) break;
      labels.delete(oldest);
    }
  }
}
