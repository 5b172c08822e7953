/**
 * Files in stores that a query reads: found by patterns, and copied to this disk where they are on
 * another machine, since whoever reads them jumps about in them.
 */
import { SimError } from '../base/errors.ts';
import type { Files } from '../base/files.ts';
import { all, attempt, type Op } from '../base/op.ts';
import { joinKey } from './blob-key.ts';
import type { BlobKey, BlobStat, OpenBlob, OpenedBlob } from './blob-storage.ts';
import { drain } from './byte-source.ts';
import { type PathPattern, pathPattern } from './path-pattern.ts';
import { redactLocation } from './redact.ts';

/** Files that one `FILES(...)` may name. */
export const EXTERNAL_FILES_MAX = 10_000;
/** Bytes of copies that one `FILES(...)` may take on this disk. */
export const EXTERNAL_COPY_BYTES_MAX: number = 64 * 1024 ** 3;
/** Files copied at the same time. */
const COPIES_PARALLEL_MAX = 4;

export interface ExternalFilesDeps {
  readonly openBlob: OpenBlob;
  readonly files: Files;
  /** Holds a folder for each statement that needs one; emptied before its first use. */
  readonly folder: string;
}

interface FoundFile {
  readonly key: BlobKey;
  readonly location: string;
  readonly sizeBytes: number;
}

interface LocalFile {
  readonly location: string;
  readonly path: string;
  readonly sizeBytes: number;
}

interface Scratch {
  readonly path: string;
  remove(): Op<void>;
}

export interface FilesOfStores {
  fetch(
    location: string,
    properties: Readonly<Record<string, string>>,
  ): Op<{ readonly files: readonly LocalFile[]; release(): Op<void> }>;
  scratch(): Op<Scratch>;
}

export function createExternalFiles(deps: ExternalFilesDeps): FilesOfStores {
  const { files, folder } = deps;
  let count = 0;
  function* scratch(): Op<Scratch> {
    // What an earlier life of this process has left is nobody's.
    if (count === 0) yield* files.remove(folder);
    count += 1;
    const path = `${folder}/${count}`;
    yield* files.makeDirectory(path);
    return { path, remove: () => files.remove(path) };
  }
  return Object.freeze({
    scratch,
    *fetch(location: string, properties: Readonly<Record<string, string>>) {
      const place = placeOf(location);
      const opened = deps.openBlob({
        location: `${place.prefix}${place.pattern.fixed}`,
        brokerName: '',
        properties,
      });
      const found = yield* findFiles(opened, place, location);
      if (place.isLocal) {
        const local = found.map(({ key, ...rest }) => ({ ...rest, path: key }));
        return { files: local, *release(): Op<void> {} };
      }
      const { path, remove } = yield* scratch();
      const copied = yield* attempt(copyAll(deps, opened, found, path));
      if (copied.ok) return { files: copied.value, release: remove };
      yield* remove();
      throw copied.error;
    },
  });
}

interface Place {
  /** Scheme, and bucket or host. */
  readonly prefix: string;
  readonly pattern: PathPattern;
  readonly isLocal: boolean;
}

/** Patterns stand in the path alone: a bucket is always named. */
function placeOf(location: string): Place {
  const match = /^([a-z][a-z0-9+.-]*:)(\/\/[^/]*)?(.*)$/is.exec(location);
  const [, scheme = '', host = '', path = ''] = match ?? [];
  const isLocal = scheme.toLowerCase() === 'file:';
  if (match === null || path === '') {
    throw new SimError(
      'analysis',
      `FILES: path '${redactLocation(location)}' must have the form <scheme>://<place>/<file>`,
    );
  }
  return { prefix: `${scheme}${host}`, pattern: pathPattern(path), isLocal };
}

function* findFiles(
  { storage, root }: OpenedBlob,
  { prefix, pattern }: Place,
  location: string,
): Op<readonly FoundFile[]> {
  const shown = redactLocation(prefix);
  const fixed = { key: root, location: `${shown}${pattern.fixed}` };
  let level: readonly (typeof fixed)[] = [fixed];
  const found: FoundFile[] = [];
  for (const [depth, segment] of pattern.segments.entries()) {
    const isLast = depth === pattern.segments.length - 1;
    const below: (typeof fixed)[] = [];
    for (const directory of level) {
      for (const stat of yield* storage.list(directory.key)) {
        if (!segment.test(stat.name)) continue;
        const key = joinKey(directory.key, stat.name);
        const entry = { key, location: `${directory.location.replace(/\/$/, '')}/${stat.name}` };
        if (isLast && stat.isFile) found.push({ ...entry, sizeBytes: stat.sizeBytes });
        if (!isLast && !stat.isFile) below.push(entry);
        if (found.length + below.length > EXTERNAL_FILES_MAX) throw tooMany(location);
      }
    }
    level = below;
  }
  if (pattern.segments.length === 0) {
    const stat = yield* storage.stat(root);
    if (stat?.isFile === true) found.push({ ...fixed, sizeBytes: stat.sizeBytes });
    else throw notFound(location, stat);
  }
  if (found.length === 0) throw notFound(location, undefined);
  return found.sort((a, b) => (a.location < b.location ? -1 : 1));
}

function notFound(location: string, stat: BlobStat | undefined): SimError {
  const shown = redactLocation(location);
  return stat === undefined
    ? new SimError('analysis', `FILES: no files were found matching the path '${shown}'`)
    : new SimError('analysis', `FILES: '${shown}' is a directory`, {
        hint: `write ${shown.replace(/\/$/, '')}/* for the files in it`,
      });
}

function tooMany(location: string): SimError {
  return new SimError(
    'limit-reached',
    `FILES: the path '${redactLocation(location)}' names more than ${EXTERNAL_FILES_MAX} files`,
  );
}

function* copyAll(
  { files }: ExternalFilesDeps,
  { storage }: OpenedBlob,
  found: readonly FoundFile[],
  folder: string,
): Op<readonly LocalFile[]> {
  const sizeBytes = found.reduce((sum, file) => sum + file.sizeBytes, 0);
  if (sizeBytes > EXTERNAL_COPY_BYTES_MAX) {
    throw new SimError(
      'limit-reached',
      `FILES: ${sizeBytes} bytes to copy are more than ${EXTERNAL_COPY_BYTES_MAX}`,
    );
  }
  return yield* all(
    found.map(
      (file, index) =>
        function* (): Op<LocalFile> {
          const path = `${folder}/${index}`;
          const writer = yield* files.create(path);
          try {
            yield* drain(yield* storage.get(file.key), (chunk) => writer.write(chunk));
          } catch (error) {
            throw error instanceof SimError ? about(file, error) : error;
          } finally {
            yield* writer.close();
          }
          return { location: file.location, path, sizeBytes: file.sizeBytes };
        },
    ),
    COPIES_PARALLEL_MAX,
  );
}

function about({ location }: FoundFile, error: SimError): SimError {
  if (error.message.includes(location)) return error;
  return new SimError(error.code, `${location}: ${error.message}`, { cause: error });
}
