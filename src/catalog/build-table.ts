/**
 * A new table out of a checked definition. Ids are taken from a reserved run in the order of
 * sql-surface.md 3.2: table; then per partition its logical and physical id, once the index id,
 * tablets, replicas.
 */
import { assert, present } from '../base/assert.ts';
import { asId, type IndexId, type TableId } from '../base/ids.ts';
import {
  countPartitionIds,
  fillPartition,
  type NewPartition,
  type Placement,
  takePartitionIds,
} from './build-partition.ts';
import type {
  ColocateGroup,
  Column,
  Distribution,
  KeysType,
  MaterializedIndexMeta,
  OlapTable,
  Partition,
  PartitionBy,
  TableIndex,
} from './model.ts';
import { indexMetaFor, type NewIndex } from './rollup-schema.ts';

export type NewColumn = Omit<Column, 'uniqueId'>;

export interface NewTable {
  readonly name: string;
  readonly keysType: KeysType;
  readonly columns: readonly NewColumn[];
  readonly sortKey: readonly string[];
  readonly partitionBy: PartitionBy;
  /** None for an unpartitioned one, which gets its partition from the table's own values. */
  readonly partitions: readonly NewPartition[];
  readonly distribution: Distribution;
  readonly replicationNum: number;
  readonly comment: string;
  readonly rollups?: readonly NewIndex[];
  readonly indexes?: readonly TableIndex[];
  readonly colocateGroup?: ColocateGroup;
  /** As given; `replication_num` is added when it is not there. */
  readonly properties: ReadonlyMap<string, string>;
}

/** Ids that `buildTable` takes at most. */
export function countTableIds(definition: NewTable): number {
  const partitions = partitionsOf(definition);
  const indexCount = 1 + (definition.rollups?.length ?? 0);
  return partitions.reduce((sum, one) => sum + countPartitionIds(one, indexCount), 1 + indexCount);
}

/**
 * The table in state NORMAL, all partitions empty at version 1 with next version 2. Column names
 * in keys get the spelling of the schema. Undefined when the chooser found too few backends.
 */
export function buildTable(
  definition: NewTable,
  placement: Placement,
  nowMs: number,
): OlapTable | undefined {
  const id = asId<TableId>(placement.ids.next());
  const spelled = spelling(definition.columns);
  const rollups = definition.rollups ?? [];
  const indexIds: IndexId[] = [];
  const takeIndexIds = (): void => {
    while (indexIds.length <= rollups.length) indexIds.push(asId(placement.ids.next()));
  };
  const partitions = new Map<string, Partition>();
  for (const one of partitionsOf(definition)) {
    const ids = takePartitionIds(placement);
    takeIndexIds();
    const distribution = spelledDistribution(one.distribution, spelled);
    const filled = { ...one, distribution };
    const partition = fillPartition(filled, ids, indexIds, placement, nowMs);
    if (partition === undefined) return undefined;
    partitions.set(partition.name, partition);
  }
  takeIndexIds();
  const [baseIndexId, ...rollupIds] = indexIds;
  assert(baseIndexId !== undefined, 'a table has a base index');
  const { name, keysType, comment } = definition;
  return Object.freeze({
    kind: 'OLAP',
    id,
    name,
    createTimeMs: nowMs,
    state: 'NORMAL',
    keysType,
    baseIndexId,
    indexMetas: [
      baseMeta(definition, baseIndexId),
      ...rollups.map((rollup, at) =>
        indexMetaFor(rollup, present(rollupIds[at], `an id for ${rollup.name}`)),
      ),
    ],
    partitionBy: spelledPartitionBy(definition.partitionBy, spelled),
    defaultDistribution: spelledDistribution(definition.distribution, spelled),
    partitions,
    tempPartitions: new Map(),
    sortKey: definition.sortKey.map(spelled),
    ...(definition.indexes === undefined ? {} : { indexes: definition.indexes }),
    comment,
    properties: new Map<string, string>([
      ['replication_num', String(definition.replicationNum)],
      ...definition.properties,
    ]),
    ...(definition.colocateGroup === undefined ? {} : { colocateGroup: definition.colocateGroup }),
  });
}

function partitionsOf(definition: NewTable): readonly NewPartition[] {
  if (definition.partitionBy.kind !== 'UNPARTITIONED') return definition.partitions;
  const { name, distribution, replicationNum } = definition;
  return [{ name, distribution, replicationNum }];
}

function baseMeta(definition: NewTable, indexId: IndexId): MaterializedIndexMeta {
  const { name, keysType } = definition;
  const columns = definition.columns.map((column, uniqueId) => ({ ...column, uniqueId }));
  return indexMetaFor({ name, keysType, columns }, indexId);
}

/** Gives a column's name as the schema writes it. */
function spelling(columns: readonly NewColumn[]): (name: string) => string {
  const names = new Map(columns.map((column) => [column.name.toLowerCase(), column.name]));
  return (name) => present(names.get(name.toLowerCase()), `column ${name}`);
}

function spelledDistribution(
  distribution: Distribution,
  spelled: (name: string) => string,
): Distribution {
  if (distribution.kind === 'RANDOM') return distribution;
  return { ...distribution, columns: distribution.columns.map(spelled) };
}

function spelledPartitionBy(
  partitionBy: PartitionBy,
  spelled: (name: string) => string,
): PartitionBy {
  switch (partitionBy.kind) {
    case 'UNPARTITIONED':
      return partitionBy;
    case 'EXPR_RANGE':
      return { ...partitionBy, columns: [spelled(partitionBy.columns[0])] };
    default:
      return { ...partitionBy, columns: partitionBy.columns.map(spelled) };
  }
}
