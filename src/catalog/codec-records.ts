/**
 * JSON bodies of the catalog's log records. The operation name travels beside the body, not in it.
 */
import { unreachable } from '../base/assert.ts';
import { SimError } from '../base/errors.ts';
import {
  asId,
  type DbId,
  type IndexId,
  type PartitionId,
  type PhysicalPartitionId,
  type ReplicaId,
  type TableId,
  type TxnId,
} from '../base/ids.ts';
import { readPartition, writePartition } from './codec.ts';
import { decodeColumnsRecord, writeColumnsRecord } from './codec-columns.ts';
import {
  decodeMaterializedView,
  decodeMvId,
  materializedViewJson,
  materializedViewOwnJson,
  mvIdJson,
} from './codec-materialized-view.ts';
import {
  decodeExternalCatalog,
  decodeFunction,
  decodeView,
  externalCatalogJson,
  functionJson,
  viewJson,
} from './codec-objects.ts';
import { decodePhysical, writePhysical } from './codec-partition.ts';
import { decodeQuotas } from './codec-quotas.ts';
import { decodeRollupRecord, writeRollupRecord } from './codec-rollup.ts';
import { decodeOlapTable, writeTable } from './codec-table.ts';
import { decodeTableIndexes, tableIndexesJson } from './codec-table-indexes.ts';
import { chunksOf, type JsonChunks, type JsonText, writeAll } from './json-chunks.ts';
import { JsonCursor } from './json-cursor.ts';
import type { MaterializedViewInfo } from './materialized-view.ts';
import type { Partition } from './model.ts';
import { type CatalogRecord, type CommitRecord, LOAD_SOURCES, type LoadedRows } from './records.ts';

export type CatalogOp = CatalogRecord['op'];

export const CATALOG_OPS: readonly CatalogOp[] = [
  'OP_CREATE_DB_V2',
  'OP_DROP_DB',
  'OP_RENAME_DB_V2',
  'OP_ALTER_DB_V2',
  'OP_CREATE_TABLE_V2',
  'OP_DROP_TABLE',
  'OP_RENAME_TABLE_V2',
  'OP_SWAP_TABLE',
  'OP_ALTER_TABLE_PROPERTIES',
  'OP_RENAME_PARTITION_V2',
  'OP_DROP_PARTITIONS',
  'OP_ADD_PARTITIONS_V2',
  'OP_DROP_PARTITION',
  'OP_DYNAMIC_PARTITION',
  'OP_REPLACE_TEMP_PARTITION',
  'OP_ADD_SUB_PARTITIONS_V2',
  'OP_ALTER_JOB_V2',
  'OP_MODIFY_TABLE_ADD_OR_DROP_COLUMNS',
  'OP_DROP_ROLLUP',
  'OP_SAVE_AUTO_INCREMENT_ID',
  'OP_COLOCATE_ADD_TABLE_V2',
  'OP_TRUNCATE_TABLE',
  'OP_INSERT_OVERWRITE_STATE_CHANGE',
  'OP_ALTER_MATERIALIZED_VIEW_STATUS',
  'OP_ALTER_MATERIALIZED_VIEW_BASE_TABLE_INFOS',
  'OP_CREATE_VIEW',
  'OP_DROP_VIEW',
  'OP_ADD_FUNCTION_V2',
  'OP_DROP_FUNCTION_V2',
  'OP_CREATE_CATALOG',
  'OP_DROP_CATALOG',
  'OP_UPSERT_TRANSACTION_STATE_V2',
];

export function isCatalogOp(op: string): op is CatalogOp {
  return CATALOG_OPS.some((one) => one === op);
}

/** The record's body as JSON text in chunks. */
export function encodeCatalogRecord(record: CatalogRecord): JsonText {
  return chunksOf((out) => writeRecord(out, record));
}

function* writeRecord(out: JsonChunks, record: CatalogRecord): JsonText {
  switch (record.op) {
    case 'OP_CREATE_DB_V2':
    case 'OP_DROP_DB':
    case 'OP_RENAME_DB_V2':
    case 'OP_ALTER_DB_V2':
    case 'OP_DROP_TABLE':
    case 'OP_RENAME_TABLE_V2':
    case 'OP_SWAP_TABLE':
    case 'OP_RENAME_PARTITION_V2':
    case 'OP_DROP_PARTITIONS':
    case 'OP_DROP_PARTITION':
    case 'OP_REPLACE_TEMP_PARTITION':
    case 'OP_DROP_ROLLUP':
    case 'OP_SAVE_AUTO_INCREMENT_ID':
    case 'OP_COLOCATE_ADD_TABLE_V2':
    case 'OP_DROP_VIEW':
    case 'OP_DROP_FUNCTION_V2':
    case 'OP_DROP_CATALOG':
    case 'OP_UPSERT_TRANSACTION_STATE_V2': {
      const { op: _op, ...body } = record;
      out.addJson(body);
      return;
    }
    case 'OP_CREATE_TABLE_V2':
      out.add(`{"dbId":${record.dbId},"table":`);
      yield* writeTable(out, record.table);
      out.add('}');
      return;
    case 'OP_ALTER_TABLE_PROPERTIES':
    case 'OP_DYNAMIC_PARTITION': {
      const { op, properties, ...body } = record;
      const indexes =
        op === 'OP_ALTER_TABLE_PROPERTIES' ? tableIndexesJson(record.indexes) : undefined;
      const entries = properties === undefined ? undefined : Object.fromEntries(properties);
      out.addJson({ ...body, indexes, properties: entries });
      return;
    }
    case 'OP_ADD_PARTITIONS_V2':
    case 'OP_TRUNCATE_TABLE': {
      const isTempPartition =
        record.op === 'OP_ADD_PARTITIONS_V2' ? record.isTempPartition : undefined;
      const { dbId, tableId } = record;
      const head = JSON.stringify({ dbId, tableId, isTempPartition });
      out.add(`${head.slice(0, -1)},"partitions":`);
      yield* writeAll(out, '[]', record.partitions, (one) => writePartition(out, one));
      out.add('}');
      return;
    }
    case 'OP_ADD_SUB_PARTITIONS_V2': {
      const { dbId, tableId, partitionId } = record;
      out.add(`${JSON.stringify({ dbId, tableId, partitionId }).slice(0, -1)},"physical":`);
      yield* writePhysical(out, record.physical);
      out.add('}');
      return;
    }
    case 'OP_ALTER_JOB_V2':
      yield* writeRollupRecord(out, record);
      return;
    case 'OP_MODIFY_TABLE_ADD_OR_DROP_COLUMNS':
      yield* writeColumnsRecord(out, record);
      return;
    case 'OP_INSERT_OVERWRITE_STATE_CHANGE': {
      const { dbId, tableId, dropped, commit, materializedView } = record;
      const view = materializedView === undefined ? undefined : wholeViewJson(materializedView);
      const head = JSON.stringify({ dbId, tableId, dropped, commit, materializedView: view });
      out.add(`${head.slice(0, -1)},"partitions":`);
      yield* writeAll(out, '[]', record.partitions, (one) => writePartition(out, one));
      out.add('}');
      return;
    }
    case 'OP_ALTER_MATERIALIZED_VIEW_STATUS':
    case 'OP_ALTER_MATERIALIZED_VIEW_BASE_TABLE_INFOS': {
      const { dbId, tableId, materializedView } = record;
      const formerId =
        record.op === 'OP_ALTER_MATERIALIZED_VIEW_STATUS' ? undefined : mvIdJson(record.formerId);
      out.addJson({ dbId, tableId, formerId, materializedView: wholeViewJson(materializedView) });
      return;
    }
    case 'OP_CREATE_VIEW':
      out.addJson({ dbId: record.dbId, view: viewJson(record.view) });
      return;
    case 'OP_ADD_FUNCTION_V2':
      out.addJson({ dbId: record.dbId, function: functionJson(record.function) });
      return;
    case 'OP_CREATE_CATALOG':
      out.addJson({ catalog: externalCatalogJson(record.catalog) });
      return;
    default:
      unreachable(record);
  }
}

/** A materialized view on its own, without the table. */
function wholeViewJson(info: MaterializedViewInfo): unknown {
  const emulator = { materializedView: materializedViewOwnJson(info) };
  return { ...materializedViewJson(info), emulator };
}

/** Throws `metadata-unreadable` for an unknown operation too. */
export function decodeCatalogRecord(op: string, body: unknown): CatalogRecord {
  if (!isCatalogOp(op)) {
    throw new SimError('metadata-unreadable', `no operation of the catalog: ${op}`);
  }
  const json = new JsonCursor(body);
  if (op === 'OP_CREATE_CATALOG') {
    return { op, catalog: decodeExternalCatalog(json.field('catalog')) };
  }
  if (op === 'OP_DROP_CATALOG') return { op, name: json.field('name').text() };
  const dbId = asId<DbId>(json.field('dbId').integer());
  const tableId = (): TableId => asId<TableId>(json.field('tableId').integer());
  const ifTemp = (): { readonly isTempPartition?: true } =>
    json.optional('isTempPartition')?.boolean() === true ? { isTempPartition: true } : {};
  const partitions = (): readonly Partition[] =>
    json.field('partitions').items().map(readPartition);
  switch (op) {
    case 'OP_CREATE_DB_V2':
      return { op, dbId, name: json.field('name').text() };
    case 'OP_DROP_DB':
      return { op, dbId };
    case 'OP_RENAME_DB_V2':
      return { op, dbId, newName: json.field('newName').text() };
    case 'OP_ALTER_DB_V2':
      return { op, dbId, ...decodeQuotas(json) };
    case 'OP_CREATE_TABLE_V2':
      return { op, dbId, table: decodeOlapTable(json.field('table')) };
    case 'OP_DROP_TABLE':
      return { op, dbId, tableId: tableId() };
    case 'OP_RENAME_TABLE_V2':
      return { op, dbId, tableId: tableId(), newName: json.field('newName').text() };
    case 'OP_SWAP_TABLE': {
      const otherId = asId<TableId>(json.field('otherId').integer());
      return { op, dbId, tableId: tableId(), otherId };
    }
    case 'OP_ALTER_TABLE_PROPERTIES': {
      const comment = json.optional('comment')?.text();
      const given = json.optional('properties');
      return {
        op,
        dbId,
        tableId: tableId(),
        ...(comment === undefined ? {} : { comment }),
        ...decodeTableIndexes(json.optional('indexes')),
        ...(given === undefined ? {} : { properties: decodeProperties(given) }),
      };
    }
    case 'OP_RENAME_PARTITION_V2': {
      const partitionName = json.field('partitionName').text();
      return { op, dbId, tableId: tableId(), partitionName, newName: json.field('newName').text() };
    }
    case 'OP_DROP_PARTITIONS': {
      const names = json.field('partitionNames').items();
      return { op, dbId, tableId: tableId(), partitionNames: names.map((name) => name.text()) };
    }
    case 'OP_ADD_PARTITIONS_V2':
      return { op, dbId, tableId: tableId(), partitions: partitions(), ...ifTemp() };
    case 'OP_TRUNCATE_TABLE':
      return { op, dbId, tableId: tableId(), partitions: partitions() };
    case 'OP_INSERT_OVERWRITE_STATE_CHANGE': {
      const commit = json.field('commit');
      const view = json.optional('materializedView');
      return {
        op,
        dbId,
        tableId: tableId(),
        partitions: partitions(),
        dropped: json
          .field('dropped')
          .items()
          .map((name) => name.text()),
        commit: decodeCommit(commit, dbId, tableId()),
        ...(view === undefined ? {} : { materializedView: decodeMaterializedView(view) }),
      };
    }
    case 'OP_ALTER_MATERIALIZED_VIEW_STATUS':
    case 'OP_ALTER_MATERIALIZED_VIEW_BASE_TABLE_INFOS': {
      const materializedView = decodeMaterializedView(json.field('materializedView'));
      const change = { dbId, tableId: tableId(), materializedView };
      return op === 'OP_ALTER_MATERIALIZED_VIEW_STATUS'
        ? { op, ...change }
        : { op, ...change, formerId: decodeMvId(json.field('formerId')) };
    }
    case 'OP_DROP_PARTITION': {
      const partitionName = json.field('partitionName').text();
      return { op, dbId, tableId: tableId(), partitionName, ...ifTemp() };
    }
    case 'OP_DYNAMIC_PARTITION': {
      const properties = decodeProperties(json.field('properties'));
      return { op, dbId, tableId: tableId(), properties };
    }
    case 'OP_REPLACE_TEMP_PARTITION': {
      const names = (key: string): readonly string[] =>
        json
          .field(key)
          .items()
          .map((one) => one.text());
      return {
        op,
        dbId,
        tableId: tableId(),
        partitionNames: names('partitionNames'),
        tempPartitionNames: names('tempPartitionNames'),
        newNames: names('newNames'),
      };
    }
    case 'OP_ADD_SUB_PARTITIONS_V2': {
      const partitionId = asId<PartitionId>(json.field('partitionId').integer());
      const physical = decodePhysical(json.field('physical'));
      return { op, dbId, tableId: tableId(), partitionId, physical };
    }
    case 'OP_ALTER_JOB_V2':
      return decodeRollupRecord(json, dbId, tableId());
    case 'OP_MODIFY_TABLE_ADD_OR_DROP_COLUMNS':
      return decodeColumnsRecord(json, dbId, tableId());
    case 'OP_DROP_ROLLUP': {
      const indexId = asId<IndexId>(json.field('indexId').integer());
      return { op, dbId, tableId: tableId(), indexId };
    }
    case 'OP_SAVE_AUTO_INCREMENT_ID': {
      const nextId = json.field('nextId').integer();
      const isReplaced = json.field('isReplaced').boolean();
      return { op, dbId, tableId: tableId(), nextId, isReplaced };
    }
    case 'OP_COLOCATE_ADD_TABLE_V2': {
      const one = json.field('group');
      const group = { id: one.field('id').integer(), name: one.field('name').text() };
      return { op, dbId, tableId: tableId(), group };
    }
    case 'OP_CREATE_VIEW':
      return { op, dbId, view: decodeView(json.field('view')) };
    case 'OP_DROP_VIEW':
      return { op, dbId, name: json.field('name').text() };
    case 'OP_ADD_FUNCTION_V2':
      return { op, dbId, function: decodeFunction(json.field('function')) };
    case 'OP_DROP_FUNCTION_V2':
      return { op, dbId, signature: json.field('signature').text() };
    case 'OP_UPSERT_TRANSACTION_STATE_V2':
      return decodeCommit(json, dbId, tableId());
    default:
      return unreachable(op);
  }
}

function decodeLoaded(json: JsonCursor): LoadedRows {
  return {
    source: json.field('source').oneOf(LOAD_SOURCES),
    rowCount: json.field('rowCount').integer(),
    startTimeMs: json.field('startTimeMs').integer(),
  };
}

function decodeProperties(json: JsonCursor): ReadonlyMap<string, string> {
  return new Map(json.entries().map(([key, value]) => [key, value.text()]));
}

function decodeCommit(json: JsonCursor, dbId: DbId, tableId: TableId): CommitRecord {
  const loaded = json.optional('loaded');
  return {
    op: 'OP_UPSERT_TRANSACTION_STATE_V2',
    txnId: asId<TxnId>(json.field('txnId').integer()),
    label: json.field('label').text(),
    dbId,
    tableId,
    commitTimeMs: json.field('commitTimeMs').integer(),
    ...(loaded !== undefined && { loaded: decodeLoaded(loaded) }),
    partitions: json
      .field('partitions')
      .items()
      .map((one) => ({
        physicalPartitionId: asId<PhysicalPartitionId>(one.field('physicalPartitionId').integer()),
        version: one.field('version').integer(),
        failedReplicas: one
          .field('failedReplicas')
          .items()
          .map((id) => asId<ReplicaId>(id.integer())),
      })),
  };
}
