/**
 * One repository: where it is, and what can be done with what lies there. Paths and file names
 * come from `layout.ts`; bytes go through `BlobStorage`. Failures come back as `Status`, as in
 * StarRocks (repository.md 1, 2 and 4.3); only bugs and crashes are thrown.
 */
import type { RepositoryId } from '../base/ids.ts';
import type { Op } from '../base/op.ts';
import type { BlobLocation } from '../blob/blob-storage.ts';
import type { BackupJobInfo } from './job-info.ts';
import type { BackupMeta } from './meta-info.ts';
import type { Status, StatusOr } from './status.ts';

/** How the repository's own directory begins; followed by its name (repository.md 1.6). */
export type RepositoryPrefix = '__starrocks_repository_' | '__palo_repository_';

/** What is persisted of a repository (repository.md 1.1). Frozen. */
export interface RepositoryData {
  readonly id: RepositoryId;
  readonly name: string;
  readonly createTimeMs: number;
  readonly isReadOnly: boolean;
  readonly location: string;
  /** '' without a broker. */
  readonly brokerName: string;
  /** Credentials in clear: never shown, logged or put into an error. */
  readonly properties: Readonly<Record<string, string>>;
  /** Found by `initialize`; without one, the StarRocks prefix. */
  readonly prefix?: RepositoryPrefix;
}

/** The ids that lead to a tablet inside a snapshot: `__db_/__tbl_/__part_/__idx_/__<tablet>`. */
export interface RemoteTabletPath {
  readonly dbId: number;
  readonly tableId: number;
  /** Physical. */
  readonly partitionId: number;
  readonly indexId: number;
  readonly tabletId: number;
}

/** An `__info_*` entry below a label: a timestamp, or the name of a file that is none. */
export type InfoEntry =
  | { readonly kind: 'timestamp'; readonly timestamp: string }
  | { readonly kind: 'invalid'; readonly fileName: string };

/** The one finished `__info_*` file below a label: which backup the label holds now. */
export interface JobInfoFile {
  readonly timestamp: string;
  /** With the checksum: another backup under the label never has the same. */
  readonly fileName: string;
}

export interface Repository {
  readonly data: RepositoryData;
  /** Text of the last failed ping, or null; not persisted. */
  readonly errMsg: string | null;
  /** What a backend needs to open the same store. */
  readonly remoteStorage: BlobLocation;

  /**
   * Attaches to what is there or writes `__repo_info` (repository.md 1.4). The answer is the data
   * to register: name, create time and prefix may differ from what was asked for. A new create time
   * is written as it reads in the session's zone; without a session, in the global default zone.
   */
  initialize(sessionTimeZone?: string): Op<StatusOr<RepositoryData>>;
  ping(): Op<void>;
  listSnapshots(): Op<StatusOr<readonly string[]>>;
  listInfos(label: string): Op<StatusOr<readonly InfoEntry[]>>;
  /**
   * Undefined when there is none, and when there are several: then nobody can say whose the label
   * is. Directories and files without a checksum do not count.
   */
  findJobInfo(label: string): Op<StatusOr<JobInfoFile | undefined>>;
  /**
   * Full remote path of a tablet's directory, as it goes into an upload or download task: a URI
   * below the location, whose trailing slashes are left out.
   */
  tabletDirectory(label: string, path: RemoteTabletPath): string;
  /** Uploads through `.part` and rename; the md5 of the bytes is appended to the remote name. */
  uploadMeta(label: string, localPath: string): Op<Status>;
  uploadInfo(label: string, timestamp: string, localPath: string): Op<Status>;
  /** Exactly one match, right name, right checksum, then decoded. */
  fetchMeta(label: string): Op<StatusOr<BackupMeta>>;
  fetchJobInfo(label: string, timestamp: string): Op<StatusOr<BackupJobInfo>>;
  /**
   * Deletes all that lies below a label, and is fine with nothing there. Not at once on an object
   * store: a failure may leave a part. Refuses labels that are no single name (repository.md 8).
   */
  deleteSnapshot(label: string): Op<Status>;
}
