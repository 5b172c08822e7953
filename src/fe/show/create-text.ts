/** Pieces that the texts of SHOW CREATE share: quoted names and texts, distributions. */
import type { OlapTable } from '../../catalog/model.ts';

export function distributionText(table: OlapTable): string {
  const distribution = table.defaultDistribution;
  const buckets = `BUCKETS ${distribution.buckets} `;
  return distribution.kind === 'RANDOM'
    ? `DISTRIBUTED BY RANDOM ${buckets}`
    : `DISTRIBUTED BY HASH(${names(distribution.columns)}) ${buckets}`;
}

export function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

export function names(list: readonly string[]): string {
  return list.map(quoted).join(', ');
}

export function text(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
