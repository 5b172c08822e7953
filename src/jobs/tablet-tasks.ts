/**
 * Tasks of a backup as views: a job orders one for each of its tablets, and all of them wait at
 * the same time, so each keeps what is its own and leads to what it shares with the others. They
 * read like the plain messages they stand for; texts are made when they are asked for.
 */
import { present } from '../base/assert.ts';
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
import type {
  MakeSnapshotTask,
  ReleaseSnapshotTask,
  RemoteStorage,
  UploadTask,
} from '../protocol/agent-task.ts';
import { tabletPathIn } from './snapshot-info.ts';
import type { SnapshotColumns, SnapshotPlace, TabletSnapshots } from './tablet-snapshots.ts';

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
  readonly snapshots: TabletSnapshots;
  /** Where the files of a tablet go. */
  tabletDirectory(place: SnapshotPlace, tabletId: TabletId): string;
}

/** And those of one backend. */
export interface BackendToUpload {
  readonly job: JobToUpload;
  readonly backendId: BackendId;
  /** Of its snapshots among all. */
  readonly positions: readonly number[];
}

export class TabletsUploadTask implements UploadTask {
  readonly signature: Signature;
  readonly #ofBackend: BackendToUpload;
  readonly #from: number;
  readonly #to: number;

  /** Of the positions of that backend those from `from` on, before `to`. */
  constructor(ofBackend: BackendToUpload, from: number, to: number, signature: Signature) {
    this.#ofBackend = ofBackend;
    this.#from = from;
    this.#to = to;
    this.signature = signature;
  }

  get type(): 'UPLOAD' {
    return 'UPLOAD';
  }

  get backendId(): BackendId {
    return this.#ofBackend.backendId;
  }

  get dbId(): DbId {
    return this.#ofBackend.job.dbId;
  }

  get jobId(): JobId {
    return this.#ofBackend.job.jobId;
  }

  get storage(): RemoteStorage {
    return this.#ofBackend.job.storage;
  }

  /** A map of its own at each call. */
  get srcDest(): ReadonlyMap<string, string> {
    if (this.#to - this.#from === 1) {
      const only = this.#positionAt(this.#from);
      return new OnlyEntry(this.#pathOf(only), this.#directoryOf(only));
    }
    const paths = new Map<string, string>();
    for (let at = this.#from; at < this.#to; at += 1) {
      const position = this.#positionAt(at);
      paths.set(this.#pathOf(position), this.#directoryOf(position));
    }
    return paths;
  }

  #positionAt(at: number): number {
    return present(this.#ofBackend.positions[at], 'a tablet of the batch');
  }

  #pathOf(position: number): string {
    const { columns } = this.#ofBackend.job.snapshots;
    const { schemaHash } = columns.placeAt(position);
    return tabletPathIn(columns.pathAt(position), columns.tabletIdAt(position), schemaHash);
  }

  #directoryOf(position: number): string {
    const { job } = this.#ofBackend;
    const { columns } = job.snapshots;
    return job.tabletDirectory(columns.placeAt(position), columns.tabletIdAt(position));
  }
}

/** Lets a backend forget a snapshot: sent once, never queued (backup-jobs.md 4.4). */
export class TabletReleaseTask implements ReleaseSnapshotTask {
  readonly #snapshots: SnapshotColumns;
  readonly #position: number;

  constructor(snapshots: SnapshotColumns, position: number) {
    this.#snapshots = snapshots;
    this.#position = position;
  }

  get type(): 'RELEASE_SNAPSHOT' {
    return 'RELEASE_SNAPSHOT';
  }

  get backendId(): BackendId {
    return this.#snapshots.beIdAt(this.#position);
  }

  get signature(): Signature {
    return asId(this.#snapshots.tabletIdAt(this.#position));
  }

  get dbId(): DbId {
    return this.#snapshots.placeAt(this.#position).dbId;
  }

  get snapshotPath(): string {
    return this.#snapshots.pathAt(this.#position);
  }
}
