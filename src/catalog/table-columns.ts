/** A table whose columns have changed, as a pure function that shares what did not change. */
import { present } from '../base/assert.ts';
import { asId, type PhysicalPartitionId, type ReplicaId } from '../base/ids.ts';
import type {
  Distribution,
  MaterializedIndex,
  OlapTable,
  Partition,
  PartitionBy,
  PhysicalPartition,
} from './model.ts';
import type { ColumnsRecord } from './records.ts';

const BLOOM_FILTERS = 'bloom_filter_columns';

/** New indexes in the places of those they are made from. The same table when they are there. */
export function withColumnsChanged(table: OlapTable, record: ColumnsRecord): OlapTable {
  const { indexes, physical, renames } = record;
  const replaced = new Map(indexes.map((one) => [one.formerId, one.meta]));
  if (!table.indexMetas.some(({ indexId }) => replaced.has(indexId))) return table;
  const parts = new Map<PhysicalPartitionId, PhysicalPartition>(
    physical.map((one) => [one.id, one]),
  );
  const nowOf = (name: string): string => renames.get(name) ?? name;
  const partitions = new Map<string, Partition>();
  for (const [name, partition] of table.partitions) {
    const changed: Partition = {
      ...partition,
      distribution: renamedDistribution(partition.distribution, nowOf),
      physical: partition.physical.map((one) =>
        withIndexesReplaced(one, present(parts.get(one.id), `partition ${one.id}`), record),
      ),
    };
    partitions.set(name, Object.freeze(changed));
  }
  return Object.freeze({
    ...table,
    baseIndexId: replaced.get(table.baseIndexId)?.indexId ?? table.baseIndexId,
    indexMetas: table.indexMetas.map((meta) => replaced.get(meta.indexId) ?? meta),
    partitionBy: renamedPartitionBy(table.partitionBy, nowOf),
    defaultDistribution: renamedDistribution(table.defaultDistribution, nowOf),
    partitions,
    sortKey: record.sortKey,
    maxColUniqueId: record.maxColUniqueId,
    properties: withBloomFilters(table.properties, record),
    ...(table.indexes === undefined
      ? {}
      : {
          indexes: table.indexes.map((index) =>
            Object.freeze({ ...index, columns: index.columns.map(nowOf) }),
          ),
        }),
  });
}

function withIndexesReplaced(
  physical: PhysicalPartition,
  { indexes: fresh }: PhysicalPartition,
  { indexes }: ColumnsRecord,
): PhysicalPartition {
  const lagging = new Map(physical.lagging);
  const replace = (index: MaterializedIndex): MaterializedIndex => {
    const change = indexes.find(({ formerId }) => formerId === index.indexId);
    if (change === undefined) return index;
    for (const id of index.tablets.replicaIds) lagging.delete(asId<ReplicaId>(id));
    const now = fresh.find(({ indexId }) => indexId === change.meta.indexId);
    return present(now, `index ${change.meta.name} in partition ${physical.id}`);
  };
  return Object.freeze({ ...physical, indexes: physical.indexes.map(replace), lagging });
}

function renamedDistribution(
  distribution: Distribution,
  nowOf: (name: string) => string,
): Distribution {
  if (distribution.kind === 'RANDOM') return distribution;
  return Object.freeze({ ...distribution, columns: distribution.columns.map(nowOf) });
}

function renamedPartitionBy(by: PartitionBy, nowOf: (name: string) => string): PartitionBy {
  switch (by.kind) {
    case 'UNPARTITIONED':
      return by;
    case 'EXPR_RANGE':
      return Object.freeze({ ...by, columns: [nowOf(by.columns[0])] as const });
    default:
      return Object.freeze({ ...by, columns: by.columns.map(nowOf) });
  }
}

/** The property names columns: it follows them. */
function withBloomFilters(
  properties: ReadonlyMap<string, string>,
  { indexes, renames }: ColumnsRecord,
): ReadonlyMap<string, string> {
  const text = properties.get(BLOOM_FILTERS);
  if (text === undefined) return properties;
  const now = new Map([...renames].map(([name, newName]) => [name.toLowerCase(), newName]));
  const left = new Set(
    indexes.flatMap(({ meta }) => meta.schema.map(({ name }) => name.toLowerCase())),
  );
  const names = text
    .split(',')
    .map((name) => now.get(name.trim().toLowerCase()) ?? name.trim())
    .filter((name) => left.has(name.toLowerCase()));
  const changed = new Map(properties);
  if (names.length === 0) changed.delete(BLOOM_FILTERS);
  else changed.set(BLOOM_FILTERS, names.join(', '));
  return changed;
}
