/** Names that a mistyped one was perhaps meant to be. */

/** At most `countMax` of the known names, the nearest first; equally near ones in their order. */
export function nearestNames(name: string, known: readonly string[], countMax: number): string[] {
  return known
    .map((each) => ({ each, distance: editDistance(name, each) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, countMax)
    .map(({ each }) => each);
}

/** Levenshtein's: letters to add, drop or change. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const change = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(change, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
