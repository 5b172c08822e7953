/**
 * CREATE and DROP: a tablet without rows is a record of the meta log and nothing else, but for a
 * synthetic one, which has files of seeded bytes.
 */
import { assert } from '../base/assert.ts';
import { SimError } from '../base/errors.ts';
import { attempt, type Op } from '../base/op.ts';
import type { CreateReplicaTask, DropReplicaTask, TabletFill } from '../protocol/agent-task.ts';
import { combineOf } from './aggregate-rows.ts';
import { dataRoot, type Engine, tabletDirectory } from './engine.ts';
import type { MetaRecord, Rowset, RowsetFile } from './meta-records.ts';
import { usedBytes } from './reports.ts';
import { VERSION_COLUMN } from './rowset-codec.ts';
import { rowsetPaths } from './rowset-files.ts';
import { directoryOf } from './tablet-runs.ts';

/**
 * The records of a new tablet; none if it is there already with that schema. `unsupported` names
 * an aggregation that cannot be merged, `file-exists` a tablet with another schema.
 */
export function createRecords(engine: Engine, task: CreateReplicaTask): readonly MetaRecord[] {
  const { tabletId, partitionId, schema, version } = task;
  const old = engine.state.tablets.get(tabletId);
  if (old !== undefined) {
    if (old.schema.schemaHash === schema.schemaHash) return [];
    throw new SimError(
      'file-exists',
      `tablet ${tabletId} is on ${engine.where} with schema hash ${old.schema.schemaHash}`,
    );
  }
  for (const column of schema.columns) {
    if (column.name.toLowerCase() === VERSION_COLUMN) {
      throw new SimError('unsupported', `column name '${column.name}' is reserved`);
    }
    if (schema.keysType === 'AGG_KEYS' && !column.isKey) combineOf(column);
  }
  const { key, records } = engine.state.schemaKey(schema);
  return [...records, { op: 'create', id: tabletId, partitionId, schema: key, version }];
}

/**
 * What `createRecords` gives, after the files of a synthetic tablet have been made. Whoever cannot
 * log the records calls `releaseFills`.
 */
export function* filledRecords(engine: Engine, task: CreateReplicaTask): Op<readonly MetaRecord[]> {
  const records = createRecords(engine, task);
  const { fill, tabletId, version } = task;
  if (fill === undefined || records.length === 0) return records;
  const filled = yield* attempt(fillTablet(engine, task, fill));
  if (!filled.ok) {
    if (!engine.life.isOver) releaseFills(engine, [task]);
    throw filled.error;
  }
  return records.map((record) => {
    if (record.op !== 'create') return record;
    const { id, partitionId, schema } = record;
    const rowsets = [{ ...filled.value, startVersion: version, endVersion: version }];
    assert(id === tabletId, 'the record is of the tablet of its task');
    return { op: 'tablet', id, partitionId, schema, base: version, version, rowsets, inline: [] };
  });
}

/** The same bytes on every replica: the seed is the tablet's. */
function* fillTablet(
  engine: Engine,
  { tabletId, schema }: CreateReplicaTask,
  { sizeBytes, fileCount }: TabletFill,
): Op<Pick<Rowset, 'rowsetId' | 'files'>> {
  const { files, rowsetFiles, config } = engine;
  if (usedBytes(engine) + sizeBytes > config.diskCapacityBytes) {
    throw new SimError('disk-full', `disk of ${engine.where} reached its capacity limit`);
  }
  const directory = tabletDirectory(engine.dataDir, tabletId, schema.schemaHash);
  yield* rowsetFiles.ensureDirectory(directory);
  const rowsetId = engine.newRowsetId();
  const made: RowsetFile[] = [];
  for (let at = 0; at < fileCount; at += 1) {
    const name = `${rowsetId}_${at}.dat`;
    const path = `${directory}/${name}`;
    const begin = Math.floor((at * sizeBytes) / fileCount);
    const fileBytes = Math.floor(((at + 1) * sizeBytes) / fileCount) - begin;
    yield* files.createFilled(path, fileBytes, tabletId * SEEDS_PER_TABLET + at);
    const md5 = yield* files.md5(path);
    made.push({
      name,
      kind: 'data',
      sizeBytes: fileBytes,
      md5,
      rowCount: 0,
      hasRowVersions: false,
    });
  }
  yield* files.syncDirectory(directory);
  return { rowsetId, files: made };
}

/** Removes the files of synthetic tablets that came to nothing. */
export function releaseFills(engine: Engine, tasks: readonly CreateReplicaTask[]): void {
  for (const { fill, tabletId, schema } of tasks) {
    if (fill === undefined || engine.state.tablets.has(tabletId)) continue;
    engine.rowsetFiles.forgetDirectory(
      tabletDirectory(engine.dataDir, tabletId, schema.schemaHash),
    );
    engine.rowsetFiles.release([`${dataRoot(engine.dataDir)}/${tabletId}`]);
  }
}

/** More than any tablet has files. */
const SEEDS_PER_TABLET = 1024;

/** A tablet that is not here is fine. Files that a reader holds go when it lets go. */
export function* dropReplica(engine: Engine, { tabletId }: DropReplicaTask): Op<void> {
  yield* engine.locks.hold(tabletId, function* () {
    const tablet = engine.state.tablets.get(tabletId);
    if (tablet === undefined) return;
    const directory = directoryOf(engine, tablet);
    const paths = rowsetPaths(directory, tablet.rowsets);
    yield* engine.log.append([{ op: 'drop', id: tabletId }], true);
    if (!engine.rowsetFiles.isLeased(paths)) {
      engine.rowsetFiles.forgetDirectory(directory);
      yield* engine.files.remove(`${dataRoot(engine.dataDir)}/${tabletId}`);
    }
  });
}
