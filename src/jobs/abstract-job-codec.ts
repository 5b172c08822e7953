/** JSON of what both kinds of jobs have in common. */
import { asId, type JobId, type Signature } from '../base/ids.ts';
import {
  decodeExternalCatalog,
  decodeFunction,
  decodeView,
  externalCatalogJson,
  functionJson,
  viewJson,
} from '../catalog/codec-objects.ts';
import { decodeOlapTable, writeTable } from '../catalog/codec-table.ts';
import { type JsonChunks, type JsonText, writeAll } from '../catalog/json-chunks.ts';
import type { JsonCursor } from '../catalog/json-cursor.ts';
import { JsonRow } from '../catalog/json-row.ts';
import type { Table } from '../catalog/model.ts';
import type { BackupMeta } from '../repository/meta-info.ts';
import { ERR_CODES } from '../repository/status.ts';
import type { AbstractJob } from './abstract-job.ts';
import type { SnapshotInfo } from './snapshot-info.ts';
import { isSamePlace, type SnapshotPlace } from './tablet-snapshots.ts';

/** The common fields, as a JSON object without its closing brace. */
export function commonJson(job: AbstractJob & { readonly state: string }): string {
  const taskErrMsg = Object.fromEntries(job.taskErrMsg);
  return JSON.stringify({
    type: job.type,
    repoId: job.repoId,
    jobId: job.jobId,
    label: job.label,
    dbId: job.dbId,
    dbName: job.dbName,
    status: { errCode: job.status.code, errMsg: job.status.msg },
    createTime: job.createTimeMs,
    finishedTime: job.finishedTimeMs,
    timeoutMs: job.timeoutMs,
    taskErrMsg,
    state: job.state,
  }).slice(0, -1);
}

export function decodeCommon(json: JsonCursor): Omit<AbstractJob, 'type'> {
  const status = json.field('status');
  return {
    repoId: asId(json.field('repoId').integer()),
    jobId: asId<JobId>(json.field('jobId').integer()),
    label: json.field('label').text(),
    dbId: asId(json.field('dbId').integer()),
    dbName: json.field('dbName').text(),
    status: {
      code: status.field('errCode').oneOf(ERR_CODES),
      msg: status.field('errMsg').text(),
    },
    createTimeMs: json.field('createTime').integer(),
    finishedTimeMs: json.field('finishedTime').integer(),
    timeoutMs: json.field('timeoutMs').integer(),
    taskErrMsg: new Map(
      json
        .field('taskErrMsg')
        .entries()
        .map(([signature, text]) => [asId<Signature>(Number(signature)), text.text()]),
    ),
  };
}

/** `,"backupMeta":{...}`; nothing when there is none. */
export function* writeMeta(out: JsonChunks, meta: BackupMeta | undefined): JsonText {
  if (meta === undefined) return;
  out.add(',"backupMeta":{"tblNameMap":');
  yield* writeAll(out, '{}', meta.tables, ([name, table]) => {
    out.add(`${JSON.stringify(name)}:`);
    return writeTable(out, table);
  });
  out.add(',"views":');
  yield* writeAll(out, '[]', meta.views.values(), (view) => {
    out.addJson(viewJson(view));
    return undefined;
  });
  out.add(`,"functions":${JSON.stringify(meta.functions.map(functionJson))}`);
  out.add(`,"catalogs":${JSON.stringify(meta.catalogs.map(externalCatalogJson))}}`);
}

export function decodeMeta(json: JsonCursor): BackupMeta | undefined {
  const meta = json.optional('backupMeta');
  if (meta === undefined) return undefined;
  const tables = new Map<string, Table>();
  for (const [name, table] of meta.field('tblNameMap').entries()) {
    tables.set(name, decodeOlapTable(table));
  }
  const views = meta.optional('views')?.items().map(decodeView) ?? [];
  return {
    tables,
    views: new Map(views.map((view) => [view.name, view])),
    functions: meta.optional('functions')?.items().map(decodeFunction) ?? [],
    catalogs: meta.optional('catalogs')?.items().map(decodeExternalCatalog) ?? [],
  };
}

/** Writes one snapshot after the other; what those of an index have in common is laid out once. */
export class SnapshotInfoWriter {
  readonly #out: JsonChunks;
  #place: SnapshotPlace | undefined;
  #row = new JsonRow([]);

  constructor(out: JsonChunks) {
    this.#out = out;
  }

  write(info: SnapshotInfo): void {
    if (this.#place === undefined || !isSamePlace(info, this.#place)) this.#layOut(info);
    this.#row.set(0, info.tabletId);
    this.#row.set(1, info.beId);
    this.#row.addTo(this.#out);
    this.#out.addText(info.path);
    this.#out.add(',"files":[');
    addNames(this.#out, info.files);
  }

  #layOut(place: SnapshotPlace): void {
    this.#place = place;
    const tail = `,"schemaHash":${place.schemaHash},"path":`;
    this.#row = new JsonRow([`{${placeJson(place)},"tabletId":`, ',"beId":', tail]);
  }
}

/** What the ids of a snapshot begin with, without a brace. */
export function placeJson({ dbId, tblId, partitionId, indexId }: SnapshotPlace): string {
  return JSON.stringify({ dbId, tblId, partitionId, indexId }).slice(1, -1);
}

/** The rest of a snapshot behind `"files":[`; one name may come without an array around it. */
export function addNames(out: JsonChunks, names: string | readonly string[]): void {
  if (typeof names === 'string') {
    out.addText(names);
  } else {
    for (const [at, name] of names.entries()) {
      if (at > 0) out.add(',');
      out.addText(name);
    }
  }
  out.add(']}');
}

export function decodeSnapshotInfo(json: JsonCursor): SnapshotInfo {
  return {
    dbId: asId(json.field('dbId').integer()),
    tblId: asId(json.field('tblId').integer()),
    partitionId: asId(json.field('partitionId').integer()),
    indexId: asId(json.field('indexId').integer()),
    tabletId: asId(json.field('tabletId').integer()),
    beId: asId(json.field('beId').integer()),
    schemaHash: json.field('schemaHash').integer(),
    path: json.field('path').text(),
    files: json
      .field('files')
      .items()
      .map((file) => file.text()),
  };
}
