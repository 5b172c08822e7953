/**
 * JSON of a table in the shape of StarRocks' gson form (repository.md 3.3, class OlapTable).
 * What that has no place for stands under the key `emulator`; unknown keys are ignored.
 */
import { assert } from '../base/assert.ts';
import { asId, type IndexId, type TableId } from '../base/ids.ts';
import {
  decodeMaterializedView,
  decodeMvId,
  materializedViewJson,
  materializedViewOwnJson,
  mvIdJson,
} from './codec-materialized-view.ts';
import { decodeOrdered, decodePartition, rangeJson, writePartition } from './codec-partition.ts';
import { decodePartitionBy, partitionExtras, writePartitionInfo } from './codec-partition-info.ts';
import {
  decodeDistribution,
  decodeIndexMeta,
  distributionJson,
  indexMetaJson,
  KEYS_TYPES,
} from './codec-schema.ts';
import { decodeTableIndexes, tableIndexesJson } from './codec-table-indexes.ts';
import { type JsonChunks, type JsonText, writeAll } from './json-chunks.ts';
import type { JsonCursor } from './json-cursor.ts';
import type { MaterializedIndexMeta, OlapTable, Partition, Table, TableState } from './model.ts';
import { allPartitions, tableTypeOf } from './table-lookup.ts';

const TABLE_STATES: readonly TableState[] = [
  'NORMAL',
  'RESTORE',
  'RESTORE_WITH_LOAD',
  'SCHEMA_CHANGE',
  'ROLLUP',
];

export function* writeTable(out: JsonChunks, table: Table): JsonText {
  const head = JSON.stringify({
    clazz: table.materializedView === undefined ? 'OlapTable' : 'MaterializedView',
    id: table.id,
    name: table.name,
    type: tableTypeOf(table),
    createTime: Math.floor(table.createTimeMs / 1000),
    comment: table.comment,
    state: table.state,
    keysType: table.keysType,
    maxColUniqueId: table.maxColUniqueId,
    baseIndexId: table.baseIndexId,
    indexNameToId: Object.fromEntries(table.indexMetas.map((meta) => [meta.name, meta.indexId])),
    indexIdToMeta: Object.fromEntries(
      table.indexMetas.map((meta) => [
        meta.indexId,
        indexMetaJson(
          meta,
          meta.indexId === table.baseIndexId ? sortKeyPositions(table, meta) : undefined,
        ),
      ]),
    ),
    defaultDistributionInfo: distributionJson(table.defaultDistribution),
    tableProperty: { properties: Object.fromEntries(table.properties) },
    indexes: table.indexes && { indexes: tableIndexesJson(table.indexes) },
    colocateGroup: table.colocateGroup?.name,
    mvs: table.relatedMaterializedViews?.map(mvIdJson),
    ...(table.materializedView === undefined ? {} : materializedViewJson(table.materializedView)),
  });
  out.add(`${head.slice(0, -1)},"partitionInfo":`);
  yield* writePartitionInfo(out, table);
  out.add(',"idToPartition":');
  yield* writePartitions(out, table.partitions);
  out.add(',"tempPartitions":{"idToPartition":');
  yield* writePartitions(out, table.tempPartitions);
  out.add('},"emulator":');
  yield* writeOwnPart(out, table);
  out.add('}');
}

function sortKeyPositions(table: OlapTable, base: MaterializedIndexMeta): readonly number[] {
  return table.sortKey.map((name) => {
    const position = base.schema.findIndex((column) => column.name === name);
    assert(position >= 0, `sort key column ${name} of ${table.name} is in the schema`);
    return position;
  });
}

function writePartitions(out: JsonChunks, partitions: ReadonlyMap<string, Partition>): JsonText {
  return writeAll(out, '{}', partitions.values(), function* (partition) {
    out.add(`"${partition.id}":`);
    yield* writePartition(out, partition);
  });
}

function* writeOwnPart(out: JsonChunks, table: OlapTable): JsonText {
  const ids = (partitions: Iterable<Partition>): JsonText =>
    writeAll(out, '[]', partitions, (partition) => {
      out.addJson(partition.id);
      return undefined;
    });
  const head = JSON.stringify({
    createTimeMs: table.createTimeMs,
    indexOrder: table.indexMetas.map((meta) => meta.indexId),
    colocateGroupId: table.colocateGroup?.id,
    ...(table.materializedView === undefined
      ? {}
      : { materializedView: materializedViewOwnJson(table.materializedView) }),
  });
  out.add(`${head.slice(0, -1)},"partitionOrder":`);
  yield* ids(table.partitions.values());
  out.add(',"tempPartitionOrder":');
  yield* ids(table.tempPartitions.values());
  out.add(',"idToRange":');
  const ranged = [...allPartitions(table)].filter((partition) => partition.range !== undefined);
  yield* writeAll(out, '{}', ranged, (partition) => {
    out.add(`"${partition.id}":`);
    if (partition.range !== undefined) out.addJson(rangeJson(partition.range));
    return undefined;
  });
  out.add('}');
}

export function decodeOlapTable(json: JsonCursor): OlapTable {
  const clazz = json.field('clazz').oneOf(['OlapTable', 'MaterializedView']);
  json.field('type').oneOf([clazz === 'OlapTable' ? 'OLAP' : 'MATERIALIZED_VIEW']);
  const own = json.optional('emulator');
  const order = (name: string): readonly number[] =>
    own
      ?.optional(name)
      ?.items()
      .map((one) => one.integer()) ?? [];
  const baseIndexId = asId<IndexId>(json.field('baseIndexId').integer());
  const indexMetas = decodeIndexMetas(json, order('indexOrder'));
  const base = indexMetas.find((meta) => meta.indexId === baseIndexId);
  if (base === undefined) return json.field('baseIndexId').fail('the id of an index');
  const extrasOf = partitionExtras(json);
  const partitions = (holder: JsonCursor, name: string): ReadonlyMap<string, Partition> => {
    const list = decodeOrdered(holder.field('idToPartition'), order(name), (one) =>
      decodePartition(one, extrasOf(one.field('id').integer())),
    );
    return new Map(list.map((partition) => [partition.name, partition]));
  };
  const temporary = json.optional('tempPartitions');
  const createTimeMs = own?.optional('createTimeMs')?.integer();
  const maxColUniqueId = json.optional('maxColUniqueId')?.integer();
  const colocateGroup = json.optional('colocateGroup')?.text();
  const colocateGroupId = own?.optional('colocateGroupId')?.integer() ?? 0;
  return Object.freeze({
    kind: 'OLAP',
    id: asId<TableId>(json.field('id').integer()),
    name: json.field('name').text(),
    createTimeMs: createTimeMs ?? json.field('createTime').integer() * 1000,
    state: json.field('state').oneOf(TABLE_STATES),
    keysType: json.field('keysType').oneOf(KEYS_TYPES),
    baseIndexId,
    indexMetas,
    partitionBy: decodePartitionBy(json.field('partitionInfo')),
    defaultDistribution: decodeDistribution(json.field('defaultDistributionInfo')),
    partitions: partitions(json, 'partitionOrder'),
    tempPartitions:
      temporary === undefined ? new Map() : partitions(temporary, 'tempPartitionOrder'),
    sortKey: decodeSortKey(json, base),
    ...(maxColUniqueId === undefined ? {} : { maxColUniqueId }),
    ...decodeTableIndexes(json.optional('indexes')?.optional('indexes')),
    comment: json.optional('comment')?.text() ?? '',
    properties: new Map(
      json
        .field('tableProperty')
        .field('properties')
        .entries()
        .map(([key, value]) => [key, value.text()]),
    ),
    ...(colocateGroup === undefined
      ? {}
      : { colocateGroup: Object.freeze({ id: colocateGroupId, name: colocateGroup }) }),
    ...(clazz === 'OlapTable' ? {} : { materializedView: decodeMaterializedView(json) }),
    ...decodeRelated(json.optional('mvs')),
  });
}

function decodeRelated(json: JsonCursor | undefined): Pick<OlapTable, 'relatedMaterializedViews'> {
  return json === undefined ? {} : { relatedMaterializedViews: json.items().map(decodeMvId) };
}

function decodeIndexMetas(
  json: JsonCursor,
  order: readonly number[],
): readonly MaterializedIndexMeta[] {
  const names = new Map<number, string>();
  for (const [name, id] of json.field('indexNameToId').entries()) names.set(id.integer(), name);
  return decodeOrdered(json.field('indexIdToMeta'), order, (meta) => {
    const id = meta.field('indexId');
    return decodeIndexMeta(meta, names.get(id.integer()) ?? id.fail('an id of indexNameToId'));
  });
}

function decodeSortKey(json: JsonCursor, base: MaterializedIndexMeta): readonly string[] {
  const meta = json.field('indexIdToMeta').field(String(base.indexId));
  const positions = meta.optional('sortKeyIdxes')?.items() ?? [];
  return positions.map((one) => base.schema[one.integer()]?.name ?? one.fail('a column position'));
}
