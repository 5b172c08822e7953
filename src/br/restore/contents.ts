/** What the snapshots of a chain hold, and what was live at its target (BR-REST). */
import type { ManifestRow } from '../ops/manifest.ts';
import type { PartitionState } from '../ops/partition-state.ts';

/** A partition of a table in one snapshot; an empty name stands for a table without any. */
export interface HeldPartition {
  readonly table: string;
  readonly partition: string;
  readonly dataBytes: number;
  readonly rowCount: number | undefined;
  /** `undefined` if it was not recorded. */
  readonly replicationNum: number | undefined;
}

export interface ChainContents {
  readonly database: string;
  /** By link of the chain, oldest first. */
  readonly held: readonly (readonly HeldPartition[])[];
  readonly live: readonly HeldPartition[];
}

/** Without states, as of upstream's backups, everything that any link holds counts as live. */
export function chainContents(
  labels: readonly string[],
  states: readonly PartitionState[],
  manifest: readonly ManifestRow[],
): ChainContents {
  const held = labels.map((label) => heldBy(label, states, manifest));
  const target = labels.at(-1) ?? '';
  const ofTarget = states.filter(({ label }) => label === target);
  const live = ofTarget.length > 0 ? ofTarget.map(fromState) : union(held);
  const database =
    ofTarget[0]?.database ?? manifest.find(({ label }) => label === target)?.database ?? '';
  return { database, held, live };
}

function heldBy(
  label: string,
  states: readonly PartitionState[],
  manifest: readonly ManifestRow[],
): readonly HeldPartition[] {
  const ofLabel = states.filter((state) => state.label === label);
  if (ofLabel.length > 0) return ofLabel.filter(({ isIncluded }) => isIncluded).map(fromState);
  return manifest
    .filter((row) => row.label === label)
    .map(({ table, partition }) => ({
      table,
      partition,
      dataBytes: 0,
      rowCount: undefined,
      replicationNum: undefined,
    }));
}

function fromState(state: PartitionState): HeldPartition {
  const { table, partition, dataBytes, rowCount, replicationNum } = state;
  return { table, partition, dataBytes, rowCount, replicationNum };
}

function union(held: readonly (readonly HeldPartition[])[]): readonly HeldPartition[] {
  const byKey = new Map<string, HeldPartition>();
  for (const each of held.flat()) byKey.set(JSON.stringify([each.table, each.partition]), each);
  return [...byKey.values()];
}
