/**
 * MAKE_SNAPSHOT: hard links to the files of a tablet at a version, and a header that lists them
 * (backup-jobs.md 7.1). New loads go on meanwhile.
 */
import { SimError } from '../base/errors.ts';
import type { InstantFiles, PlantedFile } from '../base/instant-files.ts';
import { attempt, type Op } from '../base/op.ts';
import type { MakeSnapshotTask } from '../protocol/agent-task.ts';
import type { Engine } from './engine.ts';
import { flushTablet, writeGathered } from './flush.ts';
import { emptySnapshotForm, encodeManifest, manifestName, shareManifest } from './manifest.ts';
import type { Rowset } from './meta-records.ts';
import type { TabletState } from './meta-state.ts';
import { checkVersion } from './reads.ts';
import { rowsetPaths, syncUpTo } from './rowset-files.ts';
import { snapshotName } from './snapshot-path.ts';
import { SnapshotReport } from './success-report.ts';
import { directoryOf, inOrder, rowsetsAt, runsOfRowsets } from './tablet-runs.ts';

export interface MadeSnapshot {
  readonly snapshotPath: string;
  readonly snapshotFiles: readonly string[];
}

/** A tablet as it is when its snapshot begins. */
interface SnapshotSource {
  readonly task: MakeSnapshotTask;
  /** What is taken, which need not be the task's: see `versionFor`. */
  readonly version: number;
  readonly tablet: TabletState;
  readonly directory: string;
  readonly rowsets: readonly Rowset[];
}

/** On any failure the snapshot's root is removed. */
export function* makeSnapshot(
  engine: Engine,
  task: MakeSnapshotTask,
  nextSequence: () => number,
): Op<MadeSnapshot> {
  const { tabletId, schemaHash } = task;
  const found = engine.state.tablet(tabletId, engine.where);
  if (found.schema.schemaHash !== schemaHash) {
    throw new SimError(
      'tablet-unreadable',
      `tablet ${tabletId} on ${engine.where} has schema hash ${found.schema.schemaHash}, ` +
        `not ${schemaHash}`,
    );
  }
  const version = versionFor(task, found);
  checkVersion(engine, found, version);
  yield* flushTablet(engine, tabletId, version);
  const tablet = engine.state.tablet(tabletId, engine.where);
  checkVersion(engine, tablet, version);
  const rowsets = rowsetsAt(tablet, version);
  const directory = directoryOf(engine, tablet);
  const paths = rowsetPaths(directory, rowsets);
  engine.rowsetFiles.beginLease(paths);
  try {
    const source: SnapshotSource = { task, version, tablet, directory, rowsets };
    return yield* fillRoot(engine, source, nextSequence);
  } finally {
    engine.rowsetFiles.endLease(paths);
  }
}

/**
 * The same at once, where the disk can do that and the tablet's files are a snapshot as they stand.
 * `undefined` where the ordinary way must be taken, also to find what is wrong.
 */
export function makeSnapshotNow(
  engine: Engine,
  task: MakeSnapshotTask,
  nextSequence: () => number,
): SnapshotReport | undefined {
  const { tabletId, version } = task;
  const instant = engine.files.instant?.();
  const tablet = engine.state.tablets.get(tabletId);
  if (instant === undefined || tablet === undefined || !isPlain(tablet, task)) return undefined;
  const root = rootPath(engine, task, nextSequence());
  const rowsets = rowsetsAt(tablet, version);
  const snapshotFiles =
    rowsets.length === 0
      ? plantEmpty(instant, root, tablet, version)
      : plantFilled(engine, instant, root, tablet, version, rowsets);
  if (snapshotFiles === undefined) return undefined;
  engine.faults.visit?.('be.file.write');
  return new SnapshotReport(engine.backendId, task, root, snapshotFiles);
}

function plantEmpty(
  instant: InstantFiles,
  root: string,
  { tabletId, schema }: TabletState,
  version: number,
): readonly string[] | undefined {
  const form = emptySnapshotForm(schema, version);
  return instant.plantNumbered(root, form, tabletId) ? [form.fileName(tabletId)] : undefined;
}

function plantFilled(
  engine: Engine,
  instant: InstantFiles,
  root: string,
  tablet: TabletState,
  version: number,
  rowsets: readonly Rowset[],
): readonly string[] | undefined {
  const { tabletId, schema } = tablet;
  const bytes = shareManifest({ formatVersion: 1, tabletId, schema, version, rowsets });
  const files: PlantedFile[] = [{ name: manifestName(tabletId, schema), bytes }];
  const source = directoryOf(engine, tablet);
  for (const rowset of rowsets) {
    for (const { name } of rowset.files) files.push({ name, cloneOf: `${source}/${name}` });
  }
  files.sort((a, b) => (a.name < b.name ? -1 : 1));
  const below = `${tabletId}/${schema.schemaHash}`;
  return instant.plant(root, below, files) ? files.map(({ name }) => name) : undefined;
}

/** No rows in the log, no file that must be cut to the version, nothing that is refused. */
function isPlain(tablet: TabletState, { schemaHash, version }: MakeSnapshotTask): boolean {
  return (
    tablet.schema.schemaHash === schemaHash &&
    version >= tablet.baseVersion &&
    version <= tablet.version &&
    tablet.inline.length === 0 &&
    tablet.rowsets.every(
      ({ startVersion, endVersion }) => endVersion <= version || startVersion > version,
    )
  );
}

/**
 * What a restore overwrites may have missed a load, or be what a cancelled restore has left: it
 * needs the directory, not the rows.
 */
function versionFor({ isRestoreTask, version }: MakeSnapshotTask, tablet: TabletState): number {
  const isHere = version >= tablet.baseVersion && version <= tablet.version;
  return isRestoreTask && !isHere ? tablet.version : version;
}

function* fillRoot(
  engine: Engine,
  source: SnapshotSource,
  nextSequence: () => number,
): Op<MadeSnapshot> {
  const { files } = engine;
  const root = yield* freshRoot(engine, source.task, nextSequence);
  const filled = yield* attempt(fill(engine, source, root));
  if (filled.ok) return { snapshotPath: root, snapshotFiles: filled.value };
  if (!engine.life.isOver) yield* files.remove(root);
  throw filled.error;
}

function* freshRoot(
  engine: Engine,
  task: MakeSnapshotTask,
  nextSequence: () => number,
): Op<string> {
  for (;;) {
    // The sequence begins anew with each life, so a name of this second may be taken.
    const root = rootPath(engine, task, nextSequence());
    if ((yield* engine.files.stat(root)) === undefined) return root;
  }
}

function rootPath(engine: Engine, task: MakeSnapshotTask, sequence: number): string {
  const timeoutSec = task.timeoutSec > 0 ? task.timeoutSec : engine.config.snapshotExpireSec;
  const name = snapshotName(engine.clock.now(), sequence, timeoutSec);
  // In one piece from the start: the frontend keeps it for long.
  return [engine.snapshotRoot, name].join('/');
}

function* fill(engine: Engine, source: SnapshotSource, root: string): Op<readonly string[]> {
  const { files, rowsetFiles } = engine;
  const { task, version, tablet, directory, rowsets } = source;
  const { tabletId, schemaHash } = task;
  const target = `${root}/${tabletId}/${schemaHash}`;
  yield* files.makeDirectory(target);
  const captured: Rowset[] = [];
  for (const rowset of rowsets) {
    const kept =
      rowset.endVersion <= version
        ? yield* linkRowset(engine, directory, target, rowset)
        : yield* cutRowset(engine, tablet, directory, target, rowset, version);
    if (kept !== null) captured.push(kept);
  }
  const { schema } = tablet;
  const manifest = { formatVersion: 1, tabletId, schema, version, rowsets: captured } as const;
  const path = `${target}/${manifestName(tabletId, schema)}`;
  yield* rowsetFiles.writeBytes(path, encodeManifest(manifest));
  yield* files.syncDirectory(target);
  // What is above the root of all snapshots is durable since the start.
  yield* syncUpTo(files, target, engine.snapshotRoot);
  const names = captured.flatMap((rowset) => rowset.files.map(({ name }) => name));
  // A sorted copy, which has no room to grow: the frontend keeps it for long.
  return [...names, manifestName(tabletId, schema)].toSorted();
}

function* linkRowset(engine: Engine, source: string, target: string, rowset: Rowset): Op<Rowset> {
  for (const { name } of rowset.files) {
    yield* engine.files.clone(`${source}/${name}`, `${target}/${name}`);
  }
  return rowset;
}

/** A file that reaches past the version is written anew, without the rows of later loads. */
function* cutRowset(
  engine: Engine,
  tablet: TabletState,
  source: string,
  target: string,
  rowset: Rowset,
  version: number,
): Op<Rowset | null> {
  const runs = yield* runsOfRowsets(engine, tablet, source, [rowset]);
  const upTo = inOrder(runs).filter((run) => run.version <= version);
  return yield* writeGathered(engine, tablet, target, upTo);
}
