/**
 * What the edit log and the image hold of repositories, with the JSON keys of StarRocks
 * (repository.md 1.1). Credentials stand in clear there, as in StarRocks.
 */
import { SimError } from '../base/errors.ts';
import { asId, type RepositoryId } from '../base/ids.ts';
import {
  asBoolean,
  asInteger,
  asObject,
  asString,
  field,
  JsonFieldError,
  type JsonObject,
} from './json-fields.ts';
import { PALO_PREFIX } from './layout.ts';
import type { RepositoryData } from './repository.ts';

export type RepositoryRecord =
  | { readonly op: 'OP_CREATE_REPOSITORY_V2'; readonly repository: RepositoryData }
  | { readonly op: 'OP_DROP_REPOSITORY'; readonly name: string };

export function encodeRepositoryRecord(record: RepositoryRecord): JsonObject {
  switch (record.op) {
    case 'OP_CREATE_REPOSITORY_V2':
      return { op: record.op, repository: encodeRepositoryData(record.repository) };
    case 'OP_DROP_REPOSITORY':
      return { op: record.op, name: record.name };
  }
}

/** Throws `edit-log-damaged` for anything that `encodeRepositoryRecord` does not make. */
export function decodeRepositoryRecord(json: unknown): RepositoryRecord {
  return asDamage(() => readRecord(json));
}

function readRecord(json: unknown): RepositoryRecord {
  const record = asObject(json, 'repository record');
  const op = field(record, 'op');
  if (op === 'OP_CREATE_REPOSITORY_V2') {
    return { op, repository: readData(field(record, 'repository')) };
  }
  if (op === 'OP_DROP_REPOSITORY') return { op, name: asString(field(record, 'name'), 'name') };
  throw new JsonFieldError(`not a repository record: ${String(op)}`);
}

function encodeRepositoryData(data: RepositoryData): JsonObject {
  return {
    id: data.id,
    nm: data.name,
    ct: data.createTimeMs,
    ro: data.isReadOnly,
    lc: data.location,
    st: { bn: data.brokerName, pt: data.properties, hasBroker: data.brokerName !== '' },
    // Not StarRocks' key: it looks the prefix up again after a start, and may then guess wrong.
    ...(data.prefix === PALO_PREFIX ? { prefix: PALO_PREFIX } : {}),
  };
}

/** The registry as the image holds it, under StarRocks' keys: by name. */
export function encodeRepositoryImage(repositories: readonly RepositoryData[]): JsonObject {
  return {
    rp: Object.fromEntries(repositories.map((data) => [data.name, encodeRepositoryData(data)])),
  };
}

/** Throws `edit-log-damaged` for anything that `encodeRepositoryImage` does not make. */
export function decodeRepositoryImage(json: unknown): readonly RepositoryData[] {
  return asDamage(() =>
    Object.values(asObject(field(asObject(json, 'repositories'), 'rp'), 'rp')).map(readData),
  );
}

function asDamage<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof JsonFieldError)) throw error;
    throw new SimError('edit-log-damaged', `repository: ${error.message}`, { cause: error });
  }
}

function readData(json: unknown): RepositoryData {
  const data = asObject(json, 'repository');
  const storage = asObject(field(data, 'st'), 'st');
  const properties = Object.entries(asObject(field(storage, 'pt'), 'pt'));
  return Object.freeze({
    id: asId<RepositoryId>(asInteger(field(data, 'id'), 'id')),
    name: asString(field(data, 'nm'), 'nm'),
    createTimeMs: asInteger(field(data, 'ct'), 'ct'),
    isReadOnly: asBoolean(field(data, 'ro'), 'ro'),
    location: asString(field(data, 'lc'), 'lc'),
    brokerName: asString(field(storage, 'bn'), 'bn'),
    properties: Object.freeze(
      Object.fromEntries(properties.map(([key, value]) => [key, asString(value, 'pt')])),
    ),
    ...(field(data, 'prefix') === PALO_PREFIX ? { prefix: PALO_PREFIX } : {}),
  });
}
