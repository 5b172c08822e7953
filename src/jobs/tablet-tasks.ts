/**
 * Tasks of a backup as views: a job orders one for each of its tablets, and all of them wait at
 * the same time, so each keeps what is its own and leads to what it shares with the others. They
 * read like the plain messages they stand for; texts are made when they are asked for.
 */
import type {
  BackendId,
  DbId,
  IndexId,
  JobId,
  PhysicalPartitionId,
  Signature,
  TableId,
  TabletId,
} from '../base/ids.ts';
import { asId } from '../base/ids.ts';
import { OnlyEntry } from '../base/only-entry.ts';
import type { MakeSnapshotTask, RemoteStorage, UploadTask } from '../protocol/agent-task.ts';
import { type SnapshotInfo, snapshotTabletPath } from './snapshot-info.ts';

/** What the snapshot tasks of the tablets of one index have in common. */
export interface IndexToSnapshot {
  readonly dbId: DbId;
  readonly jobId: JobId;
  readonly tableId: TableId;
  /** Physical. */
  readonly partitionId: PhysicalPartitionId;
  readonly indexId: IndexId;
  readonly version: number;
  readonly schemaHash: number;
  readonly timeoutSec: number;
}

export class TabletSnapshotTask implements MakeSnapshotTask {
  readonly backendId: BackendId;
  readonly tabletId: TabletId;
  readonly #index: IndexToSnapshot;

  constructor(index: IndexToSnapshot, tabletId: TabletId, backendId: BackendId) {
    this.#index = index;
    this.tabletId = tabletId;
    this.backendId = backendId;
  }

  get type(): 'MAKE_SNAPSHOT' {
    return 'MAKE_SNAPSHOT';
  }

  get signature(): Signature {
    return asId(this.tabletId);
  }

  get dbId(): DbId {
    return this.#index.dbId;
  }

  get jobId(): JobId {
    return this.#index.jobId;
  }

  get tableId(): TableId {
    return this.#index.tableId;
  }

  get partitionId(): PhysicalPartitionId {
    return this.#index.partitionId;
  }

  get indexId(): IndexId {
    return this.#index.indexId;
  }

  get version(): number {
    return this.#index.version;
  }

  get schemaHash(): number {
    return this.#index.schemaHash;
  }

  get timeoutSec(): number {
    return this.#index.timeoutSec;
  }

  get listFiles(): boolean {
    return true;
  }

  get isRestoreTask(): boolean {
    return false;
  }
}

/** What the upload tasks of one job have in common. */
export interface JobToUpload {
  readonly dbId: DbId;
  readonly jobId: JobId;
  readonly storage: RemoteStorage;
  /** Where the files of a tablet go. */
  tabletDirectory(info: SnapshotInfo): string;
}

export class TabletsUploadTask implements UploadTask {
  readonly backendId: BackendId;
  readonly signature: Signature;
  readonly #job: JobToUpload;
  readonly #infos: readonly SnapshotInfo[];

  /** All of one backend. */
  constructor(
    job: JobToUpload,
    signature: Signature,
    backendId: BackendId,
    infos: readonly SnapshotInfo[],
  ) {
    this.#job = job;
    this.signature = signature;
    this.backendId = backendId;
    this.#infos = infos;
  }

  get type(): 'UPLOAD' {
    return 'UPLOAD';
  }

  get dbId(): DbId {
    return this.#job.dbId;
  }

  get jobId(): JobId {
    return this.#job.jobId;
  }

  get storage(): RemoteStorage {
    return this.#job.storage;
  }

  /** A map of its own at each call. */
  get srcDest(): ReadonlyMap<string, string> {
    const [first] = this.#infos;
    if (first !== undefined && this.#infos.length === 1) {
      return new OnlyEntry(snapshotTabletPath(first), this.#job.tabletDirectory(first));
    }
    const paths = new Map<string, string>();
    for (const info of this.#infos) {
      paths.set(snapshotTabletPath(info), this.#job.tabletDirectory(info));
    }
    return paths;
  }
}
