/** JSON of a restore job (restore-jobs.md 1.2 to 1.5). */
import {
  asId,
  type BackendId,
  type PhysicalPartitionId,
  type TableId,
  type TabletId,
} from '../base/ids.ts';
import { readPartition, writePartition } from '../catalog/codec.ts';
import { decodeOlapTable, writeTable } from '../catalog/codec-table.ts';
import { type JsonChunks, type JsonText, writeAll } from '../catalog/json-chunks.ts';
import type { JsonCursor } from '../catalog/json-cursor.ts';
import {
  commonJson,
  decodeCommon,
  decodeMeta,
  decodeSnapshotInfo,
  SnapshotInfoWriter,
  writeMeta,
} from './abstract-job-codec.ts';
import { type FileMapping, fileMappingOf, type IdChain, mappingRows } from './file-mapping.ts';
import { decodeJobInfo, writeJobInfo } from './job-info-json.ts';
import { decodeObjects, isEmpty, objectsJson } from './meta-objects.ts';
import type { RestoredPartition, RestoreJob, RestoreState } from './restore-job.ts';
import type { SnapshotInfo } from './snapshot-info.ts';

export function* writeRestoreJob(out: JsonChunks, job: RestoreJob): JsonText {
  out.add(commonJson(job));
  out.add(`,"backupTimestamp":${JSON.stringify(job.backupTimestamp)}`);
  out.add(',"jobInfo":');
  yield* writeJobInfo(out, job.jobInfo, job.tblAlias);
  out.add(`,"allowLoad":${job.allowLoad}`);
  yield* writeMeta(out, job.backupMeta);
  out.add(',"fileMapping":');
  yield* writeMapping(out, job.fileMapping);
  out.add(`,"metaPreparedTime":${job.metaPreparedTimeMs}`);
  out.add(`,"snapshotFinishedTime":${job.snapshotFinishedTimeMs}`);
  out.add(`,"downloadFinishedTime":${job.downloadFinishedTimeMs}`);
  out.add(`,"restoreReplicationNum":${job.restoreReplicationNum}`);
  out.add(',"restoredPartitions":');
  yield* writeAll(out, '[]', job.restoredPartitions, (restored) => writeRestored(out, restored));
  out.add(',"restoredTbls":');
  yield* writeAll(out, '[]', job.restoredTbls, (table) => writeTable(out, table));
  out.add(`,"restoredVersionInfo":${JSON.stringify(versionsJson(job))},"snapshotInfos":`);
  yield* writeSnapshotInfos(out, job.snapshotInfos);
  const { restoredObjects, replacedObjects } = job;
  if (!isEmpty(restoredObjects)) {
    const restored = objectsJson(restoredObjects);
    const replaced = objectsJson(replacedObjects);
    out.add(`,"emulator":${JSON.stringify({ restored, replaced })}`);
  }
  out.add('}');
}

export function decodeRestoreJob(json: JsonCursor): RestoreJob {
  const { jobInfo, tblAlias } = decodeJobInfo(json.field('jobInfo'));
  return Object.freeze({
    type: 'RESTORE',
    ...decodeCommon(json),
    // Which states there are is up to the transition table; `rowOf` refuses others.
    state: json.field('state').text() as RestoreState,
    backupTimestamp: json.field('backupTimestamp').text(),
    jobInfo,
    tblAlias,
    allowLoad: json.field('allowLoad').boolean(),
    backupMeta: decodeMeta(json),
    fileMapping: decodeMapping(json.field('fileMapping')),
    metaPreparedTimeMs: json.field('metaPreparedTime').integer(),
    snapshotFinishedTimeMs: json.field('snapshotFinishedTime').integer(),
    downloadFinishedTimeMs: json.field('downloadFinishedTime').integer(),
    restoreReplicationNum: json.field('restoreReplicationNum').integer(),
    restoredPartitions: json.field('restoredPartitions').items().map(decodeRestored),
    restoredTbls: json.field('restoredTbls').items().map(decodeOlapTable),
    restoredVersionInfo: decodeVersions(json.field('restoredVersionInfo')),
    snapshotInfos: decodeSnapshotInfos(json.field('snapshotInfos')),
    restoredObjects: decodeObjects(json.optional('emulator')?.field('restored')),
    replacedObjects: decodeObjects(json.optional('emulator')?.field('replaced')),
  });
}

/** `[[local, remote], ...]`; a restore always overwrites, so there is no map of that. */
function* writeMapping(out: JsonChunks, mapping: FileMapping): JsonText {
  out.add('{"mapping":');
  yield* writeAll(out, '[]', mappingRows(mapping), ({ local, remote }) => {
    out.add('[');
    writeChain(out, local);
    out.add(',');
    writeChain(out, remote);
    out.add(']');
    return undefined;
  });
  out.add('}');
}

function writeChain(out: JsonChunks, chain: IdChain): void {
  out.add('{"chain":[');
  out.addInteger(chain.tableId);
  out.add(',');
  out.addInteger(chain.partitionId);
  out.add(',');
  out.addInteger(chain.indexId);
  out.add(',');
  out.addInteger(chain.tabletId);
  out.add(',');
  out.addInteger(chain.replicaId);
  out.add(']}');
}

function decodeMapping(json: JsonCursor): FileMapping {
  const rows = json
    .field('mapping')
    .items()
    .map((pair) => {
      const [local, remote] = pair.items();
      if (local === undefined || remote === undefined) return pair.fail('two chains');
      return { local: decodeChain(local), remote: decodeChain(remote) };
    });
  return fileMappingOf(rows);
}

function decodeChain(json: JsonCursor): IdChain {
  const ids = json
    .field('chain')
    .items()
    .map((id) => id.integer());
  const [tableId, partitionId, indexId, tabletId, replicaId] = ids;
  if (
    tableId === undefined ||
    partitionId === undefined ||
    indexId === undefined ||
    tabletId === undefined ||
    replicaId === undefined
  ) {
    return json.fail('five ids');
  }
  return { tableId, partitionId, indexId, tabletId, replicaId };
}

function* writeRestored(out: JsonChunks, restored: RestoredPartition): JsonText {
  out.add(`{"tableName":${JSON.stringify(restored.tableName)},"partition":`);
  yield* writePartition(out, restored.partition);
  out.add('}');
}

function decodeRestored(json: JsonCursor): RestoredPartition {
  return {
    tableName: json.field('tableName').text(),
    partition: readPartition(json.field('partition')),
  };
}

function versionsJson(job: RestoreJob): unknown {
  return Object.fromEntries(
    [...job.restoredVersionInfo].map(([tableId, versions]) => [
      tableId,
      Object.fromEntries(versions),
    ]),
  );
}

function decodeVersions(json: JsonCursor): RestoreJob['restoredVersionInfo'] {
  return new Map(
    json
      .entries()
      .map(([tableId, versions]) => [
        asId<TableId>(Number(tableId)),
        new Map(
          versions
            .entries()
            .map(([id, version]) => [asId<PhysicalPartitionId>(Number(id)), version.integer()]),
        ),
      ]),
  );
}

/** Tablet -> backend -> snapshot. */
function* writeSnapshotInfos(out: JsonChunks, infos: readonly SnapshotInfo[]): JsonText {
  const byTablet = new Map<TabletId, Map<BackendId, SnapshotInfo>>();
  for (const info of infos) {
    const ofTablet = byTablet.get(info.tabletId) ?? new Map<BackendId, SnapshotInfo>();
    byTablet.set(info.tabletId, ofTablet.set(info.beId, info));
  }
  const writer = new SnapshotInfoWriter(out);
  yield* writeAll(out, '{}', byTablet, ([tabletId, ofTablet]) => {
    out.add(`"${tabletId}":`);
    return writeAll(out, '{}', ofTablet, ([beId, info]) => {
      out.add(`"${beId}":`);
      writer.write(info);
      return undefined;
    });
  });
}

function decodeSnapshotInfos(json: JsonCursor): readonly SnapshotInfo[] {
  return json
    .entries()
    .flatMap(([, ofTablet]) => ofTablet.entries().map(([, info]) => decodeSnapshotInfo(info)));
}
