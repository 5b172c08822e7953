/** information_schema.tables_config: how each table was made (sql-surface.md 4.11). */
import type { Row } from '../base/row-stream.ts';
import type { Database, KeysType, OlapTable } from '../catalog/model.ts';
import { tableTypeOf } from '../catalog/table-lookup.ts';
import { baseSchema } from './resolve.ts';
import { everyTable, type SystemTable } from './system-table.ts';

export const TABLES_CONFIG: SystemTable = {
  columns: [
    ['TABLE_SCHEMA', 'VARCHAR'],
    ['TABLE_NAME', 'VARCHAR'],
    ['TABLE_ENGINE', 'VARCHAR'],
    ['TABLE_MODEL', 'VARCHAR'],
    ['PRIMARY_KEY', 'VARCHAR'],
    ['PARTITION_KEY', 'VARCHAR'],
    ['DISTRIBUTE_KEY', 'VARCHAR'],
    ['DISTRIBUTE_TYPE', 'VARCHAR'],
    ['DISTRIBUTE_BUCKET', 'INT'],
    ['SORT_KEY', 'VARCHAR'],
    ['PROPERTIES', 'VARCHAR'],
    ['TABLE_ID', 'BIGINT'],
  ],
  rows: (frontend) => everyTable(frontend).map(({ database, table }) => configRow(database, table)),
};

const MODELS: Readonly<Record<KeysType, string>> = {
  DUP_KEYS: 'DUP_KEYS',
  AGG_KEYS: 'AGG_KEYS',
  UNIQUE_KEYS: 'UNQ_KEYS',
  PRIMARY_KEYS: 'PRI_KEYS',
};

function configRow(database: Database, table: OlapTable): Row {
  const { defaultDistribution: distribution, partitionBy } = table;
  const keys = baseSchema(table).filter((column) => column.isKey);
  return [
    database.name,
    table.name,
    tableTypeOf(table),
    MODELS[table.keysType],
    table.keysType === 'PRIMARY_KEYS' ? quotedList(keys.map((column) => column.name)) : '',
    partitionBy.kind === 'UNPARTITIONED' ? '' : quotedList(partitionBy.columns),
    distribution.kind === 'HASH' ? quotedList(distribution.columns) : '',
    distribution.kind,
    distribution.buckets,
    quotedList(table.sortKey),
    JSON.stringify(Object.fromEntries(table.properties)),
    BigInt(table.id),
  ];
}

function quotedList(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}
