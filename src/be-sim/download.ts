/** DOWNLOAD: files of a repository into local snapshot directories (restore-jobs.md 8.2). */
import { hash } from 'node:crypto';
import { otherDigest } from '../base/damage.ts';
import { SimError } from '../base/errors.ts';
import { passPoint } from '../base/fault.ts';
import type { TabletId } from '../base/ids.ts';
import type { InstantFile, PlantedFile } from '../base/instant-files.ts';
import { NumberedBytes } from '../base/numbered-bytes.ts';
import { OnlyEntry } from '../base/only-entry.ts';
import { attempt, type Op } from '../base/op.ts';
import { joinKey } from '../blob/blob-key.ts';
import type {
  BlobKey,
  BlobStorage,
  HollowContent,
  InstantContent,
  InstantObject,
} from '../blob/blob-storage.ts';
import { decodeBackendName, PART_SUFFIX } from '../blob/checksum-name.ts';
import type { DownloadTask } from '../protocol/agent-task.ts';
import type { Engine } from './engine.ts';
import { attemptInLife } from './life.ts';
import { keyIfBelow, listRemote, type RemoteFile, remoteKey } from './remote-path.ts';
import { usedBytes } from './reports.ts';
import {
  checkDirectories,
  createLoaderProgress,
  inPathOrder,
  type LoaderProgress,
  REPORT_FILES_MAX,
} from './snapshot-loader.ts';
import { localTabletPath, parseLocalTabletPath } from './snapshot-path.ts';
import { DownloadReport } from './success-report.ts';

const RENAMED_SUFFIXES = ['.hdr', '.dcgs_snapshot'] as const;
const KEPT_SUFFIXES = ['.idx', '.dat', 'meta', '.del', '.cols', '.upt'] as const;

/** Fills `touched` as it goes; after a failure it says which tablets were begun. */
export function* download(engine: Engine, task: DownloadTask, touched: TabletId[]): Op<void> {
  yield* checkDirectories(engine, task.srcDest.values());
  const opened = engine.openBlob(task.storage);
  const { storage } = opened;
  const progress = createLoaderProgress(engine, task, task.srcDest.size);
  for (const [remotePath, local] of inPathOrder(task.srcDest)) {
    const { tabletId } = parseLocalTabletPath(local);
    touched.push(tabletId);
    const directory = remoteKey(opened, task.storage, remotePath);
    yield* downloadTablet(engine, storage, progress, { directory, local, tabletId });
    progress.finishedTablets += 1;
  }
}

/**
 * A task of one tablet at once. `undefined`, and nothing done, where the ordinary way
 * must be taken: also where that will fail.
 */
export function downloadNow(engine: Engine, task: DownloadTask): DownloadReport | undefined {
  const instant = engine.files.instant?.();
  const { srcDest } = task;
  if (instant === undefined || !(srcDest instanceof OnlyEntry)) return undefined;
  const place = localTabletPath(srcDest.value);
  if (place === undefined || !engine.state.tablets.has(place.tabletId)) return undefined;
  const here = instant.planted(place.root, place.below);
  const opened = engine.openBlob(task.storage);
  const store = opened.storage.instant?.();
  const directory = keyIfBelow(opened, task.storage, srcDest.key);
  if (here === undefined || directory === undefined || !endsInTablet(directory)) return undefined;
  const isDone = store?.take?.(directory, (objects) => {
    const files = localFiles(engine, place.tabletId, here, objects);
    return files !== undefined && instant.replant(place.root, place.below, files);
  });
  if (isDone !== true) return undefined;
  return new DownloadReport(engine.backendId, task, place.tabletId);
}

/** What a download would leave; undefined where it keeps local files, fails, or reports progress. */
function localFiles(
  engine: Engine,
  tabletId: TabletId,
  here: readonly InstantFile[],
  objects: readonly InstantObject[],
): readonly PlantedFile[] | undefined {
  if (objects.length === 0 || objects.length > REPORT_FILES_MAX) return undefined;
  const files: PlantedFile[] = [];
  const names = new Set<string>();
  for (const { name: fileName, content } of objects) {
    const decoded = decodeBackendName(fileName);
    if (decoded?.md5 !== md5Of(content)) return undefined;
    const { name } = decoded;
    const sizeBytes = 'sizeBytes' in content ? content.sizeBytes : content.length;
    const local = hasKnownSuffix(name) ? localName(name, tabletId) : undefined;
    const isKept = !name.endsWith('.hdr') && here.some((file) => file.name === name);
    const isFull = usedBytes(engine) + sizeBytes > engine.config.diskCapacityBytes;
    if (local === undefined || isKept || isFull || names.has(local)) return undefined;
    names.add(local);
    files.push(plantedFile(local, content));
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function plantedFile(name: string, content: InstantContent): PlantedFile {
  const isReal = content instanceof NumberedBytes || content instanceof Uint8Array;
  return isReal ? { name, bytes: content } : { name, hollow: content };
}

function md5Of(content: InstantContent): string {
  return content instanceof Uint8Array ? hash('md5', content) : content.md5;
}

interface TabletTransfer {
  readonly directory: BlobKey;
  readonly local: string;
  readonly tabletId: TabletId;
}

function* downloadTablet(
  engine: Engine,
  storage: BlobStorage,
  progress: LoaderProgress,
  { directory, local, tabletId }: TabletTransfer,
): Op<void> {
  const remoteTabletId = remoteTabletIdOf(directory);
  const here = new Set((yield* engine.files.list(local)).map(({ name }) => name));
  const remote = yield* listRemote(storage, directory, engine.config.partFilesCount);
  if (remote.size === 0) {
    throw new SimError('blob-not-found', `get nothing from remote path: ${directory}`);
  }
  engine.state.tablet(tabletId, engine.where);
  for (const name of [...remote.keys()].sort()) {
    const file = remote.get(name);
    if (file === undefined) continue;
    yield* progress.beforeFile();
    if (yield* isUpToDate(engine, `${local}/${name}`, name, here, file)) continue;
    const target = `${local}/${localName(name, tabletId)}`;
    // A leftover of an earlier try, which is not written over but begun anew.
    if (here.has(`${localName(name, tabletId)}${PART_SUFFIX}`)) {
      yield* engine.files.remove(`${target}${PART_SUFFIX}`);
    }
    yield* fetchFile(engine, storage, joinKey(directory, file.fileName), target, name, file);
  }
  yield* engine.files.syncDirectory(local);
  yield* removeExtra(engine, local, tabletId, remoteTabletId, remote);
}

const REMOTE_TABLET = /_(\d+)$/;

function endsInTablet(directory: BlobKey): boolean {
  return REMOTE_TABLET.test(directory);
}

/** Digits after the last `_` of a remote path. */
function remoteTabletIdOf(directory: BlobKey): string {
  const match = REMOTE_TABLET.exec(directory);
  if (match?.[1] !== undefined) return match[1];
  throw new SimError('blob-error', `remote path does not end in a tablet id: ${directory}`);
}

function* isUpToDate(
  engine: Engine,
  path: string,
  name: string,
  here: ReadonlySet<string>,
  { md5 }: RemoteFile,
): Op<boolean> {
  if (!here.has(name) || name.endsWith('.hdr')) return false;
  const localMd5 = yield* attemptInLife(engine.life, engine.files.md5(path));
  return localMd5.ok && localMd5.value === md5;
}

function hasKnownSuffix(name: string): boolean {
  const ends = (suffix: string): boolean => name.endsWith(suffix);
  return RENAMED_SUFFIXES.some(ends) || KEPT_SUFFIXES.some(ends);
}

function localName(name: string, tabletId: TabletId): string {
  const renamed = RENAMED_SUFFIXES.find((suffix) => name.endsWith(suffix));
  if (renamed !== undefined) return `${tabletId}${renamed}`;
  if (KEPT_SUFFIXES.some((suffix) => name.endsWith(suffix))) return name;
  throw new SimError('file-error', `invalid file name: ${name}`);
}

/** Into a file aside first: what has the name may be a link to bytes of the tablet itself. */
function* fetchFile(
  engine: Engine,
  storage: BlobStorage,
  key: BlobKey,
  target: string,
  name: string,
  remote: RemoteFile,
): Op<void> {
  const { files, config } = engine;
  if (usedBytes(engine) + remote.sizeBytes > config.diskCapacityBytes) {
    throw new SimError('disk-full', `disk of ${engine.where} reached its capacity limit: ${name}`);
  }
  const aside = `${target}${PART_SUFFIX}`;
  const { hollow } = remote.stat;
  if (hollow === undefined) yield* copy(engine, storage, key, aside);
  else yield* copyHollow(engine, key, aside, hollow);
  const md5 = yield* files.md5(aside);
  if (md5 === remote.md5) {
    yield* files.rename(aside, target);
    return;
  }
  yield* files.remove(aside);
  throw new SimError(
    'checksum-mismatch',
    `md5sum of downloaded file ${name} is wrong: expected ${remote.md5}, actual ${md5}`,
  );
}

/** Size and digest go the way that bytes would go, with the same failures on it. */
function* copyHollow(engine: Engine, key: BlobKey, path: string, hollow: HollowContent): Op<void> {
  const { faults, clock, backendId } = engine;
  const subject = { backend: backendId, key };
  const onTheWay = yield* passPoint(faults, clock, 'blob.get', subject);
  if (onTheWay?.do === 'cut') {
    throw new SimError(
      'injected-fault',
      `${key}: connection cut after ${onTheWay.afterBytes} bytes`,
    );
  }
  const md5 = onTheWay === undefined ? hollow.md5 : otherDigest(hollow.md5);
  yield* engine.files.createHollow(path, hollow.sizeBytes, md5);
}

function* copy(engine: Engine, storage: BlobStorage, key: BlobKey, path: string): Op<void> {
  const reader = yield* storage.get(key);
  try {
    const writer = yield* engine.files.create(path);
    try {
      for (let bytes = yield* reader.read(); bytes !== undefined; bytes = yield* reader.read()) {
        yield* writer.write(bytes);
      }
      yield* writer.sync();
    } finally {
      yield* writer.close();
    }
  } finally {
    yield* reader.close();
  }
}

/** Local files that the remote tablet has not. What cannot be removed stays, as in StarRocks. */
function* removeExtra(
  engine: Engine,
  local: string,
  tabletId: TabletId,
  remoteTabletId: string,
  remote: ReadonlyMap<string, RemoteFile>,
): Op<void> {
  for (const { name, isFile } of yield* engine.files.list(local)) {
    const suffix = RENAMED_SUFFIXES.find((known) => name === `${tabletId}${known}`);
    const remoteName = suffix === undefined ? name : `${remoteTabletId}${suffix}`;
    if (!isFile || remote.has(remoteName)) continue;
    const removed = yield* attempt(engine.files.remove(`${local}/${name}`));
    engine.life.check();
    if (!removed.ok) engine.events.emit('be.download.extra-file', { path: `${local}/${name}` });
  }
}
