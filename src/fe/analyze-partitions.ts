/**
 * PARTITION BY of CREATE TABLE, and partitions that ALTER TABLE adds: what was written -> checked
 * definitions (sql-surface.md 3.2 to 3.4). Reads names and settings, changes nothing.
 */
import { SimError } from '../base/errors.ts';
import type { NewPartition } from '../catalog/build-partition.ts';
import type { NewColumn } from '../catalog/build-table.ts';
import {
  checkListColumn,
  definedLists,
  type ListDefinition,
  type NamedList,
} from '../catalog/list-definition.ts';
import type { Column, Distribution, KeysType, OlapTable, PartitionBy } from '../catalog/model.ts';
import { expressionUnit } from '../catalog/partition-expression.ts';
import { partitionColumns } from '../catalog/partition-range.ts';
import {
  checkRangeColumn,
  definedRanges,
  type NamedRange,
  type RangeDefinition,
} from '../catalog/range-definition.ts';
import type { CreateTable, DistributionDef, PartitionByDef } from '../sql/ast.ts';
import { analysisError, analysisErrorAt, analyzed } from './analysis-error.ts';
import { analyzePartitionProperties } from './table-properties.ts';

/** What partitions take that do not say it themselves. */
export interface PartitionDefaults {
  readonly distribution: Distribution;
  readonly replicationNum: number;
}

/** What was written, or what a load needs. */
type PartitionDefinition = RangeDefinition | (ListDefinition & { readonly kind: 'list' });

export interface AnalyzedPartitioning {
  readonly partitionBy: PartitionBy;
  readonly partitions: readonly NewPartition[];
}

export function analyzePartitioning(
  by: CreateTable['partitionBy'],
  columns: readonly NewColumn[],
  keysType: KeysType,
  defaults: PartitionDefaults,
): AnalyzedPartitioning {
  if (by === undefined) return { partitionBy: { kind: 'UNPARTITIONED' }, partitions: [] };
  const names = by.kind === 'expression' ? [by.column] : by.columns;
  const keyColumns = names.map((name) => keyColumn(name, columns, keysType));
  const partitionBy = partitionByOf(by, keyColumns);
  const partitions = analyzed(() => {
    const check = by.kind === 'list' ? checkListColumn : checkRangeColumn;
    for (const column of keyColumns) check(column);
    return defined(by.partitions, partitionBy, keyColumns, [], defaults);
  });
  return { partitionBy, partitions };
}

/** The new partitions of ADD PARTITION, beside those that the table has; or temporary ones. */
export function analyzeAddedPartitions(
  definitions: readonly PartitionDefinition[],
  table: OlapTable,
  written?: DistributionDef,
  beside: OlapTable['partitions'] = table.partitions,
): readonly NewPartition[] {
  const existing = [...beside.values()];
  return analyzed(() =>
    defined(definitions, table.partitionBy, partitionColumns(table), existing, {
      distribution: partitionDistribution(table, written),
      replicationNum: Number(table.properties.get('replication_num')),
    }),
  );
}

/** Partitions differ from their table in the number of buckets alone. */
function partitionDistribution(
  { defaultDistribution, colocateGroup }: OlapTable,
  written: DistributionDef | undefined,
): Distribution {
  if (written === undefined) return defaultDistribution;
  const { kind } = defaultDistribution;
  if (written.kind !== kind) {
    throw new SimError(
      'execution',
      `Cannot assign different distribution type. default is: ${kind}`,
    );
  }
  const names = (columns: readonly string[]): string => columns.join(',').toLowerCase();
  if (kind === 'HASH' && names(written.columns) !== names(defaultDistribution.columns)) {
    const text = 'Cannot assign hash distribution with different distribution cols. default is: ';
    throw new SimError('execution', `${text}[${defaultDistribution.columns.join(', ')}]`);
  }
  const buckets = written.buckets ?? defaultDistribution.buckets;
  checkBuckets(buckets);
  if (colocateGroup !== undefined && buckets !== defaultDistribution.buckets) {
    throw new SimError(
      'execution',
      `Colocate tables must have same bucket num: ${defaultDistribution.buckets}`,
    );
  }
  return { ...defaultDistribution, buckets };
}

function keyColumn(name: string, columns: readonly NewColumn[], keysType: KeysType): Column {
  const uniqueId = columns.findIndex((one) => one.name.toLowerCase() === name.toLowerCase());
  const column = columns[uniqueId];
  if (column === undefined) {
    throw analysisError(`Partition column[${name}] doesn't exist.`, 'unknown-column');
  }
  if (keysType !== 'DUP_KEYS' && !column.isKey) {
    throw analysisError(
      `The partition column[${name}] of ${keysTypeText(keysType)} must be key column`,
    );
  }
  return { ...column, uniqueId };
}

export const BUCKETS_MAX = 10_000;

export function checkBuckets(buckets: number): void {
  if (buckets >= 1 && buckets <= BUCKETS_MAX) return;
  throw analysisError(`Number of hash distribution should be between 1 and ${BUCKETS_MAX}`);
}

export function keysTypeText(keysType: KeysType): string {
  return `${keysType.replace('_KEYS', '').toLowerCase()} key table`;
}

function partitionByOf(by: PartitionByDef, keyColumns: readonly Column[]): PartitionBy {
  const names = keyColumns.map((column) => column.name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw analysisError(`Duplicated partition column ${twice}`);
  switch (by.kind) {
    case 'range':
      return { kind: 'RANGE', columns: by.columns };
    case 'list':
      return { kind: 'LIST', columns: by.columns, isAutomatic: by.isAutomatic };
    case 'expression':
      return expressionOf(by, keyColumns);
  }
}

function expressionOf(
  by: Extract<PartitionByDef, { kind: 'expression' }>,
  [column]: readonly Column[],
): PartitionBy {
  const unit = expressionUnit(by.unit);
  const type = column?.type.name;
  const text = `date_trunc('${by.unit}', ${by.column})`;
  if (unit === undefined || (type !== 'DATE' && type !== 'DATETIME')) {
    throw analysisErrorAt(by.position, `Unsupported expr '${text}' in PARTITION BY clause`);
  }
  if (unit === 'HOUR' && type === 'DATE') {
    throw analysisErrorAt(
      by.position,
      `Unsupported expr '${text}' in PARTITION BY clause. ` +
        'The hour/minute parameter only supports datetime type',
    );
  }
  for (const partition of by.partitions) {
    if (partition.kind !== 'batch') {
      throw analysisErrorAt(
        partition.position,
        'Automatic partition table creation only supports batch create partition syntax',
      );
    }
    if (partition.unit?.toUpperCase() !== unit) {
      throw analysisErrorAt(
        partition.position,
        'The partition granularity of automatic partition table batch creation ' +
          'in advance should be consistent',
      );
    }
  }
  return { kind: 'EXPR_RANGE', columns: [by.column], unit };
}

/** Definitions of the kind that the table has; others are refused. */
function defined(
  definitions: readonly PartitionDefinition[],
  { kind }: PartitionBy,
  columns: readonly Column[],
  existing: readonly NewPartition[],
  { distribution, replicationNum }: PartitionDefaults,
): readonly NewPartition[] {
  const shape = (properties: ReadonlyMap<string, string>): PartitionDefaults => ({
    distribution,
    replicationNum: analyzePartitionProperties(properties, replicationNum),
  });
  if (kind === 'LIST') {
    const lists = definitions.flatMap((one) => (one.kind === 'list' ? [one] : []));
    if (lists.length < definitions.length) {
      throw analysisError('A table partitioned by LIST takes partitions with VALUES IN only');
    }
    const before = existing.flatMap(({ name, list }): NamedList[] =>
      list === undefined ? [] : [{ name, list }],
    );
    return definedLists(lists, columns, before).map(({ name, list, properties }) => ({
      name,
      list,
      ...shape(properties),
    }));
  }
  const ranges = definitions.flatMap((one) => (one.kind === 'list' ? [] : [one]));
  if (ranges.length < definitions.length) {
    throw analysisError('A table partitioned by RANGE takes no partitions with VALUES IN');
  }
  const before = existing.flatMap(({ name, range }): NamedRange[] =>
    range === undefined ? [] : [{ name, range }],
  );
  return definedRanges(ranges, columns, before).map(({ name, range, properties }) => ({
    name,
    range,
    ...shape(properties),
  }));
}
