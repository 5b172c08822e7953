/**
 * The disk. All file access goes through `Files`: `local-files.ts` is the computer's disk,
 * `memory-files.ts` one that keeps synced and unsynced state apart, so that a crash can lose, tear
 * or keep what was not synced.
 *
 * Paths are absolute, with `/`. Errors are `SimError`s with the codes `file-not-found`,
 * `file-exists`, `file-not-permitted`, `disk-full` and `file-error`; the text names the path.
 * What is durable: bytes after `sync` of the writer that wrote them; a name (created, renamed,
 * linked, removed) after `syncDirectory` of its directory.
 */
import type { InstantFiles } from './instant-files.ts';
import type { Op } from './op.ts';

export interface FileStat {
  readonly isFile: boolean;
  /** 0 for a directory. */
  readonly sizeBytes: number;
  /** Same number: same bytes on disk (hard links). */
  readonly inode: number;
  /** Changes when the bytes change. */
  readonly changedMs: number;
  /** Present on a file that has a size and a digest in place of bytes worth moving. */
  readonly isHollow?: true;
}

export interface DirectoryEntry {
  readonly name: string;
  readonly isFile: boolean;
}

/** `end` is exclusive; without one, to the end of the file. */
export interface ByteRange {
  readonly start: number;
  readonly end?: number;
}

/** Pulls bytes; `undefined` is the end. Close it, also after an error; twice does no harm. */
export interface ByteReader {
  read(): Op<Uint8Array | undefined>;
  close(): Op<void>;
}

/** Pushes bytes; `write` returns when the next may come. Close it, also after an error. */
export interface ByteWriter {
  write(bytes: Uint8Array): Op<void>;
  /**
   * Makes a file of the same disk the only content, without passing its bytes through this process,
   * and tells how many they are. Absent where there is no such way.
   */
  copyFrom?(path: string): Op<number>;
  /** Makes what was written survive a crash. */
  sync(): Op<void>;
  close(): Op<void>;
}

export interface FileLock {
  release(): Op<void>;
}

export interface Files {
  stat(path: string): Op<FileStat | undefined>;
  /** Sorted by name. A missing directory is `file-not-found`. */
  list(directory: string): Op<readonly DirectoryEntry[]>;
  /** Creates missing parents too; an existing directory is fine. */
  makeDirectory(path: string): Op<void>;
  /** The whole file or a range of it, at most `READ_BYTES_MAX`. */
  read(path: string, range?: ByteRange): Op<Uint8Array>;
  openRead(path: string, range?: ByteRange): Op<ByteReader>;
  /** A new file; `file-exists` if the name is taken. */
  create(path: string): Op<ByteWriter>;
  /** Writes at the end of a file, which is created if missing. */
  openAppend(path: string): Op<ByteWriter>;
  /** Cuts a file to a length; durable when it returns. */
  truncate(path: string, sizeBytes: number): Op<void>;
  /** A second name for the same bytes (hard link); `file-exists` if the name is taken. */
  clone(from: string, to: string): Op<void>;
  /** Replaces a file of that name. */
  rename(from: string, to: string): Op<void>;
  /** A file, or a directory with all in it; what is missing is fine. */
  remove(path: string): Op<void>;
  syncDirectory(directory: string): Op<void>;
  /** 32 lower-case hex digits over the content; large files are not hashed on the main thread. */
  md5(path: string): Op<string>;
  /**
   * A new, synced file of seeded bytes. Hollow where files are simulated: a size and a digest
   * only, and that digest is not the MD5 of the bytes that reading gives.
   */
  createFilled(path: string, sizeBytes: number, seed: number): Op<void>;
  /**
   * A new, synced hollow file with this size and digest: what a hollow object of a store becomes
   * when it is fetched. `unsupported` where files are real.
   */
  createHollow(path: string, sizeBytes: number, md5: string): Op<void>;
  /** Takes the one lock of this path, or `data-dir-in-use`. Freed when the process ends. */
  lock(path: string): Op<FileLock>;
  /** Changes bytes on purpose. The name gets its own copy first, so other links stay whole. */
  unsafeOverwrite(path: string, offset: number, bytes: Uint8Array): Op<void>;
  /** A quicker way for some things, where there is one and nobody watches each step. */
  instant?(): InstantFiles | undefined;
}

/** Nothing that is read whole is meant to be larger: log lines, headers, metadata. */
export const READ_BYTES_MAX: number = 512 * 1024 * 1024;

/** The chunk in which files are streamed. */
export const STREAM_CHUNK_BYTES: number = 256 * 1024;
