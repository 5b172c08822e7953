/** What a search has reached, as a table for people. */
import type { SearchReport } from './search.ts';

export function tableOf(name: string, report: SearchReport): string {
  const { operations, distinctPoints, distinctRecoveryPoints, reached, reachedInRecovery } = report;
  const points = [...reached.values()].reduce((sum, each) => sum + each, 0);
  const lines = [
    `${name}: ${operations.length} operations, crashes placed ${points}, ` +
      `distinct points ${distinctPoints}, more while starting again ${distinctRecoveryPoints}`,
    ...rows('  operations', reached, ([kind, place]) => `${kind} of ${place}`),
    ...rows('  transitions', reached, ([, , transition]) => `${transition}`),
    ...rows('  while starting', reachedInRecovery, ([kind, place]) => `${kind} of ${place}`),
  ];
  return `${lines.join('\n')}\n`;
}

function rows(
  title: string,
  reached: ReadonlyMap<string, number>,
  keyOf: (parts: readonly string[]) => string,
): readonly string[] {
  const sums = new Map<string, number>();
  for (const [stratum, points] of reached) {
    const key = keyOf(stratum.split(', '));
    sums.set(key, (sums.get(key) ?? 0) + points);
  }
  return [
    title,
    ...[...sums].sort().map(([key, points]) => `    ${String(points).padStart(6)}  ${key}`),
  ];
}
