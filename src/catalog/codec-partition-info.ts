/**
 * JSON of `partitionInfo`: how a table is partitioned, and what StarRocks keeps of a partition
 * outside of it (repository.md 3.3). Values of list partitions stand here as in StarRocks, null
 * for NULL; ranges, which are binary there, stand under the table's key `emulator`.
 */
import {
  dataPropertyJson,
  decodeMedium,
  decodeRange,
  type PartitionExtras,
} from './codec-partition.ts';
import { type JsonChunks, type JsonText, writeAll } from './json-chunks.ts';
import type { JsonCursor } from './json-cursor.ts';
import type { OlapTable, Partition, PartitionBy, PartitionList } from './model.ts';
import { partitionExpressionText, unitOfExpression } from './partition-expression.ts';
import { hasSingleValues } from './partition-list.ts';
import { allPartitions } from './table-lookup.ts';

const CLASSES: Readonly<Record<PartitionBy['kind'], string>> = {
  UNPARTITIONED: 'SinglePartitionInfo',
  RANGE: 'RangePartitionInfo',
  EXPR_RANGE: 'ExpressionRangePartitionInfo',
  LIST: 'ListPartitionInfo',
};

export function* writePartitionInfo(out: JsonChunks, table: OlapTable): JsonText {
  const { partitionBy } = table;
  const byId = (
    json: (partition: Partition) => unknown,
    partitions: Iterable<Partition> = allPartitions(table),
  ): JsonText =>
    writeAll(out, '{}', partitions, (partition) => {
      out.add(`"${partition.id}":`);
      out.addJson(json(partition));
      return undefined;
    });
  const head = JSON.stringify({
    clazz: CLASSES[partitionBy.kind],
    type: partitionBy.kind,
    ...ownKeys(partitionBy),
  });
  out.add(`${head.slice(0, -1)},"idToDataProperty":`);
  yield* byId(dataPropertyJson);
  out.add(',"idToReplicationNum":');
  yield* byId((partition) => partition.replicationNum);
  out.add(',"idToInMemory":');
  yield* byId((partition) => partition.isInMemory);
  if (partitionBy.kind === 'LIST') {
    const isSingle = hasSingleValues(partitionBy);
    const all = [...allPartitions(table)];
    out.add(',"idToValues":');
    yield* byId(({ list = [] }) => list.map(([only]) => only), isSingle ? all : []);
    out.add(',"idToMultiValues":');
    yield* byId(({ list = [] }) => list, isSingle ? [] : all);
    out.add(',"idToTemp":');
    yield* byId(({ id, name }) => table.tempPartitions.get(name)?.id === id, all);
  }
  out.add('}');
}

function ownKeys(partitionBy: PartitionBy): object {
  switch (partitionBy.kind) {
    case 'UNPARTITIONED':
      return { isMultiColumnPartition: false };
    case 'EXPR_RANGE':
      // StarRocks calls these tables partitioned by several columns.
      return {
        isMultiColumnPartition: true,
        colIds: partitionBy.columns,
        partitionExprs: [{ expr: partitionExpressionText(partitionBy) }],
      };
    case 'RANGE':
    case 'LIST':
      return {
        isMultiColumnPartition: partitionBy.columns.length > 1,
        colIds: partitionBy.columns,
        ...(partitionBy.kind === 'LIST' ? { automaticPartition: partitionBy.isAutomatic } : {}),
      };
  }
}

export function decodePartitionBy(json: JsonCursor): PartitionBy {
  const clazz = json.field('clazz');
  const kind = Object.entries(CLASSES).find(([, name]) => name === clazz.value)?.[0];
  switch (kind) {
    case 'UNPARTITIONED':
      return Object.freeze({ kind });
    case 'RANGE':
      return Object.freeze({ kind, columns: decodeColumns(json) });
    case 'EXPR_RANGE':
      return decodeExpression(json);
    case 'LIST': {
      const isAutomatic = json.optional('automaticPartition')?.boolean() ?? false;
      return Object.freeze({ kind, columns: decodeColumns(json), isAutomatic });
    }
    default:
      return clazz.fail(`one of ${Object.values(CLASSES).join(', ')}`);
  }
}

function decodeExpression(json: JsonCursor): PartitionBy {
  const [column] = decodeColumns(json);
  const [first] = json.field('partitionExprs').items();
  const expression = first?.field('expr');
  const unit = expression === undefined ? undefined : unitOfExpression(expression.text());
  if (column === undefined) return json.field('colIds').fail('a column');
  if (unit === undefined) return (expression ?? json).fail('date_trunc of a unit of time');
  return { kind: 'EXPR_RANGE', columns: [column], unit };
}

function decodeColumns(json: JsonCursor): readonly string[] {
  return json
    .field('colIds')
    .items()
    .map((one) => one.text());
}

/** What the table says of a partition outside of it, by partition id. */
export function partitionExtras(json: JsonCursor): (id: number) => PartitionExtras {
  const info = json.field('partitionInfo');
  const { kind } = decodePartitionBy(info);
  const maps = {
    replication: info.field('idToReplicationNum'),
    data: info.field('idToDataProperty'),
    memory: info.field('idToInMemory'),
  };
  const hasRanges = kind === 'RANGE' || kind === 'EXPR_RANGE';
  return (id) => {
    const key = String(id);
    return {
      replicationNum: maps.replication.field(key).integer(),
      storageMedium: decodeMedium(maps.data.field(key)),
      isInMemory: maps.memory.field(key).boolean(),
      range: hasRanges
        ? decodeRange(json.field('emulator').field('idToRange').field(key))
        : undefined,
      list: kind === 'LIST' ? decodeListOf(info, key) : undefined,
    };
  };
}

function decodeListOf(info: JsonCursor, key: string): PartitionList {
  const single = info.optional('idToValues')?.optional(key);
  if (single !== undefined) {
    return Object.freeze(single.items().map((one) => Object.freeze([listValue(one)])));
  }
  return decodeList(info.field('idToMultiValues').field(key));
}

export function decodeList(json: JsonCursor): PartitionList {
  return Object.freeze(json.items().map((row) => Object.freeze(row.items().map(listValue))));
}

function listValue(json: JsonCursor): string | null {
  return json.value === null ? null : json.text();
}
