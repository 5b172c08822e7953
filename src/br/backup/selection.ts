/** What goes into a snapshot, decided from facts alone (BR-INC). */
import type { LivePartition } from '../cluster/partitions.ts';
import type { PartitionState } from '../ops/partition-state.ts';
import type { RowCounts } from './row-counts.ts';

/** A table of the group as it is now. */
export interface LiveTable {
  readonly name: string;
  readonly schemaSignature: string;
  readonly partitions: readonly LivePartition[];
}

export interface SelectedTable {
  readonly name: string;
  readonly schemaSignature: string;
  /** Every partition there is: the statement needs no list. */
  readonly isWhole: boolean;
  readonly partitions: readonly string[];
  readonly why: 'full' | 'new' | 'schema' | 'changed';
}

/** What is known of the baseline of an incremental backup. */
export type Baseline =
  | { readonly kind: 'states'; readonly states: readonly PartitionState[] }
  /** Made by upstream, which records no versions: what may have changed since this time. */
  | { readonly kind: 'time'; readonly since: string; readonly tables: ReadonlySet<string> };

export function selectAll(tables: readonly LiveTable[]): readonly SelectedTable[] {
  return tables.map((table) => wholeTable(table, 'full'));
}

/**
 * A partition has changed if the baseline has none of its name, another id or another version, or
 * its table another schema; then the whole table goes in, so that a restore never mixes schemas.
 */
export function selectChanged(
  tables: readonly LiveTable[],
  baseline: Baseline,
): readonly SelectedTable[] {
  const select = baseline.kind === 'time' ? sinceTime(baseline) : sinceStates(baseline.states);
  return tables.flatMap((table) => select(table) ?? []);
}

function sinceStates(
  states: readonly PartitionState[],
): (table: LiveTable) => SelectedTable | undefined {
  const byTable = new Map<string, Map<string, PartitionState>>();
  for (const state of states) {
    const known = byTable.get(state.table) ?? new Map<string, PartitionState>();
    byTable.set(state.table, known.set(state.partition, state));
  }
  return (table) => {
    const known = byTable.get(table.name);
    if (known === undefined) return wholeTable(table, 'new');
    const [first] = known.values();
    if (first?.schemaSignature !== table.schemaSignature) return wholeTable(table, 'schema');
    return changedOf(table, ({ name, id, visibleVersion }) => {
      const before = known.get(name);
      return before?.partitionId !== id || before.visibleVersion !== visibleVersion;
    });
  };
}

function sinceTime({
  since,
  tables,
}: Extract<Baseline, { kind: 'time' }>): (table: LiveTable) => SelectedTable | undefined {
  return (table) => {
    if (!tables.has(table.name)) return wholeTable(table, 'new');
    return changedOf(table, ({ visibleVersionTime }) => visibleVersionTime >= since);
  };
}

function changedOf(
  table: LiveTable,
  hasChanged: (partition: LivePartition) => boolean,
): SelectedTable | undefined {
  const changed = table.partitions.filter(hasChanged).map(({ name }) => name);
  if (changed.length === 0) return undefined;
  return {
    name: table.name,
    schemaSignature: table.schemaSignature,
    isWhole: changed.length === table.partitions.length,
    partitions: changed,
    why: 'changed',
  };
}

function wholeTable(table: LiveTable, why: SelectedTable['why']): SelectedTable {
  return {
    name: table.name,
    schemaSignature: table.schemaSignature,
    isWhole: true,
    partitions: table.partitions.map(({ name }) => name),
    why,
  };
}

export interface StateFacts {
  readonly label: string;
  readonly database: string;
  readonly tables: readonly LiveTable[];
  readonly selection: readonly SelectedTable[];
  readonly counts: RowCounts;
  readonly baseline: Baseline | undefined;
}

/** One row for each live partition; a table without any has one row with an empty name. */
export function statesFor(facts: StateFacts): readonly PartitionState[] {
  const { label, database, tables, selection, counts, baseline } = facts;
  const earlier = earlierCounts(baseline);
  const selected = new Map(selection.map(({ name, partitions }) => [name, new Set(partitions)]));
  return tables.flatMap((table): PartitionState[] => {
    const base = { label, database, table: table.name, schemaSignature: table.schemaSignature };
    const included = selected.get(table.name);
    if (table.partitions.length === 0) {
      return [
        {
          ...base,
          partition: '',
          partitionId: '',
          visibleVersion: 0,
          visibleVersionTime: '',
          dataBytes: 0,
          rowCount: undefined,
          replicationNum: undefined,
          isIncluded: included !== undefined,
        },
      ];
    }
    return table.partitions.map((partition) => {
      const isIncluded = included?.has(partition.name) === true;
      return {
        ...base,
        partition: partition.name,
        partitionId: partition.id,
        visibleVersion: partition.visibleVersion,
        visibleVersionTime: partition.visibleVersionTime,
        dataBytes: partition.dataBytes,
        rowCount: (isIncluded ? counts : earlier)(table.name, partition.name),
        replicationNum: partition.replicationNum,
        isIncluded,
      };
    });
  });
}

/** What is not included has not changed since the baseline, so its count still holds. */
function earlierCounts(baseline: Baseline | undefined): RowCounts {
  const states = baseline?.kind === 'states' ? baseline.states : [];
  const counts = new Map(
    states.map(({ table, partition, rowCount }) => [JSON.stringify([table, partition]), rowCount]),
  );
  return (table, partition) => counts.get(JSON.stringify([table, partition]));
}
