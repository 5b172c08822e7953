/**
 * The one JSON codec of the catalog: of tables and partitions, of log records, and of the whole
 * catalog for the image. Encoding streams chunks of text; decoding takes parsed JSON and throws
 * `metadata-unreadable`, naming the path, for what does not fit. Edit log, image and `__meta`
 * share it (design.md 3 and 5).
 */
import { asId, type DbId, type TableId } from '../base/ids.ts';
import { emptyCatalog, emptyDatabase } from './apply.ts';
import { decodeSchemaChangeJob } from './codec-columns.ts';
import {
  decodeExternalCatalog,
  decodeFunction,
  decodeView,
  externalCatalogJson,
  functionJson,
  viewJson,
} from './codec-objects.ts';
import {
  dataPropertyJson,
  decodeMedium,
  decodePartition as decodePartitionBody,
  decodeRange,
  rangeJson,
  writePartition as writePartitionBody,
} from './codec-partition.ts';
import { decodeList } from './codec-partition-info.ts';
import { decodeQuotas } from './codec-quotas.ts';
import { decodeRollupJob } from './codec-rollup.ts';
import { decodeOlapTable, writeTable } from './codec-table.ts';
import { chunksOf, type JsonChunks, type JsonText, writeAll } from './json-chunks.ts';
import { JsonCursor } from './json-cursor.ts';
import type { Catalog, Partition, Table } from './model.ts';
import { functionSignature } from './user-function.ts';

/** A table in the shape of repository.md 3.3. */
export function encodeTable(table: Table): JsonText {
  return chunksOf((out) => writeTable(out, table));
}

export function decodeTable(json: unknown): Table {
  return decodeOlapTable(new JsonCursor(json));
}

/** A partition with what its table's `partitionInfo` says of it. */
export function encodePartition(partition: Partition): JsonText {
  return chunksOf((out) => writePartition(out, partition));
}

export function decodePartition(json: unknown): Partition {
  return readPartition(new JsonCursor(json));
}

export function* writePartition(out: JsonChunks, partition: Partition): JsonText {
  const head = JSON.stringify({
    dataProperty: dataPropertyJson(partition),
    replicationNum: partition.replicationNum,
    isInMemory: partition.isInMemory,
    ...(partition.range === undefined ? {} : { emulator: { range: rangeJson(partition.range) } }),
    ...(partition.list === undefined ? {} : { multiValues: partition.list }),
  });
  out.add(`${head.slice(0, -1)},"partition":`);
  yield* writePartitionBody(out, partition);
  out.add('}');
}

export function readPartition(json: JsonCursor): Partition {
  const range = json.optional('emulator')?.optional('range');
  const list = json.optional('multiValues');
  return decodePartitionBody(json.field('partition'), {
    replicationNum: json.field('replicationNum').integer(),
    storageMedium: decodeMedium(json.field('dataProperty')),
    isInMemory: json.field('isInMemory').boolean(),
    range: range === undefined ? undefined : decodeRange(range),
    list: list === undefined ? undefined : decodeList(list),
  });
}

/** The whole catalog, for the image. */
export function encodeCatalog(catalog: Catalog): JsonText {
  return chunksOf(function* (out) {
    out.add('{"databases":');
    yield* writeAll(out, '[]', catalog.databases.values(), function* (database) {
      const { id, name, dataQuotaBytes, replicaQuota } = database;
      const head = JSON.stringify({ id, name, dataQuotaBytes, replicaQuota });
      out.add(`${head.slice(0, -1)},"tables":`);
      yield* writeAll(out, '[]', database.tables.values(), (table) => writeTable(out, table));
      out.add(`,"views":${JSON.stringify([...database.views.values()].map(viewJson))}`);
      const functions = [...database.functions.values()].map(functionJson);
      out.add(`,"functions":${JSON.stringify(functions)}`);
      out.add(`,"autoIncrementIds":${JSON.stringify([...database.autoIncrementIds])}`);
      out.add(`,"rollupJobs":${JSON.stringify(database.rollupJobs)}`);
      out.add(`,"schemaChangeJobs":${JSON.stringify(database.schemaChangeJobs)}}`);
    });
    const external = [...catalog.externalCatalogs.values()].map(externalCatalogJson);
    out.add(`,"externalCatalogs":${JSON.stringify(external)}}`);
  });
}

export function decodeCatalog(json: unknown): Catalog {
  const catalog = emptyCatalog();
  const root = new JsonCursor(json);
  for (const item of root.optional('externalCatalogs')?.items() ?? []) {
    const external = decodeExternalCatalog(item);
    catalog.externalCatalogs.set(external.name, external);
  }
  for (const one of root.field('databases').items()) {
    const id = asId<DbId>(one.field('id').integer());
    const name = one.field('name').text();
    const database = { ...emptyDatabase(id, name), ...decodeQuotas(one) };
    for (const item of one.field('tables').items()) {
      const table = decodeOlapTable(item);
      database.tables.set(table.id, table);
      database.tableIds.set(table.name, table.id);
    }
    for (const item of one.optional('views')?.items() ?? []) {
      const view = decodeView(item);
      database.views.set(view.name, view);
    }
    for (const item of one.optional('functions')?.items() ?? []) {
      const fn = decodeFunction(item);
      database.functions.set(functionSignature(fn), fn);
    }
    for (const item of one.optional('autoIncrementIds')?.items() ?? []) {
      const [tableId, nextId] = item.items().map((number) => number.integer());
      if (tableId === undefined || nextId === undefined) item.fail('a table id and an id');
      else database.autoIncrementIds.set(asId<TableId>(tableId), nextId);
    }
    database.rollupJobs.push(...(one.optional('rollupJobs')?.items() ?? []).map(decodeRollupJob));
    const changes = one.optional('schemaChangeJobs')?.items() ?? [];
    database.schemaChangeJobs.push(...changes.map(decodeSchemaChangeJob));
    catalog.databases.set(id, database);
    catalog.databaseIds.set(name, id);
  }
  return catalog;
}
