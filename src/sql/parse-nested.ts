/** Arrays and maps written out: `[1, 2]`, `ARRAY<INT>[1]`, `map{1: 'a'}`, `MAP<INT, INT>{1: 2}`. */
import type { SqlType } from '../base/sql-type.ts';
import type { Expr } from './ast.ts';
import type { TokenCursor } from './cursor.ts';
import type { Token } from './lexer.ts';
import { parseExpression } from './parse-expression.ts';
import { parseType } from './parse-type.ts';

/** From its bracket on. */
export function parseArray(cursor: TokenCursor, type?: SqlType): Expr {
  return cursor.nested(() => {
    cursor.expect('[');
    const items = cursor.at(']') ? [] : cursor.list(() => parseExpression(cursor));
    cursor.expect(']');
    return { kind: 'array', items, type };
  });
}

/** From its brace on. */
function parseMap(cursor: TokenCursor, type?: SqlType): Expr {
  return cursor.nested(() => {
    cursor.expect('{');
    const entry = (): { readonly key: Expr; readonly value: Expr } => {
      const key = parseExpression(cursor);
      cursor.expect(':');
      return { key, value: parseExpression(cursor) };
    };
    const entries = cursor.at('}') ? [] : cursor.list(entry);
    cursor.expect('}');
    return { kind: 'map', entries, type };
  });
}

/** A literal that begins with the name of its type; undefined when the word is a mere name. */
export function parseNestedLiteral(cursor: TokenCursor, word: Token): Expr | undefined {
  const follows = cursor.peek(1).key;
  if (word.key === 'MAP' && follows === '{') {
    cursor.next();
    return parseMap(cursor);
  }
  if (word.key === 'ARRAY' && follows === '[') {
    cursor.next();
    return parseArray(cursor);
  }
  // A column may be called `map`: only a brace behind its `>` makes `map < a` a type.
  const isReserved = word.key === 'ARRAY';
  if (follows !== '<' || !(isReserved || endsAsType(cursor))) return undefined;
  const type = parseType(cursor, 'cast');
  if (type.name === 'ARRAY') return parseArray(cursor, type);
  return type.name === 'MAP' ? parseMap(cursor, type) : cursor.fail();
}

/** Tokens looked at for the end of a type. */
const TYPE_TOKENS_MAX = 200;

/** Whether `<` opens a type: its `>` is followed by a brace. */
function endsAsType(cursor: TokenCursor): boolean {
  let open = 0;
  for (let ahead = 1; ahead < TYPE_TOKENS_MAX; ahead += 1) {
    const { key, kind } = cursor.peek(ahead);
    if (kind === 'end') return false;
    if (key === '<') open += 1;
    if (key === '>') open -= 1;
    if (open === 0) return cursor.peek(ahead + 1).key === '{';
  }
  return false;
}
