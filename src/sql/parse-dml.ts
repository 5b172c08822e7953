/** INSERT, UPDATE and DELETE (sql-surface.md 3.6). */
import type { Expr, Statement } from './ast.ts';
import type { TokenCursor } from './cursor.ts';
import { parseNameList, parsePartitionNames, parseTableName } from './parse-common.ts';
import { parseExpression } from './parse-expression.ts';
import { parseQuery, startsQuery } from './parse-query.ts';
import { parseFromClause, parseRelations } from './parse-relation.ts';

type Insert = Extract<Statement, { kind: 'insert' }>;

/** After INSERT. */
export function parseInsert(cursor: TokenCursor): Insert {
  const overwrite = cursor.accept('OVERWRITE');
  if (!overwrite) cursor.expect('INTO');
  if (cursor.at('FILES')) cursor.unsupported('INSERT INTO FILES');
  const table = parseTableName(cursor);
  const partitions = parsePartitionNames(cursor);
  let label: string | undefined;
  let columns: readonly string[] = [];
  for (;;) {
    if (cursor.at('BY', 'NAME')) cursor.unsupported('INSERT ... BY NAME');
    // `WITH label AS (...)` would be a common table.
    const hasLabel = cursor.at('WITH', 'LABEL') && cursor.peek(2).key !== 'AS';
    if (label === undefined && hasLabel) label = parseLabel(cursor);
    else if (columns.length === 0 && isColumnList(cursor)) columns = parseNameList(cursor);
    else break;
  }
  if (cursor.at('PROPERTIES')) cursor.unsupported('PROPERTIES of INSERT');
  return {
    kind: 'insert',
    overwrite,
    table,
    partitions,
    columns,
    label,
    source: parseInsertSource(cursor),
  };
}

function parseLabel(cursor: TokenCursor): string {
  cursor.expect('WITH', 'LABEL');
  return cursor.name();
}

function isColumnList(cursor: TokenCursor): boolean {
  return cursor.at('(') && !startsQuery(cursor);
}

function parseInsertSource(cursor: TokenCursor): Insert['source'] {
  if (cursor.accept('VALUES')) {
    const rows = cursor.list(() =>
      cursor.parenthesized(() =>
        cursor.accept('DEFAULT') ? { kind: 'default' as const } : parseExpression(cursor),
      ),
    );
    return { kind: 'values', rows };
  }
  if (!startsQuery(cursor)) cursor.fail();
  return { kind: 'query', query: parseQuery(cursor) };
}

/** After UPDATE. */
export function parseUpdate(cursor: TokenCursor): Statement {
  const table = parseTableName(cursor);
  cursor.expect('SET');
  const set = cursor.list(() => parseAssignment(cursor));
  const from = parseFromClause(cursor);
  return { kind: 'update', table, set, from, where: parseWhere(cursor) };
}

function parseAssignment(cursor: TokenCursor): { readonly column: string; readonly value: Expr } {
  const column = cursor.name();
  cursor.expect('=');
  if (cursor.at('DEFAULT')) cursor.unsupported('DEFAULT in UPDATE');
  return { column, value: parseExpression(cursor) };
}

/** After DELETE. */
export function parseDelete(cursor: TokenCursor): Statement {
  cursor.expect('FROM');
  const table = parseTableName(cursor);
  const partitions = parsePartitionNames(cursor);
  const using = cursor.accept('USING') ? parseRelations(cursor) : [];
  return { kind: 'delete', table, partitions, using, where: parseWhere(cursor) };
}

function parseWhere(cursor: TokenCursor): Expr | undefined {
  return cursor.accept('WHERE') ? parseExpression(cursor) : undefined;
}
