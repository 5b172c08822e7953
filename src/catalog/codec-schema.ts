/**
 * JSON of columns, index metas and distributions, with the keys of StarRocks' gson form
 * (repository.md 3.3).
 */
import { asId, type IndexId } from '../base/ids.ts';
import { SCALAR_TYPE_NAMES, type SqlType, type TypeName } from '../base/sql-type.ts';
import type { JsonCursor } from './json-cursor.ts';
import type {
  Column,
  Distribution,
  IndexDefinition,
  KeysType,
  MaterializedIndexMeta,
} from './model.ts';

export const KEYS_TYPES: readonly KeysType[] = [
  'DUP_KEYS',
  'AGG_KEYS',
  'UNIQUE_KEYS',
  'PRIMARY_KEYS',
];

/** Type names of the JSON that are not ours: decimals are named by their width there. */
const DECIMAL_NAMES = ['DECIMAL32', 'DECIMAL64', 'DECIMAL128', 'DECIMAL256'] as const;
const SCALAR_NAMES: readonly (TypeName | (typeof DECIMAL_NAMES)[number])[] = [
  ...SCALAR_TYPE_NAMES,
  ...DECIMAL_NAMES,
];

const TYPE_CLASSES = ['ScalarType', 'ArrayType', 'MapType', 'StructType'] as const;

function decimalName(precision: number): string {
  if (precision <= 9) return 'DECIMAL32';
  if (precision <= 18) return 'DECIMAL64';
  return precision <= 38 ? 'DECIMAL128' : 'DECIMAL256';
}

/** Undefined values are left out when the object is printed. */
export function typeJson(type: SqlType): unknown {
  const { element, key, value, fields } = type;
  if (element !== undefined) return { clazz: 'ArrayType', itemType: typeJson(element) };
  if (key !== undefined && value !== undefined) {
    return { clazz: 'MapType', keyType: typeJson(key), valueType: typeJson(value) };
  }
  if (fields !== undefined) {
    const shown = fields.map(({ name, type: of }, position) => {
      return { name, type: typeJson(of), position };
    });
    return { clazz: 'StructType', named: true, fields: shown };
  }
  return {
    clazz: 'ScalarType',
    type: type.name === 'DECIMAL' ? decimalName(type.precision ?? 10) : type.name,
    len: type.length,
    precision: type.precision,
    scale: type.scale,
  };
}

export function decodeType(json: JsonCursor): SqlType {
  const clazz = json.field('clazz').oneOf(TYPE_CLASSES);
  if (clazz !== 'ScalarType') return Object.freeze(decodeNestedType(clazz, json));
  const written = json.field('type').oneOf(SCALAR_NAMES);
  const name = SCALAR_TYPE_NAMES.find((one) => one === written) ?? 'DECIMAL';
  const length = json.optional('len')?.integer();
  const precision = json.optional('precision')?.integer();
  const scale = json.optional('scale')?.integer();
  return Object.freeze({
    name,
    ...(length === undefined ? {} : { length }),
    ...(precision === undefined ? {} : { precision }),
    ...(scale === undefined ? {} : { scale }),
  });
}

function decodeNestedType(
  clazz: Exclude<(typeof TYPE_CLASSES)[number], 'ScalarType'>,
  json: JsonCursor,
): SqlType {
  switch (clazz) {
    case 'ArrayType':
      return { name: 'ARRAY', element: decodeType(json.field('itemType')) };
    case 'MapType': {
      const key = decodeType(json.field('keyType'));
      return { name: 'MAP', key, value: decodeType(json.field('valueType')) };
    }
    case 'StructType': {
      const fields = json.field('fields').items();
      return {
        name: 'STRUCT',
        fields: fields.map((field) => ({
          name: field.field('name').text(),
          type: decodeType(field.field('type')),
        })),
      };
    }
  }
}

function columnJson(column: Column): unknown {
  const { defaultValue } = column;
  return {
    name: column.name,
    uniqueId: column.uniqueId,
    type: typeJson(column.type),
    aggregationType: column.aggregationType,
    isKey: column.isKey,
    isAllowNull: column.isAllowNull,
    isAutoIncrement: column.isAutoIncrement,
    defaultValue: defaultValue?.kind === 'literal' ? defaultValue.text : undefined,
    defaultExpr: defaultValue?.kind === 'expression' ? { expr: defaultValue.text } : undefined,
    comment: column.comment,
  };
}

function decodeColumn(json: JsonCursor): Column {
  const aggregationType = json.optional('aggregationType')?.text();
  const literal = json.optional('defaultValue')?.text();
  const expression = json.optional('defaultExpr')?.field('expr').text();
  const defaultValue =
    literal !== undefined
      ? ({ kind: 'literal', text: literal } as const)
      : expression !== undefined
        ? ({ kind: 'expression', text: expression } as const)
        : undefined;
  return Object.freeze({
    name: json.field('name').text(),
    uniqueId: json.field('uniqueId').integer(),
    type: decodeType(json.field('type')),
    isKey: json.field('isKey').boolean(),
    ...(aggregationType === undefined ? {} : { aggregationType }),
    isAllowNull: json.field('isAllowNull').boolean(),
    isAutoIncrement: json.optional('isAutoIncrement')?.boolean() ?? false,
    ...(defaultValue === undefined ? {} : { defaultValue }),
    comment: json.optional('comment')?.text() ?? '',
  });
}

/** The sort key stands in the base index, as positions in its schema; others have none. */
export function indexMetaJson(
  meta: MaterializedIndexMeta,
  sortKeyIdxes?: readonly number[],
): unknown {
  return {
    indexId: meta.indexId,
    schema: meta.schema.map(columnJson),
    sortKeyIdxes,
    schemaVersion: meta.schemaVersion,
    schemaHash: meta.schemaHash,
    shortKeyColumnCount: meta.shortKeyColumnCount,
    storageType: 'COLUMN',
    keysType: meta.keysType,
    viewDefineSql: meta.definition?.statement,
    emulator: meta.definition === undefined ? undefined : { sources: meta.definition.sources },
  };
}

export function decodeIndexMeta(json: JsonCursor, name: string): MaterializedIndexMeta {
  const definition = decodeDefinition(json);
  return Object.freeze({
    indexId: asId<IndexId>(json.field('indexId').integer()),
    name,
    schema: json.field('schema').items().map(decodeColumn),
    schemaVersion: json.field('schemaVersion').integer(),
    schemaHash: json.field('schemaHash').integer(),
    shortKeyColumnCount: json.field('shortKeyColumnCount').integer(),
    keysType: json.field('keysType').oneOf(KEYS_TYPES),
    ...(definition === undefined ? {} : { definition }),
  });
}

function decodeDefinition(json: JsonCursor): IndexDefinition | undefined {
  const statement = json.optional('viewDefineSql')?.text();
  if (statement === undefined) return undefined;
  const sources = json.field('emulator').field('sources').items();
  return Object.freeze({
    statement,
    sources: sources.map((one) => ({
      column: one.field('column').text(),
      isCount: one.field('isCount').boolean(),
    })),
  });
}

export function distributionJson(distribution: Distribution): unknown {
  const { kind, buckets } = distribution;
  return kind === 'HASH'
    ? {
        clazz: 'HashDistributionInfo',
        type: kind,
        colIds: distribution.columns,
        bucketNum: buckets,
      }
    : { clazz: 'RandomDistributionInfo', type: kind, bucketNum: buckets };
}

export function decodeDistribution(json: JsonCursor): Distribution {
  const clazz = json.field('clazz').oneOf(['HashDistributionInfo', 'RandomDistributionInfo']);
  const buckets = json.field('bucketNum').integer();
  if (clazz === 'RandomDistributionInfo') return Object.freeze({ kind: 'RANDOM', buckets });
  const columns = json.field('colIds').items();
  return Object.freeze({ kind: 'HASH', columns: columns.map((one) => one.text()), buckets });
}
