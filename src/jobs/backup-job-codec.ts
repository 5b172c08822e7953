/** JSON of a backup job (backup-jobs.md 1.2, 1.3). */
import {
  decodeExternalCatalog,
  decodeFunction,
  externalCatalogJson,
  functionJson,
} from '../catalog/codec-objects.ts';
import type { JsonChunks, JsonText } from '../catalog/json-chunks.ts';
import type { JsonCursor } from '../catalog/json-cursor.ts';
import {
  commonJson,
  decodeCommon,
  decodeMeta,
  decodeSnapshotInfo,
  writeMeta,
} from './abstract-job-codec.ts';
import type { BackupJob, BackupState, BackupTableRef } from './backup-job.ts';
import { SnapshotWriter } from './snapshot-writer.ts';
import { TabletSnapshots, tabletSnapshots } from './tablet-snapshots.ts';

export function* writeBackupJob(out: JsonChunks, job: BackupJob): JsonText {
  out.add(commonJson(job));
  out.add(`,"tableRefs":${JSON.stringify(job.tableRefs.map(refJson))}`);
  writeText(out, 'ttl', job.ttl);
  out.add(`,"backupFunctions":${JSON.stringify(job.backupFunctions.map(functionJson))}`);
  out.add(`,"backupCatalogs":${JSON.stringify(job.backupCatalogs.map(externalCatalogJson))}`);
  out.add(`,"snapshotFinishedTime":${job.snapshotFinishedTimeMs}`);
  out.add(`,"snapshotUploadFinishedTime":${job.snapshotUploadFinishedTimeMs}`);
  out.add(',"snapshotInfos":');
  yield* writeSnapshots(out, TabletSnapshots.of(job.snapshotInfos));
  yield* writeMeta(out, job.backupMeta);
  writeText(out, 'localMetaInfoFilePath', job.localMetaInfoFilePath);
  writeText(out, 'localJobInfoFilePath', job.localJobInfoFilePath);
  out.add('}');
}

/** By position: an object for each of very many tablets would be most of the work. */
function* writeSnapshots(out: JsonChunks, snapshots: TabletSnapshots): JsonText {
  const writer = new SnapshotWriter(out, snapshots);
  out.add('{');
  for (let at = 0; at < snapshots.size; at += 1) {
    writer.writeEntry(at);
    if (out.isFull) yield out.take();
  }
  out.add('}');
}

export function decodeBackupJob(json: JsonCursor): BackupJob {
  return Object.freeze({
    type: 'BACKUP',
    ...decodeCommon(json),
    // Which states there are is up to the transition table; `rowOf` refuses others.
    state: json.field('state').text() as BackupState,
    tableRefs: json.field('tableRefs').items().map(decodeRef),
    ttl: json.optional('ttl')?.text(),
    backupFunctions: json.optional('backupFunctions')?.items().map(decodeFunction) ?? [],
    backupCatalogs: json.optional('backupCatalogs')?.items().map(decodeExternalCatalog) ?? [],
    snapshotFinishedTimeMs: json.field('snapshotFinishedTime').integer(),
    snapshotUploadFinishedTimeMs: json.field('snapshotUploadFinishedTime').integer(),
    snapshotInfos: tabletSnapshots(
      json
        .field('snapshotInfos')
        .entries()
        .map(([, info]) => decodeSnapshotInfo(info)),
    ),
    backupMeta: decodeMeta(json),
    localMetaInfoFilePath: json.optional('localMetaInfoFilePath')?.text(),
    localJobInfoFilePath: json.optional('localJobInfoFilePath')?.text(),
  });
}

function refJson(ref: BackupTableRef): unknown {
  const { dbName, tableName, partitionNames } = ref;
  return {
    name: { db: dbName, tbl: tableName },
    ...(partitionNames === undefined ? {} : { partitionNames: { isTemp: false, partitionNames } }),
  };
}

function decodeRef(json: JsonCursor): BackupTableRef {
  const name = json.field('name');
  const names = json.optional('partitionNames')?.field('partitionNames').items();
  return {
    dbName: name.field('db').text(),
    tableName: name.field('tbl').text(),
    ...(names === undefined ? {} : { partitionNames: names.map((one) => one.text()) }),
  };
}

function writeText(out: JsonChunks, key: string, value: string | undefined): void {
  if (value !== undefined) out.add(`,"${key}":${JSON.stringify(value)}`);
}
