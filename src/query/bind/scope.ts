/** Which columns can be named at a place in a query, and what a name there means. */
import { SimError } from '../../base/errors.ts';
import type { Random } from '../../base/random.ts';
import type { SqlType } from '../../base/sql-type.ts';
import type { QueryContext } from '../../protocol/query.ts';
import type { CommonTable, FilesRelation, Position } from '../../sql/ast.ts';
import type { BoundExpr, ColumnId, RowsTable } from '../bound.ts';
import type { FilesTable } from '../files/files-table.ts';

export interface ScopeColumn {
  readonly id: ColumnId;
  readonly name: string;
  readonly type: SqlType;
  /** Alias, or the table's own name. */
  readonly table: string | undefined;
  readonly db: string | undefined;
  readonly catalog: string | undefined;
  /** The second column of a USING pair: found by its table's name only, not in `*`. */
  readonly isMerged?: boolean;
}

export interface Scope {
  readonly columns: readonly ScopeColumn[];
  /** Of the query around this subquery. */
  readonly parent: Scope | undefined;
}

/** A WITH table and what it can itself see; bound anew at every mention. */
export interface CommonTableEntry {
  readonly table: CommonTable;
  readonly visible: CommonTables;
}
export type CommonTables = ReadonlyMap<string, CommonTableEntry>;

/** What a whole statement shares while it is bound. */
export interface BindState {
  readonly context: QueryContext;
  readonly random: Random;
  readonly counters: BindCounters;
  /** What `FILES(...)` of the statement hold; none where nothing may be read. */
  readonly files: OpenedTables;
}

export type OpenedTables = ReadonlyMap<FilesRelation, RowsTable | FilesTable>;

/** Counted over the statement and all views in it. */
export interface BindCounters {
  nextId: ColumnId;
  expansions: number;
}

/** Mentions of tables, views and WITH tables in one statement, counted as often as used. */
export const RELATIONS_MAX = 1000;

export function newState(
  context: QueryContext,
  random: Random,
  files: OpenedTables = new Map(),
): BindState {
  return { context, random, counters: { nextId: 1, expansions: 0 }, files };
}

export function newId(state: BindState): ColumnId {
  const id = state.counters.nextId;
  state.counters.nextId += 1;
  return id;
}

/** Counts a relation against the limit. */
export function countRelation(state: BindState): void {
  state.counters.expansions += 1;
  if (state.counters.expansions > RELATIONS_MAX) {
    throw new SimError('limit-reached', `a query may name at most ${RELATIONS_MAX} relations`);
  }
}

const shown = (path: readonly string[]): string => path.map((part) => `\`${part}\``).join('.');

function matches(state: BindState, column: ScopeColumn, path: readonly string[]): boolean {
  const [name = '', table, db, catalog] = [...path].reverse();
  if (path.length > 4 || column.name.toLowerCase() !== name.toLowerCase()) return false;
  return table === undefined
    ? column.isMerged !== true
    : tableMatches(state, column, table, db, catalog);
}

function tableMatches(
  state: BindState,
  column: ScopeColumn,
  table: string,
  db: string | undefined,
  catalog: string | undefined,
): boolean {
  if (column.table !== table) return false;
  if (db === undefined) return true;
  const { defaultDb, sessionFunction } = state.context;
  const columnDb = column.db ?? defaultDb ?? sessionFunction('DATABASE')?.();
  return columnDb === db && (catalog === undefined || (column.catalog ?? catalog) === catalog);
}

/** The columns that `t.*`, `db.t.*` or `*` stand for. */
export function starColumns(
  state: BindState,
  scope: Scope,
  table: readonly string[],
): readonly ScopeColumn[] {
  const [name, db, catalog] = [...table].reverse();
  const columns = scope.columns.filter((column) =>
    name === undefined ? column.isMerged !== true : tableMatches(state, column, name, db, catalog),
  );
  if (columns.length === 0) {
    throw new SimError(
      'analysis',
      name === undefined ? 'No tables used' : `Unknown table '${table.join('.')}'`,
    );
  }
  return columns;
}

/** The column of this scope alone, if there is one; throws when there are several. */
export function localColumn(
  state: BindState,
  scope: Scope,
  path: readonly string[],
): ScopeColumn | undefined {
  const found = scope.columns.filter((column) => matches(state, column, path));
  if (found.length > 1) throw new SimError('analysis', `Column ${shown(path)} is ambiguous`);
  return found[0];
}

/** The column of this scope or of the queries around it, if there is one. */
export function findColumn(
  state: BindState,
  scope: Scope,
  path: readonly string[],
): ScopeColumn | undefined {
  for (let level: Scope | undefined = scope; level !== undefined; level = level.parent) {
    const found = localColumn(state, level, path);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The column of this scope or of the queries around it. Throws `unknown-column`. */
export function resolveColumn(
  state: BindState,
  scope: Scope,
  path: readonly string[],
  position: Position,
): ScopeColumn {
  const found = findColumn(state, scope, path);
  if (found !== undefined) return found;
  throw new SimError(
    'unknown-column',
    `Column ${shown(path)} cannot be resolved (line ${position.line}, column ${position.column})`,
  );
}

export function columnExpr(column: ScopeColumn): BoundExpr {
  return { kind: 'column', id: column.id, type: column.type, name: column.name };
}
