/**
 * The bones of `__meta`: objects, partitions and tablets, read from the keys that every release
 * with a JSON form has (repository.md 3.3). It asks for no more than that, so files of a real
 * cluster can be read, too, that no restore here could map.
 */
import { SimError } from '../../base/errors.ts';
import { asArray, asInteger, asObject, asString, field, JsonFieldError } from '../json-fields.ts';
import { metaJson } from '../meta-info-codec.ts';

export interface MetaOutline {
  readonly tables: ReadonlyMap<string, TableOutline>;
  readonly functionCount: number;
  readonly catalogNames: readonly string[];
}

export interface TableOutline {
  readonly name: string;
  readonly id: number;
  /** `OlapTable`, `MaterializedView`, `View` or what else a release writes. */
  readonly clazz: string;
  readonly partitions: ReadonlyMap<string, PartitionOutline>;
}

export interface PartitionOutline {
  readonly id: number;
  readonly physical: ReadonlyMap<number, PhysicalOutline>;
}

export interface PhysicalOutline {
  readonly version: number;
  /** Tablets by index id. */
  readonly indexes: ReadonlyMap<number, readonly number[]>;
}

export type MetaReading =
  | { readonly outline: MetaOutline }
  /** A form that nothing can be told of here; it may be good for the cluster that wrote it. */
  | { readonly outline?: undefined; readonly text: string };

/** Throws `metadata-unreadable` for what nobody can read: cut, no text, no JSON. */
export function readMetaOutline(bytes: Uint8Array): MetaReading {
  const json = metaJson(bytes);
  if (json === undefined) {
    return { text: 'it is in the binary form of Apache Doris and of StarRocks before 3.3' };
  }
  const root = parseMeta(json);
  try {
    return { outline: readOutline(asObject(root, '__meta')) };
  } catch (error) {
    if (!(error instanceof JsonFieldError)) throw error;
    return { text: `it is of a form that is not known here: ${error.message}` };
  }
}

function parseMeta(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new SimError('metadata-unreadable', `__meta is no JSON: ${text}`, { cause: error });
  }
}

function readOutline(root: Json): MetaOutline {
  const tables = new Map<string, TableOutline>();
  for (const [name, value] of Object.entries(asObject(field(root, 'tblNameMap'), 'tblNameMap'))) {
    tables.set(name, readTable(name, asObject(value, `tblNameMap.${name}`)));
  }
  const catalogs = asArray(field(root, 'catalogs') ?? [], 'catalogs');
  return {
    tables,
    functionCount: asArray(field(root, 'functions') ?? [], 'functions').length,
    catalogNames: catalogs.map((one) => String(field(asObject(one, 'catalogs'), 'name') ?? '?')),
  };
}

type Json = ReturnType<typeof asObject>;

function readTable(name: string, table: Json): TableOutline {
  const partitions = new Map<string, PartitionOutline>();
  for (const [id, value] of entriesOf(table, 'idToPartition')) {
    const partition = asObject(value, `${name}.idToPartition.${id}`);
    const partitionName = asString(field(partition, 'name'), `${name}.idToPartition.${id}.name`);
    partitions.set(partitionName, readPartition(partition, `${name}.${partitionName}`));
  }
  return {
    name,
    id: asInteger(field(table, 'id'), `${name}.id`),
    clazz: asString(field(table, 'clazz'), `${name}.clazz`),
    partitions,
  };
}

/** Releases before 3.3 have one physical partition, in the partition itself. */
function readPartition(partition: Json, where: string): PartitionOutline {
  const id = asInteger(field(partition, 'id'), `${where}.id`);
  const physical = new Map<number, PhysicalOutline>();
  for (const [key, value] of entriesOf(partition, 'idToSubPartition')) {
    const at = `${where}.idToSubPartition.${key}`;
    physical.set(asInteger(key, at), readPhysical(asObject(value, at), at));
  }
  const hasOwn = Number(field(partition, 'dpid') ?? 0) !== 0;
  if (!hasOwn && field(partition, 'baseIndex') !== undefined) {
    physical.set(id, readPhysical(partition, where));
  }
  return { id, physical };
}

function readPhysical(physical: Json, where: string): PhysicalOutline {
  const indexes = new Map<number, readonly number[]>();
  const base = field(physical, 'baseIndex');
  const rollups = entriesOf(physical, 'idToVisibleRollupIndex').map(([, value]) => value);
  for (const value of base === undefined ? rollups : [base, ...rollups]) {
    const index = asObject(value, `${where} index`);
    const tablets = asArray(field(index, 'tablets'), `${where} tablets`);
    indexes.set(
      asInteger(field(index, 'id'), `${where} index id`),
      tablets.map((one) => asInteger(field(asObject(one, where), 'id'), `${where} tablet id`)),
    );
  }
  return { version: asInteger(field(physical, 'visibleVersion'), `${where} version`), indexes };
}

function entriesOf(object: Json, key: string): readonly (readonly [string, unknown])[] {
  const value = field(object, key);
  return value === undefined || value === null ? [] : Object.entries(asObject(value, key));
}
