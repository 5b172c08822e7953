/**
 * MOVE: a tablet becomes what lies in a snapshot directory (restore-jobs.md 8.3). The new files
 * are linked beside the old ones under new rowset ids; one log record changes from old to new, so
 * a crash leaves one or the other, and the next start sweeps what belongs to neither.
 */
import { SimError } from '../base/errors.ts';
import { attempt, type Op } from '../base/op.ts';
import type { MoveTask } from '../protocol/agent-task.ts';
import { type Engine, tabletDirectory } from './engine.ts';
import {
  MANIFEST_SUFFIX,
  PRIMARY_KEY_MANIFEST,
  readManifest,
  type TabletManifest,
} from './manifest.ts';
import type { Rowset, RowsetFile } from './meta-records.ts';
import type { TabletState } from './meta-state.ts';
import { parseLocalTabletPath } from './snapshot-path.ts';

/** Errors name the source directory and the tablet. */
export function* moveTablet(engine: Engine, task: MoveTask): Op<void> {
  const moved = yield* attempt(engine.locks.hold(task.tabletId, () => moveHeld(engine, task)));
  if (moved.ok) return;
  engine.life.check();
  const { error } = moved;
  if (!(error instanceof SimError)) throw error;
  throw new SimError(
    error.code,
    `failed to move tablet ${task.tabletId} from ${task.src}: ${error.message}`,
    { cause: error },
  );
}

function* moveHeld(engine: Engine, task: MoveTask): Op<void> {
  const { files, config } = engine;
  const tablet = engine.state.tablet(task.tabletId, engine.where);
  checkPath(task, tablet);
  const isPrimaryKey = tablet.schema.keysType === 'PRIMARY_KEYS';
  const { lastMove } = tablet;
  const isRepeated = lastMove?.jobId === task.jobId && lastMove.src === task.src;
  if (isPrimaryKey && isRepeated && config.isPrimaryKeyMoveIdempotent) {
    yield* files.remove(task.src);
    return;
  }
  const manifest = yield* checkedManifest(engine, task, tablet);
  yield* replaceTablet(engine, task, tablet, manifest);
  if (isPrimaryKey) yield* files.remove(task.src);
}

function checkPath(task: MoveTask, tablet: TabletState): void {
  const { tabletId, schemaHash } = parseLocalTabletPath(task.src);
  const expected = tablet.schema.schemaHash;
  if (tabletId === task.tabletId && schemaHash === expected && task.schemaHash === expected) return;
  throw new SimError(
    'file-error',
    `the directory is of tablet ${tabletId} with schema hash ${schemaHash}, ` +
      `not of tablet ${task.tabletId} with schema hash ${expected}`,
  );
}

function* checkedManifest(
  engine: Engine,
  { src }: MoveTask,
  { tabletId, schema }: TabletState,
): Op<TabletManifest> {
  const { files } = engine;
  const stat = yield* files.stat(src);
  if (stat === undefined || stat.isFile) {
    throw new SimError('file-not-found', 'the source directory does not exist');
  }
  const wanted = [`${tabletId}${MANIFEST_SUFFIX}`, PRIMARY_KEY_MANIFEST];
  const headers = (yield* files.list(src)).filter(({ name }) => wanted.includes(name));
  const header = headers[0];
  if (header === undefined || headers.length > 1) {
    const found = headers.length === 0 ? 'neither is' : 'both are';
    throw new SimError('file-error', `needs one of ${wanted.join(' and ')}, ${found} there`);
  }
  const manifest = yield* readManifest(files, `${src}/${header.name}`);
  if (manifest.schema.keysType !== schema.keysType) {
    throw new SimError(
      'file-error',
      `the snapshot is of a tablet with ${manifest.schema.keysType}, not ${schema.keysType}`,
    );
  }
  for (const file of manifest.rowsets.flatMap((rowset) => rowset.files)) {
    yield* checkFile(engine, `${src}/${file.name}`, header.name, file);
  }
  return manifest;
}

function* checkFile(engine: Engine, path: string, header: string, file: RowsetFile): Op<void> {
  const stat = yield* engine.files.stat(path);
  if (stat === undefined) {
    throw new SimError('file-not-found', `file ${file.name} listed in ${header} is missing`);
  }
  if (stat.sizeBytes !== file.sizeBytes) {
    throw new SimError(
      'file-error',
      `file ${file.name} has ${stat.sizeBytes} bytes, ${header} says ${file.sizeBytes}`,
    );
  }
}

function* replaceTablet(
  engine: Engine,
  { jobId, src }: MoveTask,
  { tabletId, schema }: TabletState,
  manifest: TabletManifest,
): Op<void> {
  const { files, state, log, rowsetFiles } = engine;
  const target = tabletDirectory(engine.dataDir, tabletId, schema.schemaHash);
  const linked: string[] = [];
  const replaced = yield* attempt(
    (function* (): Op<void> {
      const rowsets: Rowset[] = [];
      // Without files there is nothing to make a directory for, and the next start would sweep it.
      if (manifest.rowsets.length > 0) {
        yield* rowsetFiles.ensureDirectory(target);
        for (const rowset of manifest.rowsets) {
          rowsets.push(yield* relink(engine, src, target, rowset, linked));
        }
        yield* files.syncDirectory(target);
      }
      const { version } = manifest;
      const newSchema = { ...manifest.schema, schemaHash: schema.schemaHash };
      const { key, records } = state.schemaKey(newSchema);
      const lastMove = { jobId, src };
      yield* log.append(
        [...records, { op: 'move', id: tabletId, schema: key, version, rowsets, lastMove }],
        true,
      );
    })(),
  );
  if (replaced.ok) return;
  if (!engine.life.isOver) rowsetFiles.release(linked);
  throw replaced.error;
}

/** The files of a rowset under a new rowset id. */
function* relink(
  engine: Engine,
  src: string,
  target: string,
  rowset: Rowset,
  linked: string[],
): Op<Rowset> {
  const rowsetId = engine.newRowsetId();
  const counts = { data: 0, delete: 0 };
  const files: RowsetFile[] = [];
  for (const file of rowset.files) {
    const name = `${rowsetId}_${counts[file.kind]++}.${file.kind === 'data' ? 'dat' : 'del'}`;
    yield* engine.files.clone(`${src}/${file.name}`, `${target}/${name}`);
    linked.push(`${target}/${name}`);
    files.push({ ...file, name });
  }
  return { ...rowset, rowsetId, files };
}
