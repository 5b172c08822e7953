/**
 * Tables of information_schema, made by the frontend from the catalog. Column names are matched
 * without case by the query engine. Source: sql-surface.md 4.11.
 */
import type { ResultColumn, Row } from '../base/row-stream.ts';
import type { Cell, SqlType, TypeName } from '../base/sql-type.ts';
import { typeText } from '../base/sql-type.ts';
import { formatDateTime } from '../base/time-zone.ts';
import type { Column, Database, OlapTable } from '../catalog/model.ts';
import { partitionColumns } from '../catalog/partition-range.ts';
import { partitionText } from '../catalog/partition-text.ts';
import type { ResolvedTable } from '../protocol/query.ts';
import { analysisError } from './analysis-error.ts';
import { BE_CONFIGS } from './be-configs-table.ts';
import { BE_TABLETS } from './be-tablets-table.ts';
import { EMPTY_SYSTEM_TABLES } from './empty-system-tables.ts';
import type { FrontendContext } from './frontend-context.ts';
import { LOADS } from './loads-table.ts';
import { partitionFigures } from './partition-figures.ts';
import { visibleCatalog } from './privileges/visible-objects.ts';
import { baseSchema, SYSTEM_DATABASES } from './resolve.ts';
import { SERVER_TABLES } from './server-tables.ts';
import type { Session } from './session.ts';
import { MATERIALIZED_VIEWS } from './show/show-materialized-views.ts';
import { everyTable, type SystemTable } from './system-table.ts';
import { TABLES_CONFIG } from './tables-config.ts';
import { TABLES } from './tables-table.ts';
import { VIEWS } from './views-table.ts';

const SCHEMATA: SystemTable = {
  columns: [
    ['CATALOG_NAME', 'VARCHAR'],
    ['SCHEMA_NAME', 'VARCHAR'],
    ['DEFAULT_CHARACTER_SET_NAME', 'VARCHAR'],
    ['DEFAULT_COLLATION_NAME', 'VARCHAR'],
    ['SQL_PATH', 'VARCHAR'],
  ],
  rows: (frontend) =>
    [...frontend.catalog.databaseIds.keys(), ...SYSTEM_DATABASES]
      .sort()
      .map((name) => ['def', name, 'utf8', 'utf8_general_ci', null]),
};

const COLUMNS: SystemTable = {
  columns: [
    ['TABLE_CATALOG', 'VARCHAR'],
    ['TABLE_SCHEMA', 'VARCHAR'],
    ['TABLE_NAME', 'VARCHAR'],
    ['COLUMN_NAME', 'VARCHAR'],
    ['ORDINAL_POSITION', 'BIGINT'],
    ['COLUMN_DEFAULT', 'VARCHAR'],
    ['IS_NULLABLE', 'VARCHAR'],
    ['DATA_TYPE', 'VARCHAR'],
    ['CHARACTER_MAXIMUM_LENGTH', 'BIGINT'],
    ['CHARACTER_OCTET_LENGTH', 'BIGINT'],
    ['NUMERIC_PRECISION', 'BIGINT'],
    ['NUMERIC_SCALE', 'BIGINT'],
    ['DATETIME_PRECISION', 'BIGINT'],
    ['CHARACTER_SET_NAME', 'VARCHAR'],
    ['COLLATION_NAME', 'VARCHAR'],
    ['COLUMN_TYPE', 'VARCHAR'],
    ['COLUMN_KEY', 'VARCHAR'],
    ['EXTRA', 'VARCHAR'],
    ['PRIVILEGES', 'VARCHAR'],
    ['COLUMN_COMMENT', 'VARCHAR'],
    ['COLUMN_SIZE', 'BIGINT'],
    ['DECIMAL_DIGITS', 'BIGINT'],
    ['GENERATION_EXPRESSION', 'VARCHAR'],
    ['SRS_ID', 'BIGINT'],
  ],
  rows: (frontend) =>
    [...frontend.catalog.databases.values()].flatMap((database) => [
      ...[...database.tables.values()].flatMap((table) =>
        baseSchema(table).map((column, index) =>
          columnRow([database.name, table.name], column, index + 1, KEY_MARKS[table.keysType]),
        ),
      ),
      ...[...database.views.values()].flatMap((view) =>
        view.columns.map((column, index) =>
          columnRow([database.name, view.name], { ...VIEW_COLUMN, ...column }, index + 1, ''),
        ),
      ),
    ]),
};

const KEY_MARKS = { DUP_KEYS: 'DUP', AGG_KEYS: 'AGG', UNIQUE_KEYS: 'UNI', PRIMARY_KEYS: 'PRI' };

/** Decimal digits that a whole number type holds. */
const INTEGER_DIGITS: Partial<Record<TypeName, number>> = {
  TINYINT: 3,
  SMALLINT: 5,
  INT: 10,
  BIGINT: 19,
  LARGEINT: 38,
};

/** What a column of a view has of a table's: nothing. */
const VIEW_COLUMN = { uniqueId: 0, isKey: false, isAllowNull: true, isAutoIncrement: false };

function columnRow(
  owner: readonly [string, string],
  column: Column,
  ordinal: number,
  keyMark: string,
): Row {
  const { type } = column;
  const isText = type.name === 'VARCHAR' || type.name === 'CHAR';
  const length = isText ? BigInt(type.length ?? 1) : null;
  const precision = type.name === 'DECIMAL' ? type.precision : INTEGER_DIGITS[type.name];
  const scale =
    type.name === 'DECIMAL' ? (type.scale ?? 0) : precision === undefined ? undefined : 0;
  const digits = (value: number | undefined): Cell => (value === undefined ? null : BigInt(value));
  return [
    'def',
    ...owner,
    column.name,
    BigInt(ordinal),
    column.defaultValue?.text ?? null,
    column.isAllowNull ? 'YES' : 'NO',
    type.name === 'LARGEINT' ? 'bigint unsigned' : type.name.toLowerCase(),
    length,
    length,
    digits(precision),
    digits(scale),
    null,
    isText ? 'utf8' : null,
    isText ? 'utf8_general_ci' : null,
    typeText(type),
    column.isKey ? keyMark : '',
    '',
    '',
    column.comment,
    length ?? digits(precision),
    digits(scale),
    '',
    null,
  ];
}

const PARTITIONS_META: SystemTable = {
  columns: [
    ['DB_NAME', 'VARCHAR'],
    ['TABLE_NAME', 'VARCHAR'],
    ['PARTITION_NAME', 'VARCHAR'],
    ['PARTITION_ID', 'BIGINT'],
    ['COMPACT_VERSION', 'BIGINT'],
    ['VISIBLE_VERSION', 'BIGINT'],
    ['VISIBLE_VERSION_TIME', 'DATETIME'],
    ['NEXT_VERSION', 'BIGINT'],
    ['DATA_VERSION', 'BIGINT'],
    ['VERSION_EPOCH', 'BIGINT'],
    ['VERSION_TXN_TYPE', 'VARCHAR'],
    ['PARTITION_KEY', 'VARCHAR'],
    ['PARTITION_VALUE', 'VARCHAR'],
    ['DISTRIBUTION_KEY', 'VARCHAR'],
    ['BUCKETS', 'INT'],
    ['REPLICATION_NUM', 'INT'],
    ['STORAGE_MEDIUM', 'VARCHAR'],
    ['COOLDOWN_TIME', 'DATETIME'],
    ['LAST_CONSISTENCY_CHECK_TIME', 'DATETIME'],
    ['IS_IN_MEMORY', 'BOOLEAN'],
    ['IS_TEMP', 'BOOLEAN'],
    ['DATA_SIZE', 'BIGINT'],
    ['ROW_COUNT', 'BIGINT'],
    ['ENABLE_DATACACHE', 'BOOLEAN'],
    ['AVG_CS', 'DOUBLE'],
    ['P50_CS', 'DOUBLE'],
    ['MAX_CS', 'DOUBLE'],
    ['STORAGE_PATH', 'VARCHAR'],
    ['STORAGE_SIZE', 'BIGINT'],
    ['METADATA_SWITCH_VERSION', 'BIGINT'],
  ],
  rows: (frontend, session) =>
    everyTable(frontend).flatMap(({ database, table }) =>
      partitionRows(frontend, session, database, table),
    ),
};

function partitionRows(
  frontend: FrontendContext,
  session: Session,
  database: Database,
  table: OlapTable,
): readonly Row[] {
  const keys = partitionColumns(table);
  const rows: Row[] = [];
  for (const [partitions, isTemp] of [
    [table.partitions, false],
    [table.tempPartitions, true],
  ] as const) {
    for (const partition of partitions.values()) {
      for (const physical of partition.physical) {
        const figures = partitionFigures(frontend.stats, physical);
        const { distribution } = partition;
        rows.push([
          database.name,
          table.name,
          partition.name,
          BigInt(physical.id),
          0n,
          BigInt(physical.visibleVersion),
          formatDateTime(physical.visibleVersionTimeMs, session.timeZone),
          BigInt(physical.nextVersion),
          BigInt(physical.visibleVersion),
          BigInt(physical.id),
          'TXN_NORMAL',
          keys.map((column) => column.name).join(', '),
          partitionText(table, partition),
          distribution.kind === 'HASH' ? distribution.columns.join(', ') : 'ALL KEY',
          distribution.buckets,
          partition.replicationNum,
          partition.storageMedium,
          '9999-12-31 23:59:59',
          null,
          partition.isInMemory,
          isTemp,
          BigInt(figures.dataSizeBytes),
          BigInt(figures.rowCount),
          false,
          0,
          0,
          0,
          '',
          BigInt(figures.dataSizeBytes),
          0n,
        ]);
      }
    }
  }
  return rows;
}

const SYSTEM_TABLES: Readonly<Record<string, SystemTable>> = {
  ...EMPTY_SYSTEM_TABLES,
  ...SERVER_TABLES,
  be_configs: BE_CONFIGS,
  be_tablets: BE_TABLETS,
  columns: COLUMNS,
  loads: LOADS,
  materialized_views: MATERIALIZED_VIEWS,
  partitions_meta: PARTITIONS_META,
  schemata: SCHEMATA,
  tables: TABLES,
  tables_config: TABLES_CONFIG,
  views: VIEWS,
};

/** Of the other system databases nothing can be read. */
export function systemTableNames(db: string): readonly string[] {
  return db.toLowerCase() === 'information_schema' ? Object.keys(SYSTEM_TABLES) : [];
}

/** The named table with the rows of this moment; others are refused as unknown. */
export function informationSchemaTable(
  frontend: FrontendContext,
  session: Session,
  db: string,
  name: string,
): ResolvedTable {
  const table = systemTableNamed(db, name);
  const columns = columnsOf(frontend, table);
  const visible = { ...frontend, catalog: visibleCatalog(frontend, session) };
  const all = table.rows(visible, session);
  const isWhole = columns.length === table.columns.length;
  const rows = isWhole ? all : all.map((row) => row.slice(0, columns.length));
  return { kind: 'rows', displayName: `information_schema.${name.toLowerCase()}`, columns, rows };
}

/** The columns alone; the same names are refused. */
export function systemTableColumns(
  frontend: FrontendContext,
  db: string,
  name: string,
): readonly ResultColumn[] {
  return columnsOf(frontend, systemTableNamed(db, name));
}

function systemTableNamed(db: string, name: string): SystemTable {
  const isKnown =
    db.toLowerCase() === 'information_schema' && Object.hasOwn(SYSTEM_TABLES, name.toLowerCase());
  const table = isKnown ? SYSTEM_TABLES[name.toLowerCase()] : undefined;
  if (table === undefined) throw analysisError(`Unknown table '${db}.${name}'`, 'unknown-table');
  return table;
}

function columnsOf(frontend: FrontendContext, table: SystemTable): readonly ResultColumn[] {
  const columnCount = table.columnCountIn?.(frontend) ?? table.columns.length;
  return table.columns.slice(0, columnCount).map(([columnName, typeName]): ResultColumn => {
    const type: SqlType = { name: typeName };
    return { name: columnName, type };
  });
}
