/**
 * `FILES(...)` of a query, opened before it is bound: what the files hold says which columns there
 * are. Copies and texts on disk go away when the query has been read to its end.
 */
import { SimError } from '../../base/errors.ts';
import type { Files } from '../../base/files.ts';
import { attempt, type Op } from '../../base/op.ts';
import type { ExternalFiles, ScratchFolder } from '../../protocol/external-files.ts';
import type { FilesRelation, QueryNode } from '../../sql/ast.ts';
import type { RowsTable } from '../bound.ts';
import { csvTable } from './csv-table.ts';
import { directColumns } from './direct-columns.ts';
import { filesOptions } from './files-options.ts';
import type { FilesTable } from './files-table.ts';
import { parquetFilesTable, parquetRowsTable } from './parquet-table.ts';

export interface FilesDeps {
  readonly external: ExternalFiles;
  /** Where fetched files lie. */
  readonly files: Files;
  /** DuckDB reads files by their paths. */
  readonly hasDuckDb: boolean;
}

export interface FilesUse {
  readonly timeZone: string;
  /** The rows go into a table. */
  readonly isLoad: boolean;
}

export interface OpenedFiles {
  readonly tables: ReadonlyMap<FilesRelation, RowsTable | FilesTable>;
  release(): Op<void>;
}

/** `FILES(...)` that one query may name. */
const FILES_RELATIONS_MAX = 50;

/** Opens all `FILES(...)` of a query; where one fails, what the others have taken is given back. */
export function* openFiles(
  deps: FilesDeps | undefined,
  query: QueryNode,
  use: FilesUse,
): Op<OpenedFiles> {
  const relations = filesIn(query);
  const releases: (() => Op<void>)[] = [];
  const release = function* (): Op<void> {
    for (const one of releases.splice(0)) yield* one();
  };
  const tables = new Map<FilesRelation, RowsTable | FilesTable>();
  if (relations.length > FILES_RELATIONS_MAX) {
    throw new SimError(
      'limit-reached',
      `a query may name FILES at most ${FILES_RELATIONS_MAX} times`,
    );
  }
  for (const relation of relations) {
    if (deps === undefined) throw new SimError('unsupported', 'FILES is not supported here');
    const opened = yield* attempt(openOne(deps, relation, query, use, releases));
    if (!opened.ok) {
      yield* release();
      throw opened.error;
    }
    tables.set(relation, opened.value);
  }
  return { tables, release };
}

function* openOne(
  { external, files, hasDuckDb }: FilesDeps,
  relation: FilesRelation,
  query: QueryNode,
  { timeZone, isLoad }: FilesUse,
  releases: (() => Op<void>)[],
): Op<RowsTable | FilesTable> {
  const { location, format, fillsMissing, properties } = filesOptions(relation.properties);
  const fetched = yield* external.fetch(location, properties);
  releases.push(() => fetched.release());
  const displayName = fetched.files[0]?.location ?? 'FILES';
  const request = { files, sources: fetched.files, fillsMissing, displayName };
  if (format.kind === 'parquet') {
    const parquet = { ...request, timeZone };
    return hasDuckDb ? yield* parquetFilesTable(parquet) : yield* parquetRowsTable(parquet);
  }
  const scratch = function* (): Op<ScratchFolder> {
    const folder = yield* external.scratch();
    releases.push(() => folder.remove());
    return folder;
  };
  return yield* csvTable({
    ...request,
    options: format,
    direct: isLoad ? directColumns(query, relation) : new Set(),
    scratch: hasDuckDb ? scratch : undefined,
  });
}

/** Goes through the whole tree: its nodes are plain objects told apart by `kind`. */
export function filesIn(node: unknown): readonly FilesRelation[] {
  if (Array.isArray(node)) return node.flatMap(filesIn);
  if (typeof node !== 'object' || node === null || node instanceof Uint8Array) return [];
  if ('kind' in node && node.kind === 'files') return [node as FilesRelation];
  return Object.values(node).flatMap(filesIn);
}
