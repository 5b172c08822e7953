/**
 * Tables of all shapes for property tests: odd names, all types, several physical partitions and
 * rollups, gaps between ids, replicas that lag. Every table holds the invariants of the catalog.
 */
import fc from 'fast-check';
import { asId, type IndexId, type ReplicaId } from '../../../src/base/ids.ts';
import type { SqlType } from '../../../src/base/sql-type.ts';
import { dateText, dateTimeText, plus } from '../../../src/catalog/calendar.ts';
import type {
  Column,
  Distribution,
  MaterializedIndex,
  MaterializedIndexMeta,
  OlapTable,
  Partition,
  PartitionBy,
  PartitionRange,
  PhysicalPartition,
  RangeKey,
  ReplicaLag,
} from '../../../src/catalog/model.ts';
import { schemaHash } from '../../../src/catalog/schema-hash.ts';

/** Names that trip JSON objects, escapes and sorting, besides plain ones. */
const NAME: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^[a-z][a-z0-9_]{0,7}$/) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }) },
  { weight: 1, arbitrary: fc.constantFrom('__proto__', 'constructor', '10', '2', 'a"b\\c', 'ß') },
);

const TYPE: fc.Arbitrary<SqlType> = fc.oneof(
  fc.constantFrom<SqlType>(
    { name: 'BOOLEAN' },
    { name: 'TINYINT' },
    { name: 'LARGEINT' },
    { name: 'DOUBLE' },
    { name: 'JSON' },
    { name: 'VARBINARY' },
    { name: 'DECIMAL' },
    { name: 'DATETIME' },
  ),
  fc
    .tuple(fc.constantFrom('CHAR', 'VARCHAR'), fc.integer({ min: 1, max: 100 }))
    .map(([name, length]): SqlType => ({ name: name === 'CHAR' ? 'CHAR' : 'VARCHAR', length })),
  fc
    .tuple(fc.integer({ min: 1, max: 38 }), fc.nat(9))
    .map(([precision, scale]): SqlType => ({ name: 'DECIMAL', precision, scale })),
);

/** Types a table may be partitioned by. */
export const RANGE_TYPE: fc.Arbitrary<SqlType> = fc.constantFrom<SqlType>(
  { name: 'TINYINT' },
  { name: 'INT' },
  { name: 'BIGINT' },
  { name: 'DATE' },
  { name: 'DATETIME' },
);

/** The n-th value of a range type, in an order that the type has too. */
export function rangeValue(type: SqlType, n: number): string {
  const start = { year: 2024, month: 1, day: 1, hour: 0, minute: 0, second: 0, microsecond: 0 };
  if (type.name === 'DATE') return dateText(plus('DAY', start, n));
  if (type.name === 'DATETIME') return dateTimeText(plus('HOUR', start, n));
  return String(n);
}

export interface TableOptions {
  /** All ids are above this one. */
  readonly idBase?: number;
  readonly name?: string;
  readonly partitionCountMax?: number;
}

interface PartitionShape {
  readonly name: string;
  readonly buckets: number;
  readonly replication: number;
  readonly physicalCount: number;
  readonly isRandom: boolean;
  readonly version: number;
  readonly lags: readonly number[];
  readonly medium: 'HDD' | 'SSD';
}

const PARTITION: fc.Arbitrary<PartitionShape> = fc.record({
  name: NAME,
  buckets: fc.nat(4),
  replication: fc.integer({ min: 1, max: 3 }),
  physicalCount: fc.integer({ min: 1, max: 4 }),
  isRandom: fc.boolean(),
  version: fc.integer({ min: 1, max: 50 }),
  lags: fc.array(fc.nat(40), { maxLength: 3 }),
  medium: fc.constantFrom('HDD', 'SSD'),
});

const COLUMN = fc.record({
  name: NAME,
  type: TYPE,
  isAllowNull: fc.boolean(),
  isAutoIncrement: fc.boolean(),
  aggregation: fc.option(fc.constantFrom('SUM', 'REPLACE'), { nil: undefined }),
  defaultValue: fc.option(
    fc.record({
      kind: fc.constantFrom('literal' as const, 'expression' as const),
      text: fc.string({ maxLength: 4 }),
    }),
    { nil: undefined },
  ),
  comment: fc.string({ maxLength: 4 }),
});
type ColumnShape = typeof COLUMN extends fc.Arbitrary<infer T> ? T : never;

const TABLE = fc.record({
  name: NAME,
  createTimeMs: fc.nat(2 ** 31),
  state: fc.constantFrom('NORMAL' as const, 'RESTORE' as const, 'SCHEMA_CHANGE' as const),
  keysType: fc.constantFrom('DUP_KEYS', 'AGG_KEYS', 'UNIQUE_KEYS', 'PRIMARY_KEYS'),
  rangeType: RANGE_TYPE,
  partitioning: fc.constantFrom('UNPARTITIONED', 'RANGE', 'EXPR_RANGE', 'LIST', 'automatic LIST'),
  hasEnds: fc.boolean(),
  boundaries: fc.uniqueArray(fc.nat(100), { minLength: 8, maxLength: 8 }),
  columns: fc.uniqueArray(COLUMN, { maxLength: 4, selector: (one) => one.name.toLowerCase() }),
  rollups: fc.uniqueArray(NAME, { maxLength: 3 }),
  temporary: fc.uniqueArray(PARTITION, { maxLength: 2, selector: (one) => one.name }),
  isBackwards: fc.boolean(),
  gaps: fc.array(fc.nat(3), { minLength: 1, maxLength: 8 }),
  farIds: fc.boolean(),
  sortKey: fc.boolean(),
  comment: fc.string({ maxLength: 6 }),
  properties: fc.dictionary(fc.string({ minLength: 1, maxLength: 5 }), fc.string({ maxLength: 5 })),
});
type TableShape = typeof TABLE extends fc.Arbitrary<infer T> ? T : never;

/** A table that `encodeTable` and `decodeTable` must carry, and all operations take. */
export function arbitraryTable(options: TableOptions = {}): fc.Arbitrary<OlapTable> {
  const partitions = fc.uniqueArray(PARTITION, {
    maxLength: options.partitionCountMax ?? 5,
    selector: (one) => one.name,
  });
  return fc.tuple(TABLE, partitions).map(([shape, list]) => buildShape(shape, list, options));
}

/** A single partition without a range. */
export function arbitraryPartition(idBase: number): fc.Arbitrary<Partition> {
  return PARTITION.map((shape) => {
    const ids = idsFrom(idBase, [0]);
    return partitionOf(shape, [asId<IndexId>(ids())], ['key'], {}, ids);
  });
}

type NextId = () => number;

function idsFrom(base: number, gaps: readonly number[]): NextId {
  let last = base;
  let turn = 0;
  return () => {
    last += 1 + (gaps[turn++ % gaps.length] ?? 0);
    return last;
  };
}

function buildShape(
  shape: TableShape,
  partitionShapes: readonly PartitionShape[],
  options: TableOptions,
): OlapTable {
  const base = (options.idBase ?? 10_000) + (shape.farIds ? 2 ** 33 : 0);
  const ids = idsFrom(base, shape.gaps);
  const name = options.name ?? shape.name;
  const key: ColumnShape = {
    name: 'the key',
    type: shape.rangeType,
    isAllowNull: false,
    isAutoIncrement: false,
    aggregation: undefined,
    defaultValue: undefined,
    comment: '',
  };
  const schema = [key, ...shape.columns.filter((one) => one.name !== key.name)].map(columnOf);
  const indexNames = [name, ...shape.rollups.filter((one) => one !== name)];
  const indexMetas = indexNames.map(
    (one): MaterializedIndexMeta => ({
      indexId: asId(ids()),
      name: one,
      schema,
      schemaVersion: 0,
      schemaHash: schemaHash(schema),
      shortKeyColumnCount: 1,
      keysType: 'DUP_KEYS',
    }),
  );
  const indexIds = indexMetas.map((meta) => meta.indexId);
  const takes = whatPartitionsTake(shape);
  const keyNames = ['the key'];
  const isPartitioned = shape.partitioning !== 'UNPARTITIONED';
  const shapes = isPartitioned ? partitionShapes : [{ ...(partitionShapes[0] ?? PLAIN), name }];
  const partitions = shapes.map((one, at) =>
    partitionOf(one, indexIds, keyNames, takes[at] ?? {}, ids),
  );
  const temporary = isPartitioned
    ? shape.temporary.map((one, at) =>
        partitionOf(one, indexIds, keyNames, takes[5 + at] ?? {}, ids),
      )
    : [];
  if (shape.isBackwards) {
    partitions.reverse();
    temporary.reverse();
  }
  return {
    kind: 'OLAP',
    id: asId(ids()),
    name,
    createTimeMs: shape.createTimeMs,
    state: shape.state,
    keysType: shape.keysType,
    baseIndexId: indexIds[0] ?? asId(0),
    indexMetas,
    partitionBy: partitionByOf(shape.partitioning),
    defaultDistribution: { kind: 'HASH', columns: keyNames, buckets: 2 },
    partitions: new Map(partitions.map((one) => [one.name, one])),
    tempPartitions: new Map(temporary.map((one) => [one.name, one])),
    sortKey: shape.sortKey ? keyNames : [],
    comment: shape.comment,
    properties: new Map(Object.entries(shape.properties)),
  };
}

function partitionByOf(partitioning: TableShape['partitioning']): PartitionBy {
  switch (partitioning) {
    case 'UNPARTITIONED':
      return { kind: partitioning };
    case 'RANGE':
      return { kind: partitioning, columns: ['the key'] };
    case 'EXPR_RANGE':
      return { kind: partitioning, columns: ['the key'], unit: 'MONTH' };
    default:
      return { kind: 'LIST', columns: ['the key'], isAutomatic: partitioning !== 'LIST' };
  }
}

/** Of seven partitions: ranges, or lists of one, two and three values, NULL among them. */
function whatPartitionsTake(shape: TableShape): readonly Pick<Partition, 'range' | 'list'>[] {
  if (shape.partitioning === 'UNPARTITIONED') return [];
  if (!shape.partitioning.endsWith('LIST')) return rangesOf(shape).map((range) => ({ range }));
  return shape.boundaries.slice(1).map((n, at) => ({
    list: [n, n + 200, n + 400]
      .slice(at % 3)
      .map((value) => [at === 0 && value === n ? null : rangeValue(shape.rangeType, value)]),
  }));
}

const PLAIN: PartitionShape = {
  name: 'p',
  buckets: 2,
  replication: 1,
  physicalCount: 1,
  isRandom: false,
  version: 1,
  lags: [],
  medium: 'HDD',
};

function columnOf(shape: ColumnShape, uniqueId: number): Column {
  const { aggregation, defaultValue, ...others } = shape;
  return {
    ...others,
    uniqueId,
    isKey: uniqueId === 0,
    ...(aggregation === undefined ? {} : { aggregationType: aggregation }),
    ...(defaultValue === undefined ? {} : { defaultValue }),
  };
}

/** Seven ranges that do not intersect; the outer ones may be open. */
function rangesOf(shape: TableShape): readonly PartitionRange[] {
  const sorted = [...shape.boundaries].sort((a, b) => a - b);
  const keys = sorted.map((n, at): RangeKey => {
    if (shape.hasEnds && at === 0) return [{ kind: 'min' }];
    if (shape.hasEnds && at === sorted.length - 1) return [{ kind: 'max' }];
    return [{ kind: 'value', text: rangeValue(shape.rangeType, n) }];
  });
  return keys.slice(1).map((upper, at) => ({ lower: keys[at] ?? [], upper }));
}

function partitionOf(
  shape: PartitionShape,
  indexIds: readonly IndexId[],
  keyNames: readonly string[],
  takes: Pick<Partition, 'range' | 'list'>,
  ids: NextId,
): Partition {
  const { buckets } = shape;
  const distribution: Distribution = shape.isRandom
    ? { kind: 'RANDOM', buckets }
    : { kind: 'HASH', columns: keyNames, buckets };
  const id = ids();
  const physical = Array.from({ length: shape.isRandom ? shape.physicalCount : 1 }, () =>
    physicalOf(shape, id, indexIds, ids),
  );
  return {
    id: asId(id),
    name: shape.name,
    // Younger physical partitions first, behind the default one: an order that ids do not have.
    physical: [...physical.slice(0, 1), ...physical.slice(1).reverse()],
    distribution,
    replicationNum: shape.replication,
    storageMedium: shape.medium,
    isInMemory: false,
    ...takes,
  };
}

function physicalOf(
  shape: PartitionShape,
  parentId: number,
  indexIds: readonly IndexId[],
  ids: NextId,
): PhysicalPartition {
  const id = ids();
  const replicas: number[] = [];
  const [base, ...rollups] = indexIds;
  const order = base === undefined ? rollups : [base, ...rollups.reverse()];
  const indexes = order.map((indexId): MaterializedIndex => {
    const tabletIds = Float64Array.from({ length: shape.buckets }, ids);
    const replicaIds = Float64Array.from({ length: shape.buckets * shape.replication }, ids);
    replicas.push(...replicaIds);
    const backendIds = replicaIds.map((_, at) => 10_001 + (at % 5));
    const count = shape.buckets;
    const { replication } = shape;
    return { indexId, tablets: { count, replication, tabletIds, replicaIds, backendIds } };
  });
  const lagging = new Map<ReplicaId, ReplicaLag>();
  for (const lag of shape.lags) {
    const replica = replicas[lag % Math.max(replicas.length, 1)];
    if (replica === undefined) continue;
    const version = Math.max(1, shape.version - (lag % 3));
    const onlyLags = version < shape.version && lag % 2 === 0;
    lagging.set(asId(replica), { version, lastFailedVersion: onlyLags ? -1 : version + 1 });
  }
  return {
    id: asId(id),
    parentId: asId(parentId),
    visibleVersion: shape.version,
    visibleVersionTimeMs: 1_700_000_000_000 + shape.version,
    // As if some loads were on their way.
    nextVersion: shape.version + 1 + (shape.version % 3),
    indexes,
    lagging,
  };
}
