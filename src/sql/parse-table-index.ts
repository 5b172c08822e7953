/** Secondary indexes of tables (sql-surface.md 3.2, 3.4). */
import type { AlterAction, Statement, TableIndexDef } from './ast.ts';
import type { TokenCursor } from './cursor.ts';
import { parseComment, parseNameList, parsePropertyList, parseTableName } from './parse-common.ts';

/** After INDEX: `name (columns) [USING type [(properties)]] [COMMENT text]`. */
export function parseTableIndex(cursor: TokenCursor): TableIndexDef {
  const name = cursor.name();
  return { name, ...parseRest(cursor) };
}

function parseRest(cursor: TokenCursor): Omit<TableIndexDef, 'name'> {
  const columns = parseNameList(cursor);
  const isTyped = cursor.accept('USING');
  const type = isTyped ? cursor.expectOneOf('BITMAP', 'GIN', 'NGRAMBF', 'VECTOR') : 'BITMAP';
  const properties = isTyped && cursor.at('(') ? parsePropertyList(cursor) : new Map();
  return { columns, type, properties, comment: parseComment(cursor) ?? '' };
}

/** `ADD INDEX ...` or `DROP INDEX ...`, if it is one of these. */
export function parseIndexAction(cursor: TokenCursor): AlterAction | undefined {
  if (cursor.accept('ADD', 'INDEX')) return { kind: 'add-index', index: parseTableIndex(cursor) };
  if (!cursor.accept('DROP', 'INDEX')) return undefined;
  return { kind: 'drop-index', name: cursor.name() };
}

/** After CREATE INDEX. */
export function parseCreateIndex(cursor: TokenCursor): Statement {
  const name = cursor.name();
  cursor.expect('ON');
  const table = parseTableName(cursor);
  const action = { kind: 'add-index', index: { name, ...parseRest(cursor) } } as const;
  return { kind: 'alter-table', table, action };
}

/** After DROP INDEX. */
export function parseDropIndex(cursor: TokenCursor): Statement {
  const action = { kind: 'drop-index', name: cursor.name() } as const;
  cursor.expect('ON');
  return { kind: 'alter-table', table: parseTableName(cursor), action };
}
