/** JSON of changes of columns: the jobs that SHOW lists, and the record that puts them in place. */
import { asId, type DbId, type IndexId, type TableId, type TxnId } from '../base/ids.ts';
import { decodePhysical, writePhysical } from './codec-partition.ts';
import { decodeIndexMeta, indexMetaJson } from './codec-schema.ts';
import { type JsonChunks, type JsonText, writeAll } from './json-chunks.ts';
import type { JsonCursor } from './json-cursor.ts';
import type { SchemaChangeJob } from './model.ts';
import type { ColumnsRecord } from './records.ts';

export function decodeSchemaChangeJob(json: JsonCursor): SchemaChangeJob {
  return Object.freeze({
    jobId: json.field('jobId').integer(),
    tableId: asId<TableId>(json.field('tableId').integer()),
    tableName: json.field('tableName').text(),
    indexes: json
      .field('indexes')
      .items()
      .map((one) => ({
        name: one.field('name').text(),
        indexId: asId<IndexId>(one.field('indexId').integer()),
        originIndexId: asId<IndexId>(one.field('originIndexId').integer()),
        schemaVersion: one.field('schemaVersion').integer(),
        schemaHash: one.field('schemaHash').integer(),
      })),
    txnId: asId<TxnId>(json.field('txnId').integer()),
    createTimeMs: json.field('createTimeMs').integer(),
    finishedTimeMs: json.field('finishedTimeMs').integer(),
  });
}

export function* writeColumnsRecord(out: JsonChunks, record: ColumnsRecord): JsonText {
  const { dbId, tableId, job, sortKey, maxColUniqueId, renames, lost } = record;
  const indexes = record.indexes.map(({ formerId, meta }) => ({
    formerId,
    name: meta.name,
    meta: indexMetaJson(meta),
  }));
  const head = JSON.stringify({
    dbId,
    tableId,
    job,
    indexes,
    sortKey,
    maxColUniqueId,
    renames: [...renames],
    lost,
  });
  out.add(`${head.slice(0, -1)},"physical":`);
  yield* writeAll(out, '[]', record.physical, (one) => writePhysical(out, one));
  out.add('}');
}

export function decodeColumnsRecord(json: JsonCursor, dbId: DbId, tableId: TableId): ColumnsRecord {
  const texts = (of: JsonCursor): readonly string[] => of.items().map((one) => one.text());
  const renames = json.field('renames').items().map(texts);
  return {
    op: 'OP_MODIFY_TABLE_ADD_OR_DROP_COLUMNS',
    dbId,
    tableId,
    job: decodeSchemaChangeJob(json.field('job')),
    indexes: json
      .field('indexes')
      .items()
      .map((one) => ({
        formerId: asId<IndexId>(one.field('formerId').integer()),
        meta: decodeIndexMeta(one.field('meta'), one.field('name').text()),
      })),
    physical: json.field('physical').items().map(decodePhysical),
    sortKey: texts(json.field('sortKey')),
    maxColUniqueId: json.field('maxColUniqueId').integer(),
    renames: new Map(renames.map(([name = '', newName = '']) => [name, newName])),
    lost: texts(json.field('lost')),
  };
}
