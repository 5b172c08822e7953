/** CREATE and DROP: a tablet without rows is a record of the meta log and nothing else. */
import { SimError } from '../base/errors.ts';
import type { Op } from '../base/op.ts';
import type { CreateReplicaTask, DropReplicaTask } from '../protocol/agent-task.ts';
import { combineOf } from './aggregate-rows.ts';
import { dataRoot, type Engine } from './engine.ts';
import type { MetaRecord } from './meta-records.ts';
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
