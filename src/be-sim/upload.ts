/** UPLOAD: tablet snapshots to a repository, files that are there already skipped (repository.md 7.3). */
import type { SimError } from '../base/errors.ts';
import type { TabletId } from '../base/ids.ts';
import type { InstantFile } from '../base/instant-files.ts';
import { OnlyEntry } from '../base/only-entry.ts';
import { type Op, suspend } from '../base/op.ts';
import { joinKey } from '../blob/blob-key.ts';
import type {
  BlobKey,
  BlobStorage,
  ByteSource,
  InstantBlob,
  InstantObject,
  NamedSource,
  Settlement,
} from '../blob/blob-storage.ts';
import { fileSource } from '../blob/byte-source.ts';
import { encodeChecksumName, partName } from '../blob/checksum-name.ts';
import type { UploadTask } from '../protocol/agent-task.ts';
import type { Engine } from './engine.ts';
import {
  listRemote,
  type RemoteFile,
  type RemotePlace,
  remoteFiles,
  remoteKey,
  remotePlace,
} from './remote-path.ts';
import {
  checkDirectories,
  createLoaderProgress,
  inPathOrder,
  type LoaderProgress,
  REPORT_FILES_MAX,
} from './snapshot-loader.ts';
import { localTabletPath, parseLocalTabletPath } from './snapshot-path.ts';
import { UploadReport } from './success-report.ts';

/**
 * Fills `tabletFiles` with the names, checksum included, of each finished tablet; after a failure
 * they say which were done. Nothing remote is ever deleted.
 */
export function* upload(
  engine: Engine,
  task: UploadTask,
  tabletFiles: Map<TabletId, string[]>,
): Op<void> {
  const { srcDest } = task;
  yield* checkDirectories(engine, srcDest.keys());
  const opened = engine.openBlob(task.storage);
  const { storage } = opened;
  const progress = createLoaderProgress(engine, task, srcDest.size);
  const of: Uploading = { engine, storage, progress };
  for (const [src, dest] of inPathOrder(srcDest)) {
    const { tabletId, root, below } = parseLocalTabletPath(src);
    const directory = remoteKey(opened, task.storage, dest);
    const planted = engine.files.instant?.()?.planted(root, below);
    const store = storage.traits.hasAtomicPut ? storage.instant?.() : undefined;
    const names =
      planted === undefined || store === undefined
        ? yield* uploadTablet(of, src, directory)
        : yield* uploadPlanted(progress, planted, store, directory);
    if (planted !== undefined && store?.settle !== undefined) {
      yield* letPass(engine, store.settle());
    }
    // What grew by pushes has room for many more; the frontend keeps these for long.
    tabletFiles.set(tabletId, names.slice());
    progress.finishedTablets += 1;
  }
}

interface Uploading {
  readonly engine: Engine;
  readonly storage: BlobStorage;
  readonly progress: LoaderProgress;
}

/** Small files that are put together at most: what one report of progress covers. */
const BATCH_FILES_MAX: number = REPORT_FILES_MAX + 1;

/** File by file, in order of names; where the store gains by it, small ones go together. */
function* uploadTablet(
  { engine, storage, progress }: Uploading,
  src: string,
  directory: BlobKey,
): Op<readonly string[]> {
  const remote = yield* listRemote(storage, directory);
  const names: string[] = [];
  let batch: NamedSource[] = [];
  const flush = function* (): Op<void> {
    const objects = batch;
    batch = [];
    if (objects.length > 0) yield* putBatch(storage, directory, objects);
  };
  for (const { name, isFile } of yield* engine.files.list(src)) {
    if (!isFile) continue;
    if (!progress.countsFileOnly()) {
      yield* flush();
      yield* progress.beforeFile();
    }
    const path = `${src}/${name}`;
    const md5 = yield* engine.files.md5(path);
    const checksumName = encodeChecksumName(name, md5);
    names.push(checksumName);
    if (remote.get(name)?.md5 === md5) continue;
    const source = { ...(yield* fileSource(engine.files, path)), md5 };
    if (!storage.traits.hasAtomicPut) {
      yield* putAndRename(storage, directory, name, source);
    } else if (storage.putAll !== undefined && source.bytes !== undefined) {
      batch.push({ name: checksumName, source });
      if (batch.length >= BATCH_FILES_MAX) yield* flush();
    } else {
      yield* flush();
      yield* storage.put(joinKey(directory, checksumName), source);
    }
  }
  yield* flush();
  return names;
}

function* putBatch(
  storage: BlobStorage,
  directory: BlobKey,
  objects: readonly NamedSource[],
): Op<void> {
  const [first] = objects;
  if (objects.length > 1 && storage.putAll !== undefined) {
    yield* storage.putAll(directory, objects);
  } else if (first !== undefined) {
    yield* storage.put(joinKey(directory, first.name), first.source);
  }
}

/** For stores where a put is seen while it runs. */
function* putAndRename(
  storage: BlobStorage,
  directory: BlobKey,
  name: string,
  source: ByteSource & { readonly md5: string },
): Op<void> {
  const partKey = joinKey(directory, partName(name));
  yield* storage.put(partKey, source);
  yield* storage.rename(partKey, joinKey(directory, encodeChecksumName(name, source.md5)));
}

/** What `uploadTablet` does, on a disk and to a store that never wait. */
function* uploadPlanted(
  progress: LoaderProgress,
  files: readonly InstantFile[],
  store: InstantBlob,
  directory: BlobKey,
): Op<readonly string[]> {
  const remote = remoteFiles(store.list(directory));
  const names: string[] = [];
  for (const file of files) {
    if (!progress.countsFileOnly()) yield* progress.beforeFile();
    names.push(putPlanted(file, store, directory, remote));
  }
  return names;
}

function putPlanted(
  file: InstantFile,
  store: InstantBlob,
  directory: BlobKey,
  remote: ReadonlyMap<string, RemoteFile>,
): string {
  const { name, md5 } = file;
  const checksumName = encodeChecksumName(name, md5);
  if (remote.get(name)?.md5 !== md5) {
    store.put(directory, checksumName, file.bytes ?? { sizeBytes: file.sizeBytes, md5 });
  }
  return checksumName;
}

/** The time that a store says its work takes, and the error that this ended with. */
export function* letPass({ clock, life }: Engine, first: Settlement): Op<void> {
  const error = yield* life.step(() =>
    suspend<SimError | undefined>((resume) => {
      // One operation for all parts: a simulation has them by the million.
      const pass = (part: Settlement): void => {
        const end = (): void => {
          const isOver = part.error !== undefined || life.isOver;
          const next = isOver ? undefined : part.next?.();
          if (next !== undefined) pass(next);
          else resume({ ok: true, value: part.error });
        };
        if (part.lastsMs > 0) clock.after(part.lastsMs, end);
        else end();
      };
      pass(first);
    }),
  );
  if (error !== undefined) throw error;
}

/**
 * A task of one tablet at once, with what `upload` would fill in. `undefined`, and nothing done,
 * where the ordinary way must be taken: also where that will fail.
 */
export function uploadNow(engine: Engine, task: UploadTask): UploadReport | undefined {
  const instant = engine.files.instant?.();
  const { srcDest } = task;
  if (instant === undefined || !(srcDest instanceof OnlyEntry)) return undefined;
  const place = localTabletPath(srcDest.key);
  const files = place === undefined ? undefined : instant.planted(place.root, place.below);
  if (place === undefined || files === undefined || files.length > REPORT_FILES_MAX) {
    return undefined;
  }
  const opened = engine.openBlob(task.storage);
  const { storage } = opened;
  const store = storage.traits.hasAtomicPut ? storage.instant?.() : undefined;
  const remote = remotePlace(opened, task.storage, srcDest.value);
  if (store === undefined || remote === undefined) return undefined;
  const tabletFiles = new OnlyEntry(place.tabletId, fillOrPut(files, store, remote));
  return new UploadReport(engine.backendId, task, tabletFiles, store.settle?.());
}

/** In most backups nothing is there yet; else what is there stays if it is the same. */
function fillOrPut(
  files: readonly InstantFile[],
  store: InstantBlob,
  { parent, name }: RemotePlace,
): readonly string[] {
  const objects = files.map((file): InstantObject => {
    const { md5, sizeBytes, bytes } = file;
    return { name: encodeChecksumName(file.name, md5), content: bytes ?? { sizeBytes, md5 } };
  });
  if (store.fill(parent, name, objects)) return objects.map((object) => object.name);
  const directory = joinKey(parent, name);
  const remote = remoteFiles(store.list(directory));
  return files.map((file) => putPlanted(file, store, directory, remote));
}
