/**
 * Reads `__info_<timestamp>` by the rules of StarRocks' reader (restore-jobs.md 1.6): lenient about
 * what older and newer writers leave out or add, firm about what a restore needs.
 */
import { SimError } from '../base/errors.ts';
import type {
  BackupIndexInfo,
  BackupJobInfo,
  BackupPartitionInfo,
  BackupPhysicalPartitionInfo,
  BackupTableInfo,
} from './job-info.ts';
import {
  BACKUP_RESULT_SUCCEED,
  CURRENT_JOB_INFO_FORM,
  type JobInfoForm,
} from './job-info-codec.ts';
import {
  asArray,
  asInteger,
  asObject,
  asString,
  field,
  JsonFieldError,
  type JsonObject,
  parseJsonObject,
} from './json-fields.ts';

/** Throws `metadata-unreadable` that names the field which does not fit. */
export function decodeJobInfo(
  text: string,
  own: JobInfoForm = CURRENT_JOB_INFO_FORM,
): BackupJobInfo {
  try {
    return readInfo(parseJsonObject(text, 'the job info'), own);
  } catch (error) {
    if (!(error instanceof JsonFieldError)) throw error;
    throw new SimError('metadata-unreadable', `malformed job info: ${error.message}`, {
      cause: error,
    });
  }
}

function readInfo(json: JsonObject, own: JobInfoForm): BackupJobInfo {
  const objects = asObject(field(json, 'backup_objects'), 'backup_objects');
  const clusterId = optionalInteger(json, 'cluster_id');
  const finishTimeMs = optionalInteger(json, 'finish_time');
  const expireTimeMs = optionalInteger(json, 'expire_time');
  const ttl = field(json, 'ttl');
  return Object.freeze({
    name: asString(field(json, 'name'), 'name'),
    dbName: asString(field(json, 'database'), 'database'),
    dbId: asInteger(field(json, 'id'), 'id'),
    backupTimeMs: asInteger(field(json, 'backup_time'), 'backup_time'),
    tables: readMap(objects, 'backup_objects', readTable),
    success: asString(field(json, 'backup_result'), 'backup_result') === BACKUP_RESULT_SUCCEED,
    metaVersion: optionalInteger(json, 'meta_version') ?? own.metaVersion,
    starrocksMetaVersion:
      optionalInteger(json, 'starrocks_meta_version') ?? own.starrocksMetaVersion,
    ...(clusterId === undefined ? {} : { clusterId }),
    ...(finishTimeMs === undefined ? {} : { finishTimeMs }),
    ...(typeof ttl === 'string' ? { ttl } : {}),
    ...(expireTimeMs === undefined ? {} : { expireTimeMs }),
  });
}

function readTable(json: JsonObject, name: string, what: string): BackupTableInfo {
  const autoIncrementId = integerOrNothing(field(json, 'autoIncrementId'));
  const partitions = asObject(field(json, 'partitions'), `${what}.partitions`);
  return {
    name,
    id: asInteger(field(json, 'id'), `${what}.id`),
    ...(autoIncrementId === undefined ? {} : { autoIncrementId }),
    partitions: readMap(partitions, `${what}.partitions`, readPartition),
  };
}

function readPartition(json: JsonObject, name: string, what: string): BackupPartitionInfo {
  return {
    name,
    id: asInteger(field(json, 'id'), `${what}.id`),
    version: asInteger(field(json, 'version'), `${what}.version`),
    indexes: readIndexes(json, what),
    subPartitions: readSubPartitions(field(json, 'subPartitions'), `${what}.subPartitions`),
  };
}

/** What does not fit ends the reading without an error; entries before it stay (rule 4). */
function readSubPartitions(
  value: unknown,
  what: string,
): ReadonlyMap<number, BackupPhysicalPartitionInfo> {
  const read = new Map<number, BackupPhysicalPartitionInfo>();
  try {
    for (const [key, entry] of Object.entries(asObject(value, what))) {
      const at = `${what}.${key}`;
      const json = asObject(entry, at);
      const id = asInteger(key, at);
      read.set(id, {
        id: asInteger(field(json, 'id'), `${at}.id`),
        version: asInteger(field(json, 'version'), `${at}.version`),
        indexes: readIndexes(json, at),
      });
    }
  } catch (error) {
    if (!(error instanceof JsonFieldError)) throw error;
  }
  return read;
}

function readIndexes(json: JsonObject, what: string): ReadonlyMap<string, BackupIndexInfo> {
  return readMap(asObject(field(json, 'indexes'), `${what}.indexes`), `${what}.indexes`, readIndex);
}

function readIndex(json: JsonObject, name: string, what: string): BackupIndexInfo {
  const where = `${what}.tablets`;
  const ids = Object.keys(asObject(field(json, 'tablets'), where)).map((key) =>
    asInteger(key, where),
  );
  return {
    name,
    id: asInteger(field(json, 'id'), `${what}.id`),
    schemaHash: asInteger(field(json, 'schema_hash'), `${what}.schema_hash`),
    tabletIds: orderTablets(ids, field(json, 'tablets_order'), what),
  };
}

/** Rules 1 to 3: by `tablets_order`, or ascending; the same tablets in both, at least one. */
function orderTablets(ids: readonly number[], order: unknown, what: string): readonly number[] {
  if (ids.length === 0)
    throw new SimError('metadata-unreadable', `malformed job info: no tablets in ${what}`);
  const given = order === undefined ? [] : asArray(order, `${what}.tablets_order`);
  if (given.length === 0) return [...ids].sort((a, b) => a - b);
  const where = `${what}.tablets_order`;
  const ordered = given.map((id) => asInteger(id, where));
  const known = new Set(ids);
  const isPermutation =
    ordered.length === ids.length &&
    new Set(ordered).size === ids.length &&
    ordered.every((id) => known.has(id));
  if (isPermutation) return ordered;
  throw new SimError(
    'metadata-unreadable',
    `malformed job info: ${what}.tablets_order does not list the ${ids.length} tablets there`,
  );
}

function readMap<T>(
  object: JsonObject,
  what: string,
  read: (json: JsonObject, name: string, what: string) => T,
): ReadonlyMap<string, T> {
  return new Map(
    Object.entries(object).map(([name, value]) => {
      const at = `${what}.${name}`;
      return [name, read(asObject(value, at), name, at)];
    }),
  );
}

function optionalInteger(json: JsonObject, key: string): number | undefined {
  const value = field(json, key);
  return value === undefined || value === null ? undefined : asInteger(value, key);
}

/** `autoIncrementId`: any trouble with it means that there is none. */
function integerOrNothing(value: unknown): number | undefined {
  try {
    return asInteger(value, 'autoIncrementId');
  } catch {
    return undefined;
  }
}
