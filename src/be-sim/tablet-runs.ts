/** The history of a tablet, read from its files and from the meta log, as runs in order. */
import { asSimError, SimError } from '../base/errors.ts';
import { attempt, type Op } from '../base/op.ts';
import type { TabletSchema } from '../protocol/tablet-schema.ts';
import { type Engine, tabletDirectory } from './engine.ts';
import { type RowRun, runsOf } from './merge-rows.ts';
import type { Rowset, RowsetFile } from './meta-records.ts';
import { inlineRuns, type TabletState } from './meta-state.ts';
import { keyColumns } from './row-key.ts';
import { decodeRows } from './rowset-codec.ts';
import { rowsetPaths } from './rowset-files.ts';

export const directoryOf = (engine: Engine, tablet: TabletState): string =>
  tabletDirectory(engine.dataDir, tablet.tabletId, tablet.schema.schemaHash);

export const rowsetsAt = (tablet: TabletState, version: number): readonly Rowset[] =>
  tablet.rowsets.filter(({ startVersion }) => startVersion <= version);

export const filesOf = (
  rowsets: readonly Rowset[],
): readonly { readonly rowset: Rowset; readonly file: RowsetFile }[] =>
  rowsets.flatMap((rowset) => rowset.files.map((file) => ({ rowset, file })));

/** Everything that happened to a tablet up to a version, in order. */
export function* runsAt(engine: Engine, tablet: TabletState, version: number): Op<RowRun[]> {
  const inline = inlineRuns(tablet, version);
  const directory = directoryOf(engine, tablet);
  const rowsets = rowsetsAt(tablet, version);
  const runs = yield* runsOfRowsets(engine, tablet, directory, rowsets);
  return inOrder([...runs, ...inline]).filter((run) => run.version <= version);
}

/** By version; within one, as given. */
export function inOrder(runs: readonly RowRun[]): RowRun[] {
  return [...runs].sort((a, b) => a.version - b.version);
}

/** The rows of files, checked and decoded. The files are held for that long. */
export function* runsOfRowsets(
  engine: Engine,
  { tabletId, schema }: Pick<TabletState, 'tabletId' | 'schema'>,
  directory: string,
  rowsets: readonly Rowset[],
): Op<RowRun[]> {
  const { rowsetFiles } = engine;
  const paths = rowsetPaths(directory, rowsets);
  rowsetFiles.beginLease(paths);
  try {
    const runs: RowRun[] = [];
    for (const { rowset, file } of filesOf(rowsets)) {
      const path = `${directory}/${file.name}`;
      yield* rowsetFiles.verify(tabletId, path, file);
      const bytes = yield* engine.files.read(path);
      const decoded = yield* attempt(decodeFile(schema, rowset, file, bytes));
      if (!decoded.ok) {
        const reason = asSimError(decoded.error).message;
        throw new SimError(
          'tablet-unreadable',
          `tablet ${tabletId} on ${engine.where}: file ${path}: ${reason}`,
          { cause: decoded.error },
        );
      }
      runs.push(...decoded.value);
    }
    return runs;
  } finally {
    rowsetFiles.endLease(paths);
  }
}

function* decodeFile(
  schema: TabletSchema,
  rowset: Rowset,
  file: RowsetFile,
  bytes: Uint8Array,
): Op<readonly RowRun[]> {
  const op = file.kind === 'data' ? 'upsert' : 'delete';
  const { rowCount, columns, versions } = decodeRows(
    op === 'upsert' ? schema.columns : keyColumns(schema),
    bytes,
  );
  if (versions !== undefined) return runsOf(op, columns, versions);
  return [{ version: rowset.endVersion, op, columns, from: 0, to: rowCount }];
}
