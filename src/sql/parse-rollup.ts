/** Rollups in CREATE TABLE and ALTER TABLE, and synchronous materialized views (sql-surface.md 3). */
import type { AlterAction, RollupDef, Statement } from './ast.ts';
import type { TokenCursor } from './cursor.ts';
import {
  parseComment,
  parseIfExists,
  parseIfNotExists,
  parseNameList,
  parseProperties,
  parseTableName,
  positionOf,
} from './parse-common.ts';
import { parseQuery } from './parse-query.ts';

/** `ROLLUP (r (a, b), ...)` of CREATE TABLE, if it is there. */
export function parseRollups(cursor: TokenCursor): readonly RollupDef[] {
  return cursor.accept('ROLLUP') ? cursor.parenthesized(() => parseRollup(cursor)) : [];
}

/** After ADD ROLLUP of ALTER TABLE. */
export function parseAddRollups(cursor: TokenCursor): AlterAction {
  return { kind: 'add-rollups', rollups: cursor.list(() => parseRollup(cursor)) };
}

/** After DROP ROLLUP of ALTER TABLE. */
export function parseDropRollups(cursor: TokenCursor): AlterAction {
  const names = cursor.list(() => cursor.name());
  if (cursor.at('PROPERTIES')) cursor.unsupported('PROPERTIES of DROP ROLLUP');
  return { kind: 'drop-rollups', names };
}

function parseRollup(cursor: TokenCursor): RollupDef {
  const position = positionOf(cursor);
  const name = cursor.name();
  const columns = parseNameList(cursor);
  const hasKeys = cursor.accept('DUPLICATE', 'KEY');
  const duplicateKeys = hasKeys ? parseNameList(cursor) : undefined;
  const from = cursor.accept('FROM') ? cursor.name() : undefined;
  const properties = parseProperties(cursor);
  return { name, columns, duplicateKeys, from, properties, position };
}

/** What makes a materialized view asynchronous. */
const ASYNC_CLAUSES = ['REFRESH', 'DISTRIBUTED', 'PARTITION', 'ORDER'] as const;

/** After CREATE MATERIALIZED VIEW, which begins at `start`. */
export function parseCreateSyncView(cursor: TokenCursor, start: number): Statement {
  const ifNotExists = parseIfNotExists(cursor);
  const name = parseTableName(cursor);
  if (cursor.at('(')) cursor.unsupported('column names of a materialized view');
  parseComment(cursor);
  const clause = cursor.oneOf(...ASYNC_CLAUSES);
  if (clause !== undefined) cursor.unsupported('asynchronous materialized views');
  parseProperties(cursor);
  cursor.expect('AS');
  const query = parseQuery(cursor);
  if (cursor.parameterCount > 0) cursor.unsupported('a parameter in a materialized view');
  const text = cursor.text.slice(start, cursor.previousEnd);
  return { kind: 'create-sync-materialized-view', ifNotExists, name, query, text };
}

/** After DROP MATERIALIZED VIEW. */
export function parseDropMaterializedView(cursor: TokenCursor): Statement {
  const ifExists = parseIfExists(cursor);
  return { kind: 'drop-materialized-view', ifExists, name: parseTableName(cursor) };
}
