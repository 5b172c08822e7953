/** What a drill restores: some of what was live at the backup, drawn by lot (BR-DRILL). */
import { below, type Random } from '../../base/random.ts';
import type { DrillScope } from '../monitor/facts.ts';
import type { ChainContents, HeldPartition } from '../restore/contents.ts';

/** Everything for a database, so many tables or partitions otherwise. */
export function sampleOf(
  contents: ChainContents,
  scope: DrillScope,
  count: number,
  random: Random,
): ChainContents {
  if (scope === 'database') return contents;
  const keyOf = (each: HeldPartition): string =>
    scope === 'table' ? each.table : JSON.stringify([each.table, each.partition]);
  const keys = [...new Set(contents.live.map(keyOf))].sort();
  const drawn = new Set<string>();
  while (drawn.size < Math.min(count, keys.length)) {
    const key = keys[below(random, keys.length)];
    if (key !== undefined) drawn.add(key);
  }
  return { ...contents, live: contents.live.filter((each) => drawn.has(keyOf(each))) };
}
