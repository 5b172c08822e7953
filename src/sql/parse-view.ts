/** CREATE, ALTER and DROP of logical views (sql-surface.md 3.5). */
import type { CreateView, Statement, ViewColumnDef } from './ast.ts';
import type { TokenCursor } from './cursor.ts';
import { parseComment, parseIfExists, parseIfNotExists, parseTableName } from './parse-common.ts';
import { parseQuery } from './parse-query.ts';

/** After CREATE [OR REPLACE] VIEW. */
export function parseCreateView(cursor: TokenCursor, orReplace: boolean): CreateView {
  const ifNotExists = parseIfNotExists(cursor);
  const view = parseTableName(cursor);
  const columns = parseViewColumns(cursor);
  const comment = parseComment(cursor);
  if (cursor.accept('SECURITY') && cursor.expectOneOf('NONE', 'INVOKER') === 'INVOKER') {
    cursor.unsupported('SECURITY INVOKER of a view');
  }
  if (cursor.at('PROPERTIES')) cursor.unsupported('PROPERTIES of a view');
  const { query, definition } = parseDefinition(cursor);
  return {
    kind: 'create-view',
    orReplace,
    ifNotExists,
    view,
    columns,
    comment,
    query,
    definition,
  };
}

/** After ALTER VIEW. */
export function parseAlterView(cursor: TokenCursor): Statement {
  const view = parseTableName(cursor);
  if (cursor.at('SET') || cursor.at('DIALECT')) cursor.unsupported('ALTER VIEW without AS');
  const columns = parseViewColumns(cursor);
  return { kind: 'alter-view', view, columns, ...parseDefinition(cursor) };
}

/** After DROP VIEW. */
export function parseDropView(cursor: TokenCursor): Statement {
  const ifExists = parseIfExists(cursor);
  return { kind: 'drop-view', ifExists, view: parseTableName(cursor) };
}

export function parseViewColumns(cursor: TokenCursor): readonly ViewColumnDef[] {
  if (!cursor.at('(')) return [];
  return cursor.parenthesized(() => ({ name: cursor.name(), comment: parseComment(cursor) }));
}

/** `AS query`. */
export function parseDefinition(cursor: TokenCursor): Pick<CreateView, 'query' | 'definition'> {
  cursor.expect('AS');
  const start = cursor.peek().offset;
  const query = parseQuery(cursor);
  if (cursor.parameterCount > 0) cursor.unsupported('a parameter in a view');
  return { query, definition: cursor.text.slice(start, cursor.previousEnd) };
}
