/** JSON of rollup jobs, and of the record that adds a rollup to a table. */
import { asId, type DbId, type IndexId, type TableId, type TxnId } from '../base/ids.ts';
import { decodePhysical, writePhysical } from './codec-partition.ts';
import { decodeIndexMeta, indexMetaJson } from './codec-schema.ts';
import { type JsonChunks, type JsonText, writeAll } from './json-chunks.ts';
import type { JsonCursor } from './json-cursor.ts';
import type { RollupJob } from './model.ts';
import type { CatalogRecord } from './records.ts';

type RollupRecord = Extract<CatalogRecord, { readonly op: 'OP_ALTER_JOB_V2' }>;

export function decodeRollupJob(json: JsonCursor): RollupJob {
  return Object.freeze({
    jobId: json.field('jobId').integer(),
    tableId: asId<TableId>(json.field('tableId').integer()),
    tableName: json.field('tableName').text(),
    baseIndexName: json.field('baseIndexName').text(),
    rollupIndexName: json.field('rollupIndexName').text(),
    rollupId: asId<IndexId>(json.field('rollupId').integer()),
    txnId: asId<TxnId>(json.field('txnId').integer()),
    createTimeMs: json.field('createTimeMs').integer(),
    finishedTimeMs: json.field('finishedTimeMs').integer(),
  });
}

export function* writeRollupRecord(out: JsonChunks, record: RollupRecord): JsonText {
  const { dbId, tableId, job, meta, physical } = record;
  const head = JSON.stringify({ dbId, tableId, job, name: meta.name, meta: indexMetaJson(meta) });
  out.add(`${head.slice(0, -1)},"physical":`);
  yield* writeAll(out, '[]', physical, (one) => writePhysical(out, one));
  out.add('}');
}

export function decodeRollupRecord(json: JsonCursor, dbId: DbId, tableId: TableId): RollupRecord {
  return {
    op: 'OP_ALTER_JOB_V2',
    dbId,
    tableId,
    job: decodeRollupJob(json.field('job')),
    meta: decodeIndexMeta(json.field('meta'), json.field('name').text()),
    physical: json.field('physical').items().map(decodePhysical),
  };
}
