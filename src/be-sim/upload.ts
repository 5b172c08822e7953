/** UPLOAD: tablet snapshots to a repository, files that are there already skipped (repository.md 7.3). */
import type { TabletId } from '../base/ids.ts';
import type { Op } from '../base/op.ts';
import { joinKey } from '../blob/blob-key.ts';
import type { BlobKey, BlobStorage } from '../blob/blob-storage.ts';
import { fileSource } from '../blob/byte-source.ts';
import { encodeChecksumName, partName } from '../blob/checksum-name.ts';
import type { UploadTask } from '../protocol/agent-task.ts';
import type { Engine } from './engine.ts';
import { storageOfLife } from './life.ts';
import { listRemote, remoteKey } from './remote-path.ts';
import { checkDirectories, createLoaderProgress, inPathOrder } from './snapshot-loader.ts';
import { parseLocalTabletPath } from './snapshot-path.ts';

/**
 * Fills `tabletFiles` with the names, checksum included, of each finished tablet; after a failure
 * they say which were done. Nothing remote is ever deleted.
 */
export function* upload(
  engine: Engine,
  task: UploadTask,
  tabletFiles: Map<TabletId, string[]>,
): Op<void> {
  yield* checkDirectories(engine, task.srcDest.keys());
  const opened = engine.openBlob(task.storage);
  // The opener's stores share their parts; they are closed with the process.
  const storage = storageOfLife(opened.storage, engine.life);
  const progress = createLoaderProgress(engine, task);
  for (const [src, dest] of inPathOrder(task.srcDest)) {
    const { tabletId } = parseLocalTabletPath(src);
    const directory = remoteKey(opened, task.storage, dest);
    const remote = yield* listRemote(storage, directory);
    const names: string[] = [];
    for (const { name, isFile } of yield* engine.files.list(src)) {
      if (!isFile) continue;
      yield* progress.beforeFile();
      const path = `${src}/${name}`;
      const md5 = yield* engine.files.md5(path);
      if (remote.get(name)?.md5 !== md5) {
        yield* uploadFile(engine, storage, path, directory, name, md5);
      }
      names.push(encodeChecksumName(name, md5));
    }
    // What grew by pushes has room for many more; the frontend keeps these for long.
    tabletFiles.set(tabletId, names.slice());
    progress.finishedTablets += 1;
  }
}

function* uploadFile(
  engine: Engine,
  storage: BlobStorage,
  path: string,
  directory: BlobKey,
  name: string,
  md5: string,
): Op<void> {
  const finalKey = joinKey(directory, encodeChecksumName(name, md5));
  const source = yield* fileSource(engine.files, path);
  if (storage.traits.hasAtomicPut) {
    yield* storage.put(finalKey, source);
    return;
  }
  const partKey = joinKey(directory, partName(name));
  yield* storage.put(partKey, source);
  yield* storage.rename(partKey, finalKey);
}
