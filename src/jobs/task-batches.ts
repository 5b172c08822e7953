/** How the tablets of one backend are dealt to tasks (backup-jobs.md 4.3, restore-jobs.md 4.3). */

/** Items from `from` on, before `to`. */
export interface BatchRange {
  readonly from: number;
  readonly to: number;
}

/**
 * At most `taskMax` batches (0 or less: one per item), equal in size but for the last, which takes
 * the rest: 10 items in 4 batches are 2, 2, 2, 4.
 */
export function* batchRanges(itemCount: number, taskMax: number): Generator<BatchRange> {
  if (itemCount === 0) return;
  const count = batchCount(itemCount, taskMax);
  const size = Math.floor(itemCount / count);
  for (let index = 0; index < count - 1; index += 1) {
    yield { from: index * size, to: (index + 1) * size };
  }
  yield { from: size * (count - 1), to: itemCount };
}

export function batchCount(itemCount: number, taskMax: number): number {
  return taskMax <= 0 ? itemCount : Math.min(itemCount, taskMax);
}

/** The items themselves. */
export function taskBatches<T>(items: readonly T[], taskMax: number): T[][] {
  return Array.from(batchRanges(items.length, taskMax), ({ from, to }) => items.slice(from, to));
}
