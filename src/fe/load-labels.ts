/**
 * Labels that users gave to loads, so that none is used twice (sql-surface.md 3.6). Remembered with
 * the commits, up to `label_keep_max_num`; the oldest are forgotten first.
 */
import { SimError } from '../base/errors.ts';
import type { Op } from '../base/op.ts';
import type { CommitRecord } from '../catalog/records.ts';

/** `insert_` and a UUID. */
const MADE_UP = /^insert_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export class LoadLabels {
  readonly #labels = new Set<string>();
  /** Of loads under way: taken, but gone again if the load fails. */
  readonly #running = new Set<string>();
  readonly #keepMax: () => number;

  constructor(keepMax: () => number) {
    this.#keepMax = keepMax;
  }

  /** Runs a load under its label; `common-error` when the label is used or being used. */
  *hold<T>(label: string, load: () => Op<T>): Op<T> {
    if (this.#labels.has(label) || this.#running.has(label)) {
      throw new SimError('common-error', `Label [${label}] has already been used.`, {
        hint: 'choose another label, or look whether the first load did what you want',
      });
    }
    this.#running.add(label);
    try {
      return yield* load();
    } finally {
      this.#running.delete(label);
    }
  }

  /** Labels the frontend made up itself are unique already. */
  apply(record: CommitRecord): void {
    if (!MADE_UP.test(record.label)) this.add(record.label);
  }

  add(label: string): void {
    this.#labels.add(label);
    for (const oldest of this.#labels) {
      if (this.#labels.size <= this.#keepMax()) break;
      this.#labels.delete(oldest);
    }
  }

  all(): readonly string[] {
    return [...this.#labels];
  }
}
