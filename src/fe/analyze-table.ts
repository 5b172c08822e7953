/**
 * CREATE TABLE as written -> a checked definition: StarRocks' rules for keys, partitions,
 * distribution and properties (sql-surface.md 3.2, 5.4). Reads names and settings, changes nothing.
 */
import { castCell } from '../base/cast-cell.ts';
import { asSimError } from '../base/errors.ts';
import { isNestedType, NESTED_TYPE_NAMES, type SqlType, typeText } from '../base/sql-type.ts';
import type { NewColumn, NewTable } from '../catalog/build-table.ts';
import type { Column, Distribution, KeysType } from '../catalog/model.ts';
import { isColumnName, isTableName } from '../catalog/names.ts';
import { shortKeyColumnCount } from '../catalog/short-key.ts';
import type { ColumnDef, CreateTable } from '../sql/ast.ts';
import { analysisError, analysisErrorAt } from './analysis-error.ts';
import { aggregationOf, keyNamesOf, keysTypeOf } from './analyze-aggregation.ts';
import { analyzeDynamicPartition } from './analyze-dynamic-partition.ts';
import { analyzePartitioning, checkBuckets, keysTypeText } from './analyze-partitions.ts';
import { analyzeRollups } from './analyze-rollup.ts';
import { analyzeTableIndexes } from './analyze-table-index.ts';
import { BUCKET_SIZE } from './grow-partition.ts';
import { fillOf } from './synthetic-tablets.ts';
import { analyzeTableProperties } from './table-properties.ts';

/** What a definition is measured against. */
export interface TableDefaults {
  readonly replicationNum: number;
  readonly aliveBackends: number;
  readonly systemTimeZone: string;
}

export const COLUMNS_MAX = 10_000;

/** Those that StarRocks has; only the first is here. */
const ENGINES: readonly string[] = [
  'olap',
  'mysql',
  'elasticsearch',
  'hive',
  'iceberg',
  'hudi',
  'jdbc',
  'file',
  'broker',
];

export function analyzeTable(statement: CreateTable, defaults: TableDefaults): NewTable {
  const name = statement.table.name;
  if (!isTableName(name)) throw analysisError(`Incorrect table name '${name}'`, 'bad-table-name');
  const engine = statement.engine?.toLowerCase();
  if (engine !== undefined && !ENGINES.includes(engine)) {
    throw analysisError(`Unknown storage engine '${statement.engine}'`, 'unknown-engine');
  }
  if (engine !== undefined && engine !== 'olap') {
    throw analysisError(`ENGINE=${statement.engine} is not supported`, 'unsupported');
  }
  checkColumns(statement.columns);
  const keysType = keysTypeOf(statement);
  const columns = keyedColumns(statement, keysType);
  const properties = analyzeTableProperties(statement.properties, defaults.replicationNum);
  if (properties.replicationNum > defaults.aliveBackends) {
    throw analysisError(
      `Table replication num should be less than or equal to the number of available BE nodes. ` +
        `You can change this default by setting the replication_num table properties. ` +
        `Current alive backends: ${defaults.aliveBackends}, ` +
        `replication_num: ${properties.replicationNum}`,
    );
  }
  fillOf(properties.shown);
  const distribution = analyzeDistribution(statement, columns, keysType, defaults);
  checkBucketSize(properties.shown.get(BUCKET_SIZE), distribution);
  const partitioning = analyzePartitioning(statement.partitionBy, columns, keysType, {
    distribution,
    replicationNum: properties.replicationNum,
  });
  return {
    name,
    keysType,
    columns,
    sortKey: sortKey(statement, columns),
    ...partitioning,
    distribution,
    replicationNum: properties.replicationNum,
    comment: statement.comment ?? '',
    rollups: analyzeRollups(name, statement.rollups, { keysType, columns: identified(columns) }),
    ...(statement.indexes.length === 0
      ? {}
      : { indexes: analyzeTableIndexes(statement.indexes, columns) }),
    properties: analyzeDynamicPartition(
      properties.shown,
      { partitionBy: partitioning.partitionBy, columns, buckets: distribution.buckets },
      defaults.systemTimeZone,
    ),
  };
}

/** Bytes; only random buckets can become more. */
export function checkBucketSize(text: string | undefined, { kind }: Distribution): void {
  if (text === undefined) return;
  if (!/^\d{1,15}$/.test(text)) throw analysisError(`Illegal bucket size: ${text}`);
  if (kind !== 'RANDOM') {
    throw analysisError(`${BUCKET_SIZE} is a property of tables with random distribution`);
  }
}

function checkColumns(columns: readonly ColumnDef[]): void {
  if (columns.length === 0)
    throw analysisError('A table must have at least 1 column', 'no-columns');
  if (columns.length > COLUMNS_MAX) {
    throw analysisError(`A table may have at most ${COLUMNS_MAX} columns`, 'limit-reached');
  }
  const seen = new Set<string>();
  for (const column of columns) {
    const { name, position } = column;
    if (!isColumnName(name)) {
      throw analysisErrorAt(position, `Incorrect column name '${name}'`, 'bad-column-name');
    }
    if (seen.has(name.toLowerCase())) {
      throw analysisErrorAt(position, `Duplicate column name '${name}'`, 'duplicate-column');
    }
    seen.add(name.toLowerCase());
    if (column.isAutoIncrement) checkAutoIncrement(column);
  }
  const [, second] = columns.filter((column) => column.isAutoIncrement);
  if (second !== undefined) {
    const text = 'More than one AUTO_INCREMENT column defined in CREATE TABLE Statement';
    throw analysisErrorAt(second.position, text);
  }
}

function checkAutoIncrement({ name, type, nullable, position }: ColumnDef): void {
  if (type.name !== 'BIGINT') {
    throw analysisErrorAt(position, `The AUTO_INCREMENT column must be BIGINT: '${name}'`);
  }
  if (nullable === true) {
    throw analysisErrorAt(position, `AUTO_INCREMENT column ${name} must be NOT NULL`);
  }
}

/** Key columns come first and in order (sql-surface.md 3.2); without a clause the first few are. */
function keyedColumns(statement: CreateTable, keysType: KeysType): readonly NewColumn[] {
  const { columns } = statement;
  const keyNames = keyNamesOf(statement);
  for (const [index, keyName] of keyNames.entries()) {
    const at = columns.findIndex((column) => sameName(column.name, keyName));
    if (at < 0) throw analysisError(`Key column(${keyName}) doesn't exist.`, 'unknown-column');
    if (at !== index) throw analysisError('Key columns should be a ordered prefix of the schema.');
  }
  const plain = columns.map((column, index) =>
    analyzeColumn(column, index < keyNames.length, keysType),
  );
  if (keyNames.length > 0) return plain;
  if (keysType !== 'DUP_KEYS') throw analysisError('The number of key columns is 0');
  return withChosenKey(plain);
}

function identified(columns: readonly NewColumn[]): readonly Column[] {
  return columns.map((column, uniqueId) => ({ ...column, uniqueId }));
}

/** The columns of the prefix index, at least one. */
function withChosenKey(columns: readonly NewColumn[]): readonly NewColumn[] {
  const asKeys = identified(columns).map((column) => ({ ...column, isKey: true }));
  const count = Math.max(1, shortKeyColumnCount(asKeys));
  return columns.map((column, index) => ({ ...column, isKey: index < count }));
}

const NOT_KEY_TYPES: ReadonlySet<string> = new Set([
  'FLOAT',
  'DOUBLE',
  'JSON',
  'VARBINARY',
  ...NESTED_TYPE_NAMES,
]);

/** A column as written, in a table with these keys, checked by itself. */
export function analyzeColumn(column: ColumnDef, isKey: boolean, keysType: KeysType): NewColumn {
  const { name, type, defaultValue } = column;
  if (isKey && NOT_KEY_TYPES.has(type.name)) {
    throw analysisErrorAt(
      column.position,
      `Invalid data type of key column '${name}': '${type.name}'`,
    );
  }
  const { isAutoIncrement } = column;
  const isRequired = isAutoIncrement || (isKey && keysType === 'PRIMARY_KEYS');
  const isAllowNull = column.nullable ?? !isRequired;
  if (isKey && keysType === 'PRIMARY_KEYS' && isAllowNull) {
    throw analysisErrorAt(column.position, `primary key column[${name}] cannot be nullable`);
  }
  checkDefault(column, isAllowNull);
  const aggregationType = aggregationOf(column, isKey, keysType);
  const stored = defaultValue === undefined || defaultValue.kind === 'null' ? {} : { defaultValue };
  return {
    name,
    type,
    isKey,
    ...(aggregationType === undefined ? {} : { aggregationType }),
    isAllowNull,
    isAutoIncrement,
    comment: column.comment ?? '',
    ...stored,
  };
}

/** A default that no load could store is refused here, where it is written. */
function checkDefault(column: ColumnDef, isAllowNull: boolean): void {
  const { name, type, defaultValue, position } = column;
  if (defaultValue?.kind === 'expression' && defaultValue.text !== 'CURRENT_TIMESTAMP') {
    throw analysisErrorAt(position, `DEFAULT ${defaultValue.text} is not supported`, 'unsupported');
  }
  const isRight =
    defaultValue === undefined ||
    (defaultValue.kind === 'null' && isAllowNull) ||
    (defaultValue.kind === 'expression' && type.name === 'DATETIME') ||
    (defaultValue.kind === 'literal' &&
      !isNestedType(type) &&
      isStorable(defaultValue.text, type, name));
  if (!isRight) throw analysisErrorAt(position, `Invalid default value for '${name}'`);
}

function isStorable(text: string, type: SqlType, name: string): boolean {
  try {
    castCell(text, { name: 'VARCHAR' }, type, name);
    return true;
  } catch (error) {
    if (asSimError(error).row.kind !== 'user') throw error;
    return false;
  }
}

function sortKey(statement: CreateTable, columns: readonly NewColumn[]): readonly string[] {
  for (const name of statement.orderBy) {
    const column = columns.find((candidate) => sameName(candidate.name, name));
    if (column === undefined) {
      throw analysisError(`Sort key column(${name}) doesn't exist.`, 'unknown-column');
    }
    if (NOT_KEY_TYPES.has(column.type.name)) {
      throw analysisError(`Sort key column[${name}] type not supported: ${typeText(column.type)}`);
    }
  }
  return statement.orderBy;
}

function analyzeDistribution(
  statement: CreateTable,
  columns: readonly NewColumn[],
  keysType: KeysType,
  defaults: TableDefaults,
): Distribution {
  const written = statement.distribution;
  const buckets = written?.buckets;
  if (buckets !== undefined) checkBuckets(buckets);
  if (written === undefined || written.kind === 'RANDOM') {
    if (keysType === 'DUP_KEYS') return { kind: 'RANDOM', buckets: buckets ?? 1 };
    if (written !== undefined) {
      throw analysisError(`${keysTypeText(keysType)} does not support random distribution`);
    }
  }
  const keyNames = columns.filter((column) => column.isKey).map((column) => column.name);
  const names = written?.kind === 'HASH' ? written.columns : keyNames;
  for (const name of names) {
    const column = columns.find((candidate) => sameName(candidate.name, name));
    if (column === undefined) {
      throw analysisError(`Distribution column(${name}) doesn't exist.`, 'unknown-column');
    }
    if (keysType !== 'DUP_KEYS' && !column.isKey) {
      throw analysisError(`Distribution column(${name}) is not key column`);
    }
    if (NOT_KEY_TYPES.has(column.type.name)) {
      throw analysisError(`${column.type.name} column can not be distribution column`);
    }
  }
  return {
    kind: 'HASH',
    columns: names,
    buckets: buckets ?? 2 * Math.max(1, defaults.aliveBackends),
  };
}

function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
