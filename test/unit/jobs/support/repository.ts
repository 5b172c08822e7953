/** A repository in memory that keeps the bytes it is given and can be told to fail. */

import type { Files } from '../../../../src/base/files.ts';
import { asId, type RepositoryId } from '../../../../src/base/ids.ts';
import { type Op, succeed } from '../../../../src/base/op.ts';
import * as tableCodec from '../../../../src/catalog/codec.ts';
import type { BackupJobInfo } from '../../../../src/repository/job-info.ts';
import { decodeJobInfo } from '../../../../src/repository/job-info-reader.ts';
import type { BackupMeta } from '../../../../src/repository/meta-info.ts';
import { decodeMeta } from '../../../../src/repository/meta-info-codec.ts';
import type {
  InfoEntry,
  JobInfoFile,
  RemoteTabletPath,
  Repository,
  RepositoryData,
} from '../../../../src/repository/repository.ts';
import { failed, OK, type Status, type StatusOr } from '../../../../src/repository/status.ts';
import { guardNow } from '../../../../src/repository/status-guard.ts';

export const REPOSITORY_ID: RepositoryId = asId<RepositoryId>(500);

export class MemoryRepository implements Repository {
  data: RepositoryData = {
    id: REPOSITORY_ID,
    name: 'repo',
    createTimeMs: 1,
    isReadOnly: false,
    location: 'mem://repo',
    brokerName: '',
    properties: {},
  };
  readonly errMsg = null;
  readonly remoteStorage = { location: 'mem://repo', brokerName: '', properties: {} };
  /** `label/file` -> bytes. */
  readonly objects: Map<string, Uint8Array> = new Map();
  /** Labels whose directory exists. */
  readonly labels: Set<string> = new Set();
  listFailure: Status | undefined;
  uploadFailure: Status | undefined;
  deleteFailure: Status | undefined;
  /** How often the store was asked for a job info: by listing a label, by downloading. */
  readonly asked = { listings: 0, downloads: 0 };
  /** What happens just before a label is listed. */
  beforeListing: (() => void) | undefined;
  /** How long a deletion takes. */
  deleting: () => Op<void> = () => succeed(undefined);
  /** Names in the order in which they were uploaded. */
  readonly uploads: string[] = [];
  files: Files;

  constructor(files: Files) {
    this.files = files;
  }

  *initialize(): Op<StatusOr<RepositoryData>> {
    return { status: OK, value: this.data };
  }
  *ping(): Op<void> {}
  *listSnapshots(): Op<StatusOr<readonly string[]>> {
    if (this.listFailure !== undefined) return { status: this.listFailure };
    return { status: OK, value: [...this.labels] };
  }
  *findJobInfo(label: string): Op<StatusOr<JobInfoFile | undefined>> {
    this.asked.listings += 1;
    this.beforeListing?.();
    const prefix = `${label}/__info_`;
    const found = [...this.objects].filter(([key]) => key.startsWith(prefix));
    const [file, another] = found.map(([key, bytes]) => ({
      timestamp: key.slice(prefix.length),
      fileName: `${key.slice(label.length + 1)}.${Buffer.from(bytes).toString('base64')}`,
    }));
    return { status: OK, value: another === undefined ? file : undefined };
  }
  *deleteSnapshot(label: string): Op<Status> {
    yield* this.deleting();
    if (this.deleteFailure !== undefined) return this.deleteFailure;
    this.labels.delete(label);
    for (const key of this.objects.keys()) {
      if (key.startsWith(`${label}/`)) this.objects.delete(key);
    }
    return OK;
  }
  *listInfos(): Op<StatusOr<readonly InfoEntry[]>> {
    return { status: OK, value: [] };
  }
  tabletDirectory(label: string, path: RemoteTabletPath): string {
    this.labels.add(label);
    const { dbId, tableId, partitionId, indexId, tabletId } = path;
    const partition = `__db_${dbId}/__tbl_${tableId}/__part_${partitionId}`;
    return `/${label}/${partition}/__idx_${indexId}/__${tabletId}`;
  }
  uploadMeta(label: string, localPath: string): Op<Status> {
    return this.#upload(`${label}/__meta`, localPath);
  }
  uploadInfo(label: string, timestamp: string, localPath: string): Op<Status> {
    return this.#upload(`${label}/__info_${timestamp}`, localPath);
  }
  *fetchMeta(label: string): Op<StatusOr<BackupMeta>> {
    const bytes = this.objects.get(`${label}/__meta`);
    if (bytes === undefined) return { status: failed('COMMON_ERROR', 'no __meta') };
    return { status: OK, value: decodeMeta(bytes, tableCodec) };
  }
  *fetchJobInfo(label: string, timestamp: string): Op<StatusOr<BackupJobInfo>> {
    this.asked.downloads += 1;
    const bytes = this.objects.get(`${label}/__info_${timestamp}`);
    if (bytes === undefined) return { status: failed('COMMON_ERROR', 'find 0 files') };
    return guardNow(`label ${label}`, () => decodeJobInfo(Buffer.from(bytes).toString('utf8')));
  }

  *#upload(key: string, localPath: string): Op<Status> {
    if (this.uploadFailure !== undefined) return this.uploadFailure;
    this.labels.add(key.slice(0, key.indexOf('/')));
    this.objects.set(key, yield* this.files.read(localPath));
    this.uploads.push(key);
    return OK;
  }
}
