/** Asynchronous materialized views (sql-surface.md 3.5). */
import type {
  AlterMaterializedViewAction,
  CreateMaterializedView,
  DistributionDef,
  RefreshDef,
  Statement,
} from './ast.ts';
import type { TokenCursor } from './cursor.ts';
import { TIME_UNITS } from './keywords.ts';
import {
  parseComment,
  parseFromDatabase,
  parseIfNotExists,
  parseProperties,
  parseSignedInteger,
  parseTableName,
} from './parse-common.ts';
import { parseDistribution, parseSortKey } from './parse-create-table.ts';
import { parseShowTail } from './parse-show-tail.ts';
import { parseDefinition, parseViewColumns } from './parse-view.ts';

/** Without a REFRESH clause: filled by CREATE, and then by REFRESH alone. */
const DEFAULT_REFRESH: RefreshDef = Object.freeze({
  type: 'MANUAL',
  moment: 'IMMEDIATE',
  every: undefined,
  start: undefined,
});

interface Clauses {
  partitionBy: string | undefined;
  distribution: DistributionDef | undefined;
  orderBy: readonly string[];
  refresh: RefreshDef | undefined;
  properties: CreateMaterializedView['properties'] | undefined;
}

/** After CREATE MATERIALIZED VIEW: REFRESH or DISTRIBUTED BY before the query makes it ours. */
export function isAsyncMaterializedView(cursor: TokenCursor): boolean {
  let ahead = cursor.peek().key === 'IF' ? 3 : 0;
  // The name may be one of the words.
  while (cursor.isName(ahead) && cursor.peek(ahead + 1).key === '.') ahead += 2;
  for (ahead += 1; cursor.peek(ahead).kind !== 'end'; ahead += 1) {
    const { key } = cursor.peek(ahead);
    if (key === 'AS') return false;
    if (key === 'REFRESH' || key === 'DISTRIBUTED') return true;
    if (key === '(') ahead = cursor.closerOf(ahead) ?? ahead;
  }
  return false;
}

/** After CREATE MATERIALIZED VIEW. The clauses come in any order, each once. */
export function parseCreateMaterializedView(cursor: TokenCursor): Statement {
  const ifNotExists = parseIfNotExists(cursor);
  const name = parseTableName(cursor);
  const columns = parseViewColumns(cursor);
  const comment = parseComment(cursor);
  const clauses: Clauses = {
    partitionBy: undefined,
    distribution: undefined,
    orderBy: [],
    refresh: undefined,
    properties: undefined,
  };
  while (parseClause(cursor, clauses));
  return {
    kind: 'create-materialized-view',
    ifNotExists,
    name,
    columns,
    comment,
    ...clauses,
    refresh: clauses.refresh ?? DEFAULT_REFRESH,
    properties: clauses.properties ?? new Map(),
    ...parseDefinition(cursor),
  };
}

function parseClause(cursor: TokenCursor, clauses: Clauses): boolean {
  if (clauses.partitionBy === undefined && cursor.accept('PARTITION', 'BY')) {
    clauses.partitionBy = parsePartitionColumn(cursor);
  } else if (clauses.distribution === undefined && cursor.at('DISTRIBUTED')) {
    clauses.distribution = parseDistribution(cursor);
  } else if (clauses.orderBy.length === 0 && cursor.at('ORDER')) {
    clauses.orderBy = parseSortKey(cursor);
  } else if (clauses.refresh === undefined && cursor.accept('REFRESH')) {
    clauses.refresh = parseRefresh(cursor);
  } else if (clauses.properties === undefined && cursor.at('PROPERTIES')) {
    clauses.properties = parseProperties(cursor);
  } else {
    return false;
  }
  return true;
}

/** `c` or `(c)`; what is more than one column is refused. */
function parsePartitionColumn(cursor: TokenCursor): string {
  const start = cursor.peek();
  const hasParentheses = cursor.accept('(');
  if (cursor.isName(0) && cursor.peek(1).key === '(') {
    cursor.unsupported('PARTITION BY an expression of a materialized view', start);
  }
  const column = cursor.name();
  if (cursor.at(',')) cursor.unsupported('PARTITION BY several columns of a materialized view');
  if (hasParentheses) cursor.expect(')');
  return column;
}

/** After REFRESH. */
function parseRefresh(cursor: TokenCursor): RefreshDef {
  const moment = cursor.acceptOneOf('IMMEDIATE', 'DEFERRED') ?? 'IMMEDIATE';
  if (cursor.at('INCREMENTAL')) cursor.unsupported('REFRESH INCREMENTAL of a materialized view');
  const type = cursor.expectOneOf('ASYNC', 'MANUAL');
  if (type === 'MANUAL') return { ...DEFAULT_REFRESH, moment };
  const start = cursor.accept('START') ? parenthesizedString(cursor) : undefined;
  if (start !== undefined) cursor.expect('EVERY');
  const every = start !== undefined || cursor.accept('EVERY') ? parsePeriod(cursor) : undefined;
  return { type, moment, every, start };
}

function parenthesizedString(cursor: TokenCursor): string {
  cursor.expect('(');
  const text = cursor.string();
  cursor.expect(')');
  return text;
}

/** `(INTERVAL n unit)`. */
function parsePeriod(cursor: TokenCursor): { readonly step: number; readonly unit: string } {
  cursor.expect('(', 'INTERVAL');
  const step = parseSignedInteger(cursor);
  const unit = cursor.peek().key;
  if (!TIME_UNITS.has(unit)) cursor.fail('DAY', 'HOUR', 'MINUTE', 'SECOND');
  cursor.next();
  cursor.expect(')');
  return { step, unit };
}

/** After ALTER MATERIALIZED VIEW. */
export function parseAlterMaterializedView(cursor: TokenCursor): Statement {
  const name = parseTableName(cursor);
  return { kind: 'alter-materialized-view', name, action: parseAction(cursor) };
}

function parseAction(cursor: TokenCursor): AlterMaterializedViewAction {
  if (cursor.accept('ACTIVE')) return { kind: 'active' };
  if (cursor.accept('INACTIVE')) return { kind: 'inactive' };
  if (cursor.accept('RENAME')) return { kind: 'rename', newName: cursor.name() };
  const other = cursor.oneOf('SET', 'SWAP', 'REFRESH');
  if (other !== undefined) cursor.unsupported(`ALTER MATERIALIZED VIEW ... ${other}`);
  return cursor.fail();
}

/** After REFRESH MATERIALIZED VIEW. */
export function parseRefreshMaterializedView(cursor: TokenCursor): Statement {
  const name = parseTableName(cursor);
  if (cursor.at('PARTITION')) cursor.unsupported('REFRESH MATERIALIZED VIEW ... PARTITION');
  const force = cursor.accept('FORCE');
  const hasMode = cursor.accept('WITH');
  const isSync = hasMode && cursor.expectOneOf('SYNC', 'ASYNC') === 'SYNC';
  if (hasMode) cursor.expect('MODE');
  return { kind: 'refresh-materialized-view', name, force, isSync };
}

/** After SHOW; undefined when it is none of ours, with nothing taken. */
export function parseShowMaterializedViews(cursor: TokenCursor): Statement | undefined {
  if (!cursor.accept('MATERIALIZED', 'VIEWS')) return undefined;
  const database = parseFromDatabase(cursor);
  return { kind: 'show-materialized-views', database, tail: parseShowTail(cursor) };
}
