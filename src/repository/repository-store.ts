/**
 * `Repository` over a store: attaches, pings, lists, and moves the files of the frontend's part.
 * The store is opened at first use, so that a repository whose store is out of reach can still be
 * registered, shown and dropped.
 */
import type { Clock } from '../base/clock.ts';
import type { Files } from '../base/files.ts';
import { type Op, succeed } from '../base/op.ts';
import { formatDateTime } from '../base/time-zone.ts';
import { joinKey } from '../blob/blob-key.ts';
import type {
  BlobKey,
  BlobLocation,
  BlobStat,
  OpenBlob,
  OpenedBlob,
} from '../blob/blob-storage.ts';
import { copyToFile, downloadChecked, uploadChecked } from './checked-transfer.ts';
import { findRepoInfo, writeRepoInfo } from './initialize.ts';
import type { BackupJobInfo } from './job-info.ts';
import { decodeJobInfo } from './job-info-reader.ts';
import {
  indexDirectory,
  infoName,
  isInfoName,
  labelDirectory,
  labelProblem,
  META_NAME,
  parseInfoFileName,
  parseJobInfoFile,
  parseLabel,
  repositoryDirectory,
  STARROCKS_PREFIX,
  tabletDirectoryIn,
} from './layout.ts';
import type { BackupMeta } from './meta-info.ts';
import { decodeMeta, type TableCodec } from './meta-info-codec.ts';
import type {
  InfoEntry,
  JobInfoFile,
  RemoteTabletPath,
  Repository,
  RepositoryData,
} from './repository.ts';
import { failed, type Status, type StatusOr } from './status.ts';
import { failure, guard, guardNow, isOk, success } from './status-guard.ts';

export interface RepositoryDeps {
  readonly openBlob: OpenBlob;
  readonly files: Files;
  /** `<tmp_dir>`; scratch files go to `backup/` in it and are removed after use. */
  readonly tmpDir: string;
  readonly clock: Clock;
  readonly tableCodec: TableCodec;
  /** The global default `time_zone`, asked for at each use (resolutions.md 3). */
  readonly defaultTimeZone: () => string;
}

/** What one listing of a label tells. */
export interface LabelListing {
  readonly entries: readonly InfoEntry[];
  readonly jobInfo: JobInfoFile | undefined;
}

export function openRepository(data: RepositoryData, deps: RepositoryDeps): RepositoryStore {
  return new RepositoryStore(data, deps);
}

export class RepositoryStore implements Repository {
  readonly data: RepositoryData;
  readonly remoteStorage: BlobLocation;
  /** Of the last tablet that was asked for: those of its index come after it. */
  #lastIndex:
    | { readonly label: string; readonly path: RemoteTabletPath; readonly directory: string }
    | undefined;
  readonly #deps: RepositoryDeps;
  #opened: OpenedBlob | undefined;
  #errMsg: string | null = null;
  #scratchFiles = 0;

  constructor(data: RepositoryData, deps: RepositoryDeps) {
    this.data = Object.freeze({ ...data, properties: Object.freeze({ ...data.properties }) });
    this.#deps = deps;
    this.remoteStorage = Object.freeze({
      location: data.location,
      brokerName: data.brokerName,
      properties: this.data.properties,
    });
  }

  get errMsg(): string | null {
    return this.#errMsg;
  }

  *initialize(sessionTimeZone?: string): Op<StatusOr<RepositoryData>> {
    const opened = this.#open();
    if (!isOk(opened)) return opened;
    const { storage, root, checkUsable } = opened.value;
    const usable = yield* guard('repository cannot be used', checkUsable?.() ?? succeed(undefined));
    if (!isOk(usable)) return usable;
    const localPath = this.#scratch('tmp_info');
    const found = yield* findRepoInfo({ storage, root, name: this.data.name }, (key, sizeBytes) =>
      this.#readText(
        localPath,
        copyToFile(storage, this.#deps.files, { key, sizeBytes, localPath }),
      ),
    );
    if (!isOk(found)) return found;
    if (found.value !== undefined) return success(Object.freeze({ ...this.data, ...found.value }));
    const zone = sessionTimeZone ?? this.#deps.defaultTimeZone();
    const { name, createTimeMs } = this.data;
    const written = yield* writeRepoInfo({ storage, root, name }, createTimeMs, zone);
    if (written.code !== 'OK') return { status: written };
    return success(Object.freeze({ ...this.data, prefix: STARROCKS_PREFIX }));
  }

  *ping(): Op<void> {
    const status = yield* this.#checkDirectory();
    const { clock, defaultTimeZone } = this.#deps;
    this.#errMsg =
      status.code === 'OK'
        ? null
        : `${formatDateTime(clock.now(), defaultTimeZone())}: ${status.msg}`;
  }

  *listSnapshots(): Op<StatusOr<readonly string[]>> {
    const opened = this.#open();
    if (!isOk(opened)) return opened;
    const listed = yield* guard(
      `failed to list snapshots of repository ${this.data.name}`,
      opened.value.storage.list(this.#directory(opened.value.root)),
    );
    if (!isOk(listed)) return listed;
    const labels = listed.value.flatMap(({ name, isFile }) => {
      const label = isFile ? undefined : parseLabel(name);
      return label === undefined ? [] : [label];
    });
    return success(labels);
  }

  *listInfos(label: string): Op<StatusOr<readonly InfoEntry[]>> {
    const listed = yield* this.listLabel(label);
    return isOk(listed) ? success(listed.value.entries) : listed;
  }

  *findJobInfo(label: string): Op<StatusOr<JobInfoFile | undefined>> {
    const listed = yield* this.listLabel(label);
    return isOk(listed) ? success(listed.value.jobInfo) : listed;
  }

  /** What `listInfos` and `findJobInfo` say, from one listing. */
  *listLabel(label: string): Op<StatusOr<LabelListing>> {
    const place = this.#labelPlace(label);
    if (!isOk(place)) return place;
    const { opened, directory } = place.value;
    const listed = yield* guard(
      `failed to list snapshot ${label} in repository ${this.data.name}`,
      opened.storage.list(directory),
    );
    if (!isOk(listed)) return listed;
    return success(labelListing(listed.value));
  }

  *deleteSnapshot(label: string): Op<Status> {
    const place = this.#labelPlace(label);
    if (!isOk(place)) return place.status;
    const { opened, directory } = place.value;
    const deleted = yield* guard(`failed to delete ${directory}`, opened.storage.delete(directory));
    return deleted.status;
  }

  tabletDirectory(label: string, path: RemoteTabletPath): string {
    const last = this.#lastIndex;
    const isSame =
      last?.label === label &&
      last.path.indexId === path.indexId &&
      last.path.partitionId === path.partitionId &&
      last.path.tableId === path.tableId &&
      last.path.dbId === path.dbId;
    const directory = isSame ? last.directory : indexDirectory(this.data, label, path);
    if (!isSame) this.#lastIndex = { label, path, directory };
    return tabletDirectoryIn(directory, path);
  }

  uploadMeta(label: string, localPath: string): Op<Status> {
    return this.#upload(label, META_NAME, localPath);
  }

  uploadInfo(label: string, timestamp: string, localPath: string): Op<Status> {
    return this.#upload(label, infoName(timestamp), localPath);
  }

  *fetchMeta(label: string): Op<StatusOr<BackupMeta>> {
    const localPath = this.#scratch('meta');
    const downloaded = yield* this.#download(label, META_NAME, localPath);
    if (downloaded.code !== 'OK') return { status: downloaded };
    const bytes = yield* this.#readScratch(localPath);
    if (!isOk(bytes)) return bytes;
    return guardNow(`cannot decode __meta of snapshot ${label}`, () =>
      decodeMeta(bytes.value, this.#deps.tableCodec),
    );
  }

  *fetchJobInfo(label: string, timestamp: string): Op<StatusOr<BackupJobInfo>> {
    const text = yield* this.fetchInfoText(label, timestamp);
    if (!isOk(text)) return text;
    return guardNow(`failed to read ${infoName(timestamp)} of snapshot ${label}`, () =>
      decodeJobInfo(text.value),
    );
  }

  /** The text of a job info file, its checksum verified, not yet parsed. */
  fetchInfoText(label: string, timestamp: string): Op<StatusOr<string>> {
    const localPath = this.#scratch('info');
    return this.#readText(localPath, this.#download(label, infoName(timestamp), localPath));
  }

  *#checkDirectory(): Op<Status> {
    const opened = this.#open();
    if (!isOk(opened)) return opened.status;
    const directory = this.#directory(opened.value.root);
    const found = yield* guard(
      `failed to check path ${directory}`,
      opened.value.storage.stat(directory),
    );
    if (!isOk(found)) return found.status;
    if (found.value !== undefined) return found.status;
    return failed('NOT_FOUND', `remote path does not exist: ${directory}`);
  }

  *#upload(label: string, name: string, localPath: string): Op<Status> {
    const place = this.#labelPlace(label);
    if (!isOk(place)) return place.status;
    const { opened, directory } = place.value;
    const logical = joinKey(directory, name);
    return yield* uploadChecked(opened.storage, this.#deps.files, localPath, logical);
  }

  *#download(label: string, name: string, localPath: string): Op<Status> {
    const place = this.#labelPlace(label);
    if (!isOk(place)) return place.status;
    const { opened, directory } = place.value;
    if (/[/\\]/.test(name)) return failed('COMMON_ERROR', `no such file ${name} in ${directory}`);
    const logical = joinKey(directory, name);
    return yield* downloadChecked(opened.storage, this.#deps.files, logical, localPath);
  }

  /** Reads and removes the scratch file that `download` brings. */
  *#readText(localPath: string, download: Op<Status>): Op<StatusOr<string>> {
    const downloaded = yield* download;
    if (downloaded.code !== 'OK') return { status: downloaded };
    const bytes = yield* this.#readScratch(localPath);
    return isOk(bytes) ? success(new TextDecoder().decode(bytes.value)) : bytes;
  }

  #readScratch(localPath: string): Op<StatusOr<Uint8Array>> {
    const { files } = this.#deps;
    const readAndRemove = function* (): Op<Uint8Array> {
      const bytes = yield* files.read(localPath);
      yield* files.remove(localPath);
      return bytes;
    };
    return guard(`cannot read local file ${localPath}`, readAndRemove());
  }

  #labelPlace(
    label: string,
  ): StatusOr<{ readonly opened: OpenedBlob; readonly directory: BlobKey }> {
    const problem = labelProblem(label);
    if (problem !== undefined) return failure('COMMON_ERROR', problem);
    const opened = this.#open();
    if (!isOk(opened)) return opened;
    const directory = labelDirectory(this.#directory(opened.value.root), label);
    return success({ opened: opened.value, directory });
  }

  #directory(root: BlobKey): BlobKey {
    return repositoryDirectory(root, this.data.prefix ?? STARROCKS_PREFIX, this.data.name);
  }

  #open(): StatusOr<OpenedBlob> {
    if (this.#opened !== undefined) return success(this.#opened);
    const opened = guardNow(`repository ${this.data.name}`, () =>
      this.#deps.openBlob(this.remoteStorage),
    );
    this.#opened = opened.value;
    return opened;
  }

  /** A name that no other repository or statement uses, also not in the same millisecond. */
  #scratch(kind: string): string {
    this.#scratchFiles += 1;
    const { tmpDir, clock } = this.#deps;
    const name = `${kind}_${clock.now()}_${this.data.id}_${this.#scratchFiles}`;
    return joinKey(tmpDir, 'backup', name);
  }
}

function labelListing(stats: readonly BlobStat[]): LabelListing {
  const names = stats.map(({ name }) => name).filter(isInfoName);
  const jobInfos = stats.flatMap(({ name, isFile }) =>
    isFile ? (parseJobInfoFile(name) ?? []) : [],
  );
  const [jobInfo, another] = jobInfos;
  return {
    entries: names.map(parseInfoFileName),
    jobInfo: another === undefined ? jobInfo : undefined,
  };
}
