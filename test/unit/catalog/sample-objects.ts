/** Objects without data, with every field set to something that is not its default. */
import {
  asId,
  type CatalogId,
  type FunctionId,
  type IndexId,
  type TableId,
  type TxnId,
} from '../../../src/base/ids.ts';
import type {
  ExternalCatalog,
  MaterializedIndexMeta,
  RollupJob,
  SchemaChangeJob,
  TableIndex,
  UserFunction,
  View,
} from '../../../src/catalog/model.ts';

export const SAMPLE_VIEW: View = Object.freeze({
  kind: 'VIEW',
  id: asId<TableId>(31),
  name: 'a view',
  createTimeMs: 1_700_000_000_001,
  columns: [
    { name: 'a', type: { name: 'DECIMAL', precision: 20, scale: 3 }, comment: 'the "a"' },
    { name: 'b', type: { name: 'VARCHAR' }, comment: '' },
  ],
  definition: "SELECT a, 'x' || '<>' AS b FROM t",
  definitionDb: 'elsewhere',
  pipesAsConcat: true,
  comment: 'seen',
} as const);

export const SAMPLE_FUNCTION: UserFunction = Object.freeze({
  id: asId<FunctionId>(32),
  kind: 'AGGREGATE',
  name: 'mix',
  argTypes: [{ name: 'DECIMAL', precision: 9, scale: 2 }, { name: 'VARCHAR' }],
  hasVarArgs: true,
  returnType: { name: 'DOUBLE' },
  properties: new Map([
    ['symbol', 'a.B'],
    ['file', 'http://host/x.jar'],
  ]),
} as const);

export const SAMPLE_CATALOG: ExternalCatalog = Object.freeze({
  id: asId<CatalogId>(33),
  name: 'lake',
  comment: 'of the "others"',
  properties: new Map([
    ['type', 'hive'],
    ['aws.s3.secret_key', 'hidden'],
  ]),
});

/** Not of any table: for codecs, which do not ask. */
export const SAMPLE_VIEW_INDEX: MaterializedIndexMeta = Object.freeze({
  indexId: asId<IndexId>(34),
  name: 'by "day"',
  schema: [
    {
      name: 'mv_count_id',
      uniqueId: 3,
      type: { name: 'BIGINT' },
      isKey: false,
      aggregationType: 'SUM',
      isAllowNull: false,
      isAutoIncrement: false,
      comment: '',
    },
  ],
  schemaVersion: 0,
  schemaHash: 77,
  shortKeyColumnCount: 1,
  keysType: 'AGG_KEYS',
  definition: {
    statement: 'CREATE MATERIALIZED VIEW x AS SELECT count(id) FROM t',
    sources: [{ column: 'id', isCount: true }],
  },
} as const);

export const SAMPLE_ROLLUP_JOB: RollupJob = Object.freeze({
  jobId: 35,
  tableId: asId<TableId>(1),
  tableName: 'orders',
  baseIndexName: 'orders',
  rollupIndexName: 'by "day"',
  rollupId: asId<IndexId>(34),
  txnId: asId<TxnId>(36),
  createTimeMs: 1_700_000_000_001,
  finishedTimeMs: 1_700_000_000_002,
});

export const SAMPLE_TABLE_INDEX: TableIndex = Object.freeze({
  name: 'an "index"',
  columns: ['a'],
  type: 'NGRAMBF',
  properties: new Map([['gram_num', '4']]),
  comment: 'c',
});

export const SAMPLE_SCHEMA_CHANGE_JOB: SchemaChangeJob = Object.freeze({
  jobId: 45,
  tableId: asId<TableId>(1),
  tableName: 'orders',
  indexes: [
    {
      name: 'by "day"',
      indexId: asId<IndexId>(44),
      originIndexId: asId<IndexId>(34),
      schemaVersion: 1,
      schemaHash: 7,
    },
  ],
  txnId: asId<TxnId>(46),
  createTimeMs: 1_700_000_000_003,
  finishedTimeMs: 1_700_000_000_004,
});
