/**
 * Where a repository's bytes live. Drivers do transport only; retry, limits, faults and metrics
 * wrap them (`with-*.ts`). Source: repository.md 4 and 5.5.
 *
 * Promises every driver keeps (test/conformance/blob holds them to it):
 * - Keys are absolute paths inside the store, `/`-separated, no empty, `.` or `..` segment; any
 *   other character is data, never a pattern.
 * - `put` replaces the object and is all or nothing: until it has returned, readers see the old
 *   object or none, and after a failure no part of the new one under that key.
 * - What `put`, `rename`, `delete` have done is seen by every later call (unless
 *   `traits.readsMayLag`).
 * - `list` is complete, not recursive, sorted by name; a directory that is not there is empty.
 * - `delete` is recursive and fine with what is not there.
 * - Errors are `SimError`s: `blob-not-found`, `blob-not-permitted`, `blob-unreachable` (transient),
 *   `blob-error`. The text names the key, never a credential.
 */
import type { Millis } from '../base/clock.ts';
import type { SimError } from '../base/errors.ts';
import type { ByteRange, ByteReader } from '../base/files.ts';
import type { NumberedBytes } from '../base/numbered-bytes.ts';
import type { Op } from '../base/op.ts';

export type BlobKey = string;

/** What is kept of bytes that nobody made: simulations of huge clusters move these alone. */
export interface HollowContent {
  readonly sizeBytes: number;
  /** 32 lower-case hex digits. */
  readonly md5: string;
}

/** Bytes to store: size known, content may be opened more than once (retry). */
export interface ByteSource {
  readonly sizeBytes: number;
  open(range?: ByteRange): Op<ByteReader>;
  /** If present, all of them; nobody changes them any more, so a store may keep them. */
  readonly bytes?: Uint8Array;
  /**
   * If present, the MD5 of what `open` gives, in 32 hex digits: a store may have the bytes checked
   * against it on arrival, and then fails rather than keep others.
   */
  readonly md5?: string;
  /** If present, the bytes are the whole of this file: a store on the same disk may copy that. */
  readonly file?: { readonly path: string; readonly inode: number };
  /** If present, there are no bytes to open; only the memory store takes such a source. */
  readonly hollow?: HollowContent;
}

/** What `putAll` puts: the name is one segment. */
export interface NamedSource {
  readonly name: string;
  readonly source: ByteSource;
}

export interface BlobStat {
  /** Last segment of the key. */
  readonly name: string;
  readonly isFile: boolean;
  /** -1 for a directory (repository.md 4.2). */
  readonly sizeBytes: number;
  /** Present for an object that was put from a hollow source; `get` refuses it. */
  readonly hollow?: HollowContent;
}

export interface BlobTraits {
  /** `rename` moves one object in one step; otherwise it is copy and delete. */
  readonly hasAtomicRename: boolean;
  /** `put` under the final name is atomic by itself, so `.part` is not needed (native S3). */
  readonly hasAtomicPut: boolean;
  /** Empty directories exist and stay. */
  readonly hasDirectories: boolean;
  /** `rename` onto an existing name fails instead of replacing it. */
  readonly renameRefusesExisting: boolean;
  readonly readsMayLag: boolean;
  readonly connectionsMax: number;
  /** Characters that no name in the store may hold: `put` fails with `blob-error`. Often none. */
  readonly charactersRefused?: string;
}

/** What a simulated store can do at once, without an `Op`: see `base/instant-files.ts`. */
export interface InstantBlob {
  list(directory: BlobKey): readonly BlobStat[];
  /** Puts an object into a directory. Bytes are kept and must not change. */
  put(directory: BlobKey, name: string, content: InstantContent): void;
  /**
   * Lists the directory `name` of `parent` and, where nothing is there, puts these objects into it,
   * whose names differ. False, and nothing done, where something is.
   */
  fill(parent: BlobKey, name: string, objects: readonly InstantObject[]): boolean;
  /**
   * Lists a directory and gets all objects in it, which `use` sees first; it refuses with false.
   * False, and nothing listed, where it does or where an object is not in one piece.
   */
  take?(directory: BlobKey, use: (objects: readonly InstantObject[]) => boolean): boolean;
  /**
   * What the calls since the last `settle` come to in a store that models time. Whoever has made
   * them lets it pass, then throws the error if there is one. Absent where nothing takes time.
   */
  settle?(): Settlement;
}

export interface Settlement {
  readonly lastsMs: Millis;
  /** A request has failed; puts after it have done nothing. */
  readonly error?: SimError;
  /** What comes after that time, if this was not all. */
  next?(): Settlement;
}

export interface InstantObject {
  readonly name: string;
  readonly content: InstantContent;
}

export type InstantContent = Uint8Array | NumberedBytes | HollowContent;

export interface BlobStorage {
  readonly traits: BlobTraits;
  /** Absent where calls may wait, `undefined` while they may fail on demand. */
  instant?(): InstantBlob | undefined;
  put(key: BlobKey, source: ByteSource): Op<void>;
  /**
   * Several small objects into one directory, each with the promises of `put`; a failure may leave
   * some of them there, whole. Absent where it would cost no less than putting each.
   */
  putAll?(directory: BlobKey, objects: readonly NamedSource[]): Op<void>;
  /** `blob-not-found` when the object is absent. The reader fails rather than end short. */
  get(key: BlobKey, range?: ByteRange): Op<ByteReader>;
  /** A file or a directory; on object stores a prefix with objects below it is a directory. */
  stat(key: BlobKey): Op<BlobStat | undefined>;
  list(directory: BlobKey): Op<readonly BlobStat[]>;
  rename(from: BlobKey, to: BlobKey): Op<void>;
  delete(key: BlobKey): Op<void>;
  close(): Op<void>;
}

/** How to reach a store: a location URI and its properties (credentials among them). */
export interface BlobLocation {
  readonly location: string;
  readonly brokerName: string;
  readonly properties: Readonly<Record<string, string>>;
}

/** An opened store and the key that the location stands for in it. */
export interface OpenedBlob {
  readonly storage: BlobStorage;
  readonly root: BlobKey;
  /**
   * Whether the place can be used, for stores where people must make it first (`file://`): throws
   * `blob-location-unusable`, naming the path. Absent where there is nothing to check.
   */
  readonly checkUsable?: () => Op<void>;
}

/**
 * Opens a store for a location. `blob-location-unsupported` names the scheme and those that work.
 * Opening reaches nothing; unreachable stores fail at the first call.
 */
export type OpenBlob = (where: BlobLocation) => OpenedBlob;
