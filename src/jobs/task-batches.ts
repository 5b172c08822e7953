/** How the tablets of one backend are dealt to tasks (backup-jobs.md 4.3, restore-jobs.md 4.3). */

/**
 * At most `taskMax` batches (0 or less: one per item), equal in size but for the last, which takes
 * the rest: 10 items in 4 batches are 2, 2, 2, 4.
 */
export function taskBatches<T>(items: readonly T[], taskMax: number): T[][] {
  if (items.length === 0) return [];
  if (taskMax <= 0) return items.map((item) => [item]);
  const count = Math.min(items.length, taskMax);
  const size = Math.max(Math.floor(items.length / count), 1);
  const batches: T[][] = [];
  for (let index = 0; index < count - 1; index += 1) {
    batches.push(items.slice(index * size, (index + 1) * size));
  }
  batches.push(items.slice(size * (count - 1)));
  return batches;
}
