/**
 * `BackupJobInfo` inside a restore job's JSON. Its keys are not those of the `__info` file
 * (restore-jobs.md 1.5).
 */
import { type JsonChunks, type JsonText, writeAll } from '../catalog/json-chunks.ts';
import type { JsonCursor } from '../catalog/json-cursor.ts';
import type {
  BackupIndexInfo,
  BackupJobInfo,
  BackupPartitionInfo,
  BackupPhysicalPartitionInfo,
  BackupTableInfo,
} from '../repository/job-info.ts';

export function* writeJobInfo(
  out: JsonChunks,
  info: BackupJobInfo,
  tblAlias: ReadonlyMap<string, string>,
): JsonText {
  const { name, dbName, dbId, backupTimeMs, metaVersion, starrocksMetaVersion } = info;
  const head = JSON.stringify({
    name,
    dbName,
    dbId,
    backupTime: backupTimeMs,
    metaVersion,
    starrocksMetaVersion,
    clusterId: info.clusterId,
    finishTime: info.finishTimeMs,
    ttl: info.ttl,
    expireTime: info.expireTimeMs,
    tblAlias: Object.fromEntries(tblAlias),
  });
  out.add(`${head.slice(0, -1)},"tables":`);
  yield* writeAll(out, '{}', info.tables, ([key, table]) => {
    out.add(`${JSON.stringify(key)}:`);
    return writeTableInfo(out, table);
  });
  out.add('}');
}

function* writeTableInfo(out: JsonChunks, table: BackupTableInfo): JsonText {
  const { name, id, autoIncrementId } = table;
  out.add(`${JSON.stringify({ name, id, autoIncrementId }).slice(0, -1)},"partitions":`);
  yield* writeAll(out, '{}', table.partitions, ([key, partition]) => {
    out.add(`${JSON.stringify(key)}:`);
    return writePartitionInfo(out, partition);
  });
  out.add('}');
}

function* writePartitionInfo(out: JsonChunks, partition: BackupPartitionInfo): JsonText {
  const { name, id, version } = partition;
  out.add(`${JSON.stringify({ name, id, version }).slice(0, -1)},"indexes":`);
  yield* writeIndexes(out, partition.indexes);
  out.add(',"subPartitions":');
  yield* writeAll(out, '{}', partition.subPartitions, function* ([key, physical]) {
    out.add(`"${key}":{"id":${physical.id},"version":${physical.version},"indexes":`);
    yield* writeIndexes(out, physical.indexes);
    out.add('}');
  });
  out.add('}');
}

function writeIndexes(out: JsonChunks, indexes: ReadonlyMap<string, BackupIndexInfo>): JsonText {
  return writeAll(out, '{}', indexes, function* ([key, { name, id, schemaHash, tabletIds }]) {
    const head = JSON.stringify({ name, id, schema: schemaHash });
    out.add(`${JSON.stringify(key)}:${head.slice(0, -1)},"BackupTabletInfo":`);
    yield* writeAll(out, '[]', tabletIds, (tabletId) => {
      out.add('{"id":');
      out.addInteger(tabletId);
      out.add('}');
      return undefined;
    });
    out.add('}');
  });
}

export function decodeJobInfo(json: JsonCursor): {
  readonly jobInfo: BackupJobInfo;
  readonly tblAlias: ReadonlyMap<string, string>;
} {
  const clusterId = json.optional('clusterId')?.integer();
  const finishTimeMs = json.optional('finishTime')?.integer();
  const ttl = json.optional('ttl')?.text();
  const expireTimeMs = json.optional('expireTime')?.integer();
  const jobInfo: BackupJobInfo = {
    name: json.field('name').text(),
    dbName: json.field('dbName').text(),
    dbId: json.field('dbId').integer(),
    backupTimeMs: json.field('backupTime').integer(),
    tables: mapOf(json.field('tables'), decodeTableInfo),
    success: true,
    metaVersion: json.field('metaVersion').integer(),
    starrocksMetaVersion: json.field('starrocksMetaVersion').integer(),
    ...(clusterId === undefined ? {} : { clusterId }),
    ...(finishTimeMs === undefined ? {} : { finishTimeMs }),
    ...(ttl === undefined ? {} : { ttl }),
    ...(expireTimeMs === undefined ? {} : { expireTimeMs }),
  };
  return { jobInfo, tblAlias: mapOf(json.field('tblAlias'), (alias) => alias.text()) };
}

function decodeTableInfo(json: JsonCursor): BackupTableInfo {
  const autoIncrementId = json.optional('autoIncrementId')?.integer();
  return {
    name: json.field('name').text(),
    id: json.field('id').integer(),
    ...(autoIncrementId === undefined ? {} : { autoIncrementId }),
    partitions: mapOf(json.field('partitions'), decodePartitionInfo),
  };
}

function decodePartitionInfo(json: JsonCursor): BackupPartitionInfo {
  return {
    name: json.field('name').text(),
    id: json.field('id').integer(),
    version: json.field('version').integer(),
    indexes: mapOf(json.field('indexes'), decodeIndexInfo),
    subPartitions: new Map(
      json
        .field('subPartitions')
        .entries()
        .map(([id, physical]) => [Number(id), decodePhysicalInfo(physical)]),
    ),
  };
}

function decodePhysicalInfo(json: JsonCursor): BackupPhysicalPartitionInfo {
  return {
    id: json.field('id').integer(),
    version: json.field('version').integer(),
    indexes: mapOf(json.field('indexes'), decodeIndexInfo),
  };
}

function decodeIndexInfo(json: JsonCursor): BackupIndexInfo {
  return {
    name: json.field('name').text(),
    id: json.field('id').integer(),
    schemaHash: json.field('schema').integer(),
    tabletIds: json
      .field('BackupTabletInfo')
      .items()
      .map((tablet) => tablet.field('id').integer()),
  };
}

function mapOf<T>(json: JsonCursor, decode: (item: JsonCursor) => T): ReadonlyMap<string, T> {
  return new Map(json.entries().map(([key, item]) => [key, decode(item)]));
}
