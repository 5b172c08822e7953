/** What may follow a SHOW: LIKE, WHERE, ORDER BY, LIMIT (sql-surface.md 2.2). */
import type { ShowTail } from './ast.ts';
import type { TokenCursor } from './cursor.ts';
import { parseExpression, parseOrderBy } from './parse-expression.ts';

/** `[LIKE 'x'] [WHERE e] [ORDER BY ...] [LIMIT n [OFFSET m] | LIMIT m, n]`. */
export function parseShowTail(cursor: TokenCursor): ShowTail {
  const like = cursor.accept('LIKE') ? cursor.string() : undefined;
  const where = cursor.accept('WHERE') ? parseExpression(cursor) : undefined;
  const orderBy = parseOrderBy(cursor);
  if (!cursor.accept('LIMIT')) {
    return { like, where, orderBy, limit: undefined, offset: undefined };
  }
  const first = cursor.integer();
  if (cursor.accept(',')) return { like, where, orderBy, offset: first, limit: cursor.integer() };
  const offset = cursor.accept('OFFSET') ? cursor.integer() : undefined;
  return { like, where, orderBy, limit: first, offset };
}

/** For those SHOWs that newer grammars give a tail and ours does not. */
export function refuseTail(cursor: TokenCursor, statement: string): void {
  const word = cursor.oneOf('WHERE', 'ORDER', 'LIMIT');
  if (word !== undefined) cursor.unsupported(`${word} of ${statement}`);
}
