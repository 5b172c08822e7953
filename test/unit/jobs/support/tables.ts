/** Tables for tests, made as CREATE TABLE makes them and then brought to a version. */
import type { BackendId } from '../../../../src/base/ids.ts';
import { buildTable, type NewColumn } from '../../../../src/catalog/build-table.ts';
import type { KeysType, OlapTable, Partition } from '../../../../src/catalog/model.ts';
import { type NewIndex, rollupOf } from '../../../../src/catalog/rollup-schema.ts';

export interface TableSpec {
  readonly name: string;
  readonly buckets?: number;
  readonly replicationNum?: number;
  readonly keysType?: KeysType;
  /** RANGE partitions by INT: name and bounds. Without, the table is unpartitioned. */
  readonly ranges?: readonly (readonly [name: string, lower: number, upper: number])[];
  readonly version?: number;
  readonly valueType?: 'INT' | 'BIGINT';
  readonly valueName?: string;
  readonly random?: boolean;
  /** Rollups by name, each of the key column alone. */
  readonly rollups?: readonly string[];
}

export function tableOf(
  spec: TableSpec,
  takeId: () => number,
  backends: readonly BackendId[],
): OlapTable {
  const { name, buckets = 2, replicationNum = 1, keysType = 'DUP_KEYS', ranges } = spec;
  let placed = 0;
  const distribution =
    spec.random === true
      ? ({ kind: 'RANDOM', buckets } as const)
      : ({ kind: 'HASH', columns: ['k'], buckets } as const);
  const table = buildTable(
    {
      name,
      keysType,
      columns: columnsOf(spec),
      sortKey: [],
      partitionBy:
        ranges === undefined ? { kind: 'UNPARTITIONED' } : { kind: 'RANGE', columns: ['k'] },
      partitions: (ranges ?? []).map(([partition, lower, upper]) => ({
        name: partition,
        distribution,
        replicationNum,
        range: {
          lower: [{ kind: 'value', text: String(lower) }],
          upper: [{ kind: 'value', text: String(upper) }],
        },
      })),
      distribution,
      replicationNum,
      rollups: rollupsOf(spec),
      comment: '',
      properties: new Map(),
    },
    {
      ids: {
        next: takeId,
        take(count: number): number {
          const first = takeId();
          for (let at = 1; at < count; at += 1) takeId();
          return first;
        },
      },
      chooseBackends: (tabletCount, replicas) => {
        const chosen = new Float64Array(tabletCount * replicas);
        for (let at = 0; at < chosen.length; at += 1) {
          const tablet = Math.floor(at / replicas);
          chosen[at] = backends[(placed + tablet + (at % replicas)) % backends.length] ?? 0;
        }
        placed += tabletCount;
        return chosen;
      },
      physicalIdEqualsLogical: false,
    },
    1_000,
  );
  if (table === undefined) throw new Error('too few backends');
  return atVersion(table, spec.version ?? 5);
}

function rollupsOf(spec: TableSpec): readonly NewIndex[] {
  const columns = columnsOf(spec).map((column, uniqueId) => ({ ...column, uniqueId }));
  const { keysType = 'DUP_KEYS', rollups = [] } = spec;
  return rollups.map((name) =>
    rollupOf({ keysType, columns }, { name, columns: ['k'], duplicateKeys: undefined }),
  );
}

function columnsOf(spec: TableSpec): readonly NewColumn[] {
  const column = (name: string, isKey: boolean, type: 'INT' | 'BIGINT'): NewColumn => ({
    name,
    type: { name: type },
    isKey,
    isAllowNull: !isKey,
    isAutoIncrement: false,
    comment: '',
  });
  return [column('k', true, 'INT'), column(spec.valueName ?? 'v', false, spec.valueType ?? 'INT')];
}

/** The table with all its partitions at a version. */
export function atVersion(table: OlapTable, version: number): OlapTable {
  const partitions = new Map<string, Partition>();
  for (const [name, partition] of table.partitions) {
    partitions.set(name, {
      ...partition,
      physical: partition.physical.map((physical) => ({
        ...physical,
        visibleVersion: version,
        nextVersion: version + 1,
      })),
    });
  }
  return { ...table, partitions };
}
