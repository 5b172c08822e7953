/**
 * Labels that users gave to loads, so that none is used twice (sql-surface.md 3.6). Remembered with
 * the commits, up to `label_keep_max_num`; the oldest are forgotten first.
 */
import type { CommitRecord } from '../catalog/records.ts';

export class LoadLabels {
  readonly #labels = new Set<string>();
  readonly #keepMax: () => number;

  constructor(keepMax: () => number) {
    this.#keepMax = keepMax;
  }

  has(label: string): boolean {
    return this.#labels.has(label);
  }

  /** Labels the frontend made up itself are unique already. */
  apply(record: CommitRecord): void {
    if (record.label.startsWith('insert_')) return;
    this.add(record.label);
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
