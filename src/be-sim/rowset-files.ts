/**
 * The files of rowsets on disk: writes them, checks them before they are read, and removes them
 * when nobody reads them any more. A file is never changed in place.
 */
import { hash } from 'node:crypto';
import { asSimError, SimError } from '../base/errors.ts';
import type { FileStat, Files } from '../base/files.ts';
import type { BackendId, TabletId } from '../base/ids.ts';
import { attempt, type Op } from '../base/op.ts';
import type { TabletSchema } from '../protocol/tablet-schema.ts';
import { detach, type Life } from './life.ts';
import type { MergedRows } from './merge-rows.ts';
import type { Rowset, RowsetFile } from './meta-records.ts';
import { keyColumns } from './row-key.ts';
import { encodeRows } from './rowset-codec.ts';

export interface RowsetFilesOptions {
  readonly backendId: BackendId;
  readonly life: Life;
  readonly files: Files;
  readonly dataDir: string;
  readonly segmentRowsMax: number;
  /** Hears of a removal that failed; the next start sweeps the file. */
  readonly removalFailed: (error: SimError) => void;
}

/** Rows of one kind for a file; with `versions`, a version per row. */
export interface RowsToWrite extends MergedRows {
  readonly kind: RowsetFile['kind'];
  readonly versions?: readonly number[];
}

type VerifiedStat = Pick<FileStat, 'inode' | 'sizeBytes' | 'changedMs'>;

export class RowsetFiles {
  readonly #options: RowsetFilesOptions;
  readonly #verified = new Map<string, VerifiedStat>();
  readonly #leases = new Map<string, number>();
  readonly #doomed = new Set<string>();
  readonly #directories = new Set<string>();

  constructor(options: RowsetFilesOptions) {
    this.#options = options;
  }

  /** Makes a directory below the data directory and its names durable; once per life. */
  *ensureDirectory(directory: string): Op<void> {
    if (this.#directories.has(directory)) return;
    const { files, dataDir } = this.#options;
    yield* files.makeDirectory(directory);
    yield* syncUpTo(files, directory, dataDir);
    this.#directories.add(directory);
  }

  /** Forgets a directory that has been removed. */
  forgetDirectory(directory: string): void {
    this.#directories.delete(directory);
  }

  /** Writes the files of one rowset, in order, and makes them durable; all of them or none. */
  *write(
    directory: string,
    schema: TabletSchema,
    rowsetId: string,
    parts: readonly RowsToWrite[],
  ): Op<readonly RowsetFile[]> {
    const { files } = this.#options;
    yield* this.ensureDirectory(directory);
    const written: RowsetFile[] = [];
    const paths: string[] = [];
    const counts = { data: 0, delete: 0 };
    try {
      for (const part of parts) {
        for (const segment of segments(part, this.#options.segmentRowsMax)) {
          const suffix = part.kind === 'data' ? 'dat' : 'del';
          const name = `${rowsetId}_${counts[part.kind]++}.${suffix}`;
          const path = `${directory}/${name}`;
          paths.push(path);
          written.push(yield* this.#writeSegment(path, name, schema, segment));
        }
      }
      yield* files.syncDirectory(directory);
    } catch (error) {
      this.release(paths);
      throw error;
    }
    return written;
  }

  *#writeSegment(
    path: string,
    name: string,
    schema: TabletSchema,
    rows: RowsToWrite,
  ): Op<RowsetFile> {
    const columns = rows.kind === 'data' ? schema.columns : keyColumns(schema);
    const bytes = encodeRows(columns, rows);
    yield* this.writeBytes(path, bytes);
    return {
      name,
      kind: rows.kind,
      sizeBytes: bytes.length,
      md5: md5Of(bytes),
      rowCount: rows.rowCount,
      hasRowVersions: rows.versions !== undefined,
    };
  }

  /** Writes a new file and syncs it. */
  *writeBytes(path: string, bytes: Uint8Array): Op<void> {
    const writer = yield* this.#options.files.create(path);
    try {
      yield* writer.write(bytes);
      yield* writer.sync();
    } finally {
      yield* writer.close();
    }
  }

  /**
   * Checks size and MD5 of a file, once per life and again when its stat has changed. Throws
   * `tablet-unreadable`, naming tablet, backend and file, for a missing or damaged one.
   */
  *verify(tabletId: TabletId, path: string, file: RowsetFile): Op<void> {
    const { files, backendId } = this.#options;
    const stat = yield* files.stat(path);
    const where = `tablet ${tabletId} on backend ${backendId}`;
    if (stat === undefined) {
      throw new SimError('tablet-unreadable', `${where}: file ${path} is missing`);
    }
    const known = this.#verified.get(path);
    if (
      known !== undefined &&
      known.inode === stat.inode &&
      known.sizeBytes === stat.sizeBytes &&
      known.changedMs === stat.changedMs
    ) {
      return;
    }
    this.#verified.delete(path);
    if (stat.sizeBytes !== file.sizeBytes) {
      throw new SimError(
        'tablet-unreadable',
        `${where}: file ${path} has ${stat.sizeBytes} bytes, not ${file.sizeBytes}`,
      );
    }
    const md5 = yield* attempt(files.md5(path));
    if (!md5.ok || md5.value !== file.md5) {
      const found = md5.ok ? `md5 ${md5.value}, not ${file.md5}` : asSimError(md5.error).message;
      throw new SimError('tablet-unreadable', `${where}: file ${path} is damaged: ${found}`);
    }
    const { inode, sizeBytes, changedMs } = stat;
    this.#verified.set(path, { inode, sizeBytes, changedMs });
  }

  /** Keeps files from removal until `endLease` with the same paths. */
  beginLease(paths: readonly string[]): void {
    for (const path of paths) this.#leases.set(path, (this.#leases.get(path) ?? 0) + 1);
  }

  endLease(paths: readonly string[]): void {
    const free: string[] = [];
    for (const path of paths) {
      const count = (this.#leases.get(path) ?? 1) - 1;
      if (count > 0) {
        this.#leases.set(path, count);
        continue;
      }
      this.#leases.delete(path);
      if (this.#doomed.delete(path)) free.push(path);
    }
    if (free.length > 0) this.#remove(free);
  }

  isLeased(paths: readonly string[]): boolean {
    return paths.some((path) => this.#leases.has(path));
  }

  /** Removes files that no tablet names any more, now or when their leases end. */
  release(paths: readonly string[]): void {
    const free: string[] = [];
    for (const path of paths) {
      this.#verified.delete(path);
      if (this.#leases.has(path)) this.#doomed.add(path);
      else free.push(path);
    }
    if (free.length > 0) this.#remove(free);
  }

  #remove(paths: readonly string[]): void {
    const { files, life, removalFailed } = this.#options;
    const removeAll = function* (): Op<void> {
      for (const path of paths) yield* files.remove(path);
    };
    detach(life, removeAll(), (error) => removalFailed(asSimError(error)));
  }
}

function* segments(part: RowsToWrite, rowsMax: number): Generator<RowsToWrite> {
  if (part.rowCount <= rowsMax) {
    if (part.rowCount > 0) yield part;
    return;
  }
  for (let from = 0; from < part.rowCount; from += rowsMax) {
    const to = Math.min(from + rowsMax, part.rowCount);
    yield {
      kind: part.kind,
      rowCount: to - from,
      columns: part.columns.map((column) => column.slice(from, to)),
      ...(part.versions !== undefined && { versions: part.versions.slice(from, to) }),
    };
  }
}

export function md5Of(bytes: Uint8Array): string {
  return hash('md5', bytes);
}

export function rowsetPaths(directory: string, rowsets: readonly Rowset[]): readonly string[] {
  return rowsets.flatMap(({ files }) => files.map(({ name }) => `${directory}/${name}`));
}

/** Makes the names of a directory and of those above it durable, up to and with `top`. */
export function* syncUpTo(files: Files, directory: string, top: string): Op<void> {
  let path = directory;
  while (path.length > top.length) {
    path = path.slice(0, path.lastIndexOf('/'));
    yield* files.syncDirectory(path);
  }
}
