/**
 * Full or incremental, of a snapshot that nobody has recorded (BR-DR). A label as both tools make
 * it tells. Of any other the facts do: one that lacks partitions which an earlier snapshot had of
 * the same table counts as incremental, since restoring it alone might bring back too little.
 */
import type { SnapshotDetails } from '../cluster/snapshots.ts';

export interface KnownSnapshot {
  readonly label: string;
  readonly timestamp: string;
  readonly details: SnapshotDetails;
}

export function typeByLabel(label: string): 'full' | 'incremental' | undefined {
  const match = /_\d{8}_(full|incremental)(_r\d+)?$/.exec(label);
  return match === null ? undefined : (match[1] as 'full' | 'incremental');
}

export function guessType(
  snapshot: KnownSnapshot,
  others: readonly KnownSnapshot[],
): 'full' | 'incremental' {
  const named = typeByLabel(snapshot.label);
  if (named !== undefined) return named;
  const { timestamp, details } = snapshot;
  const earlier = others.filter(
    (other) => other.details.database === details.database && other.timestamp < timestamp,
  );
  const lacks = earlier.some((other) => lacksPartitions(details, other.details));
  return lacks ? 'incremental' : 'full';
}

function lacksPartitions({ tables }: SnapshotDetails, earlier: SnapshotDetails): boolean {
  return [...tables].some(([table, held]) => {
    const known = earlier.tables.get(table) ?? [];
    return known.some((partition) => !held.includes(partition));
  });
}
